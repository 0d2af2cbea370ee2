//! A disk in memory, for states whose writer dies or whose disk fails.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Boundaries;
use crate::store::{Backend, BackendFuture, Kept};

/// A disk in memory. A clone is the same disk; it outlives the runs that use it.
#[derive(Debug, Clone, Default)]
pub struct Disk(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    /// What survives.
    synced: Kept,
    /// What was written to the journal, synced or not.
    journal: Vec<u8>,
    /// How many writes still succeed, where they are counted.
    left: Option<u32>,
    written: Vec<usize>,
    boundaries: Boundaries,
}

/// What becomes of bytes that were written and not synced when the machine stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsynced {
    /// They are lost.
    Lost,
    /// Half of them are lost.
    Torn,
    /// They happened to reach the disk.
    Kept,
}

impl Disk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is on the disk.
    pub fn kept(&self) -> Kept {
        self.lock().synced.clone()
    }

    /// Puts something else on the disk.
    pub fn put(&self, kept: Kept) {
        let mut inner = self.lock();
        inner.journal.clone_from(&kept.journal);
        inner.synced = kept;
    }

    /// Lets this many more writes succeed; every later one writes half of its bytes and fails.
    pub fn fail_after(&self, writes: u32) {
        self.lock().left = Some(writes);
    }

    /// Lets every write succeed again.
    pub fn mend(&self) {
        self.lock().left = None;
    }

    /// How many bytes each append wrote.
    pub fn appends(&self) -> Vec<usize> {
        self.lock().written.clone()
    }

    /// Stops the machine.
    pub fn crash(&self, unsynced: Unsynced) {
        let mut inner = self.lock();
        let (synced, written) = (inner.synced.journal.len(), inner.journal.len());
        if unsynced != Unsynced::Lost && written > synced {
            let kept = if unsynced == Unsynced::Torn { synced.midpoint(written) } else { written };
            inner.synced.journal = inner.journal[..kept].to_vec();
        }
        let Inner { synced, journal, .. } = &mut *inner;
        journal.clone_from(&synced.journal);
    }

    /// Passes these boundaries from now on: before each write, before each sync, and after it.
    pub fn watch(&self, boundaries: &Boundaries) {
        self.lock().boundaries = boundaries.clone();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn pass(&self, name: &str) {
        let boundaries = self.lock().boundaries.clone();
        boundaries.pass(format!("the state: {name}")).await;
    }

    /// Takes one of the writes that are left.
    fn may_write(&self) -> bool {
        match &mut self.lock().left {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }
}

fn full() -> io::Error {
    io::Error::from(io::ErrorKind::StorageFull)
}

impl Backend for Disk {
    fn load(&mut self) -> BackendFuture<'_, Kept> {
        Box::pin(async { Ok(self.kept()) })
    }

    fn append<'a>(&'a mut self, keep: u64, bytes: &'a [u8]) -> BackendFuture<'a, ()> {
        Box::pin(async move {
            self.pass("before the write").await;
            let keep = usize::try_from(keep).map_err(io::Error::other)?;
            let fits = self.may_write();
            {
                let mut inner = self.lock();
                inner.journal.truncate(keep);
                inner.journal.extend_from_slice(if fits {
                    bytes
                } else {
                    &bytes[..bytes.len() / 2]
                });
            }
            if !fits {
                return Err(full());
            }
            self.pass("before the sync").await;
            {
                let mut inner = self.lock();
                let Inner { synced, journal, written, .. } = &mut *inner;
                synced.journal.clone_from(journal);
                written.push(bytes.len());
            }
            self.pass("after the sync").await;
            Ok(())
        })
    }

    fn replace<'a>(&'a mut self, snapshot: &'a [u8]) -> BackendFuture<'a, ()> {
        Box::pin(async move {
            self.pass("before the snapshot").await;
            if !self.may_write() {
                return Err(full());
            }
            self.lock().synced.snapshot = snapshot.to_vec();
            self.pass("before the journal is emptied").await;
            {
                let mut inner = self.lock();
                inner.journal.clear();
                inner.synced.journal.clear();
            }
            self.pass("after the compaction").await;
            Ok(())
        })
    }

    fn describe(&self) -> String {
        "memory".to_owned()
    }
}
