//! Metric alarms: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>

use super::alarm::{self, METRIC, invalid};
use super::statistic::Statistic;
use super::{alarm_tags, evaluate, query};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// `PutMetricAlarm`: makes an alarm, or replaces its configuration as a whole. Tags count at creation only.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let tags = alarm_tags::checked(input.items("Tags"))?;
    let mut row = whole(call, &input)?;
    row["Tags"] = json!(tags);
    alarm::store(call, METRIC, row)?;
    evaluate::arm(call, input.text("AlarmName"));
    Ok(json!({}))
}

/// The row of an alarm as it was asked for, checked, without tags.
pub(super) fn whole(call: &Call, input: &Value) -> Result<Value, Fault> {
    unsupported(input)?;
    check(input)?;
    alarm::check_actions(call, input)?;
    let mut row = input.clone();
    row["Dimensions"] = json!(input.items("Dimensions"));
    for query in row["Metrics"].as_array_mut().into_iter().flatten() {
        if !query.has("ReturnData") {
            query["ReturnData"] = json!(true);
        }
    }
    Ok(row)
}

fn unsupported(input: &Value) -> Result<(), Fault> {
    let members =
        ["EvaluationCriteria", "EvaluationInterval", "WarmUpConfiguration", "ThresholdMetricId"];
    match members.into_iter().find(|member| input.has(member)) {
        Some(member) => Err(Fault::not_implemented(&format!("alarms with {member}"))),
        None => Ok(()),
    }
}

fn check(input: &Value) -> Result<(), Fault> {
    for member in ["ComparisonOperator", "EvaluationPeriods", "Threshold"] {
        if !input.has(member) {
            return Err(invalid(format!("The parameter {member} is required.")));
        }
    }
    if input.text("ComparisonOperator").contains("UpperThreshold")
        || input.text("ComparisonOperator").contains("LowerThreshold")
    {
        return Err(invalid("ThresholdMetricId is required for a comparison with a band"));
    }
    one_of(input, "TreatMissingData", &["breaching", "notBreaching", "ignore", "missing"])?;
    one_of(input, "EvaluateLowSampleCountPercentile", &["evaluate", "ignore"])?;
    let periods = input.int("EvaluationPeriods").unwrap_or(1);
    if input.int("DatapointsToAlarm").is_some_and(|datapoints| datapoints > periods) {
        return Err(invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods"));
    }
    if input.has("Metrics") {
        check_no_single_metric(input)?;
        let period = check_alarm_queries(input.items("Metrics"))?;
        check_span(period, periods)
    } else {
        check_single_metric(input)?;
        check_span(input.int("Period").unwrap_or(60), periods)
    }
}

fn one_of(input: &Value, member: &str, allowed: &[&str]) -> Result<(), Fault> {
    match input.opt(member).filter(|value| !allowed.contains(value)) {
        Some(value) => Err(invalid(format!(
            "Value '{value}' for {member} must be one of {}",
            allowed.join(", ")
        ))),
        None => Ok(()),
    }
}

fn check_single_metric(input: &Value) -> Result<(), Fault> {
    for member in ["MetricName", "Namespace", "Period"] {
        if !input.has(member) {
            return Err(invalid(format!("The parameter {member} is required.")));
        }
    }
    match (input.has("Statistic"), input.opt("ExtendedStatistic")) {
        (true, None) => {}
        (false, Some(extended)) => Statistic::parse(extended).map(drop)?,
        (true, Some(_)) => {
            return Err(invalid("Only one of Statistic and ExtendedStatistic may be specified."));
        }
        (false, None) => {
            return Err(invalid("One of Statistic and ExtendedStatistic must be specified."));
        }
    }
    if input.has("EvaluateLowSampleCountPercentile")
        && !input.text("ExtendedStatistic").starts_with('p')
    {
        return Err(invalid("EvaluateLowSampleCountPercentile is for alarms on percentiles only"));
    }
    check_period(input.int("Period").unwrap_or(60))
}

fn check_no_single_metric(input: &Value) -> Result<(), Fault> {
    let single = [
        "Dimensions",
        "ExtendedStatistic",
        "MetricName",
        "Namespace",
        "Period",
        "Statistic",
        "Unit",
    ];
    match single.into_iter().find(|member| input.has(member)) {
        Some(member) => {
            Err(invalid(format!("The parameter {member} cannot be used together with Metrics")))
        }
        None => Ok(()),
    }
}

fn check_period(period: i64) -> Result<(), Fault> {
    if [10, 20, 30].contains(&period) || (period > 0 && period % 60 == 0) {
        return Ok(());
    }
    Err(invalid("Period must be 10, 20, 30 or a multiple of 60"))
}

/// Alarms look back one day, or seven if their period is an hour or longer.
fn check_span(period: i64, periods: i64) -> Result<(), Fault> {
    let (days, most) = if period >= 3600 { ("seven days", 604_800) } else { ("a day", 86_400) };
    if period.saturating_mul(periods) <= most {
        return Ok(());
    }
    Err(invalid(format!(
        "Metrics cannot be checked across more than {days} (EvaluationPeriods * Period must be <= {most})"
    )))
}

/// Checks the queries of an alarm on metric math; their period.
fn check_alarm_queries(queries: &[Value]) -> Result<i64, Fault> {
    check_queries(queries)?;
    let returned =
        queries.iter().filter(|query| query.opt_flag("ReturnData").unwrap_or(true)).count();
    if returned != 1 {
        return Err(invalid("Exactly one element of the metrics list should return data."));
    }
    if queries.len() > 20 || queries.iter().filter(|query| query.has("MetricStat")).count() > 10 {
        return Err(invalid("A metrics list has at most 20 elements, 10 of them metrics"));
    }
    let of_query = |query: &Value| query["MetricStat"].int("Period").or(query.int("Period"));
    let periods: BTreeSet<i64> = queries.iter().filter_map(of_query).collect();
    if periods.len() > 1 {
        return Err(invalid("All metrics of a metrics list must have the same period"));
    }
    query::check_expressions(queries, true)?;
    let period = periods.first().copied().unwrap_or(60);
    check_period(period).map(|()| period)
}

/// Checks ids, statistics and periods of queries.
pub(super) fn check_queries(queries: &[Value]) -> Result<(), Fault> {
    let mut ids = BTreeSet::new();
    for query in queries {
        let id = query.text("Id");
        if !is_id(id) {
            return Err(invalid(format!(
                "The id {id} must start with a small letter and have letters, digits and underscores only"
            )));
        }
        if !ids.insert(id) {
            return Err(invalid(format!("The id {id} is used more than once")));
        }
        if query.has("MetricStat") == query.has("Expression") {
            return Err(invalid(format!(
                "Exactly one of MetricStat and Expression is required for {id}"
            )));
        }
        if query.has("MetricStat") {
            Statistic::parse(query["MetricStat"].text("Stat"))?;
        }
        let period = query["MetricStat"].int("Period").or_else(|| query.int("Period"));
        if let Some(period) = period.filter(|period| ![1, 5].contains(period)) {
            check_period(period)?;
        }
    }
    Ok(())
}

fn is_id(id: &str) -> bool {
    id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
