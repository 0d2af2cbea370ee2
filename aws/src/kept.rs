//! What outlived a stack on purpose, and its removal: what `destroy --kept` does.
//!
//! Each sort of thing has a file that says how its service lists and removes it. Only what carries the tags of the
//! stack is found: on things that a service makes by itself, such as backups, these are copies of the tags of what
//! they are of.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use globecart_engine::{CallError, CallResult, Class, Kept};

use crate::Aws;

mod cache_snapshots;
mod databases;
mod keys;
mod recovery_points;

pub use recovery_points::{WHAT as RECOVERY_POINT, keep_recovery_points, recovery_points};

/// A call of a sort.
type Boxed<'a, T> = Pin<Box<dyn Future<Output = CallResult<T>> + Send + 'a>>;

/// A sort of thing that stacks keep.
struct Sort {
    /// What one is called, as in `KMS key`.
    what: &'static str,
    /// Lists the ARNs or ids of those that are kept of a stack; what is being deleted is left out once nothing else
    /// has to wait for it.
    find: for<'a> fn(&'a Aws, &'a str) -> Boxed<'a, Vec<String>>,
    /// Removes one by its ARN or id. It is a success where it is gone already.
    remove: for<'a> fn(&'a Aws, &'a str) -> Boxed<'a, ()>,
}

/// Every sort, in the order of removal: keys come last, because the others need them.
const SORTS: [Sort; 5] = [
    databases::SNAPSHOTS,
    databases::BACKUPS,
    cache_snapshots::CACHE_SNAPSHOTS,
    recovery_points::RECOVERY_POINTS,
    keys::KEYS,
];

/// How long things may take to go, before what needs them gone counts as failed.
const GONE_WITHIN: Duration = Duration::from_mins(15);

/// What became of things that were to be removed.
#[derive(Debug, Default)]
pub struct Removed {
    /// Those that are gone.
    pub removed: Vec<Kept>,
    /// Those that could not be removed, or were not to be before others were gone, and why.
    pub failed: Vec<(Kept, CallError)>,
}

/// Lists everything that is kept of a stack, in the order of its removal.
///
/// A service that the server does not offer keeps nothing there.
pub async fn find(aws: &Aws, stack: &str) -> CallResult<Vec<Kept>> {
    let mut kept = Vec::new();
    for sort in &SORTS {
        kept.extend(sort.list(aws, stack).await?.into_iter().map(|id| sort.kept(id)));
    }
    Ok(kept)
}

/// Removes what [`find`] has listed, sort after sort: each waits until the one before is gone, and stays where
/// something of that could not be removed. It can be repeated. `tell` hears of each that goes.
pub async fn remove(aws: &Aws, stack: &str, kept: &[Kept], tell: impl Fn(&Kept)) -> Removed {
    let mut all = Removed::default();
    for sort in &SORTS {
        for kept in kept.iter().filter(|kept| kept.what == sort.what) {
            let done = if all.failed.is_empty() || sort.what != keys::KEYS.what {
                (sort.remove)(aws, &kept.id).await
            } else {
                Err(CallError::new(
                    Class::Dependency,
                    "removing it",
                    "what needs it is still there",
                ))
            };
            match done {
                Ok(()) => {
                    tell(kept);
                    all.removed.push(kept.clone());
                }
                Err(error) => all.failed.push((kept.clone(), error)),
            }
        }
        sort.wait(aws, stack, &mut all).await;
    }
    all
}

impl Sort {
    fn kept(&self, id: String) -> Kept {
        Kept::new(self.what, id)
    }

    async fn list(&self, aws: &Aws, stack: &str) -> CallResult<Vec<String>> {
        match (self.find)(aws, stack).await {
            Err(error) if error.class == Class::Unsupported => Ok(Vec::new()),
            found => found,
        }
    }

    /// Waits until those that were removed are gone.
    async fn wait(&self, aws: &Aws, stack: &str, all: &mut Removed) {
        let since = aws.clock().elapsed();
        let ids = |all: &Removed| -> BTreeSet<String> {
            let ours = all.removed.iter().filter(|kept| kept.what == self.what);
            ours.map(|kept| kept.id.clone()).collect()
        };
        let mut going = ids(all);
        while !going.is_empty() {
            let problem = match self.list(aws, stack).await {
                Ok(there) => {
                    going.retain(|id| there.contains(id));
                    CallError::new(
                        Class::Dependency,
                        "waiting until it is gone",
                        "it is still there",
                    )
                }
                Err(error) => error,
            };
            if aws.clock().elapsed().saturating_sub(since) > GONE_WITHIN {
                all.removed.retain(|kept| kept.what != self.what || !going.contains(&kept.id));
                let late = going.iter().map(|id| (self.kept(id.clone()), problem.clone()));
                all.failed.extend(late);
                return;
            }
            if !going.is_empty() {
                aws.clock().sleep(Duration::from_secs(5)).await;
            }
        }
    }
}
