//! Deployments that fail: by the circuit breaker, or by an alarm.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html>

use super::{SERVICE, deployment, event, history};
use crate::call::Call;
use crate::fields::Fields;
use crate::services::cloudwatch;
use serde_json::{Value, json};

/// The bounds of the circuit breaker's threshold, and its share of the desired count in percent.
const LEAST: i64 = 3;
const MOST: i64 = 200;
const SHARE: i64 = 50;

/// Why a deployment under way has failed: what does it, why, and whether to roll back.
struct Failed {
    by: &'static str,
    why: &'static str,
    rollback: bool,
}

/// Fails the primary deployment if it has to; whether it did.
pub(super) fn watch(call: &mut Call, id: &str) -> bool {
    let (Some(row), Some(primary)) =
        (call.get(SERVICE, id).cloned(), deployment::primary(call, id))
    else {
        return false;
    };
    if primary.text("rolloutState") != "IN_PROGRESS" {
        return false;
    }
    let failed = broken(&row, &primary).or_else(|| alarmed(call, &row));
    if let Some(failed) = &failed {
        fail(call, id, &row, &primary, failed);
    }
    failed.is_some()
}

fn broken(row: &Value, primary: &Value) -> Option<Failed> {
    let breaker = &row["deploymentConfiguration"]["deploymentCircuitBreaker"];
    let tripped = breaker.flag("enable")
        && primary.int("failedTasks").unwrap_or(0) >= threshold(breaker, primary);
    tripped.then(|| Failed {
        by: "circuit breaker",
        why: "tasks failed to start.",
        rollback: breaker.flag("rollback"),
    })
}

/// Half of the desired count, from 3 to 200, unless the service says otherwise.
fn threshold(breaker: &Value, primary: &Value) -> i64 {
    let desired = primary.int("desiredCount").unwrap_or(0);
    let share = |percent: i64| (desired * percent + 99) / 100;
    let own = &breaker["thresholdConfiguration"];
    match (own.text("type"), own.int("value")) {
        ("COUNT", Some(count)) => count,
        ("UNBOUNDED_PERCENT", Some(percent)) => share(percent).max(1),
        ("BOUNDED_PERCENT", Some(percent)) => share(percent).clamp(LEAST, MOST),
        _ => share(SHARE).clamp(LEAST, MOST),
    }
}

fn alarmed(call: &Call, row: &Value) -> Option<Failed> {
    let alarms = &row["deploymentConfiguration"]["alarms"];
    let rings = |name: &&str| cloudwatch::watched(call, name).is_some_and(|alarm| alarm.rings);
    let rung = alarms.flag("enable") && alarms.texts("alarmNames").iter().any(rings);
    rung.then(|| Failed {
        by: "alarm detection",
        why: "alarm detected.",
        rollback: alarms.flag("rollback"),
    })
}

/// Seconds for which a deployment that is complete is still watched: as long as its alarms look back.
pub(super) fn bake_seconds(call: &Call, id: &str) -> f64 {
    let Some(row) = call.get(SERVICE, id) else { return 0.0 };
    let alarms = &row["deploymentConfiguration"]["alarms"];
    if !alarms.flag("enable") {
        return 0.0;
    }
    let spans = alarms.texts("alarmNames").into_iter();
    let spans = spans.filter_map(|name| cloudwatch::watched(call, name)).map(|alarm| alarm.span);
    spans.fold(0.0, f64::max)
}

fn fail(call: &mut Call, id: &str, row: &Value, primary: &Value, failed: &Failed) {
    let name = primary.text("id");
    let reason = format!("ECS deployment {}: {}", failed.by, failed.why);
    let members = json!({"rolloutState": "FAILED", "rolloutStateReason": reason});
    deployment::merge(call, id, name, members);
    event::note(call, id, &format!("(deployment {name}) deployment failed: {}", failed.why));
    let good = row["_completed"].clone();
    if !failed.rollback || good.is_null() {
        history::ended(call, id, name, "STOPPED", &reason);
        return;
    }
    history::rolling_back(call, id, name, &reason);
    roll_back(call, id, name, failed.by, &good);
}

/// Deploys again what was complete last.
fn roll_back(call: &mut Call, id: &str, failed: &str, by: &str, good: &Value) {
    let back = json!({"taskDefinition": good["taskDefinition"], "networkConfiguration": good["networkConfiguration"], "loadBalancers": good["_loadBalancers"]});
    call.merge(SERVICE, id, back);
    let fresh = deployment::begin(call, id, good);
    let last = good.text("id");
    let reason = format!("ECS deployment {by}: rolling back to deploymentId {last}.");
    let members = json!({"rolloutStateReason": reason, "_of": failed});
    deployment::merge(call, id, &fresh, members);
    event::note(call, id, &format!("rolling back to deployment {last}."));
}
