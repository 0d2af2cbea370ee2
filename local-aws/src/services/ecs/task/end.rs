//! How tasks end.

use super::{TASK, health};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2;
use crate::services::ecs::{reference, service, tags, target, task_definition};
use serde_json::{Value, json};

/// The targets of a task that stops have drained; the argument of this and the next is the row's id.
pub(in crate::services::ecs) const DRAINED: &str = "task_drained";

/// The interface of a task is gone.
pub(in crate::services::ecs) const STOPPED: &str = "task_stopped";

/// AWS describes a stopped task for about an hour.
const REMEMBERED_SECONDS: f64 = 3600.0;

/// Who stops a task, and why.
pub(in crate::services::ecs) struct Stopping<'a> {
    /// Such as `UserInitiated`.
    pub(in crate::services::ecs) code: &'a str,
    pub(in crate::services::ecs) reason: &'a str,
}

/// `StopTask`.
pub(in crate::services::ecs) fn stop(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, _) = reference::task(call, &input)?;
    let reason = input.opt("reason").unwrap_or("Task stopped by user");
    begin_stop(call, &id, &Stopping { code: "UserInitiated", reason });
    let row = call.get(TASK, &id).cloned().unwrap_or_default();
    let mut seen = row.clone();
    seen["tags"] = tags::shown(&row);
    Ok(json!({"task": seen}))
}

/// Lets a task end in peace: its targets drain first.
pub(in crate::services::ecs) fn begin_stop(call: &mut Call, id: &str, stopping: &Stopping) {
    let Some(row) = call.get(TASK, id).cloned() else { return };
    if row.text("desiredStatus") == "STOPPED" {
        return;
    }
    call.unschedule(TASK, id);
    let ran = row.text("lastStatus") == "RUNNING";
    let now = call.now();
    let members = json!({
        "desiredStatus": "STOPPED", "stopCode": stopping.code, "stoppedReason": stopping.reason, "stoppingAt": now,
        "lastStatus": if ran { "DEACTIVATING" } else { "STOPPING" },
    });
    call.merge(TASK, id, members);
    let seconds = if ran { target::deregister(call, id) } else { 0.0 };
    call.schedule(seconds, TASK, id, Step::Run(DRAINED, json!(id)));
    service::task_changed(call, id);
}

/// The containers are told to end, and do.
pub(in crate::services::ecs) fn drained(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    call.merge(TASK, id, json!({"lastStatus": "STOPPING"}));
    let stop = call.latency("ecs.task", "stop");
    let ended = json!({"lastStatus": "DEPROVISIONING", "executionStoppedAt": call.now() + stop});
    call.schedule(stop, TASK, id, Step::Merge(ended));
    let seconds = stop + call.latency("ecs.task", "deprovision");
    call.schedule(seconds, TASK, id, Step::Run(STOPPED, json!(id)));
}

/// Ends a task that failed: there is nothing left to drain.
pub(in crate::services::ecs) fn fail(call: &mut Call, id: &str, code: &str, reason: &str) {
    let Some(row) = call.get(TASK, id).cloned() else { return };
    if ["DEPROVISIONING", "STOPPED"].contains(&row.text("lastStatus")) {
        return;
    }
    call.unschedule(TASK, id);
    target::deregister(call, id);
    let now = call.now();
    let mut members = json!({
        "desiredStatus": "STOPPED", "lastStatus": "DEPROVISIONING", "stoppingAt": now, "executionStoppedAt": now,
    });
    if row.text("desiredStatus") == "RUNNING" {
        members["stopCode"] = json!(code);
        members["stoppedReason"] = json!(reason);
    }
    call.merge(TASK, id, members);
    let seconds = call.latency("ecs.task", "deprovision");
    call.schedule(seconds, TASK, id, Step::Run(STOPPED, json!(id)));
    if row.text("desiredStatus") == "RUNNING" {
        service::task_failed(call, &row);
    }
    service::task_changed(call, id);
}

/// The end of a task: its interface leaves the subnet.
pub(in crate::services::ecs) fn stopped(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    let Some(row) = call.get(TASK, id).cloned() else { return };
    ec2::withdraw(call, row.text("_interface"));
    let (now, exit) = (call.now(), health::exit_code(&row));
    call.update(TASK, id, |row| {
        row["lastStatus"] = json!("STOPPED");
        row["stoppedAt"] = json!(now);
        row["connectivity"] = json!("DISCONNECTED");
        row["attachments"][0]["status"] = json!("DELETED");
        let started = row.has("startedAt");
        for container in row["containers"].as_array_mut().into_iter().flatten() {
            container["lastStatus"] = json!("STOPPED");
            if started {
                container["exitCode"] = json!(exit);
            }
        }
    });
    call.merge(TASK, id, json!({"_arn": null, "_interface": null, "_ip": null}));
    call.schedule(REMEMBERED_SECONDS, TASK, id, Step::Remove);
    service::task_changed(call, id);
    task_definition::sweep_soon(call);
}
