//! Databases of the embedded RDS that are really there.

use super::{Cloud, Inner};
use crate::call::Call;
use crate::database::{self, Access, Authority, EmbeddedDatabase, Looked, Postgres};
use crate::fields::Fields;
use crate::services::ec2;
use crate::services::lambda::Plan;
use crate::services::rds::backing::{self, JOB};
use crate::store::GLOBAL;
use serde_json::Value;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// The folder below the cloud's with the authority and the address.
const FOLDER: &str = "rds";

/// How often something is tried before it counts as failed, and the real time between.
const TRIES: usize = 5;
const PAUSE: Duration = Duration::from_millis(500);

/// What is open for databases.
#[derive(Default)]
pub(super) struct Databases {
    authority: Option<Arc<Authority>>,
    all: Option<EmbeddedDatabase>,
    /// The file that says where they answer.
    said_in: Option<PathBuf>,
}

impl Drop for Databases {
    fn drop(&mut self) {
        if let Some(file) = &self.said_in {
            let _ = std::fs::remove_file(file);
        }
    }
}

impl Cloud {
    /// How clients reach the databases of the embedded RDS; `None` without a PostgreSQL. A cloud in a folder also says it in
    /// the files `rds/address` and `rds/ca.pem` there.
    ///
    /// # Errors
    /// The loopback interface cannot be listened on, or the certificate authority cannot be kept.
    pub async fn database(&self) -> io::Result<Option<EmbeddedDatabase>> {
        let Some(postgres) = self.inner.options.postgres.clone() else { return Ok(None) };
        let mut databases = self.inner.databases.lock().await;
        if let Some(known) = &databases.all {
            return Ok(Some(known.clone()));
        }
        let authority = self.authority(&mut databases)?;
        let weak = Arc::downgrade(&self.inner);
        let access: Access = Arc::new(move |name| look(&weak, name, None));
        let (address, task) = listen(postgres, Arc::clone(&authority), access).await?;
        self.keep(task);
        let known = EmbeddedDatabase { address, authority: authority.certificate().to_owned() };
        if let Some((folder, _)) = &self.inner.folder {
            let file = folder.join(FOLDER).join("address");
            std::fs::write(file.with_extension("new"), address.to_string())?;
            std::fs::rename(file.with_extension("new"), &file)?;
            databases.said_in = Some(file);
        }
        databases.all = Some(known.clone());
        Ok(Some(known))
    }

    fn authority(&self, databases: &mut Databases) -> io::Result<Arc<Authority>> {
        if let Some(known) = &databases.authority {
            return Ok(Arc::clone(known));
        }
        let folder = match &self.inner.folder {
            Some((folder, _)) => folder.join(FOLDER),
            None => self.inner.runner.folder()?.join(FOLDER),
        };
        let made = Arc::new(Authority::open(&folder)?);
        databases.authority = Some(Arc::clone(&made));
        Ok(made)
    }

    /// The way of one function to the databases that its security groups reach: the variables that name it, and who serves it.
    pub(super) async fn database_for(
        &self,
        plan: &Plan,
        region: &str,
    ) -> io::Result<(Vec<(String, String)>, Vec<JoinHandle<()>>)> {
        let Some(postgres) = self.inner.options.postgres.clone() else {
            return Ok(Default::default());
        };
        let authority = self.authority(&mut *self.inner.databases.lock().await)?;
        let weak = Arc::downgrade(&self.inner);
        let from = (region.to_owned(), plan.security_groups.clone());
        let access: Access = Arc::new(move |name| look(&weak, name, Some(&from)));
        let (address, task) = listen(postgres, Arc::clone(&authority), access).await?;
        let file = authority.certificate().to_string_lossy().into_owned();
        let variables = vec![
            ("GLOBECART_EMBEDDED_DATABASE_ADDRESS".to_owned(), address.to_string()),
            ("GLOBECART_EMBEDDED_DATABASE_CA".to_owned(), file),
        ];
        Ok((variables, vec![task]))
    }

    /// Does what is queued for databases, in order, in the background.
    pub(super) fn dispatch_databases(&self) {
        let Some(postgres) = self.inner.options.postgres.clone() else { return };
        let mut working = self.inner.working.lock().unwrap_or_else(PoisonError::into_inner);
        if *working || self.next_database_job().is_none() {
            return;
        }
        *working = true;
        tokio::spawn(work(Arc::downgrade(&self.inner), postgres));
    }

    fn next_database_job(&self) -> Option<(String, Value)> {
        let now = self.now();
        let state = self.inner.state();
        let mut rows = state.store.rows(GLOBAL, JOB.name);
        let due = |job: &Value| job.number("at").unwrap_or_default() <= now;
        rows.find(|(_, job)| due(job)).map(|(id, job)| (id.to_owned(), job.clone()))
    }

    /// A transaction of RDS itself.
    fn in_rds<T>(&self, region: &str, act: impl FnOnce(&mut Call) -> T) -> T {
        let now = self.now();
        let mut state = self.inner.state();
        let state = &mut *state;
        let about = ("rds", "Database", region);
        let tables = (&mut state.store, &mut state.stale, &self.inner.options);
        let mut call = Call::new(tables.0, tables.1, tables.2, about, Arc::new(Value::Null), now);
        let done = act(&mut call);
        // What cannot be put on file now is put there with the next request, or that one is refused.
        let _ = state.store.commit(now);
        done
    }
}

async fn listen(
    postgres: Postgres,
    authority: Arc<Authority>,
    access: Access,
) -> io::Result<(SocketAddr, JoinHandle<()>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    Ok((address, tokio::spawn(database::serve(listener, postgres, authority, access))))
}

/// What is known of a host name to a function in a region with security groups, or to everybody.
fn look(cloud: &Weak<Inner>, name: &str, from: Option<&(String, Vec<String>)>) -> Looked {
    let Some(inner) = cloud.upgrade() else { return Looked::Over };
    let cloud = Cloud { inner };
    cloud.catch_up();
    cloud.dispatch_databases();
    // The name says the region: `ID.KIND-LABEL.REGION.rds.amazonaws.com`.
    let region = name.split('.').nth(2).unwrap_or_default();
    cloud.in_rds(region, |call| {
        let Some(host) = backing::host(call, name) else { return Looked::Unreachable };
        let to: Vec<&str> = host.groups.iter().map(String::as_str).collect();
        let reached = from.is_none_or(|(of, groups)| {
            of == region && groups.iter().any(|group| ec2::reaches(call, group, &to, host.port))
        });
        match () {
            () if !reached || !host.available => Looked::Unreachable,
            () if backing::busy(call, &host.cluster) => Looked::Busy,
            () => Looked::There(host),
        }
    })
}

/// Does what is queued, until nothing is.
async fn work(cloud: Weak<Inner>, postgres: Postgres) {
    loop {
        let Some(inner) = cloud.upgrade() else { return };
        let held = Cloud { inner };
        let mut working = held.inner.working.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((id, job)) = held.next_database_job() else {
            *working = false;
            return;
        };
        drop(working);
        let region = job.text("region").to_owned();
        let password = held.in_rds(&region, |call| backing::password_of(call, &job));
        drop(held);
        let failure = tried(&postgres, &job, password.as_deref()).await.err();
        let Some(inner) = cloud.upgrade() else { return };
        Cloud { inner }.in_rds(&region, |call| {
            call.remove(JOB, &id);
            if job.text("do") != "drop" {
                backing::note(call, job.text("cluster"), failure.as_deref());
            }
        });
    }
}

/// Does one thing; what does not succeed at once is tried again.
async fn tried(postgres: &Postgres, job: &Value, password: Option<&str>) -> Result<(), String> {
    let backed = backing::of_job(job);
    let mut last = String::new();
    for _ in 0..TRIES {
        let done = match (job.text("do"), password) {
            ("make", password) => database::make(postgres, &backed, password).await,
            ("password", Some(password)) => {
                database::set_password(postgres, &backed, password).await
            }
            ("drop", _) => database::drop(postgres, &backed).await,
            _ => Ok(()),
        };
        match done {
            Ok(()) => return Ok(()),
            Err(database::Failure::Taken(why)) => return Err(why),
            Err(failure) => last = failure.to_string(),
        }
        let _ = timeout(PAUSE, std::future::pending::<()>()).await;
    }
    Err(last)
}

/// What an earlier process left says nothing any more.
pub(super) fn forget_address(folder: &Path) {
    let _ = std::fs::remove_file(folder.join(FOLDER).join("address"));
}
