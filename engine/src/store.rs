//! Where the state is kept: a snapshot and the journal since, behind a backend.
//!
//! Invariant: when [`Store::record`] returns, its records are durable; a call is sent only after that.

use std::cmp::Ordering;
use std::future::Future;
use std::io;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

use crate::journal::{self, FORMAT, Header, Journal, Unusable};
use crate::state::{Record, State};
use crate::{Place, Stack};

pub use directory::{Directory, Peek};

mod directory;

/// The bytes that a backend keeps.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The last snapshot; empty where there is none.
    pub snapshot: Vec<u8>,
    /// The journal since, possibly with a torn tail; empty where there is none.
    pub journal: Vec<u8>,
}

/// A future that a backend answers.
pub type BackendFuture<'a, T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send + 'a>>;

/// Keeps a snapshot and a journal, for one writer at a time.
pub trait Backend: Send {
    /// Reads what is kept.
    fn load(&mut self) -> BackendFuture<'_, Kept>;

    /// Cuts the journal to `keep` bytes, then writes `bytes` after them and makes both durable.
    fn append<'a>(&'a mut self, keep: u64, bytes: &'a [u8]) -> BackendFuture<'a, ()>;

    /// Replaces the snapshot as a whole, durably; then empties the journal.
    fn replace<'a>(&'a mut self, snapshot: &'a [u8]) -> BackendFuture<'a, ()>;

    /// Where it is, for messages.
    fn describe(&self) -> String;
}

/// Why a state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Reading or writing failed.
    #[error("cannot {doing} the state in {at}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Where the state is kept.
        at: String,
        /// What the system said.
        source: io::Error,
    },
    /// Another run is under way.
    #[error("another run holds the state in {at}: {holder}")]
    Held {
        /// Where the state is kept.
        at: String,
        /// Who holds it, on which host, and its last sign of life.
        holder: String,
    },
    /// The journal or the snapshot is damaged.
    #[error(
        "the {what} in {at} is damaged: {why}; nothing was called. Set the directory aside (keep it) and run \
         the same command again: the state is then rebuilt from the tags and names of what exists"
    )]
    Damaged {
        /// `journal` or `snapshot`.
        what: &'static str,
        /// Where the state is kept.
        at: String,
        /// What is wrong with it.
        why: String,
    },
    /// The state belongs to another stack, account or region.
    #[error("the state in {at} belongs to {theirs}, this run is for {ours}; use another `--state`")]
    Foreign {
        /// Where the state is kept.
        at: String,
        /// Stack, account and region of the state.
        theirs: String,
        /// Stack, account and region of this run.
        ours: String,
    },
    /// A newer version wrote the state.
    #[error(
        "the state in {at} has format {format}, this version knows up to {FORMAT}; use the newer version"
    )]
    Newer {
        /// Where the state is kept.
        at: String,
        /// The format found.
        format: u32,
    },
}

/// A snapshot, as it is kept.
#[derive(Serialize, Deserialize)]
struct Snapshot {
    format: u32,
    /// The generation of the journal that continues this snapshot.
    generation: u64,
    state: State,
}

/// A stack's state, and where it is kept.
pub struct Store {
    backend: Box<dyn Backend>,
    state: State,
    generation: u64,
    /// How many bytes of the journal are whole; 0 where it has no header yet.
    whole: u64,
    /// Bytes written by this run.
    written: u64,
    /// Whether a compaction failed, so that nobody knows which snapshot a further record would continue.
    closed: bool,
}

impl Store {
    /// Opens the state of a stack, empty where there is none.
    pub async fn open<C: Send + Sync + 'static>(
        backend: impl Backend + 'static,
        stack: &Stack<C>,
    ) -> Result<Self, StoreError> {
        Self::open_for(Box::new(backend), &stack.name, &stack.place).await
    }

    /// The state that is kept, whichever stack's it is, to look at; `None` where nothing is kept.
    pub async fn look(mut backend: impl Backend + 'static) -> Result<Option<State>, StoreError> {
        let at = backend.describe();
        let io = |source| StoreError::Io { doing: "read", at: at.clone(), source };
        let kept = backend.load().await.map_err(io)?;
        let (stack, account, region) = if kept.snapshot.is_empty() {
            let Some(journal) = journal_of(&kept.journal, &at)? else { return Ok(None) };
            (journal.header.stack, journal.header.account, journal.header.region)
        } else {
            let state = snapshot(&kept.snapshot, &at)?.state;
            (state.stack, state.account, state.region)
        };
        let place = Place { partition: String::new(), account, region, zones: Vec::new() };
        Ok(Some(Self::open_for(Box::new(backend), &stack, &place).await?.state))
    }

    async fn open_for(
        mut backend: Box<dyn Backend>,
        stack: &str,
        place: &Place,
    ) -> Result<Self, StoreError> {
        let at = backend.describe();
        let io = |source| StoreError::Io { doing: "read", at: at.clone(), source };
        let kept = backend.load().await.map_err(io)?;
        let lives =
            random().map_err(|source| StoreError::Io { doing: "start", at: at.clone(), source })?;
        let (mut state, generation) = if kept.snapshot.is_empty() {
            // 53 bits survive every JSON reader; half of them leave room to count.
            (State::new(stack, place, lives >> 12), 0)
        } else {
            let snapshot = snapshot(&kept.snapshot, &at)?;
            (snapshot.state, snapshot.generation)
        };
        let ours = State::new(stack, place, 0);
        same_stack(&ours, &state.stack, &state.account, &state.region, &at)?;
        let mut whole = 0;
        if let Some(Journal { header, records, whole: bytes }) = journal_of(&kept.journal, &at)? {
            same_stack(&ours, &header.stack, &header.account, &header.region, &at)?;
            match header.generation.cmp(&generation) {
                Ordering::Equal => {
                    for record in &records {
                        state.apply(record);
                    }
                    whole = bytes as u64;
                }
                // It is already part of the snapshot: a crash came between the two writes.
                Ordering::Less => {}
                Ordering::Greater => {
                    let why = "the snapshot that it continues is missing".to_owned();
                    return Err(StoreError::Damaged { what: "journal", at, why });
                }
            }
        }
        Ok(Self { backend, state, generation, whole, written: 0, closed: false })
    }

    /// The state as recorded.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Bytes that this run has written.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Where the state is kept, for messages.
    pub fn describe(&self) -> String {
        self.backend.describe()
    }

    /// Makes the records durable, in one write, and applies them.
    pub async fn record(&mut self, records: &[Record]) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        if self.closed {
            return Err(
                self.failed("write", io::Error::other("compacting it has failed; open it again"))
            );
        }
        let mut bytes = Vec::new();
        if self.whole == 0 {
            bytes = journal::line(&Header {
                format: FORMAT,
                stack: self.state.stack.clone(),
                account: self.state.account.clone(),
                region: self.state.region.clone(),
                generation: self.generation,
            });
        }
        bytes.extend(journal::line(records));
        let wrote = self.backend.append(self.whole, &bytes).await;
        wrote.map_err(|source| self.failed("write", source))?;
        self.whole += bytes.len() as u64;
        self.written += bytes.len() as u64;
        for record in records {
            self.state.apply(record);
        }
        Ok(())
    }

    /// Folds the journal into the snapshot.
    pub async fn compact(&mut self) -> Result<(), StoreError> {
        if self.whole == 0 || self.closed {
            return Ok(());
        }
        let generation = self.generation + 1;
        let bytes = journal::line(&SnapshotRef { format: FORMAT, generation, state: &self.state });
        self.closed = true;
        let wrote = self.backend.replace(&bytes).await;
        wrote.map_err(|source| self.failed("compact", source))?;
        self.closed = false;
        self.written += bytes.len() as u64;
        (self.generation, self.whole) = (generation, 0);
        Ok(())
    }

    fn failed(&self, doing: &'static str, source: io::Error) -> StoreError {
        StoreError::Io { doing, at: self.backend.describe(), source }
    }
}

/// [`Snapshot`], without a copy of the state.
#[derive(Serialize)]
struct SnapshotRef<'a> {
    format: u32,
    generation: u64,
    state: &'a State,
}

fn snapshot(bytes: &[u8], at: &str) -> Result<Snapshot, StoreError> {
    let damaged = |why: &str| StoreError::Damaged {
        what: "snapshot",
        at: at.to_owned(),
        why: why.to_owned(),
    };
    let text =
        journal::single(bytes).ok_or_else(|| damaged("its checksum or length does not fit"))?;
    let format: serde_json::Value =
        serde_json::from_slice(text).map_err(|_| damaged("it is no JSON"))?;
    match format["format"].as_u64() {
        Some(format) if format > FORMAT.into() => Err(StoreError::Newer {
            at: at.to_owned(),
            format: u32::try_from(format).unwrap_or(u32::MAX),
        }),
        _ => serde_json::from_value(format).map_err(|error| damaged(&error.to_string())),
    }
}

fn journal_of(bytes: &[u8], at: &str) -> Result<Option<Journal>, StoreError> {
    journal::parse(bytes).map_err(|unusable| match unusable {
        Unusable::Newer(format) => StoreError::Newer { at: at.to_owned(), format },
        Unusable::Damaged { .. } => {
            StoreError::Damaged { what: "journal", at: at.to_owned(), why: unusable.to_string() }
        }
    })
}

fn same_stack(
    ours: &State,
    stack: &str,
    account: &str,
    region: &str,
    at: &str,
) -> Result<(), StoreError> {
    if (ours.stack.as_str(), ours.account.as_str(), ours.region.as_str())
        == (stack, account, region)
    {
        return Ok(());
    }
    let name = |stack: &str, account: &str, region: &str| {
        format!("stack `{stack}` in account {account}, {region}")
    };
    Err(StoreError::Foreign {
        at: at.to_owned(),
        theirs: name(stack, account, region),
        ours: name(&ours.stack, &ours.account, &ours.region),
    })
}

/// 64 random bits of the operating system.
pub(crate) fn random() -> io::Result<u64> {
    getrandom::u64().map_err(|error| io::Error::other(error.to_string()))
}

#[cfg(test)]
mod tests;
