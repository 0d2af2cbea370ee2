//! What an alarm watches: one metric, or an expression over several.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{
    ComparisonOperator, Dimension, Metric as ApiMetric, MetricAlarm as Description,
    MetricDataQuery, MetricStat,
};
use globecart_engine::Input;
use serde::{Deserialize, Serialize};

/// A metric with its dimensions, and the statistic taken of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    namespace: String,
    name: String,
    dimensions: BTreeMap<String, Input<String>>,
    statistic: Statistic,
}

/// The statistic taken of a metric's values within a period, in CloudWatch's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Statistic(String);

/// What an alarm compares with its threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// One metric.
    Metric(Metric),
    /// A metric math expression over metrics:
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>
    Math {
        /// The expression, in terms of the queries' ids.
        expression: String,
        /// At most nine metrics, each under an id that starts with a lower-case letter.
        queries: Vec<Query>,
    },
}

/// A metric of an expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// The id that the expression uses.
    pub id: String,
    /// The metric.
    pub metric: Metric,
}

/// How the measure is compared with the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// More than the threshold.
    Greater,
    /// The threshold or more.
    GreaterOrEqual,
    /// Less than the threshold.
    Less,
    /// The threshold or less.
    LessOrEqual,
}

/// What a period without data means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MissingData {
    /// The threshold is passed.
    Breaching,
    /// All is well.
    NotBreaching,
    /// The alarm stays as it is.
    Ignore,
    /// The alarm goes to `INSUFFICIENT_DATA`.
    Missing,
}

impl Metric {
    /// A metric without dimensions.
    pub fn new(namespace: &str, name: &str, statistic: Statistic) -> Self {
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        Self { namespace, name, dimensions: BTreeMap::new(), statistic }
    }

    /// Adds a dimension.
    #[must_use]
    pub fn of(mut self, dimension: &str, value: impl Into<Input<String>>) -> Self {
        self.dimensions.insert(dimension.to_owned(), value.into());
        self
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    pub(super) fn statistic(&self) -> &Statistic {
        &self.statistic
    }

    pub(super) fn dimensions(&self) -> Vec<Dimension> {
        let dimensions = self.dimensions.iter();
        dimensions
            .map(|(name, value)| Dimension::builder().name(name).value(value.known()).build())
            .collect()
    }

    fn described(
        namespace: Option<&str>,
        name: Option<&str>,
        dimensions: &[Dimension],
        statistic: Statistic,
    ) -> Self {
        let pairs =
            dimensions.iter().filter_map(|dimension| Some((dimension.name()?, dimension.value()?)));
        Self {
            namespace: namespace.unwrap_or_default().to_owned(),
            name: name.unwrap_or_default().to_owned(),
            dimensions: pairs.map(|(name, value)| (name.to_owned(), value.into())).collect(),
            statistic,
        }
    }
}

impl Statistic {
    /// The mean of the values.
    pub fn average() -> Self {
        Self("Average".to_owned())
    }

    /// The sum of the values.
    pub fn sum() -> Self {
        Self("Sum".to_owned())
    }

    /// The least value.
    pub fn minimum() -> Self {
        Self("Minimum".to_owned())
    }

    /// The greatest value.
    pub fn maximum() -> Self {
        Self("Maximum".to_owned())
    }

    /// The value below which that many percent of the values are, as in `p90`.
    pub fn percentile(percent: u8) -> Self {
        Self(format!("p{percent}"))
    }

    pub(super) fn is_percentile(&self) -> bool {
        self.0.starts_with('p')
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Measure {
    /// The queries of an expression, as CloudWatch takes them: the expression itself is the one that is compared.
    pub(super) fn queries(
        expression: &str,
        queries: &[Query],
        period: i32,
    ) -> Vec<MetricDataQuery> {
        let query = |query: &Query| {
            let metric = ApiMetric::builder()
                .namespace(query.metric.namespace())
                .metric_name(query.metric.name())
                .set_dimensions(Some(query.metric.dimensions()));
            let stat = MetricStat::builder()
                .metric(metric.build())
                .period(period)
                .stat(query.metric.statistic().as_str());
            MetricDataQuery::builder()
                .id(&query.id)
                .metric_stat(stat.build())
                .return_data(false)
                .build()
        };
        let result = MetricDataQuery::builder().id(RESULT).expression(expression).return_data(true);
        queries.iter().map(query).chain([result.build()]).collect()
    }

    pub(super) fn described(alarm: &Description) -> Self {
        if alarm.metrics().is_empty() {
            let statistic = alarm.statistic().map(aws_sdk_cloudwatch::types::Statistic::as_str);
            let statistic = statistic.or(alarm.extended_statistic()).unwrap_or_default();
            return Self::Metric(Metric::described(
                alarm.namespace(),
                alarm.metric_name(),
                alarm.dimensions(),
                Statistic(statistic.to_owned()),
            ));
        }
        let expression =
            alarm.metrics().iter().find_map(|query| query.expression()).unwrap_or_default();
        let queries = alarm.metrics().iter().filter_map(|query| {
            let stat = query.metric_stat()?;
            let metric = stat.metric()?;
            let statistic = Statistic(stat.stat().unwrap_or_default().to_owned());
            let metric = Metric::described(
                metric.namespace(),
                metric.metric_name(),
                metric.dimensions(),
                statistic,
            );
            Some(Query { id: query.id().unwrap_or_default().to_owned(), metric })
        });
        Self::Math { expression: expression.to_owned(), queries: queries.collect() }
    }
}

/// The period of an expression's metrics, which the alarm itself does not tell.
pub(super) fn period_of(alarm: &Description) -> Option<i32> {
    alarm
        .period()
        .or_else(|| alarm.metrics().iter().find_map(|query| query.metric_stat()?.period()))
}

/// The id of the expression.
const RESULT: &str = "result";

impl Comparison {
    pub(super) fn api(self) -> ComparisonOperator {
        match self {
            Self::Greater => ComparisonOperator::GreaterThanThreshold,
            Self::GreaterOrEqual => ComparisonOperator::GreaterThanOrEqualToThreshold,
            Self::Less => ComparisonOperator::LessThanThreshold,
            Self::LessOrEqual => ComparisonOperator::LessThanOrEqualToThreshold,
        }
    }

    pub(super) fn described(operator: Option<&ComparisonOperator>) -> Option<Self> {
        let all = [Self::Greater, Self::GreaterOrEqual, Self::Less, Self::LessOrEqual];
        all.into_iter().find(|comparison| Some(&comparison.api()) == operator)
    }
}

impl MissingData {
    pub(super) fn api(self) -> &'static str {
        match self {
            Self::Breaching => "breaching",
            Self::NotBreaching => "notBreaching",
            Self::Ignore => "ignore",
            Self::Missing => "missing",
        }
    }

    /// CloudWatch leaves the default out.
    pub(super) fn described(text: Option<&str>) -> Self {
        let all = [Self::Breaching, Self::NotBreaching, Self::Ignore];
        all.into_iter().find(|missing| Some(missing.api()) == text).unwrap_or(Self::Missing)
    }
}
