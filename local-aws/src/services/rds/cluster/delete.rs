//! Deleting clusters: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBCluster.html>

use super::super::query::combination;
use super::super::reference::{self, CLUSTER, members};
use super::super::{automated_backup, backing, event, snapshot};
use super::{GONE, answer, secret};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `DeleteDBCluster`: its instances must be gone or going; a final snapshot is asked for or waived.
pub(in super::super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, row) = reference::cluster(call, input.text("DBClusterIdentifier"))?;
    let skip = input.flag("SkipFinalSnapshot");
    let last = input.opt("FinalDBSnapshotIdentifier");
    if row.text("Status") == "deleting" {
        return Err(state(format!("DB cluster {id} is already being deleted.")));
    }
    if row.flag("DeletionProtection") {
        return Err(combination(
            "Cannot delete protected Cluster, please disable deletion protection and try again.",
        ));
    }
    match (skip, last) {
        (false, None) => {
            return Err(combination(
                "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
            ));
        }
        (true, Some(_)) => {
            return Err(combination(
                "FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is specified.",
            ));
        }
        _ => {}
    }
    if members(call, &id).any(|(_, row)| row.text("DBInstanceStatus") != "deleting") {
        return Err(state(
            "Cluster cannot be deleted, it still contains DB instances in non-deleting state."
                .to_owned(),
        ));
    }
    let status = super::status(call, &row);
    if last.is_some() && status != "available" {
        return Err(state(format!(
            "DB cluster {id} is in the {status} state: no snapshot can be made of it."
        )));
    }
    if let Some(name) = last {
        snapshot::begin(call, name, &row, Vec::new())?;
    }
    let keep = input.opt_flag("DeleteAutomatedBackups") == Some(false);
    call.unschedule(CLUSTER, &id);
    backing::gone(call, &id);
    call.merge(CLUSTER, &id, json!({"Status": "deleting", "_keep_backups": keep, "_last": last}));
    without_members(call, &id);
    Ok(answer(call, &id))
}

fn state(message: String) -> Fault {
    Fault::new("InvalidDBClusterStateFault", message)
}

/// Lets a cluster that is being deleted end, once it has no instances.
pub(in super::super) fn without_members(call: &mut Call, id: &str) {
    let deleting = call.get(CLUSTER, id).is_some_and(|row| row.text("Status") == "deleting");
    if deleting && members(call, id).next().is_none() {
        let seconds = call.latency("rds.db_cluster", "delete");
        call.schedule(seconds, CLUSTER, id, Step::Run(GONE, json!(id)));
    }
}

/// The end of a cluster: its final snapshot is there, its secret is gone, its backups stay if that was asked for.
pub(in super::super) fn gone(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    secret::remove(call, id);
    let Some(row) = call.remove(CLUSTER, id) else { return };
    if let Some(name) = row.opt("_last") {
        snapshot::finish(call, &name.to_ascii_lowercase());
    }
    snapshot::remove_automated(call, id);
    if row.flag("_keep_backups") {
        automated_backup::retain(call, &row);
    }
    event::emit(call, "db-cluster", id, &["deletion"], "DB cluster deleted");
}
