//! The endpoints of all clusters at one port: which one a client means, its TLS handshake says.

use super::authority::Authority;
use super::server::{Postgres, SSL_REQUEST, Stream};
use crate::services::rds::backing::Host;
use rustls::server::Acceptor;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;

/// A request for Kerberos encryption, which some clients try first.
const GSS_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 48];

/// Real time for which a host that cannot be reached is silent, as a network that drops packets.
const SILENCE: Duration = Duration::from_secs(130);

/// Real time for which a database that is about to be made is waited for, and how often it is looked for.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(20);

/// What is known of a host name, for whoever asks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Looked {
    /// There is none, or no way to it.
    Unreachable,
    /// Something is still to be done for it.
    Busy,
    /// It is there.
    There(Host),
    /// The cloud is gone.
    Over,
}

/// Who may reach what, and how to ask.
pub(crate) type Access = Arc<dyn Fn(&str) -> Looked + Send + Sync>;

/// Serves the endpoints until the future is dropped.
pub(crate) async fn serve(
    listener: TcpListener,
    postgres: Postgres,
    authority: Arc<Authority>,
    access: Access,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                let one = connection(stream, postgres.clone(), Arc::clone(&authority), Arc::clone(&access));
                // An error here is a client that went away, or was refused.
                connections.spawn(async { _ = one.await });
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(
    mut stream: TcpStream,
    postgres: Postgres,
    authority: Arc<Authority>,
    access: Access,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    if !asks_for_tls(&mut stream).await? {
        return refuse(&mut stream, "28000", "no pg_hba.conf entry for this host, no encryption")
            .await;
    }
    stream.write_all(b"S").await?;
    let hello = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let name = hello.client_hello().server_name().unwrap_or_default().to_owned();
    let Some(host) = found(&access, &name).await else {
        let _ = timeout(SILENCE, std::future::pending::<()>()).await;
        return Ok(());
    };
    let mut client = hello.into_stream(authority.server(&host.names)?).await?;
    if let Some(failure) = &host.failure {
        return refuse(
            &mut client,
            "57P03",
            &format!("the embedded RDS has no database for {}: {failure}", host.cluster),
        )
        .await;
    }
    match postgres.stream().await {
        Ok(mut server) => copy_bidirectional(&mut client, &mut server).await.map(drop),
        Err(_) => {
            refuse(&mut client, "57P03", "the PostgreSQL behind the embedded RDS cannot be reached")
                .await
        }
    }
}

/// Reads what comes before the startup message; whether that is a request for TLS.
async fn asks_for_tls(stream: &mut TcpStream) -> io::Result<bool> {
    loop {
        let mut first = [0; 8];
        stream.read_exact(&mut first).await?;
        match first {
            SSL_REQUEST => return Ok(true),
            GSS_REQUEST => stream.write_all(b"N").await?,
            _ => return Ok(false),
        }
    }
}

/// The host that a client means, once nothing is to be done for it; none if the client cannot reach it.
async fn found(access: &Access, name: &str) -> Option<Host> {
    let looked = timeout(PATIENCE, async {
        loop {
            match access(name) {
                Looked::Busy => _ = timeout(LOOK, std::future::pending::<()>()).await,
                Looked::There(host) => return Some(host),
                Looked::Unreachable | Looked::Over => return None,
            }
        }
    });
    looked.await.ok().flatten()
}

/// Ends a connection with an error, as PostgreSQL does.
async fn refuse(stream: &mut impl Stream, code: &str, message: &str) -> io::Result<()> {
    let mut body = Vec::new();
    for (field, text) in [(b'S', "FATAL"), (b'V', "FATAL"), (b'C', code), (b'M', message)] {
        body.push(field);
        body.extend(text.as_bytes());
        body.push(0);
    }
    body.push(0);
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    stream.write_all(b"E").await?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(&body).await?;
    stream.shutdown().await
}
