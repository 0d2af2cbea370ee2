//! Targets: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html>

use super::rule::{RULE, named};
use super::{bus, deliver, invalid, transform};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// Targets that a rule may have.
const QUOTA: usize = 5;

/// `PutTargets`: a target of the same id is replaced.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = named(call, &input, "Rule")?;
    let mut targets = row.items("_targets").to_vec();
    for target in input.items("Targets") {
        check(target)?;
        match targets.iter_mut().find(|old| old.text("Id") == target.text("Id")) {
            Some(old) => *old = target.clone(),
            None => targets.push(target.clone()),
        }
    }
    if targets.len() > call.quota("events.targets", QUOTA) {
        return Err(Fault::new(
            "LimitExceededException",
            "The requested resource exceeds the maximum number allowed.",
        ));
    }
    call.merge(RULE, input.text("Rule"), json!({"_targets": targets}));
    Ok(json!({"FailedEntryCount": 0, "FailedEntries": []}))
}

fn check(target: &Value) -> Result<(), Fault> {
    let (id, arn) = (target.text("Id"), target.text("Arn"));
    if !arn.starts_with("arn:") || arn.splitn(6, ':').count() < 6 {
        return Err(invalid(format!(
            "Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
        )));
    }
    deliver::supported(arn)?;
    let inputs = ["Input", "InputPath", "InputTransformer"];
    if inputs.iter().filter(|member| target.has(member)).count() > 1 {
        return Err(invalid(format!(
            "Only one of Input, InputPath, or InputTransformer must be provided for target {id}."
        )));
    }
    if target.opt("Input").is_some_and(|text| serde_json::from_str::<Value>(text).is_err()) {
        return Err(invalid(format!("JSON syntax error in Input for target {id}")));
    }
    transform::check(target).map_err(|reason| {
        invalid(format!("Invalid InputTransformer for target {id} : [{reason}]."))
    })
}

/// `ListTargetsByRule`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let row = named(call, &call.input(), "Rule")?;
    Ok(json!({"Targets": row["_targets"]}))
}

/// `RemoveTargets`.
pub(super) fn remove(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = named(call, &input, "Rule")?;
    let ids = input.texts("Ids");
    let kept: Vec<&Value> =
        row.items("_targets").iter().filter(|target| !ids.contains(&target.text("Id"))).collect();
    call.merge(RULE, input.text("Rule"), json!({"_targets": kept}));
    Ok(json!({"FailedEntryCount": 0, "FailedEntries": []}))
}

/// `ListRuleNamesByTarget`.
pub(super) fn rule_names(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    bus::known(input.opt("EventBusName"))?;
    let to = |row: &Value| {
        row.items("_targets").iter().any(|target| target.text("Arn") == input.text("TargetArn"))
    };
    let names: Vec<&str> =
        call.rows(RULE).filter(|(_, row)| to(row)).map(|(name, _)| name).collect();
    Ok(json!({"RuleNames": names}))
}
