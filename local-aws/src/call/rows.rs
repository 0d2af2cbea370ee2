//! Reading and writing tables.

use super::Call;
use crate::stale::Seen;
use crate::store::{GLOBAL, Key, Table};
use serde_json::Value;
use std::collections::BTreeMap;

/// A row that is a resource with an ARN, wherever it is stored.
pub(crate) struct Resource<'a> {
    pub(crate) place: &'a str,
    pub(crate) table: &'a str,
    pub(crate) id: &'a str,
    pub(crate) row: &'a Value,
}

impl Resource<'_> {
    /// Where it is, to change it with [`Call::update_resource`].
    pub(crate) fn key(&self) -> Key {
        Key::new(self.place, self.table, self.id)
    }
}

impl Call<'_> {
    /// A row of this region (or of the account, for a global table).
    pub(crate) fn get(&self, table: Table, id: &str) -> Option<&Value> {
        self.get_in(&self.region, table, id)
    }

    /// A row of another region.
    pub(crate) fn get_in(&self, region: &str, table: Table, id: &str) -> Option<&Value> {
        let place = table.place(region);
        match self.stale.seen(&self.operation, place, table.name, id) {
            Seen::Current => self.store.get(place, table.name, id),
            Seen::Old(old) => Some(old),
            Seen::Nothing => None,
        }
    }

    /// The rows of this region in the order of their ids.
    pub(crate) fn rows(&self, table: Table) -> impl Iterator<Item = (&str, &Value)> {
        let place = table.place(&self.region);
        let mut rows: BTreeMap<&str, &Value> = self.store.rows(place, table.name).collect();
        for (id, old) in self.stale.rows(&self.operation, place, table.name) {
            match old {
                Some(old) => rows.insert(id, old),
                None => rows.remove(id),
            };
        }
        rows.into_iter()
    }

    /// Every row of this region and of the account that is a resource with an ARN (member `_arn`).
    pub(crate) fn resources(&self) -> impl Iterator<Item = Resource<'_>> {
        let here = |place: &str| place == self.region || place == GLOBAL;
        (self.store.all())
            .filter(move |(place, _, _, row)| here(place) && row.get("_arn").is_some())
            .map(|(place, table, id, row)| Resource { place, table, id, row })
    }

    /// Changes a row found with [`Call::resources`].
    pub(crate) fn update_resource(&mut self, key: &Key, change: impl FnOnce(&mut Value)) {
        if let Some(mut row) = self.store.get(&key.place, &key.table, &key.id).cloned() {
            change(&mut row);
            self.touched.insert(key.id.clone());
            self.store.put(key.clone(), Some(row));
        }
    }

    /// Writes a row.
    pub(crate) fn put(&mut self, table: Table, id: &str, row: Value) {
        self.write(table, id, Some(row));
    }

    /// Changes a row; false if there is none.
    pub(crate) fn update(
        &mut self,
        table: Table,
        id: &str,
        change: impl FnOnce(&mut Value),
    ) -> bool {
        let place = table.place(&self.region);
        let Some(mut row) = self.store.get(place, table.name, id).cloned() else { return false };
        change(&mut row);
        self.write(table, id, Some(row));
        true
    }

    /// Sets members of a row; `null` removes a member. False if there is no such row.
    pub(crate) fn merge(&mut self, table: Table, id: &str, members: Value) -> bool {
        self.update(table, id, |row| merge(row, members))
    }

    /// Removes a row, and what was scheduled for it.
    pub(crate) fn remove(&mut self, table: Table, id: &str) -> Option<Value> {
        let row = self.store.get(table.place(&self.region), table.name, id).cloned()?;
        self.unschedule(table, id);
        self.write(table, id, None);
        Some(row)
    }

    fn write(&mut self, table: Table, id: &str, row: Option<Value>) {
        let key = Key::new(table.place(&self.region), table.name, id);
        self.touched.insert(id.to_owned());
        self.store.put(key, row);
    }
}

/// Sets members of an object; `null` removes one.
pub(super) fn merge(row: &mut Value, members: Value) {
    let (Value::Object(row), Value::Object(members)) = (row, members) else { return };
    for (name, value) in members {
        if value.is_null() {
            row.remove(&name);
        } else {
            row.insert(name, value);
        }
    }
}
