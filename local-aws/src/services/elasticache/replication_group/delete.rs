//! Deleting a group, after a final snapshot if one is asked for.
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteReplicationGroup.html>

use super::{REPLICATION_GROUP, answer, shard, shards};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elasticache::kind::refuse_unsupported;
use crate::services::elasticache::{cache_cluster, event, snapshot};
use serde_json::{Value, json};

/// The task that ends a deletion; the argument is the group's id.
pub(in super::super) const DELETED: &str = "replication_group_deleted";

/// `DeleteReplicationGroup`.
pub(in super::super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    refuse_unsupported(call, &["RetainPrimaryCluster"])?;
    let input = call.input();
    let row = REPLICATION_GROUP.row(call, input.text("ReplicationGroupId"))?;
    let id = row.text("ReplicationGroupId").to_owned();
    if row.text("Status") != "available" {
        let message = format!("Cache cluster {id} is not in a valid state to be deleted.");
        return Err(Fault::new("InvalidReplicationGroupState", message));
    }
    let mut seconds = call.latency("elasticache.replication_group", "delete");
    if let Some(name) = input.opt("FinalSnapshotIdentifier") {
        seconds += snapshot::take_final(call, &row, name)?;
    }
    call.unschedule(REPLICATION_GROUP.table, &id);
    let mut all = shards(&row);
    for one in &mut all {
        "deleting".clone_into(&mut one.status);
        cache_cluster::set_status(call, &one.nodes, "deleting");
    }
    let members = json!({"Status": "deleting", "_shards": shard::written(&all), "_pending": null});
    call.merge(REPLICATION_GROUP.table, &id, members);
    call.schedule(seconds, REPLICATION_GROUP.table, &id, Step::Run(DELETED, json!(id)));
    answer(call, &id)
}

/// The end of a group: its nodes leave the network, and its automatic snapshots go with it.
pub(in super::super) fn deleted(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    for node in cache_cluster::of_group(call, id) {
        cache_cluster::remove(call, &node);
    }
    snapshot::remove_automatic(call, id);
    call.remove(REPLICATION_GROUP.table, id);
    event::note(call, ("replication-group", id), "Replication group deleted");
}
