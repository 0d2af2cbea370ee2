//! Simulated time: what was persisted, plus what has passed since, at a rate. Nothing else sleeps or reads the time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Below this, a wait would take longer than it should: timers tick in milliseconds.
const SHORTEST_SLEEP: Duration = Duration::from_millis(1);

/// The clock of a cloud. It follows tokio's clock, so it stands still when tests pause that.
#[derive(Debug)]
pub(crate) struct Clock {
    start: f64,
    origin: Instant,
    rate: f64,
}

impl Clock {
    /// A clock that shows `start` (simulated seconds since 1970) now and runs at `rate` simulated seconds per second.
    pub(crate) fn new(start: f64, rate: f64) -> Self {
        Self { start, origin: Instant::now(), rate }
    }

    /// Simulated seconds since 1970.
    pub(crate) fn now(&self) -> f64 {
        self.start + self.origin.elapsed().as_secs_f64() * self.rate
    }

    pub(crate) fn rate(&self) -> f64 {
        self.rate
    }

    /// Waits for simulated seconds.
    pub(crate) async fn sleep(&self, seconds: f64) {
        self.sleeper(seconds).await;
    }

    /// The same, for whoever does not keep the clock.
    pub(crate) fn sleeper(&self, seconds: f64) -> impl Future<Output = ()> + Send + use<> {
        let real = Duration::try_from_secs_f64(seconds / self.rate).unwrap_or_default();
        async move {
            if real < SHORTEST_SLEEP {
                tokio::task::yield_now().await;
            } else {
                #[expect(clippy::disallowed_methods, reason = "this is the clock")]
                tokio::time::sleep(real).await;
            }
        }
    }
}

/// The system's time, at which a new cloud starts.
pub(crate) fn system_now() -> f64 {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
