//! Account settings: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutAccountSetting.html>
//!
//! All credentials are the account's own, so a setting of the caller and the account's default are the same.

use super::invalid;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Settings that were made, by name: `value`.
const SETTING: Table = Table::regional("ecs.account_setting");

/// Every setting with the value that it has by itself, and the values it can have (none: any number).
const SETTINGS: [(&str, &str, &[&str]); 11] = [
    ("awsvpcTrunking", "disabled", &["enabled", "disabled"]),
    ("containerInsights", "disabled", &["enabled", "disabled", "enhanced"]),
    ("containerInstanceLongArnFormat", "enabled", &["enabled"]),
    ("defaultLogDriverMode", "non-blocking", &["blocking", "non-blocking"]),
    ("fargateEventWindows", "disabled", &["enabled", "disabled"]),
    ("fargateFIPSMode", "disabled", &["enabled", "disabled"]),
    ("fargateTaskRetirementWaitPeriod", "7", &["0", "7", "14"]),
    ("guardDutyActivate", "off", &[]),
    ("serviceLongArnFormat", "enabled", &["enabled"]),
    ("tagResourceAuthorization", "on", &["on", "off"]),
    ("taskLongArnFormat", "enabled", &["enabled"]),
];

/// The value that is in force.
pub(super) fn value(call: &Call, name: &str) -> String {
    let default = SETTINGS.iter().find(|known| known.0 == name).map_or("", |known| known.1);
    call.get(SETTING, name).map_or(default, |row| row.text("value")).to_owned()
}

fn shown(call: &Call, name: &str, value: &str) -> Value {
    let principal = call.global_arn("iam", "root");
    let kind = if name == "guardDutyActivate" { "aws_managed" } else { "user" };
    json!({"name": name, "value": value, "principalArn": principal, "type": kind, "_key": name})
}

/// `PutAccountSetting` and `PutAccountSettingDefault`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, value) = (input.text("name"), input.text("value"));
    let known = SETTINGS.iter().find(|known| known.0 == name);
    if !known.is_some_and(|(_, _, values)| values.contains(&value)) {
        return Err(invalid(format!("Invalid value {value} for the setting {name}.")));
    }
    call.put(SETTING, name, json!({"value": value}));
    Ok(json!({"setting": shown(call, name, value)}))
}

/// `DeleteAccountSetting`: back to the default.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("name");
    call.remove(SETTING, name);
    Ok(json!({"setting": shown(call, name, &value(call, name))}))
}

/// `ListAccountSettings`: those that were made, or all that are in force.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let effective = input.flag("effectiveSettings");
    let wanted = |name: &str, value: &str| {
        input.opt("name").is_none_or(|wanted| wanted == name)
            && input.opt("value").is_none_or(|wanted| wanted == value)
    };
    let all = SETTINGS.iter().map(|(name, ..)| (*name, value(call, name)));
    let all = all.filter(|(name, value)| {
        wanted(name, value) && (effective || call.get(SETTING, name).is_some())
    });
    let settings: Vec<Value> = all.map(|(name, value)| shown(call, name, &value)).collect();
    Ok(json!({"settings": settings}))
}
