//! Alarms that look at their metrics as time passes.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html>
//!
//! Invariant: an alarm whose state could change by the passing of time alone has an evaluation ahead of it (`_armed`).
//! One without data in its range has none, so that a quiet cloud has nothing to do.

use super::alarm::{ALARM, METRIC};
use super::query::{self, Source};
use super::series::{Grid, Series, float, whole};
use super::statistic::Statistic;
use super::transition::{self, NewState};
use super::verdict::{self, FURTHER, Missing, Rule};
use super::{metric, reason};
use crate::call::{Call, Step};
use crate::fields::Fields;
use serde_json::{Value, json};

/// How often alarms look, in seconds; those of shorter periods look more often.
const EVERY: i64 = 60;
const EVERY_SHORT: i64 = 10;

/// Lets an alarm look at the end of this minute, if it does not do so anyway.
pub(super) fn arm(call: &mut Call, name: &str) {
    let Some(alarm) = call.get(ALARM, name).filter(|alarm| alarm.text("_type") == METRIC) else {
        return;
    };
    if alarm.flag("_armed") {
        return;
    }
    let every = if period(alarm) < EVERY { EVERY_SHORT } else { EVERY };
    let next = (whole(call.now()).div_euclid(every) + 1) * every;
    call.merge(ALARM, name, json!({"_armed": true}));
    call.schedule(float(next) - call.now(), ALARM, name, Step::Run("evaluate", json!(name)));
}

/// Arms the alarms on a metric that has got a sample.
pub(super) fn metric_changed(call: &mut Call, id: &str) {
    let on = |alarm: &Value| {
        !alarm.flag("_armed") && query::metrics(alarm).iter().any(|metric| metric::id(metric) == id)
    };
    let names: Vec<String> =
        call.rows(ALARM).filter(|(_, alarm)| on(alarm)).map(|(name, _)| name.to_owned()).collect();
    for name in names {
        arm(call, &name);
    }
}

/// The seconds of an alarm's period: of its metric, or of the metrics of its expression.
fn period(alarm: &Value) -> i64 {
    let of_query = |query: &Value| query["MetricStat"].int("Period").or(query.int("Period"));
    let longest = alarm.items("Metrics").iter().filter_map(of_query).max();
    alarm.int("Period").or(longest).unwrap_or(EVERY)
}

/// The task that `arm` schedules.
pub(super) fn run(call: &mut Call, arguments: &Value) {
    let name = arguments.as_str().unwrap_or_default();
    let Some(alarm) = call.get(ALARM, name).cloned() else { return };
    call.merge(ALARM, name, json!({"_armed": null}));
    let (period, rule) = (period(&alarm), rule(&alarm));
    let end = end(&alarm, period, whole(call.now()));
    let periods = i64::try_from(rule.periods + FURTHER).unwrap_or(i64::MAX / period);
    let grid = Grid { start: end - periods * period, end, period };
    let Ok(series) = query::result(call, &Source::of_alarm(&alarm), grid) else { return };
    let points: Vec<Option<f64>> =
        grid.times().rev().map(|time| series.points.get(&time).copied()).collect();
    let breaches: Vec<Option<bool>> =
        points.iter().map(|point| point.map(|value| breaches(&alarm, value))).collect();
    if !has_too_few_samples(call, &alarm, grid)
        && let Some(state) = verdict::judge(&breaches, rule)
    {
        let facts = reason::Facts { alarm: &alarm, grid, points: &points, rule, state };
        let new = NewState {
            value: state.name(),
            reason: &facts.text(),
            data: Some(facts.data(call.now())),
        };
        transition::to(call, name, &new);
    }
    if goes_on(call, &alarm, &series, grid) {
        arm(call, name);
    }
}

/// The newest value that an alarm would see now.
pub(super) fn latest(call: &Call, alarm: &Value) -> Option<f64> {
    let (period, rule) = (period(alarm), rule(alarm));
    let end = end(alarm, period, whole(call.now()));
    let periods = i64::try_from(rule.periods + FURTHER).unwrap_or(i64::MAX / period);
    let grid = Grid { start: end - periods * period, end, period };
    let series = query::result(call, &Source::of_alarm(alarm), grid).ok()?;
    grid.times().rev().find_map(|time| series.points.get(&time).copied())
}

/// Where the newest period ends: now, or for periods by the clock at their last boundary.
fn end(alarm: &Value, period: i64, now: i64) -> i64 {
    if alarm["EvaluationWindow"].has("WallClockWindow") {
        now.div_euclid(period) * period
    } else {
        now
    }
}

fn rule(alarm: &Value) -> Rule {
    let count = |member: &str| alarm.int(member).and_then(|count| usize::try_from(count).ok());
    let periods = count("EvaluationPeriods").unwrap_or(1);
    // AWS does so whatever the alarm says.
    let dynamo = alarm.text("Namespace") == "AWS/DynamoDB";
    let missing =
        if dynamo { Missing::Ignored } else { Missing::parse(alarm.opt("TreatMissingData")) };
    Rule { datapoints: count("DatapointsToAlarm").unwrap_or(periods), periods, missing }
}

fn breaches(alarm: &Value, value: f64) -> bool {
    let threshold = alarm.number("Threshold").unwrap_or_default();
    match alarm.text("ComparisonOperator") {
        "GreaterThanOrEqualToThreshold" => value >= threshold,
        "GreaterThanThreshold" => value > threshold,
        "LessThanThreshold" => value < threshold,
        _ => value <= threshold,
    }
}

/// Whether an alarm on a percentile is told to wait for more samples.
fn has_too_few_samples(call: &Call, alarm: &Value, grid: Grid) -> bool {
    let statistic = alarm.opt("ExtendedStatistic").and_then(|text| Statistic::parse(text).ok());
    let Some(statistic) =
        statistic.filter(|_| alarm.text("EvaluateLowSampleCountPercentile") == "ignore")
    else {
        return false;
    };
    let newest = (grid.end - grid.period, grid.end);
    let samples = metric::aggregate(call, &metric::id(alarm), alarm.opt("Unit"), newest);
    samples.is_some_and(|samples| samples.count < statistic.least_samples())
}

/// Whether time alone could change what the next evaluation finds.
fn goes_on(call: &Call, alarm: &Value, series: &Series, grid: Grid) -> bool {
    let ahead = query::metrics(alarm)
        .iter()
        .any(|metric| metric::reaches(call, &metric::id(metric), grid.start));
    ahead || (!series.points.is_empty() && query::metrics(alarm).is_empty())
}
