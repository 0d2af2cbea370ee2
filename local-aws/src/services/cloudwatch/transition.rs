//! Alarms that change their state, and what they do then.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html>

use super::alarm::ALARM;
use super::{composite, history, notice, suppress};
use crate::call::Call;
use crate::fields::Fields;
use crate::services::autoscaling;
use crate::services::ecs;
use crate::services::sns::{self, Publisher, Refused};
use serde_json::{Value, json};

/// A state with what is said of it.
pub(super) struct NewState<'a> {
    pub(super) value: &'a str,
    pub(super) reason: &'a str,
    /// JSON text, if there is any.
    pub(super) data: Option<String>,
}

/// Sets an alarm's state; if it is another than before, notes it, acts, and evaluates the alarms that depend on it.
pub(super) fn to(call: &mut Call, name: &str, new: &NewState) {
    let Some(old) = call.get(ALARM, name).cloned() else { return };
    if old.text("StateValue") == new.value {
        return;
    }
    let now = call.now();
    let members = json!({
        "StateValue": new.value, "StateReason": new.reason, "StateReasonData": new.data,
        "StateUpdatedTimestamp": now, "StateTransitionedTimestamp": now,
    });
    call.merge(ALARM, name, members);
    let state = |value: &str, reason: &str, data: Option<&str>| {
        let data: Value = data.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        json!({"stateValue": value, "stateReason": reason, "stateReasonData": data})
    };
    let before = state(old.text("StateValue"), old.text("StateReason"), old.opt("StateReasonData"));
    let after = state(new.value, new.reason, new.data.as_deref());
    let summary = format!("Alarm updated from {} to {}", old.text("StateValue"), new.value);
    history::note(
        call,
        &old,
        "StateUpdate",
        &summary,
        &json!({"version": "1.0", "oldState": before, "newState": after}),
    );
    if suppress::lets_through(call, name) {
        act(call, name, old.text("StateValue"));
    }
    suppress::suppressor_changed(call, name);
    composite::child_changed(call, name);
    ecs::alarm_changed(call, name);
}

/// Runs the actions of the state that an alarm is in.
pub(super) fn act(call: &mut Call, name: &str, old_state: &str) {
    let Some(alarm) = call.get(ALARM, name).cloned() else { return };
    if !alarm.flag("ActionsEnabled") {
        return;
    }
    let list = match alarm.text("StateValue") {
        "OK" => "OKActions",
        "ALARM" => "AlarmActions",
        _ => "InsufficientDataActions",
    };
    for action in alarm.texts(list) {
        let done = run(call, &alarm, action, old_state);
        let (summary, error) = match done {
            Ok(()) => (format!("Successfully executed action {action}"), Value::Null),
            Err(error) => (
                format!("Failed to execute action {action}. Received error: \"{error}\""),
                json!(error),
            ),
        };
        let outcome = if error.is_null() { "Succeeded" } else { "Failed" };
        let data = json!({"actionState": outcome, "notificationResource": action, "error": error});
        history::note(call, &alarm, "Action", &summary, &data);
    }
}

fn run(call: &mut Call, alarm: &Value, action: &str, old_state: &str) -> Result<(), String> {
    match action.split(':').nth(2) {
        Some("sns") => {}
        Some("autoscaling") => return autoscaling::act(call, action, alarm),
        _ => return Err("the embedded AWS runs no actions but messages and scaling".to_owned()),
    }
    let source = alarm.text("AlarmArn");
    let publisher = Publisher { service: "cloudwatch.amazonaws.com", source, for_owner: true };
    let subject = notice::subject(call, alarm);
    let message = notice::message(call, alarm, old_state).to_string();
    let sent = sns::publish_for(call, publisher, action, &subject, &message);
    sent.map(drop).map_err(|refused| match refused {
        Refused::NoTopic => "Topic does not exist".to_owned(),
        Refused::Policy => format!(
            "Resource: {source} is not authorized to perform: SNS:Publish on resource: {action}"
        ),
        Refused::Key => {
            "CloudWatch Alarms does not have authorization to access the SNS topic encryption key."
                .to_owned()
        }
    })
}
