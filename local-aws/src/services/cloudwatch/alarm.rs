//! What all alarms share: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>

use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Alarms of all kinds by name: a `MetricAlarm` or `CompositeAlarm`, told apart by `_type`.
pub(super) const ALARM: Table = Table::regional("cloudwatch.alarm");

/// Alarms of a region.
const QUOTA: usize = 5000;

pub(super) const METRIC: &str = "MetricAlarm";

/// The error for what the model does not forbid.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationError", message)
}

/// Writes an alarm's new configuration over the old one, whose state and tags stay.
pub(super) fn store(call: &mut Call, kind: &str, mut row: Value) -> Result<(), Fault> {
    let name = row.text("AlarmName").to_owned();
    let (now, arn) = (call.now(), call.arn("cloudwatch", &format!("alarm:{name}")));
    if !row.has("ActionsEnabled") {
        row["ActionsEnabled"] = json!(true);
    }
    for list in ["OKActions", "AlarmActions", "InsufficientDataActions"] {
        row[list] = json!(row.items(list));
    }
    row["AlarmArn"] = json!(arn);
    row["AlarmConfigurationUpdatedTimestamp"] = json!(now);
    row["_arn"] = json!(arn);
    row["_type"] = json!(kind);
    match call.get(ALARM, &name).cloned() {
        Some(old) if old.text("_type") != kind => {
            return Err(invalid(format!("The alarm {name} exists and is not a {kind}")));
        }
        Some(old) => keep_state(&old, &mut row),
        None => {
            within_quota(call)?;
            set_initial_state(&mut row, now);
        }
    }
    call.put(ALARM, &name, row);
    Ok(())
}

fn within_quota(call: &Call) -> Result<(), Fault> {
    if call.rows(ALARM).count() < call.quota("cloudwatch.alarms", QUOTA) {
        return Ok(());
    }
    Err(Fault::new(
        "LimitExceeded",
        "The maximum limit of 5,000 alarms has been reached for this account",
    ))
}

fn keep_state(old: &Value, row: &mut Value) {
    const KEPT: [&str; 6] = [
        "StateValue",
        "StateReason",
        "StateReasonData",
        "StateUpdatedTimestamp",
        "StateTransitionedTimestamp",
        "Tags",
    ];
    for member in KEPT.into_iter().filter(|member| old.has(member)) {
        row[member] = old[member].clone();
    }
}

fn set_initial_state(row: &mut Value, now: f64) {
    row["StateValue"] = json!("INSUFFICIENT_DATA");
    row["StateReason"] = json!("Unchecked: Initial alarm creation");
    row["StateUpdatedTimestamp"] = json!(now);
    row["StateTransitionedTimestamp"] = json!(now);
}

/// Checks the actions of an alarm: ARNs in this region.
pub(super) fn check_actions(call: &Call, input: &Value) -> Result<(), Fault> {
    for list in ["OKActions", "AlarmActions", "InsufficientDataActions"] {
        let actions = input.texts(list);
        for (index, action) in actions.iter().enumerate() {
            let parts: Vec<&str> = action.splitn(6, ':').collect();
            if parts.len() < 6 || parts[0] != "arn" {
                return Err(invalid(format!("Invalid arn syntax: {action}")));
            }
            if !parts[3].is_empty() && parts[3] != call.region() {
                let (given, own) = (parts[3], call.region());
                return Err(invalid(format!(
                    "Invalid region {given} specified. Only {own} is supported."
                )));
            }
            if actions[..index].contains(action) {
                return Err(invalid(format!("{list} names {action} more than once")));
            }
        }
    }
    Ok(())
}

/// `DescribeAlarms`: metric alarms only, unless other types are asked for.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if input.has("AlarmNamePrefix") && input.has("AlarmNames") {
        return Err(invalid("AlarmNames and AlarmNamePrefix cannot be used together"));
    }
    let types = if input.has("AlarmTypes") { input.texts("AlarmTypes") } else { vec![METRIC] };
    let mut answer = json!({"MetricAlarms": [], "CompositeAlarms": []});
    for (name, row) in call.rows(ALARM).filter(|(name, row)| wanted(&input, name, row)) {
        let kind = row.text("_type");
        if types.contains(&kind)
            && let Some(list) = answer[format!("{kind}s")].as_array_mut()
        {
            list.push(described(name, row));
        }
    }
    Ok(answer)
}

fn wanted(input: &Value, name: &str, row: &Value) -> bool {
    let starts =
        |action: &&str| input.opt("ActionPrefix").is_none_or(|prefix| action.starts_with(prefix));
    let actions = ["OKActions", "AlarmActions", "InsufficientDataActions"];
    let acts = || actions.iter().any(|list| row.texts(list).iter().any(starts));
    (!input.has("AlarmNames") || input.texts("AlarmNames").contains(&name))
        && input.opt("AlarmNamePrefix").is_none_or(|prefix| name.starts_with(prefix))
        && input.opt("StateValue").is_none_or(|state| state == row.text("StateValue"))
        && (!input.has("ActionPrefix") || acts())
}

/// An alarm as it is described, with a key for pages that come metric alarms first.
pub(super) fn described(name: &str, row: &Value) -> Value {
    let mut row = row.clone();
    let rank = if row.text("_type") == METRIC { 1 } else { 2 };
    row["_key"] = json!(format!("{rank}/{name}"));
    if let Some(members) = row.as_object_mut() {
        members.remove("Tags");
    }
    row
}

/// `DeleteAlarms`: all of them or none.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    for name in input.texts("AlarmNames") {
        if call.remove(ALARM, name).is_none() {
            return Err(Fault::new("ResourceNotFound", format!("Unknown alarm {name}")));
        }
    }
    Ok(json!({}))
}
