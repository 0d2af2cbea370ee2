//! What happened to alarms: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html>

use super::alarm::METRIC;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Items in the order of time: an `AlarmHistoryItem`.
const HISTORY: Table = Table::regional("cloudwatch.alarm_history");

/// How long items are kept, in seconds.
const KEPT: f64 = 30.0 * 24.0 * 3600.0;

/// Notes what happened to an alarm: `kind` is a history item type.
pub(super) fn note(call: &mut Call, alarm: &Value, kind: &str, summary: &str, data: &Value) {
    let now = call.now();
    let summary: String = summary.chars().take(255).collect();
    let number = call.count("cloudwatch.history");
    let row = json!({
        "AlarmName": alarm["AlarmName"], "AlarmType": alarm["_type"], "Timestamp": now, "HistoryItemType": kind,
        "HistorySummary": summary, "HistoryData": data.to_string(),
    });
    call.put(HISTORY, &format!("{number:012}"), row);
}

/// `DescribeAlarmHistory`: metric alarms only, unless other types are asked for; the newest item first, by default.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let types = if input.has("AlarmTypes") { input.texts("AlarmTypes") } else { vec![METRIC] };
    let since = input.number("StartDate").unwrap_or(f64::MIN).max(call.now() - KEPT);
    let wanted = |row: &&Value| {
        let time = row.number("Timestamp").unwrap_or_default();
        types.contains(&row.text("AlarmType"))
            && input.opt("AlarmName").is_none_or(|name| name == row.text("AlarmName"))
            && input.opt("HistoryItemType").is_none_or(|kind| kind == row.text("HistoryItemType"))
            && time >= since
            && input.number("EndDate").is_none_or(|end| time <= end)
    };
    let mut items: Vec<&Value> = call.rows(HISTORY).map(|(_, row)| row).filter(wanted).collect();
    if input.opt("ScanBy") != Some("TimestampAscending") {
        items.reverse();
    }
    Ok(json!({"AlarmHistoryItems": items}))
}
