//! Why an alarm is in its state, in AWS's words.

use super::series::{Grid, float};
use super::verdict::{FURTHER, Missing, Rule, State};
use crate::fields::Fields;
use crate::model::TimestampFormat;
use crate::protocol::timestamp;
use serde_json::{Value, json};

/// What an evaluation found.
pub(super) struct Facts<'a> {
    pub(super) alarm: &'a Value,
    pub(super) grid: Grid,
    /// Newest first, with those beyond the evaluated periods.
    pub(super) points: &'a [Option<f64>],
    pub(super) rule: Rule,
    pub(super) state: State,
}

impl Facts<'_> {
    /// The points that decided: the newest that are there, and when they start.
    fn evaluated(&self) -> Vec<(i64, f64)> {
        let times = self.grid.times().rev().zip(self.points);
        times.filter_map(|(time, point)| Some((time, (*point)?))).take(self.rule.periods).collect()
    }

    /// `StateReason`.
    pub(super) fn text(&self) -> String {
        let evaluated = self.evaluated();
        let missing = self.rule.periods.saturating_sub(evaluated.len());
        if self.state == State::InsufficientData {
            let verb = if missing == 1 { "was" } else { "were" };
            return format!("Insufficient Data: {} {verb} unknown.", counted(missing, "datapoint"));
        }
        if evaluated.is_empty() {
            return self.nothing_received(missing);
        }
        let met = self.state == State::Alarm;
        let about = self.about(&evaluated, met);
        let transition = if met { "OK -> ALARM" } else { "ALARM -> OK" };
        let least =
            if met { self.rule.datapoints } else { self.rule.periods - self.rule.datapoints + 1 };
        format!(
            "Threshold Crossed: {about} (minimum {} for {transition} transition).",
            counted(least, "datapoint")
        )
    }

    fn nothing_received(&self, missing: usize) -> String {
        let treated =
            if self.rule.missing == Missing::Breaching { "Breaching" } else { "NonBreaching" };
        let verb = if missing == 1 { "was" } else { "were" };
        format!(
            "Threshold Crossed: no datapoints were received for {} and {} {verb} treated as [{treated}].",
            counted(missing, "period"),
            counted(missing, "missing datapoint"),
        )
    }

    fn about(&self, evaluated: &[(i64, f64)], met: bool) -> String {
        let threshold = self.alarm.number("Threshold").unwrap_or_default();
        let relation = match self.alarm.text("ComparisonOperator") {
            "GreaterThanOrEqualToThreshold" => "greater than or equal to",
            "GreaterThanThreshold" => "greater than",
            "LessThanThreshold" => "less than",
            _ => "less than or equal to",
        };
        let chosen: Vec<String> =
            evaluated.iter().map(|(time, value)| format!("{value:?} ({})", clock(*time))).collect();
        let (count, all) = (chosen.len(), self.rule.periods);
        let verb = if count == 1 { "was" } else { "were" };
        let not = if met { "" } else { "not " };
        let list = chosen.join(", ");
        format!(
            "{count} out of the last {} [{list}] {verb} {not}{relation} the threshold ({threshold:?})",
            counted(all, "datapoint")
        )
    }

    /// `StateReasonData`: JSON text.
    pub(super) fn data(&self, now: f64) -> String {
        let time = |seconds: f64| timestamp(seconds, TimestampFormat::Iso8601);
        let evaluated = self.evaluated();
        let points = evaluated
            .iter()
            .map(|(at, value)| json!({"timestamp": time(float(*at)), "value": value}));
        let recent: Vec<f64> =
            self.points[..self.points.len() - FURTHER].iter().rev().flatten().copied().collect();
        let statistic = self.alarm.opt("Statistic").or(self.alarm.opt("ExtendedStatistic"));
        json!({
            "version": "1.0", "queryDate": time(now), "startDate": time(float(self.grid.start)), "statistic": statistic,
            "period": self.grid.period, "recentDatapoints": recent, "threshold": self.alarm["Threshold"],
            "evaluatedDatapoints": points.collect::<Vec<Value>>(),
        })
        .to_string()
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A time as day, month, year and clock.
fn clock(time: i64) -> String {
    let text = timestamp(float(time), TimestampFormat::Iso8601);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    format!("{}/{}/{} {}", part(8, 10), part(5, 7), part(2, 4), part(11, 19))
}
