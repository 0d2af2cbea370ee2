//! What CloudWatch answers of an alarm, as it would be declared.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{
    Dimension, MetricAlarm as Description, MetricDataQuery, Statistic as SdkStatistic,
};
use globecart_engine::Input;

use super::metric::{Metric, RESULT, Statistic, Watch};

/// What the alarm watches; what a declaration cannot say differs from every declaration. A server that names
/// neither a metric nor an expression tells nothing.
pub(super) fn watch(alarm: &Description, recorded: &Watch) -> Watch {
    if alarm.metrics().is_empty() && alarm.metric_name().is_none() {
        return recorded.clone();
    }
    if alarm.metrics().is_empty() {
        let statistic = alarm.statistic().map(SdkStatistic::as_str).or(alarm.extended_statistic());
        return Watch::Metric(Metric {
            namespace: alarm.namespace().unwrap_or_default().to_owned(),
            name: alarm.metric_name().unwrap_or_default().to_owned(),
            dimensions: dimensions(alarm.dimensions()),
            statistic: statistic.and_then(Statistic::described).unwrap_or(Statistic::SampleCount),
            period_secs: period(alarm.period()),
        });
    }
    let expression = |query: &MetricDataQuery| {
        Some(match query.id() {
            Some(RESULT) => query.expression()?.to_owned(),
            other => format!("{} = {}", other.unwrap_or_default(), query.expression()?),
        })
    };
    let expressions: Vec<String> = alarm.metrics().iter().filter_map(expression).collect();
    let metrics =
        alarm.metrics().iter().filter_map(|query| Some((query.id()?.to_owned(), metric(query)?)));
    Watch::Math { expression: expressions.join("; "), metrics: metrics.collect() }
}

fn metric(query: &MetricDataQuery) -> Option<Metric> {
    let (stat, metric) = (query.metric_stat()?, query.metric_stat()?.metric()?);
    Some(Metric {
        namespace: metric.namespace().unwrap_or_default().to_owned(),
        name: metric.metric_name().unwrap_or_default().to_owned(),
        dimensions: dimensions(metric.dimensions()),
        statistic: stat.stat().and_then(Statistic::described).unwrap_or(Statistic::SampleCount),
        period_secs: period(stat.period()),
    })
}

fn dimensions(dimensions: &[Dimension]) -> BTreeMap<String, Input<String>> {
    let pair = |dimension: &Dimension| {
        Some((dimension.name()?.to_owned(), dimension.value()?.to_owned().into()))
    };
    dimensions.iter().filter_map(pair).collect()
}

fn period(seconds: Option<i32>) -> u32 {
    seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(60)
}
