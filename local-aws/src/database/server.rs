//! The PostgreSQL itself: what names it, and connections to it.

use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_rustls::TlsConnector;

/// What a client sends to ask for TLS.
pub(super) const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A PostgreSQL, by its URL: `postgres://user:password@host:port/database?sslmode=verify-full&sslrootcert=FILE`.
///
/// Its user must be a superuser. `sslmode` is `verify-full`, with the authority in `sslrootcert`, or `disable`, which is for
/// hosts of this machine alone. It is never printed: the URL holds a password.
#[derive(Clone)]
pub struct Postgres {
    url: Arc<str>,
    config: Config,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

impl fmt::Debug for Postgres {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Postgres")
    }
}

impl PartialEq for Postgres {
    fn eq(&self, other: &Self) -> bool {
        self.url == other.url
    }
}

/// Why a URL names no PostgreSQL that can be used. It holds nothing of the URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPostgres {
    /// It is no URL of a PostgreSQL with one host.
    #[error("the URL is not of the form postgres://user:password@host:port/database")]
    Malformed,
    /// It asks for TLS that does not say whom it trusts, or for none to another machine.
    #[error(
        "the URL's sslmode must be verify-full with sslrootcert=FILE, or disable for a host of this machine"
    )]
    Tls,
    /// Its `sslrootcert` holds no certificate that can be read.
    #[error("the file that the URL's sslrootcert names holds no certificate that can be read")]
    RootCertificate,
}

impl Postgres {
    /// Reads a URL, and the file that its `sslrootcert` names.
    ///
    /// # Errors
    /// It names no PostgreSQL that can be used, as the error says.
    pub fn parse(url: &str) -> Result<Self, BadPostgres> {
        let (address, query) = url.trim().split_once('?').unwrap_or((url.trim(), ""));
        let (mut mode, mut root) = (None, None);
        let mut others = Vec::new();
        for (name, value) in crate::protocol::form::pairs(query) {
            match name.as_str() {
                "sslmode" => mode = Some(value),
                "sslrootcert" => root = Some(value),
                _ => others.push(format!("{name}={value}")),
            }
        }
        let plain = if others.is_empty() {
            address.to_owned()
        } else {
            format!("{address}?{}", others.join("&"))
        };
        let mut config: Config = plain.parse().map_err(|_| BadPostgres::Malformed)?;
        config.ssl_mode(SslMode::Disable);
        let [host] = config.get_hosts() else { return Err(BadPostgres::Malformed) };
        let tls = match (mode.as_deref(), root, host) {
            (Some("verify-full"), Some(root), Host::Tcp(host)) => {
                Some(tls(Path::new(&root), host)?)
            }
            (Some("disable") | None, None, Host::Unix(_)) => None,
            (Some("disable"), None, Host::Tcp(host)) if is_loopback(host) => None,
            _ => return Err(BadPostgres::Tls),
        };
        Ok(Self { url: url.into(), config, tls })
    }

    /// A connection that speaks PostgreSQL's protocol from its startup message on.
    pub(super) async fn stream(&self) -> io::Result<Box<dyn Stream>> {
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        let mut plain = match &self.config.get_hosts()[0] {
            Host::Tcp(host) => TcpStream::connect((host.as_str(), port)).await?,
            Host::Unix(folder) => {
                let socket = folder.join(format!(".s.PGSQL.{port}"));
                return Ok(Box::new(UnixStream::connect(socket).await?));
            }
        };
        plain.set_nodelay(true)?;
        let Some((config, name)) = &self.tls else { return Ok(Box::new(plain)) };
        plain.write_all(&SSL_REQUEST).await?;
        let mut answer = [0];
        plain.read_exact(&mut answer).await?;
        if answer != *b"S" {
            return Err(io::Error::other("the PostgreSQL does not speak TLS"));
        }
        Ok(Box::new(TlsConnector::from(Arc::clone(config)).connect(name.clone(), plain).await?))
    }

    /// A session of the URL's user, in its database or in another.
    pub(super) async fn session(&self, database: Option<&str>) -> Result<Client, Failure> {
        let mut config = self.config.clone();
        if let Some(database) = database {
            config.dbname(database);
        }
        let stream = self.stream().await?;
        let (client, connection) = config.connect_raw(stream, NoTls).await?;
        // It ends with the client.
        tokio::spawn(async { _ = connection.await });
        Ok(client)
    }
}

fn tls(root: &Path, host: &str) -> Result<(Arc<ClientConfig>, ServerName<'static>), BadPostgres> {
    let mut roots = RootCertStore::empty();
    let read = CertificateDer::pem_file_iter(root).map_err(|_| BadPostgres::RootCertificate)?;
    for certificate in read {
        let certificate = certificate.map_err(|_| BadPostgres::RootCertificate)?;
        roots.add(certificate).map_err(|_| BadPostgres::RootCertificate)?;
    }
    if roots.is_empty() {
        return Err(BadPostgres::RootCertificate);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| BadPostgres::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|_| BadPostgres::Malformed)?;
    Ok((Arc::new(config), name))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

/// What carries the protocol.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Why something could not be done on the PostgreSQL.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// It does not answer.
    #[error("it cannot be reached: {0}")]
    Unreachable(#[from] io::Error),
    /// It refused.
    #[error("{}", words(.0))]
    Refused(#[from] tokio_postgres::Error),
    /// Something of the same name is there that is not this cluster's.
    #[error("{0}")]
    Taken(String),
}

/// What the server said, without the statement: that may hold a verifier.
fn words(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |said| said.message().to_owned())
}
