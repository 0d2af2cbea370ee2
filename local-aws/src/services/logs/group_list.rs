//! Log groups in short: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListLogGroups.html>

use super::reference::invalid;
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::filter;
use crate::services::tables::LOG_GROUP;
use crate::tags;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

const PAGE: usize = 50;

/// `ListLogGroups`. Its model has no paginator; its tokens are the last names of pages.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if input.has("dataSources") || input.has("fieldIndexNames") {
        return Err(Fault::not_implemented("logs ListLogGroups by data sources or field indexes"));
    }
    let after = input.opt("nextToken").map(name_of).transpose()?;
    let here =
        !input.has("accountIdentifiers") || input.texts("accountIdentifiers").contains(&ACCOUNT);
    let found = call.rows(LOG_GROUP).filter(|(name, group)| {
        here && after.as_deref().is_none_or(|after| *name > after)
            && input.opt("logGroupNamePattern").is_none_or(|pattern| is_like(name, pattern))
            && input.opt("logGroupClass").is_none_or(|class| group.text("logGroupClass") == class)
            && input.items("logGroupTags").iter().all(|filter| is_tagged(group, filter))
    });
    let limit = input.int("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE);
    let mut groups: Vec<Value> = found.take(limit + 1).map(|(_, group)| short(group)).collect();
    let more = groups.len() > limit;
    groups.truncate(limit);
    let last = groups.last().filter(|_| more);
    let token = last.map(|last| URL_SAFE_NO_PAD.encode(last.text("logGroupName")));
    Ok(json!({"logGroups": groups, "nextToken": token}))
}

fn short(group: &Value) -> Value {
    json!({
        "logGroupName": group["logGroupName"], "logGroupArn": group["logGroupArn"], "logGroupClass": group["logGroupClass"],
    })
}

fn name_of(token: &str) -> Result<String, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let name = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| invalid("The specified nextToken is invalid."))
}

/// Texts of which one must be in the name, or at its start after `^`.
fn is_like(name: &str, pattern: &str) -> bool {
    pattern.split('|').any(|text| match text.strip_prefix('^') {
        Some(start) => name.starts_with(start),
        None => name.contains(text),
    })
}

/// Whether a group has a tag with one of the values; `!` before a value means any other.
fn is_tagged(group: &Value, filter: &Value) -> bool {
    let Some(value) = tags::value(group, filter.text("key")) else { return false };
    let wanted = filter.texts("values");
    wanted.is_empty()
        || wanted.iter().any(|wanted| match wanted.strip_prefix('!') {
            Some(other) => !filter::like(other, value),
            None => filter::like(wanted, value),
        })
}
