//! The scheduler: it brings the tasks of a service to what its deployments want.
//!
//! It acts when something has happened, so that a quiet cloud has nothing to do. Tasks of the primary deployment are
//! started up to `maximumPercent`; those of older ones stop while at least `minimumHealthyPercent` are well.

use super::{SERVICE, SOON, delete, deployment, event, history, rebalance, rollback, start, wake};
use crate::call::{Call, Step};
use crate::fields::Fields;
use crate::services::ecs::target;
use crate::services::ecs::task::{self, is_healthy};
use serde_json::{Value, json};

/// The scheduler looks at a service; the argument is its row's id.
pub(in crate::services::ecs) const RECONCILE: &str = "service_reconciled";

/// A deployment whose tasks were all well some seconds ago; the arguments are the service and the deployment.
pub(in crate::services::ecs) const SETTLED: &str = "service_settled";

/// How often the scheduler looks at targets whose load balancer has not made up its mind, in seconds.
const LOOKS: f64 = 5.0;

/// The tasks that are to run, sorted.
struct Tasks {
    all: Vec<(String, Value)>,
    primary: String,
}

impl Tasks {
    fn of(call: &Call, id: &str) -> Self {
        let primary = deployment::primary(call, id).unwrap_or_default();
        Self { all: task::of_service(call, id), primary: primary.text("id").to_owned() }
    }

    fn mine(&self) -> impl Iterator<Item = &(String, Value)> {
        self.all.iter().filter(|(_, row)| row.text("_deployment") == self.primary)
    }

    fn old(&self) -> impl Iterator<Item = &(String, Value)> {
        self.all.iter().filter(|(_, row)| row.text("_deployment") != self.primary)
    }

    fn healthy(&self, call: &Call) -> usize {
        self.all.iter().filter(|(_, row)| is_healthy(call, row)).count()
    }
}

/// The task that `wake` schedules.
pub(in crate::services::ecs) fn reconcile(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    call.merge(SERVICE, id, json!({"_wake_at": null}));
    match call.get(SERVICE, id).map(|row| row.text("status").to_owned()).as_deref() {
        Some("ACTIVE") => {}
        Some("DRAINING") => return delete::drain(call, id),
        _ => return,
    }
    stop_unhealthy(call, id);
    note_health(call, id);
    if rollback::watch(call, id) {
        wake(call, id, SOON);
        return;
    }
    grow(call, id);
    shrink(call, id);
    retire(call, id);
    finish(call, id);
    if task::of_service(call, id).iter().any(|(_, row)| target::is_waiting(call, row)) {
        wake(call, id, LOOKS);
    }
}

/// Stops tasks that failed their health checks; others take their place.
fn stop_unhealthy(call: &mut Call, id: &str) {
    let service = call.get(SERVICE, id).cloned().unwrap_or_default();
    let grace = service.number("healthCheckGracePeriodSeconds").unwrap_or(0.0);
    for (task, row) in task::of_service(call, id) {
        let reason = if row.text("healthStatus") == "UNHEALTHY" {
            Some("Task failed container health checks".to_owned())
        } else {
            target::failed(call, &row, grace)
        };
        if let Some(reason) = reason {
            event::note(call, id, &format!("(task {}) is unhealthy: {reason}.", task::short(&row)));
            deployment::count_failure(call, id, row.text("_deployment"));
            start::stop(call, id, &[task], &reason);
        }
    }
}

/// A deployment of which one task has been well does not fail by its others any more.
fn note_health(call: &mut Call, id: &str) {
    let tasks = Tasks::of(call, id);
    let well = tasks.mine().any(|(_, row)| is_healthy(call, row));
    let known = deployment::primary(call, id).is_some_and(|one| one.flag("_healthy"));
    if well && !known {
        let members = json!({"_healthy": true, "failedTasks": 0, "_retry_at": 0.0});
        deployment::merge(call, id, &tasks.primary, members);
    }
}

/// The bounds of a service: desired, least healthy, most.
fn bounds(call: &Call, id: &str) -> (usize, usize, usize) {
    let row = call.get(SERVICE, id).cloned().unwrap_or_default();
    let count = |number: i64| usize::try_from(number).unwrap_or(0);
    let desired = row.int("desiredCount").unwrap_or(0);
    let percent = |name: &str, default| row["deploymentConfiguration"].int(name).unwrap_or(default);
    let least = (desired * percent("minimumHealthyPercent", 100) + 99) / 100;
    let most = desired * percent("maximumPercent", 200) / 100;
    (count(desired), count(least), count(most))
}

/// Starts what the primary deployment lacks.
fn grow(call: &mut Call, id: &str) {
    let Some(primary) = deployment::primary(call, id) else { return };
    if primary.text("rolloutState") == "FAILED" {
        return;
    }
    let tasks = Tasks::of(call, id);
    let (desired, _, most) = bounds(call, id);
    let lacking = desired.saturating_sub(tasks.mine().count());
    let room = most.saturating_sub(tasks.all.len());
    let count = lacking.min(room);
    if count == 0 {
        return;
    }
    let retry_at = primary.number("_retry_at").unwrap_or(0.0);
    if retry_at > call.now() {
        event::note_once(call, id, "is unable to consistently start tasks successfully.");
        wake(call, id, retry_at - call.now());
        return;
    }
    start::start(call, id, count);
}

/// Stops what the primary deployment has too many of, or what a task in an emptier zone takes the place of.
fn shrink(call: &mut Call, id: &str) {
    let tasks = Tasks::of(call, id);
    let (desired, ..) = bounds(call, id);
    let row = call.get(SERVICE, id).cloned().unwrap_or_default();
    let coming = row
        .opt("_rebalancing")
        .filter(|coming| tasks.mine().any(|(task, row)| task == coming && !is_healthy(call, row)));
    if row.has("_rebalancing") && coming.is_none() {
        call.merge(SERVICE, id, json!({"_rebalancing": null}));
    }
    let mut mine: Vec<&(String, Value)> =
        tasks.mine().filter(|(task, _)| Some(task.as_str()) != coming).collect();
    let mut going = Vec::new();
    while mine.len() > desired {
        let unwell: Vec<&(String, Value)> =
            mine.iter().copied().filter(|(_, row)| !is_healthy(call, row)).collect();
        let from = if unwell.is_empty() { &mine } else { &unwell };
        let Some(next) = rebalance::surplus(from).map(str::to_owned) else { break };
        mine.retain(|(task, _)| *task != next);
        going.push(next);
    }
    let reason = format!("Scaling activity initiated by (deployment {})", tasks.primary);
    start::stop(call, id, &going, &reason);
}

/// Stops what older deployments have left, as far as enough are well.
fn retire(call: &mut Call, id: &str) {
    let tasks = Tasks::of(call, id);
    let (_, least, _) = bounds(call, id);
    let spare = tasks.healthy(call).saturating_sub(least);
    let (well, unwell): (Vec<_>, Vec<_>) = tasks.old().partition(|(_, row)| is_healthy(call, row));
    let going: Vec<String> =
        unwell.into_iter().chain(well.into_iter().take(spare)).map(|(id, _)| id.clone()).collect();
    let reason = format!("Scaling activity initiated by (deployment {})", tasks.primary);
    start::stop(call, id, &going, &reason);
}

/// Whether the primary deployment has all its tasks, all of them well, and no other has any.
fn is_steady(call: &Call, id: &str) -> bool {
    let tasks = Tasks::of(call, id);
    let (desired, ..) = bounds(call, id);
    tasks.all.len() == desired
        && tasks
            .all
            .iter()
            .all(|(_, row)| row.text("_deployment") == tasks.primary && is_healthy(call, row))
}

/// Notes when a deployment has all it wants.
fn finish(call: &mut Call, id: &str) {
    let Some(primary) = deployment::primary(call, id) else { return };
    let name = primary.text("id");
    if !is_steady(call, id) {
        deployment::merge(call, id, name, json!({"_settling": false}));
        call.merge(SERVICE, id, json!({"_steady": false}));
        return;
    }
    match primary.text("rolloutState") {
        "IN_PROGRESS" if !primary.flag("_settling") => {
            let seconds = call.latency("ecs.service", "settle") + rollback::bake_seconds(call, id);
            let due = call.now() + seconds;
            deployment::merge(call, id, name, json!({"_settling": true, "_settled_at": due}));
            call.schedule(seconds, SERVICE, id, Step::Run(SETTLED, json!([id, name, due])));
        }
        "COMPLETED" => steady(call, id),
        _ => {}
    }
}

/// A service that has what it wants says so once, and then looks at its zones.
fn steady(call: &mut Call, id: &str) {
    let known = call.get(SERVICE, id).is_some_and(|row| row.flag("_steady"));
    if !known {
        call.merge(SERVICE, id, json!({"_steady": true}));
        event::note(call, id, "has reached a steady state.");
    }
    let tasks = task::of_service(call, id);
    rebalance::rebalance(call, id, &tasks);
}

/// The end of a deployment whose tasks have been well for long enough.
pub(in crate::services::ecs) fn settled(call: &mut Call, arguments: &Value) {
    let id = arguments[0].as_str().unwrap_or_default();
    let Some(primary) = deployment::primary(call, id) else { return };
    let due = primary["id"] == arguments[1]
        && primary.flag("_settling")
        && primary["_settled_at"] == arguments[2];
    if !due || !is_steady(call, id) || rollback::watch(call, id) {
        wake(call, id, SOON);
        return;
    }
    let name = primary.text("id");
    let reason = format!("ECS deployment {name} completed.");
    let members = json!({
        "rolloutState": "COMPLETED", "rolloutStateReason": reason, "_settling": false, "failedTasks": 0,
    });
    deployment::merge(call, id, name, members);
    call.update(SERVICE, id, |row| {
        let mut done = row["deployments"][0].clone();
        row["deployments"] = json!([done]);
        done["rolloutState"] = Value::Null;
        row["_completed"] = done;
    });
    event::note(call, id, &format!("(deployment {name}) deployment completed."));
    history::ended(call, id, name, "SUCCESSFUL", &reason);
    if let Some(failed) = primary.opt("_of") {
        let reason = "The deployment was rolled back.";
        history::ended(call, id, failed, "ROLLBACK_SUCCESSFUL", reason);
    }
    steady(call, id);
}
