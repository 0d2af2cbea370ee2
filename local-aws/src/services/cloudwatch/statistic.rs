//! Statistics over the values of a period: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>

use super::alarm::invalid;
use crate::fault::Fault;

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
}

fn percent(text: &str) -> Result<f64, Fault> {
    let trimmed = ["tm", "wm", "tc", "ts", "pr", "iqm", "IQM", "TM", "WM", "TC", "TS", "PR"];
    if trimmed.iter().any(|prefix| text.starts_with(prefix)) {
        return Err(Fault::not_implemented(&format!("the statistic {text}")));
    }
    let digits = text.strip_prefix('p').and_then(|digits| digits.parse::<f64>().ok());
    digits
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| invalid(format!("The value {text} for parameter Stat is not supported.")))
}
