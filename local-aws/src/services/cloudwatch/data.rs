//! Reading metrics: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>

use super::metric;
use super::query::{self, Source};
use super::series::{Grid, float, whole};
use super::statistic::{Aggregate, Statistic};
use super::{alarm::invalid, metric_alarm};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// Queries of a request.
const MOST_QUERIES: usize = 500;

/// Data points of an answer of `GetMetricStatistics`.
const MOST_POINTS: i64 = 1440;

/// `GetMetricData`: the newest values first, by default.
pub(super) fn metric_data(call: &mut Call) -> Result<Value, Fault> {
    call.default_page_size(MOST_QUERIES);
    let input = call.input();
    let queries = input.items("MetricDataQueries");
    let span = span(&input).map_err(|message| invalid(message.to_owned()))?;
    if queries.is_empty() || queries.len() > MOST_QUERIES {
        return Err(invalid("MetricDataQueries must have 1 to 500 elements"));
    }
    metric_alarm::check_queries(queries)?;
    query::check_expressions(queries, false)?;
    let mut results = Vec::new();
    for query in queries.iter().filter(|query| query.opt_flag("ReturnData").unwrap_or(true)) {
        let id = query.text("Id");
        for series in query::results(call, &Source::of_request(queries, id), span)? {
            let mut points: Vec<(i64, f64)> = series.points.into_iter().collect();
            if input.opt("ScanBy") != Some("TimestampAscending") {
                points.reverse();
            }
            let label = query
                .opt("Label")
                .or(query["MetricStat"]["Metric"].opt("MetricName"))
                .unwrap_or(id);
            results.push(json!({
                "Id": id, "Label": label, "StatusCode": "Complete",
                "Timestamps": points.iter().map(|(time, _)| float(*time)).collect::<Vec<f64>>(),
                "Values": points.iter().map(|(_, value)| *value).collect::<Vec<f64>>(),
            }));
        }
    }
    Ok(json!({"MetricDataResults": results, "Messages": []}))
}

/// From `StartTime` to `EndTime` in seconds; what is read within it has its own periods.
fn span(input: &Value) -> Result<Grid, &'static str> {
    let (start, end) = (
        input.number("StartTime").unwrap_or_default(),
        input.number("EndTime").unwrap_or_default(),
    );
    if start >= end {
        return Err("The parameter StartTime must be less than the parameter EndTime.");
    }
    Ok(Grid { start: whole(start), end: whole(end.ceil()), period: 1 })
}

/// `GetMetricStatistics`.
pub(super) fn metric_statistics(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let period = input.int("Period").unwrap_or(60);
    if ![1, 5, 10, 20, 30].contains(&period) && period % 60 != 0 {
        return Err(Fault::new(
            "InvalidParameterValue",
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
        ));
    }
    if !input.has("Statistics") && !input.has("ExtendedStatistics") {
        return Err(Fault::new(
            "MissingParameter",
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        ));
    }
    let grid = span(&input)
        .map_err(|message| Fault::new("InvalidParameterValue", message))?
        .with_period(period);
    if (grid.end - grid.start) / period > MOST_POINTS {
        let message = format!(
            "You have requested more than {MOST_POINTS} datapoints. You may reduce the datapoints requested by increasing Period, or decreasing the time range."
        );
        return Err(Fault::new("InvalidParameterCombination", message));
    }
    let id = metric::id(&input);
    let mut points = Vec::new();
    for time in grid.times() {
        if let Some(all) = metric::aggregate(call, &id, input.opt("Unit"), (time, time + period)) {
            points.push(point(&input, time, &all)?);
        }
    }
    Ok(json!({"Label": input["MetricName"], "Datapoints": points}))
}

fn point(input: &Value, time: i64, all: &Aggregate) -> Result<Value, Fault> {
    let mut point = json!({"Timestamp": float(time), "Unit": input.opt("Unit").or(all.unit()).unwrap_or("None")});
    for name in input.texts("Statistics") {
        point[name] = json!(all.get(Statistic::parse(name)?));
    }
    for name in input.texts("ExtendedStatistics") {
        point["ExtendedStatistics"][name] = json!(all.get(Statistic::parse(name)?));
    }
    Ok(point)
}
