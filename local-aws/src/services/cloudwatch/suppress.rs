//! Composite alarms that keep quiet while another alarm is on.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm_Suppression.html>

use super::alarm::{ALARM, invalid};
use super::rule::name_of;
use super::transition;
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

const BY_ALARM: &str = "Alarm";
const BY_WAIT: &str = "WaitPeriod";
const BY_EXTENSION: &str = "ExtensionPeriod";

/// Checks what a request says of suppression: the alarm is there, and both periods are given.
pub(super) fn check(call: &Call, input: &Value) -> Result<(), Fault> {
    let Some(suppressor) = input.opt("ActionsSuppressor") else { return Ok(()) };
    if call.get(ALARM, name_of(suppressor)).is_none() {
        return Err(invalid(format!("The actions suppressor alarm {suppressor} does not exist")));
    }
    let periods = ["ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod"];
    match periods.into_iter().find(|member| !input.has(member)) {
        Some(member) => {
            Err(invalid(format!("The parameter {member} is required with ActionsSuppressor.")))
        }
        None => Ok(()),
    }
}

fn is_on(call: &Call, suppressor: &str) -> bool {
    call.get(ALARM, name_of(suppressor)).is_some_and(|row| row.text("StateValue") == "ALARM")
}

/// Whether an alarm that has changed its state acts now; else it is noted what it waits for.
pub(super) fn lets_through(call: &mut Call, name: &str) -> bool {
    let Some(alarm) = call.get(ALARM, name).cloned() else { return false };
    let Some(suppressor) = alarm.opt("ActionsSuppressor") else { return true };
    let wait = alarm.number("ActionsSuppressorWaitPeriod").unwrap_or_default();
    if is_on(call, suppressor) {
        hold(call, name, BY_ALARM, None);
        return false;
    }
    if alarm.text("ActionsSuppressedBy") == BY_EXTENSION {
        return false;
    }
    if alarm.text("StateValue") == "ALARM" && wait > 0.0 {
        hold(call, name, BY_WAIT, Some(wait));
        return false;
    }
    release(call, name);
    true
}

/// Notes why an alarm is quiet; after the seconds given it acts all the same.
fn hold(call: &mut Call, name: &str, by: &str, seconds: Option<f64>) {
    let number = call.count("cloudwatch.suppression");
    let reason = match by {
        BY_ALARM => "Actions suppressed by the suppressor alarm",
        BY_WAIT => "Actions suppressed while waiting for the suppressor alarm",
        _ => "Actions suppressed after the suppressor alarm",
    };
    call.merge(
        ALARM,
        name,
        json!({"ActionsSuppressedBy": by, "ActionsSuppressedReason": reason, "_hold": number}),
    );
    if let Some(seconds) = seconds {
        call.schedule(seconds, ALARM, name, Step::Run("end_suppression", json!([name, number])));
    }
}

fn release(call: &mut Call, name: &str) {
    call.merge(
        ALARM,
        name,
        json!({"ActionsSuppressedBy": null, "ActionsSuppressedReason": null, "_hold": null}),
    );
}

/// The task at the end of a period: acts, unless something else happened meanwhile.
pub(super) fn end(call: &mut Call, arguments: &Value) {
    let name = arguments[0].as_str().unwrap_or_default();
    let Some(alarm) = call.get(ALARM, name).cloned() else { return };
    if alarm["_hold"] == arguments[1] {
        release(call, name);
        transition::act(
            call,
            name,
            if alarm.text("StateValue") == "ALARM" { "OK" } else { "ALARM" },
        );
    }
}

/// Follows an alarm that suppresses others into its new state.
pub(super) fn suppressor_changed(call: &mut Call, name: &str) {
    let of = |row: &Value| row.opt("ActionsSuppressor").is_some_and(|other| name_of(other) == name);
    let quiet: Vec<(String, Value)> = call
        .rows(ALARM)
        .filter(|(_, row)| of(row))
        .map(|(id, row)| (id.to_owned(), row.clone()))
        .collect();
    let on = is_on(call, name);
    for (id, row) in quiet {
        match row.text("ActionsSuppressedBy") {
            BY_WAIT | BY_EXTENSION if on => hold(call, &id, BY_ALARM, None),
            BY_ALARM if !on => {
                hold(call, &id, BY_EXTENSION, row.number("ActionsSuppressorExtensionPeriod"));
            }
            _ => {}
        }
    }
}
