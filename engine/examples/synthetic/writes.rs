//! Counts what a backend is told to write.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use globecart_engine::store::{Backend, BackendFuture, Directory, Kept};

/// What was written and synced; a clone counts on the same.
#[derive(Clone, Default)]
pub(crate) struct Writes(Arc<Counts>);

#[derive(Default)]
struct Counts {
    journal: AtomicU64,
    snapshot: AtomicU64,
    syncs: AtomicU64,
}

impl Writes {
    /// Bytes of the journal, bytes of snapshots, and how many writes were made durable.
    pub(crate) fn counted(&self) -> [u64; 3] {
        let Counts { journal, snapshot, syncs } = &*self.0;
        [journal, snapshot, syncs].map(|count| count.load(Ordering::Relaxed))
    }
}

/// The directory backend, counted.
pub(crate) struct Counted {
    pub(crate) directory: Directory,
    pub(crate) writes: Writes,
}

impl Counted {
    fn count(&self, bytes: &[u8], of: fn(&Counts) -> &AtomicU64) {
        of(&self.writes.0).fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.writes.0.syncs.fetch_add(1, Ordering::Relaxed);
    }
}

impl Backend for Counted {
    fn load(&mut self) -> BackendFuture<'_, Kept> {
        self.directory.load()
    }

    fn append<'a>(&'a mut self, keep: u64, bytes: &'a [u8]) -> BackendFuture<'a, ()> {
        self.count(bytes, |counts| &counts.journal);
        self.directory.append(keep, bytes)
    }

    fn replace<'a>(&'a mut self, snapshot: &'a [u8]) -> BackendFuture<'a, ()> {
        self.count(snapshot, |counts| &counts.snapshot);
        self.directory.replace(snapshot)
    }

    fn describe(&self) -> String {
        self.directory.describe()
    }
}
