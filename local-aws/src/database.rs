//! The databases of the embedded RDS on a real PostgreSQL: one TLS-terminating proxy in front of it, whose certificates
//! carry the names of the clusters' endpoints.
//!
//! One cluster at a time has its database there: the roles of a PostgreSQL are shared by all of its databases. What was
//! made carries a comment that says for which cluster; anything else of these names is never touched.

mod authority;
mod proxy;
mod server;
mod statement;
#[cfg(test)]
mod tests;

pub(crate) use self::authority::Authority;
pub(crate) use self::proxy::{Access, Looked, serve};
pub(crate) use self::server::Failure;
pub use self::server::{BadPostgres, Postgres};
pub(crate) use self::statement::{drop, make, set_password};

use std::net::SocketAddr;
use std::path::PathBuf;

/// How clients reach the databases of the embedded RDS, whose host names nothing resolves.
///
/// Connect to the address, by TLS with the name of the cluster's or instance's endpoint as the server's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddedDatabase {
    /// Where the endpoints of all clusters answer, on the loopback interface.
    pub address: SocketAddr,
    /// The certificate authority that signed their certificates, a PEM file.
    pub authority: PathBuf,
}
