//! Deleting instances: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html>

use super::super::query::combination;
use super::super::reference::{self, INSTANCE};
use super::super::{cluster, event};
use super::{GONE, answer};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2;
use serde_json::{Value, json};

/// `DeleteDBInstance`. Where the writer goes, a reader is promoted; the data is the cluster's and stays.
pub(in super::super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, row) = reference::instance(call, input.text("DBInstanceIdentifier"))?;
    if row.text("DBInstanceStatus") == "deleting" {
        let message = format!("Instance {id} is already being deleted.");
        return Err(Fault::new("InvalidDBInstanceState", message));
    }
    if input.has("FinalDBSnapshotIdentifier") {
        return Err(combination(
            "FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance",
        ));
    }
    call.unschedule(INSTANCE, &id);
    call.merge(INSTANCE, &id, json!({"DBInstanceStatus": "deleting"}));
    let seconds = call.latency("rds.db_instance", "delete");
    call.schedule(seconds, INSTANCE, &id, Step::Run(GONE, json!(id)));
    if row.flag("_writer") {
        cluster::promote(call, row.text("DBClusterIdentifier"));
    }
    Ok(answer(call, &id))
}

/// The end of an instance: it writes its last logs, and its interface leaves.
pub(in super::super) fn gone(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    let Some(row) = call.get(INSTANCE, id).cloned() else { return };
    let of = row.text("DBClusterIdentifier");
    cluster::ensure_log_groups(call, of);
    call.remove(INSTANCE, id);
    if let Some(interface) = row.opt("_interface") {
        ec2::withdraw(call, interface);
    }
    event::emit(call, "db-instance", id, &["deletion"], "DB instance deleted");
    cluster::without_members(call, of);
}
