//! Reads that lag behind writes: for a while, reads see rows as they were.

use crate::store::Key;
use serde_json::Value;
use std::cell::Cell;
use std::collections::BTreeMap;

struct Old {
    row: Option<Value>,
    reads_left: u32,
    shown: Cell<bool>,
}

/// What a read sees of a row.
pub(crate) enum Seen<'a> {
    /// The row as it is.
    Current,
    /// The row as it was.
    Old(&'a Value),
    /// Not yet that it is there.
    Nothing,
}

/// The rows that reads still see as they were before they were written.
#[derive(Default)]
pub(crate) struct Stale {
    rows: BTreeMap<Key, Old>,
}

impl Stale {
    /// Notes what a write changed; reads see the rows before it that many times.
    pub(crate) fn wrote(&mut self, before: BTreeMap<Key, Option<Value>>, reads: u32) {
        // S3 promises that reads see every write of objects: https://aws.amazon.com/s3/consistency/
        let lags = |key: &Key| !key.table.starts_with('_') && !key.table.starts_with("s3.object");
        let before = before.into_iter().filter(|(key, _)| lags(key));
        self.rows.extend(
            before.map(|(key, row)| (key, Old { row, reads_left: reads, shown: Cell::new(false) })),
        );
    }

    /// The row that this operation sees.
    pub(crate) fn seen(&self, operation: &str, place: &str, table: &str, id: &str) -> Seen<'_> {
        if self.rows.is_empty() || !reads(operation) {
            return Seen::Current;
        }
        let Some(old) = self.rows.get(&Key::new(place, table, id)) else { return Seen::Current };
        old.shown.set(true);
        old.row.as_ref().map_or(Seen::Nothing, Seen::Old)
    }

    /// The old rows of a table that this operation sees.
    pub(crate) fn rows(
        &self,
        operation: &str,
        place: &str,
        table: &str,
    ) -> impl Iterator<Item = (&str, Option<&Value>)> {
        let lagging = reads(operation);
        self.rows
            .iter()
            .filter(move |(key, _)| lagging && key.place == place && key.table == table)
            .map(|(key, old)| {
                old.shown.set(true);
                (key.id.as_str(), old.row.as_ref())
            })
    }

    /// Counts down the rows that a request has been shown.
    pub(crate) fn request_done(&mut self) {
        self.rows.retain(|_, old| {
            if old.shown.replace(false) {
                old.reads_left -= 1;
            }
            old.reads_left > 0
        });
    }
}

/// Whether an operation only reads.
pub(crate) fn reads(operation: &str) -> bool {
    ["Describe", "Get", "List", "Head", "Filter"].iter().any(|verb| operation.starts_with(verb))
}
