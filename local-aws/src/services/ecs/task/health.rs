//! Whether tasks are well: as long as nobody says otherwise.

use super::{TASK, end, start};
use crate::call::{Call, Step};
use crate::fields::Fields;
use crate::services::ecs::failure::{self, ContainerFailure};
use crate::services::ecs::{service, target};
use serde_json::{Value, json};

/// The first health check of a task's containers is over; the argument of this and the next is the row's id.
pub(in crate::services::ecs) const CHECKED: &str = "task_checked";

/// A container that is to fail exits.
pub(in crate::services::ecs) const EXITED: &str = "task_exited";

/// Seconds that a container which is to fail runs.
const FAILS_AFTER: f64 = 1.0;

/// Lets the health of a task that started be known in time.
pub(super) fn watch(call: &mut Call, id: &str) {
    let Some(task) = call.get(TASK, id).cloned() else { return };
    let images = task.items("containers").iter().map(|one| one.text("image"));
    if let Some(failure) = images.into_iter().find_map(|image| failure::of_image(call, image)) {
        break_down(call, id, failure);
        return;
    }
    if let Some((interval, _)) = check_of(&start::definition_of(call, &task)) {
        call.schedule(interval, TASK, id, Step::Run(CHECKED, json!(id)));
    }
}

/// Interval, and seconds until unhealthy, of the slowest health check.
fn check_of(definition: &Value) -> Option<(f64, f64)> {
    let checks = definition.items("containerDefinitions").iter().map(|one| &one["healthCheck"]);
    let times = checks.filter_map(|check| {
        let interval = check.number("interval")?;
        Some((interval, interval * check.number("retries").unwrap_or(3.0)))
    });
    times.max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Makes something go wrong with a task that runs.
pub(in crate::services::ecs) fn break_down(call: &mut Call, id: &str, failure: ContainerFailure) {
    match failure {
        ContainerFailure::Exits(code) => {
            call.merge(TASK, id, json!({"_failure": "exits", "_exit": code}));
            call.schedule(FAILS_AFTER, TASK, id, Step::Run(EXITED, json!(id)));
        }
        ContainerFailure::Unhealthy => {
            call.merge(TASK, id, json!({"_failure": "unhealthy"}));
            let task = call.get(TASK, id).cloned().unwrap_or_default();
            if let Some((_, seconds)) = check_of(&start::definition_of(call, &task)) {
                call.schedule(seconds, TASK, id, Step::Run(CHECKED, json!(id)));
            }
            target::answers_changed(call, id);
            service::task_changed(call, id);
        }
    }
}

/// A container that was to fail has exited.
pub(in crate::services::ecs) fn exited(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    end::fail(call, id, "EssentialContainerExited", "Essential container in task exited");
}

/// The health checks have come to a result.
pub(in crate::services::ecs) fn checked(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    let Some(task) = call.get(TASK, id).cloned() else { return };
    let status = if task.text("_failure") == "unhealthy" { "UNHEALTHY" } else { "HEALTHY" };
    let definition = start::definition_of(call, &task);
    call.update(TASK, id, |row| {
        row["healthStatus"] = json!(status);
        for (at, container) in row["containers"].as_array_mut().into_iter().flatten().enumerate() {
            if definition["containerDefinitions"][at].has("healthCheck") {
                container["healthStatus"] = json!(status);
            }
        }
    });
    service::task_changed(call, id);
}

/// How a task stands in the eyes of its service: running, its health checks passed, its targets healthy.
pub(in crate::services::ecs) fn is_healthy(call: &Call, task: &Value) -> bool {
    task.text("lastStatus") == "RUNNING"
        && task.text("desiredStatus") == "RUNNING"
        && (task.text("healthStatus") == "HEALTHY"
            || check_of(&start::definition_of(call, task)).is_none())
        && target::all_healthy(call, task)
}

/// With what the containers of a task ended.
pub(super) fn exit_code(task: &Value) -> i64 {
    task.int("_exit").unwrap_or(0)
}
