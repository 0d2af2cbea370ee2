//! What becomes of tasks when an availability zone fails: they are gone, and their services start others elsewhere.

use super::service;
use super::task::{self, TASK};
use crate::call::Call;
use crate::fields::Fields;
use serde_json::Value;

/// Ends what runs in the zone that failed; services look where their tasks are.
pub(super) fn changed(call: &mut Call, _zone: &Value) {
    let here = |row: &Value| {
        row.text("lastStatus") != "STOPPED" && call.zone_failed(row.text("availabilityZone"))
    };
    let tasks = call.rows(TASK).filter(|(_, row)| here(row));
    let ids: Vec<String> = tasks.map(|(id, _)| id.to_owned()).collect();
    for id in &ids {
        task::fail(
            call,
            id,
            "InfrastructureHealth",
            "The availability zone of the task has failed.",
        );
    }
    service::wake_all(call);
}
