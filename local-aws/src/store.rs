//! The tables of the cloud: rows of JSON by id, by region, in a transaction per request.
//!
//! Invariant: what a transaction changed is either on file as one whole line, or undone.

mod log;

pub use self::log::LoadError;
pub(crate) use self::log::Log;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// The place of rows that belong to no region.
pub(crate) const GLOBAL: &str = "global";

/// A named table; its rows belong to a region, or to the whole account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) global: bool,
}

impl Table {
    /// A table with rows of its own in every region.
    pub(crate) const fn regional(name: &'static str) -> Self {
        Self { name, global: false }
    }

    /// A table with one set of rows for the account.
    pub(crate) const fn global(name: &'static str) -> Self {
        Self { name, global: true }
    }

    pub(crate) fn place(self, region: &str) -> &str {
        if self.global { GLOBAL } else { region }
    }
}

/// Where a row is: place (a region or [`GLOBAL`]), table and id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) place: String,
    pub(crate) table: String,
    pub(crate) id: String,
}

impl Key {
    pub(crate) fn new(place: &str, table: &str, id: &str) -> Self {
        Self { place: place.to_owned(), table: table.to_owned(), id: id.to_owned() }
    }
}

type Rows = BTreeMap<String, Value>;

/// Tables by place.
type Places = BTreeMap<String, BTreeMap<String, Rows>>;

/// All rows as they were at some time.
#[derive(Clone)]
pub(crate) struct Saved(Places);

/// All rows, the open transaction's undo list, and the file that makes them last.
#[derive(Default)]
pub(crate) struct Store {
    places: Places,
    undo: Vec<(Key, Option<Value>)>,
    log: Option<Log>,
}

impl Store {
    /// A store over a log file, with the rows that were read from it.
    pub(crate) fn on(log: Log, rows: impl IntoIterator<Item = (Key, Value)>) -> Self {
        let mut store = Self { log: Some(log), ..Self::default() };
        for (key, value) in rows {
            store.set(&key, Some(value));
        }
        store
    }

    pub(crate) fn get(&self, place: &str, table: &str, id: &str) -> Option<&Value> {
        self.places.get(place)?.get(table)?.get(id)
    }

    /// The rows of a table, by id.
    pub(crate) fn rows(&self, place: &str, table: &str) -> impl Iterator<Item = (&str, &Value)> {
        let rows = self.places.get(place).and_then(|tables| tables.get(table));
        rows.into_iter().flatten().map(|(id, value)| (id.as_str(), value))
    }

    /// Every row of every table: place, table, id, value.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str, &str, &Value)> {
        self.places.iter().flat_map(|(place, tables)| {
            tables.iter().flat_map(move |(table, rows)| {
                rows.iter()
                    .map(move |(id, value)| (place.as_str(), table.as_str(), id.as_str(), value))
            })
        })
    }

    /// The rows with an id, in whatever table.
    pub(crate) fn everywhere(&self, id: &str) -> impl Iterator<Item = &Value> {
        let tables = self.places.values().flat_map(BTreeMap::iter);
        tables
            .filter(|(table, _)| !table.starts_with('_'))
            .filter_map(move |(_, rows)| rows.get(id))
    }

    /// Sets or removes a row within the open transaction.
    pub(crate) fn put(&mut self, key: Key, value: Option<Value>) {
        let old = self.set(&key, value);
        self.undo.push((key, old));
    }

    fn set(&mut self, key: &Key, value: Option<Value>) -> Option<Value> {
        let rows =
            self.places.entry(key.place.clone()).or_default().entry(key.table.clone()).or_default();
        match value {
            Some(value) => rows.insert(key.id.clone(), value),
            None => rows.remove(&key.id),
        }
    }

    /// What the open transaction has changed, with the rows as they were before it.
    pub(crate) fn changed(&self) -> BTreeMap<Key, Option<Value>> {
        let mut before = BTreeMap::new();
        for (key, old) in &self.undo {
            before.entry(key.clone()).or_insert_with(|| old.clone());
        }
        before
    }

    /// Makes the open transaction last, as of the simulated time given. On an error it is undone.
    pub(crate) fn commit(&mut self, now: f64) -> io::Result<()> {
        if self.undo.is_empty() {
            return Ok(());
        }
        if self.log.is_some() {
            let keys: BTreeSet<Key> = self.undo.iter().map(|(key, _)| key.clone()).collect();
            let line = log::line(
                now,
                keys.iter().map(|key| (key, self.get(&key.place, &key.table, &key.id))),
            );
            let written = self.log.as_mut().map_or(Ok(()), |log| log.append(&line));
            if let Err(error) = written {
                self.rollback();
                return Err(error);
            }
        }
        self.undo.clear();
        Ok(())
    }

    /// Undoes the open transaction.
    pub(crate) fn rollback(&mut self) {
        while let Some((key, old)) = self.undo.pop() {
            self.set(&key, old);
        }
    }

    /// All rows as they are now.
    pub(crate) fn saved(&self) -> Saved {
        Saved(self.places.clone())
    }

    /// Makes all rows what they were, in the file too.
    pub(crate) fn restore(&mut self, saved: &Saved, now: f64) -> io::Result<()> {
        self.places.clone_from(&saved.0);
        self.compact(now)
    }

    /// Rewrites the file with the rows as they are now.
    pub(crate) fn compact(&mut self, now: f64) -> io::Result<()> {
        let Some(mut log) = self.log.take() else { return Ok(()) };
        let done = log.rewrite(now, self.all());
        self.log = Some(log);
        done
    }
}
