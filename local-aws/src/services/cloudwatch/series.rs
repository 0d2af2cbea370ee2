//! Values over time.

use std::collections::BTreeMap;

/// The whole seconds of a time.
#[expect(clippy::cast_possible_truncation, reason = "times in seconds are far below 2^53")]
pub(super) fn whole(seconds: f64) -> i64 {
    seconds.floor() as i64
}

/// A count as a value.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of data points and times in seconds are far below 2^53"
)]
pub(super) fn float(count: i64) -> f64 {
    count as f64
}

/// The periods that are looked at: where the first starts, and where the last ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) period: i64,
}

impl Grid {
    /// When each period starts.
    pub(super) fn times(self) -> impl DoubleEndedIterator<Item = i64> {
        let count = (self.end - self.start).div_euclid(self.period).max(0);
        (0..count).map(move |index| self.start + index * self.period)
    }

    /// The same span in periods of another length, which start at its multiples.
    pub(super) fn with_period(self, period: i64) -> Self {
        let start = self.start.div_euclid(period) * period;
        let end = start + (self.end - start + period - 1).div_euclid(period) * period;
        Self { start, end, period }
    }
}

/// A value for some of the periods, by when they start.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    /// Seconds.
    pub(super) period: i64,
    pub(super) points: BTreeMap<i64, f64>,
}

impl Series {
    /// The series with another value for each point; `None` leaves the point out.
    pub(super) fn map(&self, change: impl Fn(i64, f64) -> Option<f64>) -> Self {
        let points =
            self.points.iter().filter_map(|(time, value)| Some((*time, change(*time, *value)?)));
        Self { period: self.period, points: points.collect() }
    }
}
