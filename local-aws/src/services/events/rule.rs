//! Rules: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html>

use super::put_events::{self, Event};
use super::{bus, invalid, missing, pattern, tags};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::schedule::Schedule;
use crate::store::Table;
use serde_json::{Value, json};

/// Rules by name: a `Rule` with `_targets`, the targets in the order in which they came.
pub(super) const RULE: Table = Table::regional("events.rule");

const QUOTA: usize = 300;

/// What answers show of a row.
const SHOWN: [&str; 9] = [
    "Arn",
    "Description",
    "EventBusName",
    "EventPattern",
    "Name",
    "RoleArn",
    "ScheduleExpression",
    "State",
    "_key",
];

/// The row of a rule that a request names.
pub(super) fn named(call: &Call, input: &Value, member: &str) -> Result<Value, Fault> {
    bus::known(input.opt("EventBusName"))?;
    let name = input.text(member);
    call.get(RULE, name).cloned().ok_or_else(|| no_rule(name))
}

fn no_rule(name: &str) -> Fault {
    missing(format!("Rule {name} does not exist on EventBus {}.", bus::DEFAULT))
}

/// `PutRule`: the whole rule; targets stay, and tags are those of its first time.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    bus::known(input.opt("EventBusName"))?;
    let name = input.text("Name");
    check(&input)?;
    let old = call.get(RULE, name).cloned();
    if old.is_none() && call.rows(RULE).count() >= call.quota("events.rules", QUOTA) {
        return Err(Fault::new(
            "LimitExceededException",
            "The requested resource exceeds the maximum number allowed.",
        ));
    }
    let arn = call.arn("events", &format!("rule/{name}"));
    let mut row = json!({
        "Name": name, "Arn": arn, "EventBusName": bus::DEFAULT, "State": input.opt("State").unwrap_or("ENABLED"),
        "_arn": arn, "_key": name,
    });
    for member in ["Description", "EventPattern", "RoleArn", "ScheduleExpression"] {
        if input.opt(member).is_some_and(|text| !text.is_empty()) {
            row[member] = input[member].clone();
        }
    }
    row["Tags"] = match &old {
        Some(old) => old["Tags"].clone(),
        None => json!(tags::given(input.items("Tags"))?),
    };
    row["_targets"] = old.map_or_else(|| json!([]), |old| old["_targets"].clone());
    call.put(RULE, name, row);
    plan(call, name);
    Ok(json!({"RuleArn": arn}))
}

fn check(input: &Value) -> Result<(), Fault> {
    let given = |member: &str| input.opt(member).filter(|text| !text.is_empty());
    let (events, schedule) = (given("EventPattern"), given("ScheduleExpression"));
    if events.is_none() && schedule.is_none() {
        return Err(invalid("Parameter(s) EventPattern or ScheduleExpression must be specified."));
    }
    if let Some(text) = events {
        pattern::parse(text).map_err(pattern::refused)?;
    }
    match schedule {
        Some(text) if Schedule::parse(text).is_none() => {
            Err(invalid("Parameter ScheduleExpression is not valid."))
        }
        _ => Ok(()),
    }
}

/// Lets a rule with a schedule fire when it is next due.
fn plan(call: &mut Call, name: &str) {
    call.unschedule(RULE, name);
    let Some(row) = call.get(RULE, name).filter(|row| row.text("State") != "DISABLED") else {
        return;
    };
    let schedule = row.opt("ScheduleExpression").and_then(Schedule::parse);
    let now = call.now();
    if let Some(next) = schedule.and_then(|schedule| schedule.next(now)) {
        call.schedule(next - now, RULE, name, Step::Run("fire", json!(name)));
    }
}

/// A schedule that has come due.
pub(super) fn fire(call: &mut Call, name: &Value) {
    let name = name.as_str().unwrap_or_default();
    let Some(row) = call.get(RULE, name).cloned() else { return };
    let arn = row.text("Arn");
    let event = Event {
        source: "aws.events",
        detail_type: "Scheduled Event",
        resources: &[arn],
        detail: json!({}),
    };
    let event = put_events::envelope(call, &event);
    put_events::trigger(call, &row, &event);
    plan(call, name);
}

fn shown(row: &Value) -> Value {
    let members = SHOWN.iter().filter(|name| row.has(name));
    members.map(|name| ((*name).to_owned(), row[*name].clone())).collect()
}

/// `DescribeRule`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(shown(&named(call, &call.input(), "Name")?))
}

/// `ListRules`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    bus::known(input.opt("EventBusName"))?;
    let mine = call.rows(RULE).filter(|(name, _)| name.starts_with(input.text("NamePrefix")));
    Ok(json!({"Rules": mine.map(|(_, row)| shown(row)).collect::<Vec<Value>>()}))
}

/// `DeleteRule`: one that is gone is deleted.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    bus::known(input.opt("EventBusName"))?;
    let name = input.text("Name");
    if call.get(RULE, name).is_some_and(|row| !row.items("_targets").is_empty()) {
        return Err(invalid("Rule can't be deleted since it has targets."));
    }
    call.remove(RULE, name);
    Ok(json!({}))
}

/// `EnableRule`.
pub(super) fn enable(call: &mut Call) -> Result<Value, Fault> {
    set(call, "ENABLED")
}

/// `DisableRule`.
pub(super) fn disable(call: &mut Call) -> Result<Value, Fault> {
    set(call, "DISABLED")
}

fn set(call: &mut Call, state: &str) -> Result<Value, Fault> {
    let input = call.input();
    let row = named(call, &input, "Name")?;
    if row.text("State") != state {
        call.merge(RULE, input.text("Name"), json!({"State": state}));
        plan(call, input.text("Name"));
    }
    Ok(json!({}))
}
