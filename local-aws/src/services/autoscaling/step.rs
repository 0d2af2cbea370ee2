//! Step scaling: <https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html>

use super::adjust::{self, Cause};
use super::invalid;
use super::target::TARGET;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::cloudwatch;
use serde_json::{Value, json};

/// Checks a configuration.
pub(super) fn checked(configuration: &Value) -> Result<Value, Fault> {
    if !configuration.has("AdjustmentType") || configuration.items("StepAdjustments").is_empty() {
        return Err(invalid("AdjustmentType and StepAdjustments must be given."));
    }
    let mut whole = configuration.clone();
    let aggregation = configuration.opt("MetricAggregationType").unwrap_or("Average");
    whole["MetricAggregationType"] = json!(aggregation);
    Ok(whole)
}

/// The step that a breach is in; bounds count from the alarm's threshold.
fn step(configuration: &Value, breach: f64) -> Option<i64> {
    let within = |step: &&Value| {
        let low = step.number("MetricIntervalLowerBound").unwrap_or(f64::NEG_INFINITY);
        let high = step.number("MetricIntervalUpperBound").unwrap_or(f64::INFINITY);
        // Above the threshold a step has its lower bound, below it its upper one.
        if breach >= 0.0 { low <= breach && breach < high } else { low < breach && breach <= high }
    };
    configuration.items("StepAdjustments").iter().find(within)?.int("ScalingAdjustment")
}

#[expect(clippy::cast_possible_truncation, reason = "capacities are small whole numbers")]
fn wanted(configuration: &Value, now: i64, adjustment: i64) -> i64 {
    match configuration.text("AdjustmentType") {
        "ExactCapacity" => adjustment,
        "PercentChangeInCapacity" => {
            let [count, percent] =
                [now, adjustment].map(|number| f64::from(i32::try_from(number).unwrap_or(0)));
            let change = (count * percent / 100.0).trunc() as i64;
            let least = configuration.int("MinAdjustmentMagnitude").unwrap_or(1);
            now + if change.abs() < least { least * adjustment.signum() } else { change }
        }
        _ => now + adjustment,
    }
}

/// Acts on an alarm that rings.
pub(super) fn scale(call: &mut Call, policy: &Value, alarm: &str, value: f64) {
    let configuration = &policy["StepScalingPolicyConfiguration"];
    let id = policy.text("_target").to_owned();
    let Some(target) = call.get(TARGET, &id).cloned() else { return };
    let Some(now) = adjust::current(call, &target) else { return };
    let threshold = cloudwatch::threshold(call, alarm).unwrap_or_default();
    let Some(adjustment) = step(configuration, value - threshold) else { return };
    let cooldown = configuration.number("Cooldown").unwrap_or(300.0);
    let last = ["_out", "_in"].into_iter().filter_map(|way| target[way].number("at"));
    if last.fold(f64::NEG_INFINITY, f64::max) + cooldown > call.now() {
        return;
    }
    let name = policy.text("PolicyName");
    let text = format!("monitor alarm {alarm} in state ALARM triggered policy {name}");
    adjust::set(call, &id, wanted(configuration, now, adjustment), &Cause { text: &text });
}
