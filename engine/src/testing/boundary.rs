//! Points at which a process can die.

use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Counts the points that a run passes, and stops it at one of them: what has passed has happened, nothing
/// after it does. A clone is the same counter.
#[derive(Debug, Clone, Default)]
pub struct Boundaries(Arc<Counter>);

#[derive(Debug, Default)]
struct Counter {
    passed: Mutex<Vec<String>>,
    stop_at: Option<usize>,
    stopped: Notify,
}

impl Boundaries {
    /// Counts only.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops at the boundary with this number, the first being 0.
    pub fn stop_at(number: usize) -> Self {
        Self(Arc::new(Counter { stop_at: Some(number), ..Counter::default() }))
    }

    /// Passes a boundary, or never comes back.
    pub async fn pass(&self, name: String) {
        if self.reach(name) {
            pending::<()>().await;
        }
    }

    /// Reaches a boundary, and says whether this is where it ends: the caller must then do nothing more.
    pub fn reach(&self, name: String) -> bool {
        let number = {
            let mut passed = self.lock();
            passed.push(name);
            passed.len() - 1
        };
        let stop = self.0.stop_at.is_some_and(|stop| stop <= number);
        if stop {
            self.0.stopped.notify_one();
        }
        stop
    }

    /// Resolves when the run has come to where it is to stop.
    pub async fn stopped(&self) {
        self.0.stopped.notified().await;
    }

    /// The names of the boundaries so far, the one that it stopped at included.
    pub fn passed(&self) -> Vec<String> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.passed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
