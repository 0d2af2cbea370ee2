//! Sessions with the database: by TLS, by password, and nothing else.

use std::net::SocketAddr;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::{ChannelBinding, SslMode};
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, Row};

use crate::boundary::Boundaries;
use crate::error::{Error, Kind, chain};
use crate::secret::Login;
use crate::target::Target;
use crate::tls::Network;

/// How long a connection may take: a security group that lets nothing through swallows it.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the proof of identities, the database's and the user's, may take. An Aurora that has paused resumes meanwhile, in
/// 15 seconds, or 30 after a day:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html>.
const LOGIN: Duration = Duration::from_secs(40);

/// A session of one user.
pub(crate) struct Session<'a> {
    client: Client,
    boundaries: &'a Boundaries,
    _driver: Driver,
}

/// Moves bytes until the session is dropped, and not longer: an invocation that ends must not leave one behind.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Logs in to the target; none if the database says that the password is wrong, an error for whatever else stands against it.
pub(crate) async fn login<'a>(
    target: &Target,
    network: &Network,
    boundaries: &'a Boundaries,
    login: &Login,
) -> Result<Option<Session<'a>>, Error> {
    let stream = connect(target, network).await?;
    let mut config = Config::new();
    config
        .user(&login.user)
        .password(login.password.expose_secret())
        .dbname(&target.database)
        .application_name("globecart-rotation")
        .ssl_mode(SslMode::Require)
        // What ends TLS may stand before the database; its certificate has been verified in full.
        .channel_binding(ChannelBinding::Disable);
    let mut tls = network.tls.clone();
    let tls = MakeTlsConnect::<TcpStream>::make_tls_connect(&mut tls, &target.host);
    let tls = tls.map_err(|error| unreachable(target, &error.to_string()))?;
    let answer = timeout(LOGIN, config.connect_raw(stream, tls)).await;
    let answer = answer.map_err(|_| unreachable(target, "no answer to the login in time"))?;
    match answer {
        Ok((client, connection)) => {
            let driver = Driver(tokio::spawn(async { drop(connection.await) }));
            Ok(Some(Session { client, boundaries, _driver: driver }))
        }
        Err(error) if error.code() == Some(&SqlState::INVALID_PASSWORD) => Ok(None),
        Err(error) => Err(no_login(target, &login.user, &error)),
    }
}

async fn connect(target: &Target, network: &Network) -> Result<TcpStream, Error> {
    let connect = async {
        match network.address {
            Some(address) => TcpStream::connect(address).await,
            None => TcpStream::connect(&*resolve(target).await?).await,
        }
    };
    let answer = timeout(CONNECT, connect).await;
    let answer = answer.map_err(|_| unreachable(target, "no connection within 5 seconds"))?;
    let stream = answer.map_err(|error| unreachable(target, &error.to_string()))?;
    // Without it every short message may wait for the answer to the one before.
    stream.set_nodelay(true).map_err(|error| unreachable(target, &error.to_string()))?;
    Ok(stream)
}

async fn resolve(target: &Target) -> std::io::Result<Vec<SocketAddr>> {
    Ok(lookup_host((target.host.as_str(), target.port)).await?.collect())
}

fn unreachable(target: &Target, why: &str) -> Error {
    let cause = format!("{}:{} cannot be reached: {why}", target.host, target.port);
    let help = "the function's security group must reach the database's, on that port; the \
        rotation is tried again";
    Error::new(Kind::Unreachable, cause, help)
}

/// What stands against a login, other than a wrong password.
fn no_login(target: &Target, user: &str, error: &tokio_postgres::Error) -> Error {
    if let Some(said) = error.as_db_error() {
        return no_session(target, user, said);
    }
    let why = chain(error);
    if is_about_tls(error) {
        let cause = format!("{} cannot prove who it is: {why}", target.host);
        let help = "nothing was sent to it; its certificate must be by RDS's authorities of the \
            region and carry this name";
        return Error::new(Kind::Certificate, cause, help);
    }
    unreachable(target, &why)
}

fn no_session(target: &Target, user: &str, said: &DbError) -> Error {
    let cause = format!("{} refuses a session to `{user}`: {}", target.host, shown(said));
    let code = said.code();
    if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
        let help = "the role must have LOGIN, and the server must take its password";
        return Error::new(Kind::Login, cause, help);
    }
    if *code == SqlState::INVALID_CATALOG_NAME {
        return Error::new(Kind::Database, cause, "the database must exist before its users");
    }
    Error::new(Kind::Database, cause, "the rotation is tried again")
}

/// That is, whether the connection failed before any user was named.
fn is_about_tls(error: &tokio_postgres::Error) -> bool {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        if error.is::<rustls::Error>() {
            return true;
        }
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(inner) = inner
            && inner.is::<rustls::Error>()
        {
            return true;
        }
        source = error.source();
    }
    // The library keeps its kinds to itself, and this one has no other source than a text.
    error.to_string().starts_with("error performing TLS handshake")
}

/// Without what PostgreSQL adds of the statement, in which there are verifiers.
fn shown(said: &DbError) -> String {
    format!("{} {}: {}", said.severity(), said.code().code(), said.message())
}

/// The parameters of a query, with their types, so that nothing is prepared.
pub(crate) type Parameters<'a> = &'a [(&'a (dyn ToSql + Sync), Type)];

impl Session<'_> {
    /// Runs a statement.
    pub(crate) async fn execute(&self, doing: &str, statement: &str) -> Result<(), Error> {
        let work = self.client.batch_execute(statement);
        self.boundaries.around(doing, work).await.map_err(|error| refused(doing, &error))
    }

    /// Runs a query.
    pub(crate) async fn rows(
        &self,
        doing: &str,
        query: &str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, Error> {
        let work = self.client.query_typed(query, parameters);
        self.boundaries.around(doing, work).await.map_err(|error| refused(doing, &error))
    }

    /// Runs a query that always has one row.
    pub(crate) async fn row(
        &self,
        doing: &str,
        query: &str,
        parameters: Parameters<'_>,
    ) -> Result<Row, Error> {
        let work = self.client.query_typed_one(query, parameters);
        self.boundaries.around(doing, work).await.map_err(|error| refused(doing, &error))
    }
}

fn refused(doing: &str, error: &tokio_postgres::Error) -> Error {
    let Some(said) = error.as_db_error() else {
        let cause = format!("{doing}: {}", chain(error));
        return Error::new(
            Kind::Unreachable,
            cause,
            "nothing was changed unless the database \
            said so; the rotation is tried again",
        );
    };
    let cause = format!("{doing}: {}", shown(said));
    let code = said.code();
    if *code == SqlState::READ_ONLY_SQL_TRANSACTION {
        return read_only(cause);
    }
    let help = if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        "nothing was changed; the superuser must be allowed to change the application's roles (from \
         PostgreSQL 16 on by ADMIN OPTION on each that it did not make itself)"
    } else if *code == SqlState::LOCK_NOT_AVAILABLE || *code == SqlState::QUERY_CANCELED {
        "nothing was changed; something else holds what the statement needs, and the rotation is \
         tried again"
    } else {
        "nothing was changed; the rotation is tried again"
    };
    Error::new(Kind::Database, cause, help)
}

/// The endpoint's name leads to a reader, as it does for a while after a failover.
pub(crate) fn read_only(cause: String) -> Error {
    let help = "the host must be the writer's endpoint; after a failover the rotation succeeds when \
        it is tried again";
    Error::new(Kind::ReadOnly, cause, help)
}
