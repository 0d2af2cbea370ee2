//! Functions: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list>

use super::super::alarm::invalid;
use super::super::query::Scope;
use super::super::series::{Series, float};
use super::parse::Node;
use super::{Kind, Operand, node};
use crate::fault::Fault;
use std::collections::{BTreeMap, BTreeSet};

/// What is said where numbers have no result.
pub(in super::super) const NO_RESULT: &str = "The expression has no result";

/// Functions of AWS that this cloud does not have.
const OTHERS: [&str; 19] = [
    "ANOMALY_DETECTION_BAND",
    "DATE",
    "DAY",
    "DB_PERF_INSIGHTS",
    "DIFF_TIME",
    "EPOCH",
    "FIRST",
    "HOUR",
    "INSIGHT_RULE_METRIC",
    "LAMBDA",
    "LAST",
    "MINUTE",
    "MONTH",
    "REMOVE_EMPTY",
    "SEARCH",
    "SERVICE_QUOTA",
    "SLICE",
    "SORT",
    "YEAR",
];

const OF_MANY: [&str; 5] = ["AVG", "MAX", "MIN", "STDDEV", "SUM"];
const OF_EACH: [&str; 5] = ["ABS", "CEIL", "FLOOR", "LOG", "LOG10"];
const OF_NEIGHBOURS: [&str; 3] = ["DIFF", "RATE", "RUNNING_SUM"];

/// The kind of a function's result, by the kinds of its arguments; an error if it is not known.
pub(super) fn kind(name: &str, arguments: &[Kind]) -> Result<Kind, Fault> {
    let first = arguments.first().copied();
    let one = || {
        first
            .filter(|_| arguments.len() == 1)
            .ok_or_else(|| invalid(format!("{name} takes one argument")))
    };
    match name {
        "METRICS" => Ok(Kind::List),
        "METRIC_COUNT" | "DATAPOINT_COUNT" | "PERIOD" => one().map(|_| Kind::Number),
        "TIME_SERIES" => one().map(|_| Kind::Series),
        "FILL" => first.ok_or_else(|| invalid("FILL takes two arguments")),
        "IF" if arguments.len() == 3 => Ok(arguments.iter().copied().max().unwrap_or(Kind::Number)),
        "IF" => Err(invalid("IF takes a condition and two values")),
        _ if OF_MANY.contains(&name) => {
            one().map(|kind| if kind == Kind::List { Kind::Series } else { Kind::Number })
        }
        _ if OF_EACH.contains(&name) || OF_NEIGHBOURS.contains(&name) => one(),
        _ if OTHERS.contains(&name) => {
            Err(Fault::not_implemented(&format!("the function {name} of metric math")))
        }
        _ => Err(invalid(format!("Unsupported function: {name}"))),
    }
}

/// The arguments of a call that are operands: not the words that `FILL` has.
pub(super) fn operands(name: &str, arguments: &[Node]) -> Vec<Node> {
    let word = |node: &Node| matches!(node, Node::Name(word) if name == "FILL" && (word == "REPEAT" || word == "LINEAR"));
    arguments.iter().filter(|node| !word(node)).cloned().collect()
}

/// The result of a function.
pub(super) fn apply(name: &str, arguments: &[Node], scope: &Scope) -> Result<Operand, Fault> {
    match name {
        "METRICS" => {
            let part = if let Some(Node::Text(part)) = arguments.first() { part } else { "" };
            return scope.metrics(part).map(Operand::List);
        }
        "FILL" => return fill(arguments, scope),
        "IF" => return choose(arguments, scope),
        _ => {}
    }
    let Some(first) = arguments.first() else {
        return kind(name, &[]).and(Err(invalid(NO_RESULT)));
    };
    let first = node(first, scope)?;
    match (name, first) {
        ("METRIC_COUNT", Operand::List(list)) => Ok(Operand::Number(count(list.len()))),
        ("METRIC_COUNT", _) => Ok(Operand::Number(1.0)),
        ("DATAPOINT_COUNT", Operand::Series(series)) => {
            Ok(Operand::Number(count(series.points.len())))
        }
        ("PERIOD", Operand::Series(series)) => Ok(Operand::Number(float(series.period))),
        ("TIME_SERIES", Operand::Number(number)) => Ok(Operand::Series(scope.constant(number))),
        (_, Operand::Number(number)) if OF_MANY.contains(&name) => Ok(Operand::Number(number)),
        (_, Operand::Series(series)) if OF_MANY.contains(&name) => {
            let values: Vec<f64> = series.points.into_values().collect();
            many(name, &values).map(Operand::Number).ok_or_else(|| invalid(NO_RESULT))
        }
        (_, Operand::List(list)) if OF_MANY.contains(&name) => {
            Ok(Operand::Series(across(name, &list)))
        }
        (_, operand) if OF_EACH.contains(&name) => each(
            operand,
            |series| series.map(|_, value| single(name, value)),
            |number| single(name, number),
        ),
        (_, operand) if OF_NEIGHBOURS.contains(&name) => {
            each(operand, |series| neighbours(name, series), |_| None)
        }
        (_, _) => kind(name, &[Kind::Number])
            .and_then(|_| Err(invalid(format!("{name} does not take such an argument")))),
    }
}

fn count(count: usize) -> f64 {
    float(i64::try_from(count).unwrap_or(i64::MAX))
}

fn each(
    operand: Operand,
    of_series: impl Fn(&Series) -> Series,
    of_number: impl Fn(f64) -> Option<f64>,
) -> Result<Operand, Fault> {
    match operand {
        Operand::Number(number) => {
            of_number(number).map(Operand::Number).ok_or_else(|| invalid(NO_RESULT))
        }
        Operand::Series(series) => Ok(Operand::Series(of_series(&series))),
        Operand::List(list) => Ok(Operand::List(list.iter().map(of_series).collect())),
    }
}

fn single(name: &str, value: f64) -> Option<f64> {
    let result = match name {
        "ABS" => value.abs(),
        "CEIL" => value.ceil(),
        "FLOOR" => value.floor(),
        "LOG" => value.ln(),
        _ => value.log10(),
    };
    result.is_finite().then_some(result)
}

fn many(name: &str, values: &[f64]) -> Option<f64> {
    let number = count(values.len());
    let sum: f64 = values.iter().sum();
    let mean = sum / number;
    match name {
        _ if values.is_empty() => None,
        "SUM" => Some(sum),
        "AVG" => Some(mean),
        "MIN" => values.iter().copied().reduce(f64::min),
        "MAX" => values.iter().copied().reduce(f64::max),
        _ => Some((values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / number).sqrt()),
    }
}

/// One series out of many: for each period, over those that have it.
fn across(name: &str, list: &[Series]) -> Series {
    let times: BTreeSet<i64> =
        list.iter().flat_map(|series| series.points.keys().copied()).collect();
    let at = |time: i64| {
        let values: Vec<f64> =
            list.iter().filter_map(|series| series.points.get(&time).copied()).collect();
        Some((time, many(name, &values)?))
    };
    let period = list.iter().map(|series| series.period).max().unwrap_or(60);
    Series { period, points: times.into_iter().filter_map(at).collect() }
}

fn neighbours(name: &str, series: &Series) -> Series {
    let mut points = BTreeMap::new();
    let (mut before, mut sum): (Option<(i64, f64)>, f64) = (None, 0.0);
    for (&time, &value) in &series.points {
        sum += value;
        let result = match (name, before) {
            ("RUNNING_SUM", _) => Some(sum),
            ("DIFF", Some((_, old))) => Some(value - old),
            ("RATE", Some((then, old))) => Some((value - old) / float(time - then)),
            _ => None,
        };
        points.extend(result.map(|result| (time, result)));
        before = Some((time, value));
    }
    Series { period: series.period, points }
}

/// `IF(condition, then, else)`: period by period, where the condition is a series.
fn choose(arguments: &[Node], scope: &Scope) -> Result<Operand, Fault> {
    let [condition, then, otherwise] = arguments else {
        return Err(invalid("IF takes a condition and two values"));
    };
    let (then, otherwise) = (node(then, scope)?, node(otherwise, scope)?);
    match node(condition, scope)? {
        Operand::Number(number) => Ok(if number == 0.0 { otherwise } else { then }),
        Operand::Series(series) => {
            let at = |operand: &Operand, time: i64| match operand {
                Operand::Number(number) => Some(*number),
                Operand::Series(series) => series.points.get(&time).copied(),
                Operand::List(_) => None,
            };
            if matches!(then, Operand::List(_)) || matches!(otherwise, Operand::List(_)) {
                return Err(invalid("IF does not choose between arrays period by period"));
            }
            Ok(Operand::Series(
                series.map(|time, holds| at(if holds == 0.0 { &otherwise } else { &then }, time)),
            ))
        }
        Operand::List(_) => Err(invalid("The condition of IF cannot be an array")),
    }
}

/// `FILL(metric, REPEAT | LINEAR | number | metric)`.
fn fill(arguments: &[Node], scope: &Scope) -> Result<Operand, Fault> {
    let [metric, with] = arguments else { return Err(invalid("FILL takes two arguments")) };
    let filled: Box<dyn Fn(&Series) -> Series> = match with {
        Node::Name(word) if word == "REPEAT" => {
            Box::new(|series| fill_gaps(series, scope, &repeat))
        }
        Node::Name(word) if word == "LINEAR" => {
            Box::new(|series| fill_gaps(series, scope, &between))
        }
        other => match node(other, scope)? {
            Operand::Number(number) => {
                Box::new(move |series| fill_gaps(series, scope, &|_, _| Some(number)))
            }
            Operand::Series(other) => Box::new(move |series| {
                fill_gaps(series, scope, &|_, time| other.points.get(&time).copied())
            }),
            Operand::List(_) => return Err(invalid("FILL does not fill with an array")),
        },
    };
    each(node(metric, scope)?, filled, Some)
}

/// What a missing point of a series at a time becomes.
type Filler<'f> = &'f dyn Fn(&Series, i64) -> Option<f64>;

fn fill_gaps(series: &Series, scope: &Scope, filler: Filler) -> Series {
    let mut points = series.points.clone();
    for time in
        scope.grid_of(series.period).times().filter(|time| !series.points.contains_key(time))
    {
        points.extend(filler(series, time).map(|value| (time, value)));
    }
    Series { period: series.period, points }
}

fn repeat(series: &Series, time: i64) -> Option<f64> {
    series.points.range(..time).next_back().map(|(_, value)| *value)
}

fn between(series: &Series, time: i64) -> Option<f64> {
    let (before, from) = series.points.range(..time).next_back()?;
    let (after, to) = series.points.range(time..).next()?;
    Some(from + (to - from) * float(time - before) / float(after - before))
}
