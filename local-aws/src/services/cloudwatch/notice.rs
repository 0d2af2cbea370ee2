//! What alarms write to topics.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html>

use crate::call::{ACCOUNT, Call};
use crate::fields::Fields;
use crate::model::TimestampFormat;
use crate::protocol::timestamp;
use serde_json::{Value, json};

/// The longest subject of a message.
const LONGEST: usize = 100;

/// The subject of the message, cut to what SNS takes.
pub(super) fn subject(call: &Call, alarm: &Value) -> String {
    let text = format!(
        "{}: \"{}\" in {}",
        alarm.text("StateValue"),
        alarm.text("AlarmName"),
        call.region()
    );
    let printable = text
        .chars()
        .map(|letter| if letter.is_ascii_graphic() || letter == ' ' { letter } else { '?' });
    printable.take(LONGEST).collect()
}

/// The message: JSON with the alarm, its states, and what triggers it.
pub(super) fn message(call: &Call, alarm: &Value, old_state: &str) -> Value {
    let time = |member: &str| {
        let text = timestamp(alarm.number(member)?, TimestampFormat::Iso8601);
        Some(text.replace('Z', "+0000"))
    };
    let mut message = json!({
        "AlarmName": alarm["AlarmName"], "AlarmDescription": alarm.get("AlarmDescription"), "AWSAccountId": ACCOUNT,
        "AlarmConfigurationUpdatedTimestamp": time("AlarmConfigurationUpdatedTimestamp"),
        "NewStateValue": alarm["StateValue"], "NewStateReason": alarm["StateReason"], "OldStateValue": old_state,
        "StateChangeTime": time("StateUpdatedTimestamp"), "Region": call.region(), "AlarmArn": alarm["AlarmArn"],
        "OKActions": alarm["OKActions"], "AlarmActions": alarm["AlarmActions"],
        "InsufficientDataActions": alarm["InsufficientDataActions"],
    });
    if alarm.has("AlarmRule") {
        message["AlarmRule"] = alarm["AlarmRule"].clone();
    } else {
        message["Trigger"] = trigger(alarm);
    }
    message
}

fn trigger(alarm: &Value) -> Value {
    let dimensions = alarm
        .items("Dimensions")
        .iter()
        .map(|one| json!({"name": one["Name"], "value": one["Value"]}));
    let mut trigger = json!({
        "Period": alarm.int("Period").unwrap_or(60), "EvaluationPeriods": alarm["EvaluationPeriods"],
        "DatapointsToAlarm": alarm.get("DatapointsToAlarm"), "ComparisonOperator": alarm["ComparisonOperator"],
        "Threshold": alarm["Threshold"], "TreatMissingData": alarm.opt("TreatMissingData").unwrap_or("missing"),
        "EvaluateLowSampleCountPercentile": alarm.opt("EvaluateLowSampleCountPercentile").unwrap_or_default(),
    });
    if alarm.has("Metrics") {
        trigger["Metrics"] = alarm["Metrics"].clone();
        return trigger;
    }
    let extended = alarm.has("ExtendedStatistic");
    let statistic = alarm.opt("ExtendedStatistic").or(alarm.opt("Statistic")).unwrap_or_default();
    trigger["MetricName"] = alarm["MetricName"].clone();
    trigger["Namespace"] = alarm["Namespace"].clone();
    trigger["StatisticType"] = json!(if extended { "ExtendedStatistic" } else { "Statistic" });
    trigger["Statistic"] =
        json!(if extended { statistic.to_owned() } else { statistic.to_uppercase() });
    trigger["Unit"] = json!(alarm.get("Unit"));
    trigger["Dimensions"] = dimensions.collect();
    trigger
}
