//! Metrics and their samples: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>
//!
//! AWS refuses the namespaces of its own services from its users; here they are how tests say what services would.

use super::evaluate;
use super::series::{Grid, Series, whole};
use super::statistic::{Aggregate, Statistic};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Metrics by [`id`]: a `Metric` with `_last`, the time of its newest sample.
const METRIC: Table = Table::regional("cloudwatch.metric");

/// Samples by metric and minute, so that a period is read without looking at others.
const MINUTE: Table = Table::regional("cloudwatch.minute");

const DAY: f64 = 24.0 * 3600.0;

/// The text that tells a metric from all others: namespace, name and dimensions.
pub(super) fn id(metric: &Value) -> String {
    let pair = |one: &Value| format!("{}\u{1}{}", one.text("Name"), one.text("Value"));
    let mut dimensions: Vec<String> = metric.items("Dimensions").iter().map(pair).collect();
    dimensions.sort();
    format!(
        "{}\u{0}{}\u{0}{}",
        metric.text("Namespace"),
        metric.text("MetricName"),
        dimensions.join("\u{0}")
    )
}

fn minute_id(metric: &str, minute: i64) -> String {
    format!("{metric}\u{0}\u{0}{minute:012}")
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValue", message)
}

/// `PutMetricData`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if input.has("EntityMetricData") {
        return Err(Fault::not_implemented("metrics of entities"));
    }
    let data = input.items("MetricData");
    if data.is_empty() || data.len() > 1000 {
        return Err(Fault::new(
            "MissingParameter",
            "The parameter MetricData must have 1 to 1000 elements.",
        ));
    }
    for (index, datum) in data.iter().enumerate() {
        let path = format!("MetricData.member.{}", index + 1);
        check(datum, &path, call.now())?;
        record(call, input.text("Namespace"), datum);
    }
    Ok(json!({}))
}

fn check(datum: &Value, path: &str, now: f64) -> Result<(), Fault> {
    let given =
        ["Value", "Values", "StatisticValues"].iter().filter(|member| datum.has(member)).count();
    if given != 1 {
        let message = format!(
            "Exactly one of the parameters {path}.Value, Values and StatisticValues must be specified."
        );
        return Err(Fault::new("InvalidParameterCombination", message));
    }
    let (values, counts) = (datum.items("Values").len(), datum.items("Counts").len());
    if values > 150 || (datum.has("Counts") && counts != values) {
        return Err(invalid(format!(
            "The parameters {path}.Values and {path}.Counts must be of the same size, at most 150."
        )));
    }
    if datum.int("StorageResolution").is_some_and(|seconds| seconds != 1 && seconds != 60) {
        return Err(invalid(format!("The parameter {path}.StorageResolution must be 1 or 60.")));
    }
    let time = datum.number("Timestamp").unwrap_or(now);
    if time < now - 14.0 * DAY {
        return Err(invalid(format!(
            "The parameter {path}.Timestamp must specify a time no older than two weeks."
        )));
    }
    if time > now + DAY / 12.0 {
        return Err(invalid(format!(
            "The parameter {path}.Timestamp must specify a time within the next two hours."
        )));
    }
    Ok(())
}

/// Keeps a `MetricDatum`, and lets the alarms on its metric look at it.
pub(crate) fn record(call: &mut Call, namespace: &str, datum: &Value) {
    let metric = json!({
        "Namespace": namespace, "MetricName": datum["MetricName"], "Dimensions": datum.items("Dimensions"),
    });
    let metric_id = id(&metric);
    let time = datum.number("Timestamp").unwrap_or(call.now());
    let sample = json!({
        "t": time, "u": datum.opt("Unit").unwrap_or("None"), "v": values(datum), "s": datum.get("StatisticValues"),
    });
    let last =
        call.get(METRIC, &metric_id).and_then(|row| row.number("_last")).unwrap_or(time).max(time);
    let mut row = metric;
    row["_last"] = json!(last);
    call.put(METRIC, &metric_id, row);
    let minute = minute_id(&metric_id, whole(time).div_euclid(60));
    let mut samples =
        call.get(MINUTE, &minute).map(|row| row.items("_samples").to_vec()).unwrap_or_default();
    samples.push(sample);
    call.put(MINUTE, &minute, json!({"_samples": samples}));
    // Other services record too, and evaluations are tasks of this one.
    call.in_service("cloudwatch", |call| evaluate::metric_changed(call, &metric_id));
}

/// The values of a datum, each with how often it was seen.
fn values(datum: &Value) -> Vec<(f64, f64)> {
    let counts = datum.items("Counts");
    let many = datum.items("Values").iter().enumerate().map(|(index, value)| {
        (
            value.as_f64().unwrap_or_default(),
            counts.get(index).and_then(Value::as_f64).unwrap_or(1.0),
        )
    });
    datum.number("Value").map(|value| (value, 1.0)).into_iter().chain(many).collect()
}

/// The samples of a metric in a span of time, taken together; `None` if there are none.
pub(super) fn aggregate(
    call: &Call,
    metric: &str,
    unit: Option<&str>,
    (start, end): (i64, i64),
) -> Option<Aggregate> {
    let mut all = Aggregate::default();
    for minute in start.div_euclid(60)..=(end - 1).div_euclid(60) {
        let row = call.get(MINUTE, &minute_id(metric, minute));
        for sample in row.map(|row| row.items("_samples")).unwrap_or_default() {
            let time = whole(sample.number("t").unwrap_or_default());
            if (start..end).contains(&time) && unit.is_none_or(|unit| unit == sample.text("u")) {
                all.add(sample);
            }
        }
    }
    all.any().then_some(all)
}

/// A statistic of a metric, period by period.
pub(super) fn series(
    call: &Call,
    metric: &Value,
    statistic: Statistic,
    unit: Option<&str>,
    grid: Grid,
) -> Series {
    let id = id(metric);
    let point = |time: i64| {
        Some((time, aggregate(call, &id, unit, (time, time + grid.period))?.get(statistic)?))
    };
    Series { period: grid.period, points: grid.times().filter_map(point).collect() }
}

/// Whether a metric has samples at or after a time.
pub(super) fn reaches(call: &Call, metric: &str, time: i64) -> bool {
    let last = call.get(METRIC, metric).and_then(|row| row.number("_last"));
    last.is_some_and(|last| whole(last) >= time)
}

/// `ListMetrics`: those with samples in the last two weeks.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    call.default_page_size(500);
    let input = call.input();
    let since = call.now() - if input.has("RecentlyActive") { DAY / 8.0 } else { 14.0 * DAY };
    let wanted = |row: &Value| {
        let of = |filter: &Value| {
            let same = |one: &&Value| {
                one["Name"] == filter["Name"]
                    && (!filter.has("Value") || one["Value"] == filter["Value"])
            };
            row.items("Dimensions").iter().any(|one| same(&one))
        };
        row.number("_last").unwrap_or_default() >= since
            && input.opt("Namespace").is_none_or(|name| name == row.text("Namespace"))
            && input.opt("MetricName").is_none_or(|name| name == row.text("MetricName"))
            && input.items("Dimensions").iter().all(of)
    };
    let mut metrics = Vec::new();
    for (id, row) in call.rows(METRIC).filter(|(_, row)| wanted(row)) {
        let mut row = row.clone();
        row["_key"] = json!(id);
        metrics.push(row);
    }
    Ok(json!({"Metrics": metrics}))
}
