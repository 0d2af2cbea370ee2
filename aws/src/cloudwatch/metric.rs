//! What an alarm watches: a metric, or an expression over several.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{Dimension, Metric as SdkMetric, MetricDataQuery, MetricStat};
use globecart_engine::{Input, Invalid};
use serde::{Deserialize, Serialize};

/// How the values of a period become one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// The mean.
    Average,
    /// The sum.
    Sum,
    /// The least.
    Minimum,
    /// The greatest.
    Maximum,
    /// How many there are.
    SampleCount,
    /// The value that this share of them, in percent from 0 to 100, does not exceed.
    Percentile(f64),
}

/// A metric, one value a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) dimensions: BTreeMap<String, Input<String>>,
    pub(super) statistic: Statistic,
    pub(super) period_secs: u32,
}

/// What an alarm watches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watch {
    /// A metric.
    Metric(Metric),
    /// An expression over metrics, each by an id that begins with a lower-case letter.
    Math {
        /// The expression, as in `100 * dropped / (dropped + passed)`.
        expression: String,
        /// The metrics, by id.
        metrics: BTreeMap<String, Metric>,
    },
}

impl Metric {
    /// A metric as its service publishes it, as in `AWS/NATGateway` and `ErrorPortAllocation`, each minute.
    pub fn new(namespace: &str, name: &str, statistic: Statistic) -> Self {
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        Self { namespace, name, dimensions: BTreeMap::new(), statistic, period_secs: 60 }
    }

    /// Only what has this dimension.
    #[must_use]
    pub fn dimension(mut self, dimension: &str, value: impl Into<Input<String>>) -> Self {
        self.dimensions.insert(dimension.to_owned(), value.into());
        self
    }

    /// One value every so many seconds: 10, 20, 30 or a multiple of 60.
    #[must_use]
    pub fn every(mut self, period_secs: u32) -> Self {
        self.period_secs = period_secs;
        self
    }

    pub(super) fn dimensions(&self) -> Vec<Dimension> {
        let dimensions = self.dimensions.iter();
        dimensions
            .map(|(name, value)| Dimension::builder().name(name).value(value.known()).build())
            .collect()
    }

    pub(super) fn period(&self) -> i32 {
        i32::try_from(self.period_secs).unwrap_or(i32::MAX)
    }

    fn stat(&self) -> MetricStat {
        let metric = SdkMetric::builder().namespace(&self.namespace).metric_name(&self.name);
        let metric = metric.set_dimensions(Some(self.dimensions())).build();
        MetricStat::builder()
            .metric(metric)
            .period(self.period())
            .stat(self.statistic.in_words())
            .build()
    }

    fn check(&self) -> Result<(), Invalid> {
        let invalid =
            |problem: String| Err(Invalid::new("watch", format!("{}: {problem}", self.name)));
        if self.period_secs == 0
            || (!self.period_secs.is_multiple_of(60) && ![10, 20, 30].contains(&self.period_secs))
        {
            return invalid(format!(
                "a period of {} s must be 10, 20, 30 or a multiple of 60",
                self.period_secs
            ));
        }
        if self.dimensions.len() > 30 {
            return invalid(format!("{} dimensions, where AWS takes 30", self.dimensions.len()));
        }
        match self.statistic {
            Statistic::Percentile(share) if !(0.0..=100.0).contains(&share) => {
                invalid(format!("the percentile {share} must be 0 to 100"))
            }
            _ => Ok(()),
        }
    }
}

impl Watch {
    /// An expression over metrics, each by an id that begins with a lower-case letter.
    pub fn math<'a>(
        expression: &str,
        metrics: impl IntoIterator<Item = (&'a str, Metric)>,
    ) -> Self {
        let metrics = metrics.into_iter().map(|(id, metric)| (id.to_owned(), metric)).collect();
        Self::Math { expression: expression.to_owned(), metrics }
    }

    /// The longest period among the metrics, in seconds.
    pub(super) fn period_secs(&self) -> u32 {
        match self {
            Self::Metric(metric) => metric.period_secs,
            Self::Math { metrics, .. } => {
                metrics.values().map(|metric| metric.period_secs).max().unwrap_or(60)
            }
        }
    }

    /// The queries of an expression; the expression itself is the one whose values are returned.
    pub(super) fn queries(
        expression: &str,
        metrics: &BTreeMap<String, Metric>,
    ) -> Vec<MetricDataQuery> {
        let result = MetricDataQuery::builder().id(RESULT).expression(expression).return_data(true);
        let metrics = metrics.iter().map(|(id, metric)| {
            MetricDataQuery::builder().id(id).metric_stat(metric.stat()).return_data(false).build()
        });
        [result.build()].into_iter().chain(metrics).collect()
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        let Self::Math { expression, metrics } = self else {
            let Self::Metric(metric) = self else { return Ok(()) };
            return metric.check();
        };
        if expression.is_empty() || metrics.is_empty() || metrics.len() > 9 {
            return Err(Invalid::new("watch", "an expression needs a text and 1 to 9 metrics"));
        }
        for id in metrics.keys() {
            let plain = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if id == RESULT || !plain || !id.starts_with(|c: char| c.is_ascii_lowercase()) {
                let rule =
                    format!("lower-case letter, then letters, digits and `_`, and not `{RESULT}`");
                return Err(Invalid::new("watch", format!("the id `{id}` must be a {rule}")));
            }
        }
        metrics.values().try_for_each(Metric::check)
    }
}

/// The id of an alarm's own expression.
pub(super) const RESULT: &str = "result";

impl Statistic {
    /// As CloudWatch writes it, as in `Average` or `p99.9`.
    pub(super) fn in_words(self) -> String {
        match self {
            Self::Average => "Average".to_owned(),
            Self::Sum => "Sum".to_owned(),
            Self::Minimum => "Minimum".to_owned(),
            Self::Maximum => "Maximum".to_owned(),
            Self::SampleCount => "SampleCount".to_owned(),
            Self::Percentile(share) => format!("p{share}"),
        }
    }

    pub(super) fn described(text: &str) -> Option<Self> {
        Some(match text {
            "Average" => Self::Average,
            "Sum" => Self::Sum,
            "Minimum" => Self::Minimum,
            "Maximum" => Self::Maximum,
            "SampleCount" => Self::SampleCount,
            share => Self::Percentile(share.strip_prefix('p')?.parse().ok()?),
        })
    }
}

impl From<Metric> for Watch {
    fn from(metric: Metric) -> Self {
        Self::Metric(metric)
    }
}
