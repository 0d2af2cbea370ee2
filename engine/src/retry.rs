//! When a failed call is repeated, by the class of its error.

use std::time::Duration;

use crate::{CallError, Class, Operation};

/// How often an ambiguous failure is repeated; after that the next run looks again.
const AMBIGUOUS_TRIES: u32 = 4;

/// The pause before a call is repeated; `None` where repeating cannot help or has been tried long enough.
///
/// `tries` counts the failures so far, `waited` the time since the first call.
pub(crate) fn pause(
    class: Class,
    tries: u32,
    waited: Duration,
    usual: Duration,
) -> Option<Duration> {
    let secs = Duration::from_secs;
    let doubled = |first: f64, most: u64| {
        Duration::from_secs_f64(first * f64::from(1_u32 << tries.min(16))).min(secs(most))
    };
    let (pause, budget) = match class {
        Class::Throttled => (doubled(0.5, 20), secs(900)),
        Class::Propagation => {
            (Duration::from_millis(if tries < 8 { 500 } else { 1000 }), secs(120))
        }
        Class::Dependency => (doubled(1.0, 5), (usual * 10).max(secs(900))),
        Class::Unreachable => (doubled(1.0, 10), secs(60)),
        Class::Ambiguous if tries < AMBIGUOUS_TRIES => (doubled(1.0, 10), secs(60)),
        _ => return None,
    };
    (waited < budget).then_some(pause)
}

/// What an error means for this operation, beyond what its code says on its own.
pub(crate) fn in_context(error: &CallError, class: Class, operation: Operation) -> Class {
    match (class, operation) {
        // What the call names was ready a moment ago: it is not visible everywhere yet.
        (Class::NotFound, Operation::Create | Operation::Update) => Class::Propagation,
        // Emulators and proxies answer an unknown operation with a page and 500: the code tells it from AWS.
        (Class::Ambiguous, _) if error.code.as_deref() == Some("NotImplemented") => {
            Class::Unsupported
        }
        _ => class,
    }
}

#[cfg(test)]
mod tests;
