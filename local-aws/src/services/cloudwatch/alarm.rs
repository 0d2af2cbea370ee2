//! What all alarms share: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>

use super::{composite, history};
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
pub(super) const COMPOSITE: &str = "CompositeAlarm";

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
    let verb = if call.get(ALARM, &name).is_some() { "updated" } else { "created" };
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
    call.unschedule(ALARM, &name);
    call.put(ALARM, &name, row.clone());
    note_configuration(call, &row, verb);
    Ok(())
}

fn note_configuration(call: &mut Call, row: &Value, verb: &str) {
    let kind = if verb == "deleted" {
        "Delete"
    } else if verb == "created" {
        "Create"
    } else {
        "Update"
    };
    let mut shown = row.clone();
    if let Some(members) = shown.as_object_mut() {
        members.retain(|name, _| !name.starts_with('_') && name != "Tags");
    }
    let data = json!({"version": "1.0", "type": kind, "alarm": shown});
    let summary = format!("Alarm \"{}\" {verb}", row.text("AlarmName"));
    history::note(call, row, "ConfigurationUpdate", &summary, &data);
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

/// The error for an alarm that is not there.
pub(super) fn not_found(name: &str) -> Fault {
    Fault::new("ResourceNotFound", format!("Unknown alarm {name}"))
}

/// `DeleteAlarms`: all of them or none, at most one composite alarm, and none that a composite alarm needs.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let names = input.texts("AlarmNames");
    let kind = |name: &&str| call.get(ALARM, name).map(|row| row.text("_type").to_owned());
    if let Some(unknown) = names.iter().find(|name| kind(name).is_none()) {
        return Err(not_found(unknown));
    }
    if names.iter().filter(|name| kind(name).as_deref() == Some(COMPOSITE)).count() > 1 {
        return Err(invalid("Cannot delete more than one composite alarm in one request"));
    }
    let needed: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !composite::dependents(call, name).is_empty())
        .collect();
    if !needed.is_empty() {
        let them = if needed.len() == 1 { "it" } else { "them" };
        let names = needed.join(",");
        return Err(invalid(format!(
            "Cannot delete {names} as there are composite alarm(s) depending on {them}."
        )));
    }
    for name in names {
        if let Some(row) = call.remove(ALARM, name) {
            note_configuration(call, &row, "deleted");
        }
    }
    Ok(json!({}))
}
