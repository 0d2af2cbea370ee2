//! Which log groups there are: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>

use super::reference::{self, invalid};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::LOG_GROUP;
use serde_json::{Value, json};

/// `DescribeLogGroups`: by names or ARNs, of which those that do not exist are left out, or by prefix, pattern and class.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let identifiers = input.texts("logGroupIdentifiers");
    let (prefix, pattern) = (input.opt("logGroupNamePrefix"), input.opt("logGroupNamePattern"));
    if prefix.is_some() && pattern.is_some() {
        return Err(invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let others =
        ["logGroupNamePrefix", "logGroupNamePattern", "logGroupClass", "accountIdentifiers"];
    if !identifiers.is_empty() && others.iter().any(|other| input.has(other)) {
        return Err(invalid(
            "logGroupIdentifiers cannot be combined with other filters than includeLinkedAccounts.",
        ));
    }
    let named: Vec<&str> = identifiers
        .iter()
        .filter_map(|identifier| reference::name(call, identifier).ok())
        .collect();
    let class = input.opt("logGroupClass").unwrap_or_default();
    let here =
        !input.has("accountIdentifiers") || input.texts("accountIdentifiers").contains(&ACCOUNT);
    let groups = call.rows(LOG_GROUP).filter(|(name, group)| {
        here && (identifiers.is_empty() || named.contains(name))
            && prefix.is_none_or(|prefix| name.starts_with(prefix))
            && pattern.is_none_or(|pattern| name.contains(pattern))
            && (class.is_empty() || group.text("logGroupClass") == class)
    });
    Ok(json!({"logGroups": groups.map(|(_, group)| group.clone()).collect::<Vec<Value>>()}))
}
