//! The targets of tasks at load balancers.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html>

use super::invalid;
use super::task::TASK;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elbv2;
use serde_json::Value;

/// Checks a load balancer of a service against its target group.
pub(super) fn check(call: &Call, load_balancer: &Value) -> Result<(), Fault> {
    let arn = load_balancer.text("targetGroupArn");
    let Some(group) = elbv2::target_group(call, arn) else {
        return Err(invalid(format!("The target group {arn} does not exist.")));
    };
    let kind = group.text("TargetType");
    if kind != "ip" {
        return Err(invalid(format!(
            "The provided target group {arn} has target type {kind}, which is incompatible with the awsvpc network mode specified in the task definition."
        )));
    }
    if !elbv2::is_used(call, arn) {
        return Err(invalid(format!(
            "The target group with targetGroupArn {arn} does not have an associated load balancer."
        )));
    }
    Ok(())
}

/// Where a task is a target: target group, address and port.
fn places(task: &Value) -> Vec<(String, String, i64)> {
    let ip = task.text("_ip");
    let place = |one: &Value| {
        (
            one.text("targetGroupArn").to_owned(),
            ip.to_owned(),
            one.int("containerPort").unwrap_or(0),
        )
    };
    task.items("_targets").iter().map(place).collect()
}

/// Registers a task that runs; the ARNs of the target groups that took it.
pub(super) fn register(call: &mut Call, id: &str) -> Vec<String> {
    let Some(task) = call.get(TASK, id).cloned() else { return Vec::new() };
    let mut taken = Vec::new();
    for (group, ip, port) in places(&task) {
        if elbv2::register(call, &group, &ip, port).is_ok() {
            taken.push(group);
        }
    }
    taken
}

/// Deregisters a task; the seconds for which its connections drain.
pub(super) fn deregister(call: &mut Call, id: &str) -> f64 {
    let Some(task) = call.get(TASK, id).cloned() else { return 0.0 };
    let mut seconds: f64 = 0.0;
    for (group, ip, port) in places(&task) {
        elbv2::deregister(call, &group, &ip, port);
        let drains =
            elbv2::health(call, &group, &ip, port).is_some_and(|it| it.state == "draining");
        if drains {
            seconds = seconds.max(delay(call, &group));
        }
    }
    seconds
}

fn delay(call: &Call, group: &str) -> f64 {
    let text = elbv2::target_group(call, group)
        .map_or("", |group| group["_attributes"].text("deregistration_delay.timeout_seconds"));
    text.parse().unwrap_or(300.0)
}

/// The state of a task's targets.
fn states(call: &Call, task: &Value) -> Vec<(String, &'static str)> {
    let health = |(group, ip, port): (String, String, i64)| {
        let state = elbv2::health(call, &group, &ip, port).map_or("unused", |health| health.state);
        (group, state)
    };
    places(task).into_iter().map(health).collect()
}

/// Whether load balancers send traffic to a task, as far as it has any.
pub(super) fn all_healthy(call: &Call, task: &Value) -> bool {
    states(call, task).iter().all(|(_, state)| *state == "healthy")
}

/// Why a task that runs is to be stopped: what its load balancers think of it, after the grace period.
pub(super) fn failed(call: &Call, task: &Value, grace: f64) -> Option<String> {
    let started = task.number("startedAt")?;
    if call.now() < started + grace || task.text("lastStatus") != "RUNNING" {
        return None;
    }
    let (group, _) = states(call, task).into_iter().find(|(_, state)| *state == "unhealthy")?;
    Some(format!("Task failed ELB health checks in (target-group {group})"))
}

/// Whether the state of a task's targets is about to change by itself.
pub(super) fn is_waiting(call: &Call, task: &Value) -> bool {
    let open = |state: &str| ["initial", "unhealthy"].contains(&state);
    task.text("lastStatus") == "RUNNING"
        && (task.text("_failure") == "unhealthy"
            || states(call, task).iter().any(|(_, state)| open(state)))
        && !task.items("_targets").is_empty()
}

/// Tells the load balancers whether a task answers.
pub(super) fn answers_changed(call: &mut Call, id: &str) {
    let Some(task) = call.get(TASK, id).cloned() else { return };
    for (group, ip, port) in places(&task) {
        elbv2::answers(call, &group, &ip, port, task.text("_failure").is_empty());
    }
}
