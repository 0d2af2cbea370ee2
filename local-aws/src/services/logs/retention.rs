//! How long events are kept: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>

use super::reference::{self, invalid};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::LOG_GROUP;
use serde_json::{Value, json};

const DAYS: [i64; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

const DAY_MILLIS: i64 = 24 * 3600 * 1000;

/// `PutRetentionPolicy`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let days = input.int("retentionInDays").unwrap_or_default();
    if !DAYS.contains(&days) {
        let offered = DAYS.map(|days| days.to_string()).join(", ");
        return Err(invalid(format!(
            "Value {days} at 'retentionInDays' must be one of: {offered}"
        )));
    }
    set(call, input.text("logGroupName"), json!(days))
}

/// `DeleteRetentionPolicy`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    set(call, call.input().text("logGroupName"), Value::Null)
}

fn set(call: &mut Call, name: &str, days: Value) -> Result<Value, Fault> {
    if reference::group(call, name)?.text("logGroupClass") == "DELIVERY" {
        return Err(invalid(
            "The retention of log groups of the DELIVERY class cannot be changed.",
        ));
    }
    call.merge(LOG_GROUP, name, json!({"retentionInDays": days}));
    Ok(json!({}))
}

/// The time in milliseconds before which events of a group are gone.
pub(super) fn expired_before(group: &Value, now: i64) -> i64 {
    group.int("retentionInDays").map_or(0, |days| now - days * DAY_MILLIS)
}
