//! The one clock of everything that waits or dates something.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// Tells the time and sleeps, at a rate: 1 on AWS, N on the embedded cloud, which runs on the same rate.
///
/// It runs on tokio's time, so a test that pauses tokio's clock pauses this one.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Timestamp,
    origin: Instant,
    rate: f64,
}

impl Clock {
    /// A clock that shows `start` now and runs `rate` seconds a second (more than 0).
    pub fn new(start: Timestamp, rate: f64) -> Self {
        Self { start, origin: Instant::now(), rate: if rate > 0.0 { rate } else { 1.0 } }
    }

    /// The wall clock, at rate 1.
    pub fn wall() -> Self {
        Self::new(Timestamp::now(), 1.0)
    }

    /// The time on this clock.
    pub fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.elapsed()).unwrap_or(SignedDuration::MAX);
        self.start.checked_add(elapsed).unwrap_or(Timestamp::MAX)
    }

    /// How long this clock has run, in its own seconds.
    pub fn elapsed(&self) -> Duration {
        self.origin.elapsed().mul_f64(self.rate)
    }

    /// Seconds on this clock for a second of real time.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Waits for `duration` on this clock.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everything else waits on"
    )]
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration.div_f64(self.rate)).await;
    }
}

#[cfg(test)]
mod tests;
