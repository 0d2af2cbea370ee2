//! Composite alarms, whose state follows other alarms'.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm.html>

use super::alarm::{self, ALARM, COMPOSITE, invalid};
use super::rule::{Rule, name_of};
use super::transition::{self, NewState};
use super::{alarm_tags, suppress};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::model::TimestampFormat;
use crate::protocol::timestamp;
use serde_json::{Value, json};

/// Seconds from a change of a child to that of its composite.
const DELAY: f64 = 1.0;

/// Alarms that a rule may name.
const MOST_CHILDREN: usize = 100;

/// `PutCompositeAlarm`: the alarms that it names must be there.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let tags = alarm_tags::checked(input.items("Tags"))?;
    let rule = Rule::parse(input.text("AlarmRule"))?;
    let children = rule.alarms();
    if children.len() > MOST_CHILDREN {
        return Err(invalid(format!("AlarmRule must not name more than {MOST_CHILDREN} alarms")));
    }
    let unknown: Vec<&str> = children
        .iter()
        .map(String::as_str)
        .filter(|name| call.get(ALARM, name).is_none())
        .collect();
    if !unknown.is_empty() {
        let names = unknown.join(", ");
        return Err(invalid(format!(
            "Could not save the composite alarm as alarms [{names}] in the alarm rule do not exist"
        )));
    }
    suppress::check(call, &input)?;
    alarm::check_actions(call, &input)?;
    let mut row = (*input).clone();
    row["Tags"] = json!(tags);
    row["_children"] = json!(children);
    alarm::store(call, COMPOSITE, row)?;
    arm(call, input.text("AlarmName"));
    Ok(json!({}))
}

/// Lets a composite alarm look at its children soon.
fn arm(call: &mut Call, name: &str) {
    if call.get(ALARM, name).is_some_and(|alarm| !alarm.flag("_armed")) {
        call.merge(ALARM, name, json!({"_armed": true}));
        call.schedule(DELAY, ALARM, name, Step::Run("evaluate_composite", json!(name)));
    }
}

/// Arms the composite alarms that name an alarm whose state has changed.
pub(super) fn child_changed(call: &mut Call, child: &str) {
    for parent in parents(call, child) {
        arm(call, &parent);
    }
}

/// The composite alarms whose rule names an alarm.
pub(super) fn parents(call: &Call, child: &str) -> Vec<String> {
    let of = call.rows(ALARM).filter(|(_, row)| row.texts("_children").contains(&child));
    of.map(|(name, _)| name.to_owned()).collect()
}

/// The composite alarms that need an alarm, in their rule or to be silent.
pub(super) fn dependents(call: &Call, alarm: &str) -> Vec<String> {
    let silent =
        |row: &Value| row.opt("ActionsSuppressor").is_some_and(|other| name_of(other) == alarm);
    let of = call.rows(ALARM).filter(|(name, row)| {
        *name != alarm && (row.texts("_children").contains(&alarm) || silent(row))
    });
    of.map(|(name, _)| name.to_owned()).collect()
}

/// The task that `arm` schedules.
pub(super) fn run(call: &mut Call, arguments: &Value) {
    let name = arguments.as_str().unwrap_or_default();
    let Some(alarm) = call.get(ALARM, name).cloned() else { return };
    call.merge(ALARM, name, json!({"_armed": null}));
    let Ok(rule) = Rule::parse(alarm.text("AlarmRule")) else { return };
    let state = |child: &str| call.get(ALARM, child).map(|row| row.text("StateValue").to_owned());
    let value = if rule.holds(&state) { "ALARM" } else { "OK" };
    let (reason, data) = why(call, &alarm, value);
    transition::to(call, name, &NewState { value, reason: &reason, data: Some(data) });
}

/// Reason and data: the child that changed last.
fn why(call: &Call, alarm: &Value, value: &str) -> (String, String) {
    let children = alarm.texts("_children").into_iter().filter_map(|name| call.get(ALARM, name));
    let changed = |row: &&Value| row.number("StateTransitionedTimestamp").unwrap_or_default();
    let Some(last) = children.max_by(|a, b| changed(a).total_cmp(&changed(b))) else {
        return (
            format!("The alarm rule evaluates to {value}"),
            json!({"triggeringAlarms": []}).to_string(),
        );
    };
    let (arn, state) = (last.text("AlarmArn"), last.text("StateValue"));
    let time = timestamp(changed(&last), TimestampFormat::Iso8601);
    let data =
        json!({"triggeringAlarms": [{"arn": arn, "state": {"value": state, "timestamp": time}}]});
    (format!("{arn} transitioned to {state} at {time}"), data.to_string())
}
