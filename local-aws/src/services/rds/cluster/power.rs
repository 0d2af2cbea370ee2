//! Stopping and starting clusters: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StopDBCluster.html>

use super::super::reference::{self, CLUSTER, INSTANCE, members};
use super::answer;
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `StopDBCluster`.
pub(in super::super) fn stop(call: &mut Call) -> Result<Value, Fault> {
    let (id, _) = reference::available_cluster(call, call.input().text("DBClusterIdentifier"))?;
    turn(call, &id, "stopping", "stopped");
    Ok(answer(call, &id))
}

/// `StartDBCluster`.
pub(in super::super) fn start(call: &mut Call) -> Result<Value, Fault> {
    let (id, row) = reference::cluster(call, call.input().text("DBClusterIdentifier"))?;
    if row.text("Status") != "stopped" {
        let message = format!(
            "DbCluster {id} is in {} state but expected it to be one of stopped.",
            row.text("Status")
        );
        return Err(Fault::new("InvalidDBClusterStateFault", message));
    }
    turn(call, &id, "starting", "available");
    Ok(answer(call, &id))
}

fn turn(call: &mut Call, id: &str, now: &str, then: &str) {
    let seconds = call.latency("rds.db_instance", "update");
    let ids: Vec<String> = members(call, id).map(|(id, _)| id.to_owned()).collect();
    for instance in ids {
        call.merge(INSTANCE, &instance, json!({"DBInstanceStatus": now}));
        call.schedule(seconds, INSTANCE, &instance, Step::Merge(json!({"DBInstanceStatus": then})));
    }
    call.merge(CLUSTER, id, json!({"Status": now}));
    call.schedule(seconds, CLUSTER, id, Step::Merge(json!({"Status": then})));
}
