//! `DeleteService`: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html>

use super::{SERVICE, describe, event, history};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ecs::task::{self, Stopping};
use crate::services::ecs::{invalid, reference, task_definition};
use serde_json::{Value, json};

/// AWS describes a deleted service for a while, here for an hour.
const REMEMBERED_SECONDS: f64 = 3600.0;

/// `DeleteService`: it drains, and is inactive when its last task has stopped.
pub(in crate::services::ecs) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, row) = reference::service(call, &input)?;
    match row.text("status") {
        "INACTIVE" => return Err(Fault::new("ServiceNotFoundException", "Service not found.")),
        "DRAINING" => return Ok(json!({"service": describe::view(call, &id, true)})),
        _ => {}
    }
    if row.int("desiredCount").unwrap_or(0) > 0 && !input.flag("force") {
        return Err(invalid("The service cannot be stopped while it is scaled above 0."));
    }
    call.unschedule(SERVICE, &id);
    call.update(SERVICE, &id, |row| {
        row["status"] = json!("DRAINING");
        row["desiredCount"] = json!(0);
        for one in row["deployments"].as_array_mut().into_iter().flatten() {
            one["desiredCount"] = json!(0);
        }
    });
    drain(call, &id);
    Ok(json!({"service": describe::view(call, &id, true)}))
}

/// Stops what still runs; without anything left the service is inactive.
pub(super) fn drain(call: &mut Call, id: &str) {
    for (task, row) in task::of_service(call, id) {
        let deployment = row.text("_deployment").to_owned();
        let reason = format!("Scaling activity initiated by (deployment {deployment})");
        let stopping = Stopping { code: "ServiceSchedulerInitiated", reason: &reason };
        task::begin_stop(call, &task, &stopping);
    }
    if task::all_of_service(call, id).is_empty() {
        event::note(call, id, "has reached a steady state.");
        history::forget_open(call, id);
        let gone = json!({"status": "INACTIVE", "_arn": null, "_wake_at": null});
        call.merge(SERVICE, id, gone);
        call.schedule(REMEMBERED_SECONDS, SERVICE, id, Step::Remove);
        task_definition::sweep_soon(call);
    }
}
