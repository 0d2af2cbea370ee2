//! Metric filters: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html>

use super::pattern::Pattern;
use super::reference::{self, invalid, not_found};
use super::stream;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::cloudwatch;
use crate::services::tables::LOG_GROUP;
use crate::store::Table;
use serde_json::{Value, json};

/// Filters by group and name: a `MetricFilter`.
const METRIC_FILTER: Table = Table::regional("logs.metric_filter");

/// Filters of a group.
const QUOTA: usize = 100;

const MAX_DIMENSIONS: usize = 3;

/// `PutMetricFilter`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (group, name) = (input.text("logGroupName"), input.text("filterName"));
    let class = reference::group(call, group)?.text("logGroupClass");
    if class != "STANDARD" {
        let message =
            format!("Metric filters are not supported for log groups of the {class} class.");
        return Err(Fault::new("InvalidOperationException", message));
    }
    Pattern::parse(input.text("filterPattern"))?;
    for transformation in input.items("metricTransformations") {
        check(transformation)?;
    }
    let id = stream::id(group, name);
    let count = of(call, group).count();
    let old = call.get(METRIC_FILTER, &id).cloned();
    if old.is_none() && count >= call.quota("logs.metric_filters", QUOTA) {
        return Err(Fault::new("LimitExceededException", "Resource limit exceeded."));
    }
    let mut row = (*input).clone();
    row["creationTime"] =
        old.map_or_else(|| json!(reference::now(call)), |old| old["creationTime"].clone());
    row["_key"] = json!(format!("{name}:{group}"));
    call.put(METRIC_FILTER, &id, row);
    Ok(recount(call, group))
}

fn check(transformation: &Value) -> Result<(), Fault> {
    let value = transformation.text("metricValue");
    if !value.starts_with('$') && value.parse::<f64>().is_err() {
        return Err(invalid(format!(
            "Invalid metric transformation: metricValue '{value}' is neither a number nor a field."
        )));
    }
    let dimensions = transformation["dimensions"].as_object().map_or(0, serde_json::Map::len);
    if dimensions > MAX_DIMENSIONS {
        return Err(invalid(format!(
            "A metric filter can have at most {MAX_DIMENSIONS} dimensions."
        )));
    }
    if dimensions > 0 && transformation.has("defaultValue") {
        return Err(invalid(
            "Invalid metric transformation: dimensions and default value are mutually exclusive properties.",
        ));
    }
    Ok(())
}

fn of<'c>(call: &'c Call, group: &str) -> impl Iterator<Item = (&'c str, &'c Value)> + use<'c> {
    let start = stream::id(group, "");
    call.rows(METRIC_FILTER).filter(move |(id, _)| id.starts_with(&start))
}

fn recount(call: &mut Call, group: &str) -> Value {
    let count = of(call, group).count();
    call.merge(LOG_GROUP, group, json!({"metricFilterCount": count}));
    json!({})
}

/// `DeleteMetricFilter`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let group = input.text("logGroupName");
    reference::group(call, group)?;
    let id = stream::id(group, input.text("filterName"));
    call.remove(METRIC_FILTER, &id)
        .ok_or_else(|| not_found("The specified metric filter does not exist."))?;
    Ok(recount(call, group))
}

/// Removes the filters of a group that is deleted.
pub(super) fn remove_all(call: &mut Call, group: &str) {
    let ids: Vec<String> = of(call, group).map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        call.remove(METRIC_FILTER, &id);
    }
}

/// `DescribeMetricFilters`: a prefix counts only where the group is named.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let group = input.opt("logGroupName");
    if let Some(group) = group {
        reference::group(call, group)?;
    }
    if input.has("metricName") != input.has("metricNamespace") {
        return Err(invalid("metricName and metricNamespace must be given together."));
    }
    let prefix = if group.is_some() { input.text("filterNamePrefix") } else { "" };
    let metric = |filter: &Value| {
        let same = |member: &str| {
            filter.items("metricTransformations").iter().any(|to| to[member] == input[member])
        };
        !input.has("metricName") || (same("metricName") && same("metricNamespace"))
    };
    let filters = call.rows(METRIC_FILTER).map(|(_, filter)| filter).filter(|filter| {
        group.is_none_or(|group| filter.text("logGroupName") == group)
            && filter.text("filterName").starts_with(prefix)
            && metric(filter)
    });
    let mut filters: Vec<Value> = filters.cloned().collect();
    filters.sort_by(|a, b| a.text("_key").cmp(b.text("_key")));
    Ok(json!({"metricFilters": filters}))
}

/// Lets the filters of a group make metrics of events that came in.
pub(super) fn count(call: &mut Call, group: &str, events: &[Value]) {
    let filters: Vec<Value> = of(call, group).map(|(_, filter)| filter.clone()).collect();
    for filter in filters {
        let Ok(pattern) = Pattern::parse(filter.text("filterPattern")) else { continue };
        for (transformation, event) in filter
            .items("metricTransformations")
            .iter()
            .flat_map(|to| events.iter().map(move |event| (to, event)))
        {
            if let Some(datum) = datum(&pattern, transformation, event) {
                cloudwatch::record(call, transformation.text("metricNamespace"), &datum);
            }
        }
    }
}

/// What an event adds to a metric: its value if it matches, else the filter's default if there is one.
fn datum(pattern: &Pattern, transformation: &Value, event: &Value) -> Option<Value> {
    let message = event.text("message");
    let given = transformation.text("metricValue");
    let value = if pattern.matches(message).is_none() {
        transformation.number("defaultValue")?
    } else if given.starts_with('$') {
        pattern.value(message, given)?.parse().ok()?
    } else {
        given.parse::<f64>().ok()?
    };
    let dimensions = transformation["dimensions"].as_object().into_iter().flatten();
    let dimensions = dimensions.map(|(name, field)| {
        let value = pattern.value(message, field.as_str()?)?;
        Some(json!({"Name": name, "Value": value}))
    });
    let seconds = event.number("timestamp").unwrap_or_default() / 1000.0;
    Some(json!({
        "MetricName": transformation["metricName"], "Dimensions": dimensions.collect::<Option<Vec<Value>>>()?, "Value": value,
        "Timestamp": seconds, "Unit": transformation["unit"],
    }))
}

/// `TestMetricFilter`.
pub(super) fn test(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let pattern = Pattern::parse(input.text("filterPattern"))?;
    let messages = input.texts("logEventMessages").into_iter().zip(1..);
    let matches = messages.filter_map(|(message, number)| {
        let values = pattern.matches(message)?;
        Some(json!({"eventNumber": number, "eventMessage": message, "extractedValues": values}))
    });
    Ok(json!({"matches": matches.collect::<Vec<Value>>()}))
}
