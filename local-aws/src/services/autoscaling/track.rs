//! Target tracking: as many as bring the metric to its target.
//! <https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html>

use super::adjust::{self, Cause};
use super::policy;
use super::target::TARGET;
use super::tracking_alarm;
use crate::call::Call;
use crate::fields::Fields;
use crate::services::cloudwatch;
use serde_json::Value;

/// Seconds of a cooldown that the policy does not name.
const COOLDOWN: f64 = 300.0;

fn configuration(policy: &Value) -> &Value {
    &policy["TargetTrackingScalingPolicyConfiguration"]
}

/// How many would bring the metric to the target, if it is spread over them evenly.
#[expect(clippy::cast_possible_truncation, reason = "capacities are small whole numbers")]
fn needed(now: i64, value: f64, policy: &Value) -> i64 {
    let target = configuration(policy).number("TargetValue").unwrap_or(1.0);
    let count = f64::from(i32::try_from(now).unwrap_or(i32::MAX)) * value / target;
    // What is a whole number but for rounding stays one.
    (count - 1e-9).ceil() as i64
}

/// Whether the last scaling in this direction is still to have its effect, and from how many it came.
fn cooling(call: &Call, target: &Value, way: &str, policy: &Value, member: &str) -> Option<i64> {
    let seconds = configuration(policy).number(member).unwrap_or(COOLDOWN);
    let at = target[way].number("at")?;
    (call.now() < at + seconds).then(|| target[way].int("from")).flatten()
}

/// Acts on an alarm of a policy that rings.
pub(super) fn scale(call: &mut Call, policy: &Value, alarm: &str, value: f64) {
    let id = policy.text("_target").to_owned();
    let Some(target) = call.get(TARGET, &id).cloned() else { return };
    let Some(now) = adjust::current(call, &target) else { return };
    let name = policy.text("PolicyName");
    let text = format!("monitor alarm {alarm} in state ALARM triggered policy {name}");
    let cause = Cause { text: &text };
    if tracking_alarm::of(policy, "AlarmHigh") == Some(alarm) {
        // While what was added last takes effect, only more than that is added.
        let base = cooling(call, &target, "_out", policy, "ScaleOutCooldown").unwrap_or(now);
        let wanted = needed(base, value, policy).max(now);
        adjust::set(call, &id, wanted, &cause);
        return;
    }
    let waits = cooling(call, &target, "_in", policy, "ScaleInCooldown").is_some()
        || cooling(call, &target, "_out", policy, "ScaleInCooldown").is_some();
    if waits {
        return;
    }
    if let Some(wanted) = all_agree(call, &id, now) {
        adjust::set(call, &id, wanted.min(now), &cause);
    }
}

/// What all policies of a target that scale in want; nothing unless all of them want less.
fn all_agree(call: &Call, target: &str, now: i64) -> Option<i64> {
    let policies = policy::of(call, target).into_iter();
    let mut wanted = 0;
    for policy in policies.filter(|one| one.text("PolicyType") == "TargetTrackingScaling") {
        let Some(low) = tracking_alarm::of(&policy, "AlarmLow") else { continue };
        if !cloudwatch::watched(call, low).is_some_and(|alarm| alarm.rings) {
            return None;
        }
        wanted = wanted.max(needed(now, cloudwatch::latest(call, low)?, &policy));
    }
    Some(wanted)
}
