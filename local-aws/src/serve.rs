//! The cloud over HTTP, for clients in other processes.
//!
//! It authenticates nobody, so it listens on the loopback interface alone and answers only requests that name a
//! loopback host: a web page whose name was rebound to this machine is refused.

use crate::cloud::Cloud;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Real time that requests under way have to finish.
const GRACE: Duration = Duration::from_secs(10);

/// A cloud that listens.
#[derive(Debug)]
pub struct Server {
    cloud: Cloud,
    listener: TcpListener,
    address: SocketAddr,
}

/// Listens on a port of 127.0.0.1 (0: any that is free), and says so in the cloud's folder.
///
/// # Errors
/// The port is taken, or the folder cannot be written.
pub async fn serve(cloud: Cloud, port: u16) -> io::Result<Server> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    cloud.announce(Some(&address.to_string()))?;
    cloud.served_at(address).await;
    cloud.go_on();
    Ok(Server { cloud, listener, address })
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the future is done, finishes the requests under way, and saves the cloud.
    ///
    /// # Errors
    /// The cloud could not be saved; what it acknowledged is on file nevertheless.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let (closing, closed) = watch::channel(false);
        let mut connections = JoinSet::new();
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => {
                    // A connection that fails to be accepted is the client's trouble.
                    if let Ok((stream, _)) = accepted {
                        let cloud = self.cloud.clone();
                        let held = move || Some(cloud.clone());
                        connections.spawn(connection(held, stream, closed.clone()));
                    }
                }
                Some(_) = connections.join_next() => {}
            }
        }
        let _ = closing.send(true);
        // A request that waits for a function may do so for long; what was acknowledged is on file anyway.
        let _ = timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
        let gone = self.cloud.announce(None);
        self.cloud.save().and(gone)
    }
}

/// Serves a cloud that others hold, for as long as they do, or until the future is dropped.
pub(crate) async fn listen(
    listener: TcpListener,
    held: impl Fn() -> Option<Cloud> + Clone + Send + Sync + 'static,
) {
    let (_open, closed) = watch::channel(false);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                connections.spawn(connection(held.clone(), stream, closed.clone()));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(
    held: impl Fn() -> Option<Cloud>,
    stream: TcpStream,
    mut closed: watch::Receiver<bool>,
) {
    let service = service_fn(|request| {
        let cloud = held();
        async move { answer(cloud.ok_or(Lost)?, request).await }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let stopped = async move { closed.wait_for(|closed| *closed).await.is_ok() };
    // An error here is a client that went away, or a connection lost on purpose.
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = stopped => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

async fn answer(cloud: Cloud, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Lost> {
    let (parts, body) = request.into_parts();
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !is_loopback(host) {
        return Ok(refused_host());
    }
    let body = body.collect().await.map_err(|_| Lost)?.to_bytes();
    let response = cloud.handle(Request::from_parts(parts, body)).await.map_err(|_| Lost)?;
    Ok(response.map(Full::new))
}

/// Breaks the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped")]
struct Lost;

/// Whether a Host header names this machine: `localhost`, `*.localhost` (S3's virtual hosts), or a loopback address.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

fn refused_host() -> Response<Full<Bytes>> {
    let body = "the embedded AWS answers only requests to a loopback host\n";
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}
