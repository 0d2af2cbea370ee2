//! The embedded cloud: requests in, answers out.
//!
//! A request's effect is on file before it is answered, and what became due before it has happened before it.

mod address;
mod answer;
mod container;
#[cfg(all(unix, feature = "postgres"))]
mod database;
mod invoke;
mod loopback;
mod mount;
mod open;
mod perform;
mod zone;

pub use self::container::TaskError;
pub use self::open::{OpenError, Opened};
pub use self::zone::{UnknownZone, ZoneError};

use self::loopback::Tasks;
use crate::clock::{self, Clock};
use crate::options::Options;
use crate::record::CallRecord;
use crate::rules::{Rule, Rules};
#[cfg(unix)]
use crate::runner::Runner;
use crate::stale::Stale;
use crate::store::{Saved, Store};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

/// An AWS within the process. Clones are the same cloud.
#[derive(Clone)]
pub struct Cloud {
    inner: Arc<Inner>,
}

struct Inner {
    options: Options,
    clock: Clock,
    state: Mutex<State>,
    /// The folder and its lock, for a cloud that lasts; the lock goes with the cloud.
    folder: Option<(PathBuf, File)>,
    /// Where functions reach this cloud, once one has run.
    endpoint: tokio::sync::Mutex<Option<SocketAddr>>,
    /// Whether time brings about what is due without requests.
    going: Mutex<bool>,
    tasks: Mutex<Tasks>,
    #[cfg(unix)]
    runner: Runner,
    #[cfg(all(unix, feature = "postgres"))]
    databases: tokio::sync::Mutex<database::Databases>,
    /// Whether what is queued for databases is being done.
    #[cfg(all(unix, feature = "postgres"))]
    working: Mutex<bool>,
    /// What runs functions in tests.
    #[cfg(test)]
    stand_in: Mutex<Option<invoke::StandIn>>,
}

struct State {
    store: Store,
    stale: Stale,
    rules: Rules,
    records: Vec<CallRecord>,
    calls: u64,
    /// How far the services' clock is from ours since a rule skewed it, in seconds.
    skew: Option<f64>,
    /// Queued runs of functions that are under way.
    under_way: BTreeSet<String>,
}

/// The connection was lost, by a fault rule: the request was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection was lost")]
pub struct ConnectionLost;

/// A row of a table of the cloud, for inventories.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The region, or `global`.
    pub region: String,
    /// The table, such as `ec2.vpc`.
    pub table: String,
    /// The row's id, mostly the resource's.
    pub id: String,
    /// Its members.
    pub value: Value,
}

/// What a cloud held at some time, for tests that go back to it.
#[derive(Clone)]
pub struct Checkpoint(Saved);

impl fmt::Debug for Checkpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Checkpoint")
    }
}

impl fmt::Debug for Cloud {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Cloud").field("options", &self.inner.options).finish_non_exhaustive()
    }
}

impl Cloud {
    /// A new, empty cloud that lives as long as it is held.
    pub fn in_memory(options: Options) -> Self {
        Self::new(options, Store::default(), None, None)
    }

    fn new(
        options: Options,
        store: Store,
        now: Option<f64>,
        folder: Option<(PathBuf, File)>,
    ) -> Self {
        let start = now.or(options.start).unwrap_or_else(clock::system_now);
        let state = State {
            store,
            stale: Stale::default(),
            rules: Rules::new(options.seed),
            records: Vec::new(),
            calls: 0,
            skew: None,
            under_way: BTreeSet::new(),
        };
        let clock = Clock::new(start, options.rate);
        let inner = Inner {
            options,
            clock,
            state: Mutex::new(state),
            endpoint: tokio::sync::Mutex::new(None),
            going: Mutex::new(false),
            tasks: Mutex::default(),
            #[cfg(unix)]
            runner: Runner::new(folder.as_ref().map(|(folder, _)| folder.as_path())),
            #[cfg(all(unix, feature = "postgres"))]
            databases: tokio::sync::Mutex::default(),
            #[cfg(all(unix, feature = "postgres"))]
            working: Mutex::new(false),
            folder,
            #[cfg(test)]
            stand_in: Mutex::new(None),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Simulated seconds since 1970.
    pub fn now(&self) -> f64 {
        self.inner.clock.now()
    }

    /// Simulated seconds per real second.
    pub fn rate(&self) -> f64 {
        self.inner.clock.rate()
    }

    /// The calls so far, in the order in which they arrived, with those under way.
    pub fn records(&self) -> Vec<CallRecord> {
        self.inner.state().records.clone()
    }

    /// Forgets the calls so far.
    pub fn clear_records(&self) {
        self.inner.state().records.clear();
    }

    /// Adds a rule for what goes wrong.
    pub fn add_rule(&self, rule: Rule) {
        self.inner.state().rules.add(rule);
    }

    /// Removes all rules.
    pub fn clear_rules(&self) {
        let mut state = self.inner.state();
        state.rules.clear();
        state.skew = None;
    }

    /// Every row of every table, as of the last request: what an inventory is made of.
    pub fn rows(&self) -> Vec<Row> {
        let state = self.inner.state();
        let rows = state.store.all().filter(|(_, table, _, _)| !table.starts_with('_'));
        rows.map(|(region, table, id, value)| Row {
            region: region.to_owned(),
            table: table.to_owned(),
            id: id.to_owned(),
            value: value.clone(),
        })
        .collect()
    }

    /// Everything that the cloud holds, to be put back later.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint(self.inner.state().store.saved())
    }

    /// Makes the cloud hold what it held at a checkpoint, without rules, calls and reads that lag behind. Time does not
    /// go back: what was under way then and is due by now happens before the next call.
    pub fn restore(&self, checkpoint: &Checkpoint) -> io::Result<()> {
        let now = self.now();
        let mut state = self.inner.state();
        state.store.restore(&checkpoint.0, now)?;
        state.stale = Stale::default();
        state.rules.clear();
        state.records.clear();
        state.skew = None;
        Ok(())
    }

    /// Writes the time and the rows to the file, compactly. A cloud in memory has nothing to do.
    pub fn save(&self) -> io::Result<()> {
        let now = self.now();
        self.inner.state().store.compact(now)
    }
}

impl Inner {
    /// The state; a panic of a handler in another thread left its transaction open, which is undone here.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| {
            let mut state = poisoned.into_inner();
            state.store.rollback();
            self.state.clear_poison();
            state
        })
    }
}
