//! Queries for metrics and expressions on them: what `GetMetricData` and alarms ask.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html>

use super::alarm::invalid;
use super::math::{self, Operand};
use super::metric;
use super::series::{Grid, Series};
use super::statistic::Statistic;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// How deep expressions may refer to one another.
const DEPTH: usize = 20;

/// Queries, and which of them is meant.
pub(super) struct Source {
    queries: Vec<Value>,
    id: String,
}

impl Source {
    /// What an alarm looks at.
    pub(super) fn of_alarm(alarm: &Value) -> Self {
        if alarm.has("Metrics") {
            let queries = alarm.items("Metrics").to_vec();
            let returned =
                queries.iter().find(|query| query.opt_flag("ReturnData").unwrap_or(true));
            let id = returned.map(|query| query.text("Id").to_owned()).unwrap_or_default();
            return Self { queries, id };
        }
        let statistic = alarm.opt("Statistic").or(alarm.opt("ExtendedStatistic"));
        let metric = json!({
            "Namespace": alarm["Namespace"], "MetricName": alarm["MetricName"], "Dimensions": alarm.items("Dimensions"),
        });
        let stat = json!({"Metric": metric, "Period": alarm["Period"], "Stat": statistic, "Unit": alarm.get("Unit")});
        Self { queries: vec![json!({"Id": "m1", "MetricStat": stat})], id: "m1".to_owned() }
    }

    /// One of the queries of a request.
    pub(super) fn of_request(queries: &[Value], id: &str) -> Self {
        Self { queries: queries.to_vec(), id: id.to_owned() }
    }
}

/// The metrics that an alarm looks at.
pub(super) fn metrics(alarm: &Value) -> Vec<Value> {
    let queries = Source::of_alarm(alarm).queries;
    queries
        .iter()
        .filter(|query| query.has("MetricStat"))
        .map(|query| query["MetricStat"]["Metric"].clone())
        .collect()
}

/// The series that is meant. A number is the same for every period.
pub(super) fn result(call: &Call, source: &Source, grid: Grid) -> Result<Series, Fault> {
    let scope = Scope { call, queries: &source.queries, grid, depth: 0 };
    match scope.operand(&source.id)? {
        Operand::Series(series) => Ok(series),
        Operand::Number(number) => Ok(scope.constant(number)),
        Operand::List(_) => Err(several(&source.id)),
    }
}

/// The series that is meant, one or several.
pub(super) fn results(call: &Call, source: &Source, grid: Grid) -> Result<Vec<Series>, Fault> {
    let scope = Scope { call, queries: &source.queries, grid, depth: 0 };
    Ok(match scope.operand(&source.id)? {
        Operand::Series(series) => vec![series],
        Operand::Number(number) => vec![scope.constant(number)],
        Operand::List(list) => list,
    })
}

/// Checks that an expression can be understood, and that it comes to one series: what alarms need.
pub(super) fn check_expressions(queries: &[Value], one: bool) -> Result<(), Fault> {
    for query in queries.iter().filter(|query| query.has("Expression")) {
        let kind = math::kind(query.text("Expression"), queries, DEPTH)?;
        let returned = query.opt_flag("ReturnData").unwrap_or(true);
        if one && returned && kind == math::Kind::List {
            return Err(several(query.text("Id")));
        }
        if one && returned && kind == math::Kind::Number {
            return Err(invalid(format!(
                "The expression {} must return a time series, not a number",
                query.text("Id")
            )));
        }
    }
    Ok(())
}

fn several(id: &str) -> Fault {
    invalid(format!("The expression {id} must return a single time series"))
}

/// Where the names in an expression have their meaning.
pub(super) struct Scope<'c> {
    call: &'c Call<'c>,
    queries: &'c [Value],
    /// The span that is looked at; metrics with another period have their own periods within it.
    pub(super) grid: Grid,
    depth: usize,
}

impl Scope<'_> {
    /// What a name stands for.
    pub(super) fn operand(&self, id: &str) -> Result<Operand, Fault> {
        let query = self.queries.iter().find(|query| query.text("Id") == id);
        let query = query.ok_or_else(|| invalid(format!("Unknown identifier: {id}")))?;
        if query.has("MetricStat") {
            return self.metric(&query["MetricStat"]).map(Operand::Series);
        }
        if self.depth > DEPTH {
            return Err(invalid(format!("The expression {id} refers to itself")));
        }
        let inner = Scope { depth: self.depth + 1, ..*self };
        math::evaluate(query.text("Expression"), &inner)
    }

    fn metric(&self, stat: &Value) -> Result<Series, Fault> {
        let period = stat.int("Period").unwrap_or(60);
        let statistic = Statistic::parse(stat.text("Stat"))?;
        Ok(metric::series(
            self.call,
            &stat["Metric"],
            statistic,
            stat.opt("Unit"),
            self.grid_of(period),
        ))
    }

    /// The span in periods of a length.
    pub(super) fn grid_of(&self, period: i64) -> Grid {
        if period == self.grid.period { self.grid } else { self.grid.with_period(period) }
    }

    /// Every metric whose id contains a text.
    pub(super) fn metrics(&self, part: &str) -> Result<Vec<Series>, Fault> {
        let wanted = self
            .queries
            .iter()
            .filter(|query| query.has("MetricStat") && query.text("Id").contains(part));
        wanted.map(|query| self.metric(&query["MetricStat"])).collect()
    }

    /// A number for every period of the longest length in use.
    pub(super) fn constant(&self, number: f64) -> Series {
        let periods = self
            .queries
            .iter()
            .filter_map(|query| query["MetricStat"].int("Period").or(query.int("Period")));
        let grid = self.grid_of(periods.max().unwrap_or(60));
        Series { period: grid.period, points: grid.times().map(|time| (time, number)).collect() }
    }
}
