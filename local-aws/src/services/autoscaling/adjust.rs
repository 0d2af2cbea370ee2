//! Scaling: what alarms set off, and what the bounds of a target do.

use super::policy::POLICY;
use super::target::TARGET;
use super::{NAME, activity, reference, step, track};
use crate::call::{Call, Step};
use crate::fields::Fields;
use crate::services::{cloudwatch, ecs};
use serde_json::{Value, json};

/// Looks again at a policy whose alarm goes on ringing; the arguments are the policy's row and the alarm.
pub(super) const AGAIN: &str = "scaling_looks_again";

/// How often, in seconds.
const EVERY: f64 = 60.0;

/// What scales, and why.
pub(super) struct Cause<'a> {
    pub(super) text: &'a str,
}

/// Runs a policy for an alarm that has begun to ring.
pub(crate) fn act(call: &mut Call, policy_arn: &str, alarm: &Value) -> Result<(), String> {
    let found = call.rows(POLICY).find(|(_, row)| row.text("PolicyARN") == policy_arn);
    let Some(id) = found.map(|(id, _)| id.to_owned()) else {
        return Err(format!("No scaling policy found for {policy_arn}"));
    };
    let name = alarm.text("AlarmName").to_owned();
    call.acting_as(NAME, |call| look(call, &id, &name));
    Ok(())
}

/// The task that `look` schedules.
pub(super) fn again(call: &mut Call, arguments: &Value) {
    let (id, alarm) =
        (arguments[0].as_str().unwrap_or_default(), arguments[1].as_str().unwrap_or_default());
    if cloudwatch::watched(call, alarm).is_some_and(|alarm| alarm.rings) {
        look(call, id, alarm);
    }
}

fn look(call: &mut Call, id: &str, alarm: &str) {
    let Some(policy) = call.get(POLICY, id).cloned() else { return };
    let Some(value) = cloudwatch::latest(call, alarm) else { return };
    if policy.text("PolicyType") == "StepScaling" {
        step::scale(call, &policy, alarm, value);
    } else {
        track::scale(call, &policy, alarm, value);
    }
    call.schedule(EVERY, POLICY, id, Step::Run(AGAIN, json!([id, alarm])));
}

/// How many there are now.
pub(super) fn current(call: &Call, target: &Value) -> Option<i64> {
    let (cluster, service) = reference::service(target.text("ResourceId"))?;
    ecs::desired_count(call, cluster, service)
}

/// Sets the number, within the bounds, unless it is suspended; whether it changed.
pub(super) fn set(call: &mut Call, id: &str, wanted: i64, cause: &Cause) -> bool {
    let Some(target) = call.get(TARGET, id).cloned() else { return false };
    let Some(now) = current(call, &target) else { return false };
    let (least, most) =
        (target.int("MinCapacity").unwrap_or(0), target.int("MaxCapacity").unwrap_or(0));
    let count = wanted.clamp(least, most);
    let suspended = &target["SuspendedState"];
    let held = count > now && suspended.flag("DynamicScalingOutSuspended")
        || count < now && suspended.flag("DynamicScalingInSuspended");
    if held {
        return false;
    }
    if count == now {
        activity::not_scaled(call, &target, cause.text, now, wanted);
        return false;
    }
    let (cluster, service) = reference::service(target.text("ResourceId")).unwrap_or_default();
    ecs::scale(call, cluster, service, count);
    let way = if count > now { "_out" } else { "_in" };
    let done = json!({"at": call.now(), "from": now});
    call.merge(TARGET, id, json!({way: done}));
    activity::scaled(call, &target, cause.text, count);
    true
}

/// Brings a target that has been registered into its bounds.
pub(super) fn into_bounds(call: &mut Call, id: &str) {
    let Some(target) = call.get(TARGET, id).cloned() else { return };
    let Some(now) = current(call, &target) else { return };
    for (member, is_beyond, which) in [
        ("MinCapacity", now < target.int("MinCapacity").unwrap_or(0), "minimum"),
        ("MaxCapacity", now > target.int("MaxCapacity").unwrap_or(0), "maximum"),
    ] {
        if is_beyond {
            let bound = target.int(member).unwrap_or(0);
            let text = format!("{which} capacity was set to {bound}");
            set(call, id, bound, &Cause { text: &text });
        }
    }
}
