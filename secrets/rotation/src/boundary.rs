//! The points of an invocation at which it may end, by a time-out or because its machine is gone.

#[cfg(feature = "testing")]
use std::sync::Arc;

/// On which side of a call an invocation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Nothing of it was sent.
    Before,
    /// It has had its effect, and nobody has acted on the answer.
    After,
}

/// Tells a test what an invocation is about to do and has done, and ends it where the test says so.
///
/// Without the feature `testing` it does nothing.
#[derive(Clone, Default)]
pub struct Boundaries {
    #[cfg(feature = "testing")]
    ends: Option<Arc<Ends>>,
}

#[cfg(feature = "testing")]
type Ends = dyn Fn(&str, Side) -> bool + Send + Sync;

impl Boundaries {
    /// Asks at each boundary whether the invocation goes no further: it then waits for ever, and is to be dropped.
    #[cfg(feature = "testing")]
    pub fn new(ends: impl Fn(&str, Side) -> bool + Send + Sync + 'static) -> Self {
        Self { ends: Some(Arc::new(ends)) }
    }

    /// Does the work between its two boundaries.
    pub(crate) async fn around<T>(&self, call: &str, work: impl Future<Output = T>) -> T {
        self.pass(call, Side::Before).await;
        let answer = work.await;
        self.pass(call, Side::After).await;
        answer
    }

    #[cfg(feature = "testing")]
    async fn pass(&self, call: &str, side: Side) {
        if self.ends.as_ref().is_some_and(|ends| ends(call, side)) {
            std::future::pending::<()>().await;
        }
    }

    #[cfg(not(feature = "testing"))]
    #[expect(clippy::unused_async, reason = "the same as with the feature `testing`")]
    async fn pass(&self, _: &str, _: Side) {}
}
