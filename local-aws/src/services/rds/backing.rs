//! Databases that are really there: what is to be done on the PostgreSQL that stands in for Aurora's storage and engine.
//!
//! Handlers queue it, in order; `Cloud` does it. Without a PostgreSQL nothing is queued.

use super::name;
use super::reference::{CLUSTER, members};
use crate::call::Call;
use crate::fields::Fields;
use crate::options::backs_databases;
use crate::services::secretsmanager;
use crate::store::Table;
use serde_json::{Value, json};

/// What is to be done, in order: `do`, `region`, `cluster`, `arn`, `at` (not before), and a `password` that no secret holds.
pub(crate) const JOB: Table = Table::global("_rds_database_job");

/// What a cluster's database is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Backed {
    pub(crate) cluster: String,
    /// What tells it from all other clusters.
    pub(crate) mark: String,
    pub(crate) user: String,
    pub(crate) database: Option<String>,
}

fn queue(call: &mut Call, cluster: &str, what: &str, password: Option<&str>, at: f64) {
    if !backs_databases(call.options) {
        return;
    }
    let Some(row) = call.get(CLUSTER, cluster).cloned() else { return };
    let number = call.count(JOB.name);
    let job = json!({
        "do": what, "region": call.region(), "cluster": cluster, "backed": to_value(&backed(&row)),
        "secret": row["MasterUserSecret"]["SecretArn"], "password": password, "at": at,
    });
    call.put(JOB, &format!("{number:012}"), job);
}

/// A cluster has become available.
pub(super) fn made(call: &mut Call, cluster: &str) {
    let now = call.now();
    let password =
        call.get(CLUSTER, cluster).and_then(|row| row.opt("_password")).map(str::to_owned);
    call.merge(CLUSTER, cluster, json!({"_password": null}));
    queue(call, cluster, "make", password.as_deref(), now);
}

/// Keeps the password of a request until the cluster is available, where something will need it.
pub(super) fn remember(call: &mut Call, cluster: &str, password: Option<&str>) {
    if backs_databases(call.options) {
        call.merge(CLUSTER, cluster, json!({"_password": password}));
    }
}

/// The master user has got another password: one of its secret, or this one, after simulated seconds.
pub(super) fn password(call: &mut Call, cluster: &str, password: Option<&str>, after: f64) {
    let at = call.now() + after;
    if call.get(CLUSTER, cluster).is_some_and(|row| row.text("Status") != "creating") {
        queue(call, cluster, "password", password, at);
    }
}

/// A cluster is going.
pub(super) fn gone(call: &mut Call, cluster: &str) {
    let now = call.now();
    queue(call, cluster, "drop", None, now);
}

fn backed(row: &Value) -> Backed {
    Backed {
        cluster: row.text("DBClusterIdentifier").to_owned(),
        mark: format!("{} {}", row.text("DBClusterArn"), row.text("DbClusterResourceId")),
        user: row.text("MasterUsername").to_owned(),
        database: row.opt("DatabaseName").map(str::to_owned),
    }
}

fn to_value(backed: &Backed) -> Value {
    json!({"cluster": backed.cluster, "mark": backed.mark, "user": backed.user, "database": backed.database})
}

/// What a queued job is about.
pub(crate) fn of_job(job: &Value) -> Backed {
    let backed = &job["backed"];
    Backed {
        cluster: backed.text("cluster").to_owned(),
        mark: backed.text("mark").to_owned(),
        user: backed.text("user").to_owned(),
        database: backed.opt("database").map(str::to_owned),
    }
}

/// The password that a job is about: the request's, or the secret's as it is now.
pub(crate) fn password_of(call: &mut Call, job: &Value) -> Option<String> {
    if let Some(password) = job.opt("password") {
        return Some(password.to_owned());
    }
    let text = secretsmanager::current_text(call, job.opt("secret")?)?;
    serde_json::from_str::<Value>(&text).ok()?.opt("password").map(str::to_owned)
}

/// Notes why a cluster has no database; `None` when it has one.
pub(crate) fn note(call: &mut Call, cluster: &str, failure: Option<&str>) {
    call.merge(CLUSTER, cluster, json!({"_database_failure": failure}));
    if let Some(failure) = failure {
        let message = format!("The PostgreSQL behind this cluster: {failure}");
        super::event::emit(call, "db-cluster", cluster, &["failure"], &message);
    }
}

/// A host name of a cluster, as a client means it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Host {
    pub(crate) cluster: String,
    /// All names of the cluster, for its certificate.
    pub(crate) names: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) port: i64,
    pub(crate) available: bool,
    pub(crate) failure: Option<String>,
}

/// The cluster of this region that has a host name.
pub(crate) fn host(call: &Call, wanted: &str) -> Option<Host> {
    let mut rows = call.rows(CLUSTER);
    rows.find_map(|(id, row)| {
        let names = names(call, id, row);
        names.iter().any(|name| name.eq_ignore_ascii_case(wanted)).then(|| Host {
            cluster: id.to_owned(),
            names,
            groups: row.texts("_groups").into_iter().map(str::to_owned).collect(),
            port: row.int("Port").unwrap_or(5432),
            available: row.has("_ready_at")
                && !["stopped", "stopping", "deleting"].contains(&row.text("Status")),
            failure: row.opt("_database_failure").map(str::to_owned),
        })
    })
}

fn names(call: &Call, id: &str, row: &Value) -> Vec<String> {
    let instances = members(call, id).map(|(instance, _)| name::host(call, instance, ""));
    let own = [row.text("Endpoint").to_owned(), row.text("ReaderEndpoint").to_owned()];
    own.into_iter().chain(instances).collect()
}

/// Whether something is still to be done for a cluster.
pub(crate) fn busy(call: &Call, cluster: &str) -> bool {
    let about = |job: &Value| {
        job.text("cluster") == cluster
            && job.text("region") == call.region()
            && job.number("at").unwrap_or_default() <= call.now()
    };
    call.rows(JOB).any(|(_, job)| about(job))
}
