//! Alarms that other services make for themselves, or look at.

use super::alarm::{self, ALARM, METRIC};
use super::{evaluate, metric_alarm};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// An alarm as somebody sees it who waits for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Watched {
    /// Whether it is in the state `ALARM`.
    pub(crate) rings: bool,
    /// How many seconds it looks back.
    pub(crate) span: f64,
}

/// An alarm by its name, if there is one.
pub(crate) fn watched(call: &Call, name: &str) -> Option<Watched> {
    let row = call.get(ALARM, name)?;
    let of_query = |query: &Value| query["MetricStat"].number("Period").or(query.number("Period"));
    let longest = row.items("Metrics").iter().filter_map(of_query).fold(0.0, f64::max);
    let period = row.number("Period").unwrap_or(longest);
    let span = period * row.number("EvaluationPeriods").unwrap_or(0.0);
    Some(Watched { rings: row.text("StateValue") == "ALARM", span })
}

/// Makes or replaces a metric alarm for a service; its members are those of `PutMetricAlarm`.
pub(crate) fn put_for(call: &mut Call, alarm: &Value) -> Result<(), Fault> {
    let mut row = metric_alarm::whole(call, alarm)?;
    row["Tags"] = json!([]);
    let name = alarm.text("AlarmName").to_owned();
    call.acting_as("cloudwatch", |call| {
        alarm::store(call, METRIC, row)?;
        evaluate::arm(call, &name);
        Ok(())
    })
}

/// Deletes an alarm that a service made for itself.
pub(crate) fn delete_for(call: &mut Call, name: &str) {
    call.remove(ALARM, name);
}

/// The threshold of an alarm.
pub(crate) fn threshold(call: &Call, name: &str) -> Option<f64> {
    call.get(ALARM, name)?.number("Threshold")
}

/// The newest value that an alarm sees in the time that it looks back.
pub(crate) fn latest(call: &Call, name: &str) -> Option<f64> {
    evaluate::latest(call, call.get(ALARM, name)?)
}
