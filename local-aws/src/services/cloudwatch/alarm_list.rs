//! Finding alarms: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>

use super::alarm::{self, ALARM, METRIC, invalid};
use super::{composite, metric};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `DescribeAlarms`: metric alarms only, unless other types are asked for.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if input.has("AlarmNamePrefix") && input.has("AlarmNames") {
        return Err(invalid("AlarmNames and AlarmNamePrefix cannot be used together"));
    }
    if input.has("ChildrenOfAlarmName") || input.has("ParentsOfAlarmName") {
        return relatives(call, &input);
    }
    let types = if input.has("AlarmTypes") { input.texts("AlarmTypes") } else { vec![METRIC] };
    let rows = call
        .rows(ALARM)
        .filter(|(name, row)| types.contains(&row.text("_type")) && wanted(&input, name, row));
    Ok(answer(rows.map(|(name, row)| described(name, row))))
}

/// Alarms in the lists of their types.
fn answer(alarms: impl Iterator<Item = Value>) -> Value {
    let mut answer = json!({"MetricAlarms": [], "CompositeAlarms": []});
    for alarm in alarms {
        if let Some(list) = answer[format!("{}s", alarm.text("_type"))].as_array_mut() {
            list.push(alarm);
        }
    }
    answer
}

/// What a composite alarm names, or what names an alarm: only name, ARN and state of each.
fn relatives(call: &Call, input: &Value) -> Result<Value, Fault> {
    let others = ["ActionPrefix", "AlarmNamePrefix", "AlarmNames", "AlarmTypes", "StateValue"];
    if others.iter().any(|member| input.has(member))
        || (input.has("ChildrenOfAlarmName") && input.has("ParentsOfAlarmName"))
    {
        return Err(invalid(
            "ChildrenOfAlarmName and ParentsOfAlarmName cannot be used with other filters",
        ));
    }
    let name =
        input.opt("ChildrenOfAlarmName").or(input.opt("ParentsOfAlarmName")).unwrap_or_default();
    let row = call.get(ALARM, name).ok_or_else(|| alarm::not_found(name))?;
    let names: Vec<String> = match input.opt("ChildrenOfAlarmName") {
        Some(_) => row.texts("_children").into_iter().map(str::to_owned).collect(),
        None => composite::parents(call, name),
    };
    let shown = ["AlarmName", "AlarmArn", "StateValue", "StateUpdatedTimestamp", "_type", "_key"];
    let found =
        names.iter().filter_map(|name| call.get(ALARM, name).map(|row| described(name, row)));
    Ok(answer(found.map(|mut row| {
        if let Some(members) = row.as_object_mut() {
            members.retain(|name, _| shown.contains(&name.as_str()));
        }
        row
    })))
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

/// An alarm as it is described, with a key for pages on which metric alarms come first.
fn described(name: &str, row: &Value) -> Value {
    let mut row = row.clone();
    let rank = if row.text("_type") == METRIC { 1 } else { 2 };
    row["_key"] = json!(format!("{rank}/{name}"));
    if let Some(members) = row.as_object_mut() {
        members.remove("Tags");
    }
    row
}

/// `DescribeAlarmsForMetric`.
pub(super) fn for_metric(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = metric::id(&input);
    let same = |row: &Value| {
        let members = ["Period", "Statistic", "ExtendedStatistic", "Unit"];
        row.has("MetricName")
            && metric::id(row) == id
            && members.iter().all(|member| !input.has(member) || input[*member] == row[*member])
    };
    let found =
        call.rows(ALARM).filter(|(_, row)| same(row)).map(|(name, row)| described(name, row));
    Ok(json!({"MetricAlarms": found.collect::<Vec<Value>>()}))
}
