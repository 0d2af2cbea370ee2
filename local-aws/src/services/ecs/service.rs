//! Services: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html>

pub(super) mod check;
mod create;
mod delete;
mod deployment;
mod describe;
mod event;
mod history;
mod rebalance;
mod roll;
mod rollback;
mod start;
mod update;

pub(super) use self::create::create;
pub(super) use self::delete::delete;
pub(super) use self::describe::{describe, list};
pub(super) use self::history::{
    describe as describe_deployments, list as list_deployments, revisions as describe_revisions,
};
pub(super) use self::roll::{RECONCILE, SETTLED, reconcile, settled};
pub(super) use self::update::update;

use super::NAME;
use super::task::{self, TASK};
use crate::call::{Call, Step};
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `Service` without counts, by `cluster/name`.
///
/// Its deployments have `_loadBalancers`; `_healthy`, whether one of its tasks has been well; `_settling`, while
/// it waits to be called complete. `_completed` is the last deployment that was, `_rebalancing` the task that is to
/// take the place of one in a fuller zone, `_wake_at` when its scheduler looks next.
pub(super) const SERVICE: Table = Table::regional("ecs.service");

/// Seconds until the scheduler acts on something.
const SOON: f64 = 1.0;

/// Lets the scheduler look at a service after seconds, if it does not do so before.
pub(super) fn wake(call: &mut Call, id: &str, seconds: f64) {
    let now = call.now();
    let Some(row) = call.get(SERVICE, id) else { return };
    let ahead = row.number("_wake_at").is_some_and(|at| (now..=now + seconds).contains(&at));
    if ahead {
        return;
    }
    call.merge(SERVICE, id, json!({"_wake_at": now + seconds}));
    call.schedule(seconds, SERVICE, id, Step::Run(RECONCILE, json!(id)));
}

/// Lets all services look where they are.
pub(super) fn wake_all(call: &mut Call) {
    let ids: Vec<String> = call.rows(SERVICE).map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        wake(call, &id, SOON);
    }
}

/// A task has changed, and so maybe what its service has to do.
pub(super) fn task_changed(call: &mut Call, task: &str) {
    let service = call.get(TASK, task).and_then(|row| row.opt("_service")).map(str::to_owned);
    if let Some(service) = service {
        wake(call, &service, SOON);
    }
}

/// A task has become a target of target groups.
pub(super) fn registered(call: &mut Call, task: &str, groups: &[String]) {
    let service = call.get(TASK, task).and_then(|row| row.opt("_service")).map(str::to_owned);
    let Some(service) = service else { return };
    for group in groups {
        event::note(call, &service, &format!("registered 1 targets in (target-group {group})"));
    }
}

/// A task failed by itself.
pub(super) fn task_failed(call: &mut Call, task: &Value) {
    if let Some(service) = task.opt("_service") {
        deployment::count_failure(call, service, task.text("_deployment"));
    }
}

/// The number of tasks that a service is to have, for what scales it.
pub(crate) fn desired_count(call: &Call, cluster: &str, service: &str) -> Option<i64> {
    let row = call.get(SERVICE, &format!("{cluster}/{service}"))?;
    (row.text("status") == "ACTIVE").then(|| row.int("desiredCount").unwrap_or(0))
}

/// Scales a service.
pub(crate) fn scale(call: &mut Call, cluster: &str, service: &str, count: i64) {
    let id = format!("{cluster}/{service}");
    call.acting_as(NAME, |call| deployment::resize(call, &id, count));
}

/// An alarm has changed its state: deployments that watch it look.
pub(crate) fn alarm_changed(call: &mut Call, alarm: &str) {
    let watches =
        |row: &Value| row["deploymentConfiguration"]["alarms"].texts("alarmNames").contains(&alarm);
    let watching = call.rows(SERVICE).filter(|(_, row)| watches(row));
    let ids: Vec<String> = watching.map(|(id, _)| id.to_owned()).collect();
    call.acting_as(NAME, |call| {
        for id in &ids {
            wake(call, id, SOON);
        }
    });
}

/// How many of a service's tasks are in which state: pending, running.
fn counts(call: &Call, id: &str, deployment: Option<&str>) -> (usize, usize) {
    let tasks = task::of_service(call, id);
    let mine = tasks.iter().filter(|(_, row)| {
        deployment.is_none_or(|deployment| row.text("_deployment") == deployment)
    });
    let (running, pending): (Vec<_>, Vec<_>) =
        mine.partition(|(_, row)| row.text("lastStatus") == "RUNNING");
    (pending.len(), running.len())
}
