//! Statistics over the values of a period: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>

use super::alarm::invalid;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::Value;

/// What is asked of the values of a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    /// The value that this many percent of the values do not exceed.
    Percentile(f64),
}

impl Statistic {
    /// Reads the name of a statistic, such as `Average` or `p99.9`.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        Ok(match text {
            "SampleCount" => Self::SampleCount,
            "Average" => Self::Average,
            "Sum" => Self::Sum,
            "Minimum" => Self::Minimum,
            "Maximum" => Self::Maximum,
            _ => Self::Percentile(percent(text)?),
        })
    }

    /// How many samples a percentile needs to say something; 0 for other statistics.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html>
    pub(super) fn least_samples(self) -> f64 {
        match self {
            Self::Percentile(percent) if percent >= 50.0 => 10.0 / (1.0 - percent / 100.0),
            Self::Percentile(percent) => 10.0 / (percent / 100.0),
            _ => 0.0,
        }
    }
}

fn percent(text: &str) -> Result<f64, Fault> {
    let trimmed = ["tm", "wm", "tc", "ts", "pr", "iqm"];
    let lower = text.to_ascii_lowercase();
    if trimmed.iter().any(|prefix| lower.starts_with(prefix)) {
        return Err(Fault::not_implemented(&format!("the statistic {text}")));
    }
    let digits = text.strip_prefix('p').and_then(|digits| digits.parse::<f64>().ok());
    let known = digits.filter(|percent| (0.0..=100.0).contains(percent));
    known.ok_or_else(|| invalid(format!("The value {text} for parameter Stat is not supported.")))
}

/// The samples of a period, taken together.
#[derive(Debug, Clone, Default)]
pub(super) struct Aggregate {
    pub(super) count: f64,
    sum: f64,
    least: Option<f64>,
    most: Option<f64>,
    values: Vec<(f64, f64)>,
    /// Whether some samples came as statistics of values that are not known one by one.
    blurred: bool,
    unit: Option<String>,
}

impl Aggregate {
    /// Adds a stored sample.
    pub(super) fn add(&mut self, sample: &Value) {
        self.unit.get_or_insert_with(|| sample.text("u").to_owned());
        for pair in sample.items("v") {
            let (value, count) =
                (pair[0].as_f64().unwrap_or_default(), pair[1].as_f64().unwrap_or_default());
            self.add_values(value, value, value * count, count);
            self.values.push((value, count));
        }
        if sample.has("s") {
            let of = |name: &str| sample["s"].number(name).unwrap_or_default();
            let (least, most) = (of("Minimum"), of("Maximum"));
            self.add_values(least, most, of("Sum"), of("SampleCount"));
            self.values.push((least, of("SampleCount")));
            self.blurred |= least < most;
        }
    }

    fn add_values(&mut self, least: f64, most: f64, sum: f64, count: f64) {
        self.count += count;
        self.sum += sum;
        self.least = Some(self.least.map_or(least, |known| known.min(least)));
        self.most = Some(self.most.map_or(most, |known| known.max(most)));
    }

    /// The unit of the first sample.
    pub(super) fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// Whether there is anything in it.
    pub(super) fn any(&self) -> bool {
        self.count > 0.0
    }

    /// A statistic; none for a percentile of values that are not known.
    pub(super) fn get(&self, statistic: Statistic) -> Option<f64> {
        match statistic {
            Statistic::SampleCount => Some(self.count),
            Statistic::Average => Some(self.sum / self.count),
            Statistic::Sum => Some(self.sum),
            Statistic::Minimum => self.least,
            Statistic::Maximum => self.most,
            Statistic::Percentile(_) if self.blurred => None,
            Statistic::Percentile(percent) => self.percentile(percent),
        }
    }

    fn percentile(&self, percent: f64) -> Option<f64> {
        let mut values = self.values.clone();
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let rank = (self.count * percent / 100.0).max(f64::MIN_POSITIVE);
        let mut passed = 0.0;
        let reached = values.iter().find(|(_, count)| {
            passed += count;
            passed >= rank
        });
        reached.or(values.last()).map(|(value, _)| *value)
    }
}
