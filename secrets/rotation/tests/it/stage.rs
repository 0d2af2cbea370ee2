//! A database, its superuser, and an application's secret that is to be rotated.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use globecart_rotation::testing::{Installation, Memory, Postgres};
use globecart_rotation::{
    Boundaries, CURRENT, Error, Event, Outcome, Rotation, Step, Strategy, Target,
};
use serde_json::{Value, json};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

/// What the server's certificate is for.
pub(crate) const HOST: &str = "database.example.test";

/// What every password of a first version begins with.
pub(crate) const FIRST: &str = "first-password-of-";

pub(crate) const BOTH: [Strategy; 2] = [Strategy::SingleUser, Strategy::AlternatingUsers];

/// The name of the superuser, who owns the database and may make roles, as RDS's master user.
pub(crate) const MASTER: &str = "master of \"all'";

pub(crate) struct Stage {
    pub(crate) server: Arc<Postgres>,
    pub(crate) secrets: Memory,
    pub(crate) target: Target,
    pub(crate) user: String,
    pub(crate) secret: String,
}

/// One server for all tests that run at the time.
static SERVER: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
static NUMBER: AtomicU32 = AtomicU32::new(0);

fn number() -> u32 {
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

fn installation() -> Option<Installation> {
    let installation = Installation::find();
    if installation.is_none() {
        println!("skipped: no PostgreSQL is installed");
    }
    installation
}

/// The server that the tests share; none where PostgreSQL is not installed.
pub(crate) fn server() -> Option<Arc<Postgres>> {
    let mut shared = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(server) = shared.upgrade() {
        return Some(server);
    }
    let server = Arc::new(installation()?.start(&[HOST]).unwrap());
    *shared = Arc::downgrade(&server);
    Some(server)
}

impl Stage {
    /// A database of its own; none where PostgreSQL is not installed.
    pub(crate) async fn set(strategy: Strategy) -> Option<Self> {
        Some(Self::on(server()?, strategy).await)
    }

    /// A database on a server of its own: nobody else's statements are in the log.
    pub(crate) async fn alone(strategy: Strategy) -> Option<Self> {
        let installation = installation()?;
        Some(Self::on(Arc::new(installation.start(&[HOST]).unwrap()), strategy).await)
    }

    async fn on(server: Arc<Postgres>, strategy: Strategy) -> Self {
        let (number, secrets) = (number(), Memory::default());
        let (database, master) = (format!("shop {number}"), format!("{MASTER} {number}"));
        let admin = server.superuser("postgres").await.unwrap();
        let (quoted, owner) = (quote(&database), quote(&master));
        for statement in [
            format!("CREATE ROLE {owner} LOGIN CREATEROLE CREATEDB PASSWORD 'of the master'"),
            format!("CREATE DATABASE {quoted} OWNER {owner}"),
            format!("REVOKE ALL ON DATABASE {quoted} FROM PUBLIC"),
        ] {
            admin.batch_execute(&statement).await.unwrap();
        }
        let login = json!({"username": master, "password": "of the master"});
        secrets.create("arn:master", "first", &login.to_string());
        let target = Target {
            host: HOST.to_owned(),
            port: server.address().port(),
            database,
            superuser: "arn:master".to_owned(),
            strategy,
            region: "us-east-1".to_owned(),
        };
        let (user, secret) = (String::new(), String::new());
        Self { server, secrets, target, user, secret }.again()
    }

    /// The server again, as a writer or as a reader; it must be nobody else's.
    pub(crate) fn restart(&mut self, as_reader: bool) {
        Arc::get_mut(&mut self.server).unwrap().restart(as_reader).unwrap();
    }

    /// Another application on the same database.
    pub(crate) fn again(self) -> Self {
        let user = format!("app {} \"x'y\\z;--", number());
        let secret = format!("arn:secret:{user}");
        let value = json!({"engine": "aurora-postgresql", "host": HOST, "port": self.target.port,
            "username": user, "password": format!("{FIRST}{user}"),
            "dbname": self.target.database, "masterarn": self.target.superuser});
        self.secrets.create(&secret, "v1", &value.to_string());
        Self { user, secret, ..self }
    }

    pub(crate) fn rotation(&self) -> Rotation<Memory> {
        Rotation::new(self.target.clone(), self.secrets.clone(), self.server.network())
    }

    pub(crate) fn event(&self, step: Step, token: &str) -> Event {
        let (secret, token) = (self.secret.clone(), token.to_owned());
        Event { step, secret, token, rotation_token: None }
    }

    pub(crate) async fn step(&self, step: Step, token: &str) -> Result<Outcome, Error> {
        Box::pin(self.rotation().invoke(&self.event(step, token))).await
    }

    /// The four steps, as far as they go, from an invocation of Secrets Manager.
    pub(crate) async fn steps(
        &self,
        token: &str,
        boundaries: Boundaries,
    ) -> Result<Vec<Outcome>, Error> {
        let rotation = self.rotation().with_boundaries(boundaries);
        let mut outcomes = Vec::new();
        for step in Step::ALL {
            outcomes.push(Box::pin(rotation.invoke(&self.event(step, token))).await?);
        }
        Ok(outcomes)
    }

    /// A whole rotation.
    #[track_caller]
    pub(crate) fn rotate(&self, token: &str) -> impl Future<Output = ()> {
        self.secrets.rotate(&self.secret, token).unwrap();
        async move {
            let outcomes = self.steps(token, Boundaries::default()).await.unwrap();
            assert_eq!(outcomes, [Outcome::Done; 4]);
        }
    }

    /// Up to where the database has the new password.
    pub(crate) async fn create(&self, token: &str) {
        self.secrets.rotate(&self.secret, token).unwrap();
        self.step(Step::Create, token).await.unwrap();
    }

    /// User and password of the version with that stage.
    pub(crate) fn login(&self, stage: &str) -> (String, String) {
        let value = self.secrets.value(&self.secret, stage).unwrap();
        let value: Value = serde_json::from_str(&value).unwrap();
        let text = |name: &str| value[name].as_str().unwrap().to_owned();
        (text("username"), text("password"))
    }

    pub(crate) async fn session(
        &self,
        login: &(String, String),
    ) -> Result<Client, tokio_postgres::Error> {
        self.server.connect(&login.0, &login.1, &self.target.database).await
    }

    pub(crate) async fn logs_in(&self, login: &(String, String)) -> bool {
        match self.session(login).await {
            Ok(session) => session.batch_execute("SELECT 1").await.is_ok(),
            Err(error) => {
                assert_eq!(error.code().map(SqlState::code), Some("28P01"), "{error:?}");
                false
            }
        }
    }

    /// The version that is in use, and that its login works.
    pub(crate) async fn assert_current(&self, token: &str) {
        let stages = self.secrets.stages(&self.secret);
        assert!(stages[token].contains(CURRENT), "{stages:?}");
        assert!(self.logs_in(&self.login(CURRENT)).await, "{token}");
    }

    /// Runs a statement as somebody who may do everything.
    pub(crate) async fn admin(&self, statement: &str) {
        let admin = self.server.superuser(&self.target.database).await.unwrap();
        admin.batch_execute(statement).await.unwrap();
    }

    pub(crate) fn quoted_user(&self) -> String {
        quote(&self.user)
    }
}

pub(crate) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
