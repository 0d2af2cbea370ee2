//! Scaling policies: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html>

use super::reference::{self, missing};
use super::target::TARGET;
use super::{invalid, step, tracking_alarm};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `ScalingPolicy` by target and name, `_target` being the target's row.
pub(super) const POLICY: Table = Table::regional("autoscaling.scaling_policy");

/// AWS's quota per target.
const QUOTA: usize = 50;

pub(super) fn id(target: &str, name: &str) -> String {
    format!("{target}|{name}")
}

/// The policies of a target.
pub(super) fn of(call: &Call, target: &str) -> Vec<Value> {
    let mine = |row: &Value| row.text("_target") == target;
    call.rows(POLICY).filter(|(_, row)| mine(row)).map(|(_, row)| row.clone()).collect()
}

/// `PutScalingPolicy`: makes it or replaces it, with its alarms.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let target = reference::id(&input)?;
    if call.get(TARGET, &target).is_none() {
        return Err(missing("scalable target", &input));
    }
    let name = input.text("PolicyName");
    let id = id(&target, name);
    let kind = kind(call, &id, &input)?;
    let old = call.get(POLICY, &id).cloned();
    if old.is_none() && of(call, &target).len() >= call.quota("autoscaling.policies", QUOTA) {
        let message = "The limit for scaling policies was exceeded.";
        return Err(Fault::new("LimitExceededException", message));
    }
    let short = call.new_uuid("autoscaling.policy");
    let resource = input.text("ResourceId");
    let fresh = call.arn(
        "autoscaling",
        &format!("scalingPolicy:{short}:resource/ecs/{resource}:policyName/{name}"),
    );
    let arn = old.as_ref().map_or(json!(fresh), |old| old["PolicyARN"].clone());
    let created = old.as_ref().map_or(json!(call.now()), |old| old["CreationTime"].clone());
    let mut row = json!({
        "PolicyARN": arn, "PolicyName": name, "ServiceNamespace": input["ServiceNamespace"], "ResourceId": resource,
        "ScalableDimension": input["ScalableDimension"], "PolicyType": kind, "CreationTime": created, "Alarms": [],
        "_target": target,
    });
    if kind == "StepScaling" {
        row["StepScalingPolicyConfiguration"] =
            step::checked(&input["StepScalingPolicyConfiguration"])?;
    } else {
        let configuration = &input["TargetTrackingScalingPolicyConfiguration"];
        tracking_alarm::check(configuration)?;
        row["TargetTrackingScalingPolicyConfiguration"] = configuration.clone();
        row["Alarms"] = tracking_alarm::put(call, &row, old.as_ref())?;
    }
    call.put(POLICY, &id, row.clone());
    Ok(json!({"PolicyARN": arn, "Alarms": row["Alarms"]}))
}

/// The type of a policy, which stays what it is.
fn kind(call: &Call, id: &str, input: &Value) -> Result<&'static str, Fault> {
    let kind = match input.opt("PolicyType").unwrap_or("StepScaling") {
        "StepScaling" => "StepScaling",
        "TargetTrackingScaling" => "TargetTrackingScaling",
        other => return Err(Fault::not_implemented(&format!("policies of the type {other}"))),
    };
    let wanted = format!("{kind}PolicyConfiguration");
    if !input.has(&wanted) {
        return Err(invalid(format!("{wanted} must be given for the policy type {kind}.")));
    }
    if call.get(POLICY, id).is_some_and(|old| old.text("PolicyType") != kind) {
        return Err(invalid("The type of a policy cannot be changed."));
    }
    Ok(kind)
}

/// `DeleteScalingPolicy`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let target = reference::id(&input)?;
    let id = id(&target, input.text("PolicyName"));
    let row = call.remove(POLICY, &id).ok_or_else(|| missing("scaling policy", &input))?;
    tracking_alarm::delete(call, &row);
    Ok(json!({}))
}

/// Deletes the policies of a target that is gone.
pub(super) fn remove_of(call: &mut Call, target: &str) {
    for row in of(call, target) {
        call.remove(POLICY, &id(target, row.text("PolicyName")));
        tracking_alarm::delete(call, &row);
    }
}
