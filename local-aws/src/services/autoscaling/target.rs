//! Scalable targets: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html>

use super::reference::{self, missing};
use super::{adjust, invalid, policy, tags};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ecs;
use crate::services::iam::ensure_linked_role;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `ScalableTarget` by namespace, resource and dimension. `_out` and `_in` are what scaling did last: when,
/// and from how many.
pub(super) const TARGET: Table = Table::regional("autoscaling.scalable_target");

/// AWS's own role for it.
const ROLE: &str = "role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService";

/// `RegisterScalableTarget`: makes it, or changes what is given.
pub(super) fn register(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = reference::id(&input)?;
    let resource = input.text("ResourceId");
    let (cluster, service) = reference::service(resource).unwrap_or_default();
    if ecs::desired_count(call, cluster, service).is_none() {
        return Err(invalid(format!("ECS service doesn't exist: {resource}")));
    }
    let old = call.get(TARGET, &id).cloned();
    let mut row = match &old {
        Some(old) => old.clone(),
        None => new_row(call, &input)?,
    };
    for member in ["MinCapacity", "MaxCapacity", "SuspendedState"] {
        if input.has(member) {
            row[member] = input[member].clone();
        }
    }
    bounds(&row)?;
    if old.is_none() {
        row["Tags"] = json!(tags::given(&input["Tags"])?);
        ensure_linked_role(call, "ecs.application-autoscaling.amazonaws.com");
    } else if input.has("Tags") {
        return Err(invalid("Tags can be given at registration only; use TagResource."));
    }
    let arn = row["ScalableTargetARN"].clone();
    call.put(TARGET, &id, row);
    adjust::into_bounds(call, &id);
    Ok(json!({"ScalableTargetARN": arn}))
}

fn new_row(call: &mut Call, input: &Value) -> Result<Value, Fault> {
    for member in ["MinCapacity", "MaxCapacity"] {
        if !input.has(member) {
            return Err(invalid(format!("{member} must be given for a new scalable target.")));
        }
    }
    let short = call.new_hex("autoscaling.target", 32);
    let arn = call.arn("application-autoscaling", &format!("scalable-target/{short}"));
    Ok(json!({
        "ServiceNamespace": input["ServiceNamespace"], "ResourceId": input["ResourceId"],
        "ScalableDimension": input["ScalableDimension"], "RoleARN": call.global_arn("iam", ROLE),
        "CreationTime": call.now(), "ScalableTargetARN": arn, "_arn": arn,
        "SuspendedState": {"DynamicScalingInSuspended": false, "DynamicScalingOutSuspended": false, "ScheduledScalingSuspended": false},
    }))
}

fn bounds(row: &Value) -> Result<(), Fault> {
    let (least, most) = (row.int("MinCapacity").unwrap_or(0), row.int("MaxCapacity").unwrap_or(0));
    if least < 0 || most < 0 {
        return Err(invalid("Capacities must not be negative."));
    }
    if most < least {
        return Err(invalid("Maximum capacity cannot be less than minimum capacity"));
    }
    Ok(())
}

/// `DescribeScalableTargets`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let resources = input.texts("ResourceIds");
    let fits = |row: &Value| {
        row.text("ServiceNamespace") == input.text("ServiceNamespace")
            && (resources.is_empty() || resources.contains(&row.text("ResourceId")))
            && input.opt("ScalableDimension").is_none_or(|of| row.text("ScalableDimension") == of)
    };
    let rows = call.rows(TARGET).filter(|(_, row)| fits(row));
    let rows: Vec<Value> = rows.map(|(_, row)| row.clone()).collect();
    Ok(json!({"ScalableTargets": rows}))
}

/// `DeregisterScalableTarget`: its policies and their alarms go with it.
pub(super) fn deregister(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = reference::id(&input)?;
    call.remove(TARGET, &id).ok_or_else(|| missing("scalable target", &input))?;
    policy::remove_of(call, &id);
    Ok(json!({}))
}
