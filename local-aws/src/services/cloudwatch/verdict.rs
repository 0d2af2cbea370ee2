//! What the data points of an alarm say: M of the last N, with points missing.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html>

#[cfg(test)]
mod tests;

/// The state that an alarm is in, or should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Ok,
    Alarm,
    InsufficientData,
}

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// What a missing point counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Breaching,
    NotBreaching,
    Ignored,
    Unknown,
}

impl Missing {
    /// Reads `TreatMissingData`, `missing` by default.
    pub(super) fn parse(text: Option<&str>) -> Self {
        match text {
            Some("breaching") => Self::Breaching,
            Some("notBreaching") => Self::NotBreaching,
            Some("ignore") => Self::Ignored,
            _ => Self::Unknown,
        }
    }
}

/// How many points decide.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    /// The points that must breach.
    pub(super) datapoints: usize,
    /// The points that are looked at.
    pub(super) periods: usize,
    pub(super) missing: Missing,
}

/// The points beyond the periods that are looked at, in case some of those are missing.
pub(super) const FURTHER: usize = 2;

/// The state that points mean (newest first, each breaching or not, or missing); `None` keeps the state as it is.
pub(super) fn judge(points: &[Option<bool>], rule: Rule) -> Option<State> {
    let real: Vec<bool> = points.iter().flatten().copied().collect();
    let decide = |breaching: usize| {
        Some(if breaching >= rule.datapoints { State::Alarm } else { State::Ok })
    };
    if real.len() >= rule.periods {
        return decide(real[..rule.periods].iter().filter(|breaches| **breaches).count());
    }
    let breaching = real.iter().filter(|breaches| **breaches).count();
    match rule.missing {
        Missing::Breaching => decide(breaching + rule.periods - real.len()),
        Missing::NotBreaching => decide(breaching),
        _ if breaching >= rule.datapoints => Some(State::Alarm),
        Missing::Ignored => (breaching < real.len()).then_some(State::Ok),
        Missing::Unknown if real.is_empty() => Some(State::InsufficientData),
        Missing::Unknown => Some(if lasts(points, breaching == real.len(), rule) {
            State::Alarm
        } else {
            State::Ok
        }),
    }
}

/// Whether the only points are breaching ones, the oldest of them as old as the alarm needs, with nothing after it
/// that speaks against them.
fn lasts(points: &[Option<bool>], all_breach: bool, rule: Rule) -> bool {
    let oldest = points.iter().rposition(|point| *point == Some(true));
    all_breach && oldest.is_some_and(|index| index + 1 >= rule.datapoints)
}
