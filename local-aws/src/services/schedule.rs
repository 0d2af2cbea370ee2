//! Schedule expressions: `rate(…)` and `cron(…)`, in UTC.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>

mod cron;
#[cfg(test)]
mod tests;

use self::cron::Cron;

/// When something happens again and again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Schedule {
    /// Every so many seconds.
    Rate(f64),
    /// At certain minutes.
    Cron(Cron),
}

impl Schedule {
    /// The schedule of an expression, if it is one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let inner = |name: &str| {
            text.trim().strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')').map(str::trim)
        };
        if let Some(rate) = inner("rate") {
            return parse_rate(rate).map(Self::Rate);
        }
        inner("cron").and_then(Cron::parse).map(Self::Cron)
    }

    /// The first time after another, in seconds since 1970; none for a year that is over.
    pub(crate) fn next(&self, after: f64) -> Option<f64> {
        match self {
            Self::Rate(seconds) => Some(after + seconds),
            Self::Cron(cron) => cron.next(after),
        }
    }
}

fn parse_rate(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once(' ')?;
    let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
    let singular = unit.trim().strip_suffix('s');
    // One has the singular, and more than one the plural.
    if (number == 1) == singular.is_some() {
        return None;
    }
    let seconds = match singular.unwrap_or(unit.trim()) {
        "minute" => 60.0,
        "hour" => 3600.0,
        "day" => 24.0 * 3600.0,
        _ => return None,
    };
    Some(f64::from(number) * seconds)
}
