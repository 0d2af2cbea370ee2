//! Deployments: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html>

use super::{SERVICE, SOON, history, wake};
use crate::call::Call;
use crate::fields::Fields;
use serde_json::{Value, json};

/// What a deployment takes from its service.
const TAKEN: [&str; 6] = [
    "taskDefinition",
    "networkConfiguration",
    "capacityProviderStrategy",
    "launchType",
    "platformVersion",
    "platformFamily",
];

/// What a deployment of the service as it is now would be.
pub(super) fn of_service(call: &Call, id: &str) -> Value {
    let row = call.get(SERVICE, id).cloned().unwrap_or_default();
    let mut plan = json!({"_loadBalancers": row["loadBalancers"]});
    for member in TAKEN.into_iter().filter(|member| row.has(member)) {
        plan[member] = row[member].clone();
    }
    plan
}

/// Starts a deployment, which becomes the primary one; its id.
pub(super) fn begin(call: &mut Call, id: &str, plan: &Value) -> String {
    let number = u64::from_str_radix(&call.new_hex("ecs.deployment", 15), 16).unwrap_or_default();
    let name = format!("ecs-svc/{number:019}");
    let now = call.now();
    let mut fresh = plan.clone();
    let desired = call.get(SERVICE, id).and_then(|row| row.int("desiredCount"));
    let members = json!({
        "id": name, "status": "PRIMARY", "desiredCount": desired, "failedTasks": 0, "createdAt": now, "updatedAt": now,
        "rolloutState": "IN_PROGRESS", "rolloutStateReason": format!("ECS deployment {name} in progress."),
        "_healthy": false, "_settling": false, "_retry_at": 0.0,
    });
    for (member, value) in members.as_object().into_iter().flatten() {
        fresh[member] = value.clone();
    }
    history::superseded(call, id);
    call.update(SERVICE, id, |row| {
        row["_rebalancing"] = Value::Null;
        for old in row["deployments"].as_array_mut().into_iter().flatten() {
            old["status"] = json!("ACTIVE");
            old["desiredCount"] = json!(0);
            old["updatedAt"] = json!(now);
        }
        if let Some(all) = row["deployments"].as_array_mut() {
            all.insert(0, fresh);
        }
    });
    history::begun(call, id);
    name
}

/// The primary deployment of a service.
pub(super) fn primary(call: &Call, id: &str) -> Option<Value> {
    call.get(SERVICE, id)?.items("deployments").first().cloned()
}

/// Sets members of a deployment.
pub(super) fn merge(call: &mut Call, id: &str, deployment: &str, members: Value) {
    let now = call.now();
    call.update(SERVICE, id, |row| {
        let all = row["deployments"].as_array_mut().into_iter().flatten();
        for one in all.filter(|one| one.text("id") == deployment) {
            for (member, value) in members.as_object().into_iter().flatten() {
                one[member] = value.clone();
            }
            one["updatedAt"] = json!(now);
        }
    });
}

/// Counts a task that failed, as long as none of the deployment's has been well.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>
pub(super) fn count_failure(call: &mut Call, id: &str, deployment: &str) {
    let now = call.now();
    call.update(SERVICE, id, |row| {
        let all = row["deployments"].as_array_mut().into_iter().flatten();
        for one in all.filter(|one| one.text("id") == deployment && !one.flag("_healthy")) {
            let failed = one.int("failedTasks").unwrap_or(0) + 1;
            one["failedTasks"] = json!(failed);
            one["updatedAt"] = json!(now);
            if failed >= 3 {
                one["_retry_at"] = json!(now + backoff(failed));
            }
        }
    });
}

/// Seconds until tasks that keep failing are started again.
fn backoff(failed: i64) -> f64 {
    let doublings = i32::try_from((failed - 3).clamp(0, 6)).unwrap_or(0);
    (10.0 * 2.0_f64.powi(doublings)).min(900.0)
}

/// Sets how many tasks a service is to have.
pub(super) fn resize(call: &mut Call, id: &str, count: i64) {
    call.update(SERVICE, id, |row| {
        row["desiredCount"] = json!(count);
        if let Some(primary) = row["deployments"].get_mut(0) {
            primary["desiredCount"] = json!(count);
        }
    });
    wake(call, id, SOON);
}
