//! Changes that happen later: states that move, things that vanish, work of a service.
//!
//! Invariant: what is due happens in order of time, before the next request sees the tables.

use super::{Call, rows};
use crate::fields::Fields;
use crate::options::Options;
use crate::record::Transition;
use crate::services;
use crate::stale::Stale;
use crate::store::{GLOBAL, Key, Store, Table};
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;

const SCHEDULE: &str = "_schedule";

/// What happens to a row at a later time. A row that is gone by then stays gone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// Members are set; `null` removes one.
    Merge(Value),
    /// The row vanishes.
    Remove,
    /// A task of the service runs, by its name in [`crate::service::Service::tasks`], with these arguments.
    Run(&'static str, Value),
}

impl Call<'_> {
    /// Lets something happen to a row after simulated seconds; steps of equal time keep their order.
    pub(crate) fn schedule(&mut self, after: f64, table: Table, id: &str, step: Step) {
        let due = self.now + after.max(0.0);
        let number = self.count(SCHEDULE);
        self.transitions.push(Transition { table: table.name, id: id.to_owned(), seconds: after });
        let (kind, value) = match step {
            Step::Merge(members) => ("merge", members),
            Step::Remove => ("remove", Value::Bool(true)),
            Step::Run(task, arguments) => ("run", json!([task, arguments])),
        };
        let mut row = json!({
            "due": due, "place": table.place(&self.region), "table": table.name, "id": id,
            "service": self.service, "region": self.region,
        });
        row[kind] = value;
        self.store.put(Key::new(GLOBAL, SCHEDULE, &format!("{due:018.6}-{number:012}")), Some(row));
    }

    /// Lets work of another service happen, whose own tasks it then schedules.
    pub(crate) fn in_service(&mut self, service: &'static str, work: impl FnOnce(&mut Self)) {
        let own = std::mem::replace(&mut self.service, service);
        work(self);
        self.service = own;
    }

    /// Forgets what was scheduled for a row.
    pub(crate) fn unschedule(&mut self, table: Table, id: &str) {
        let place = table.place(&self.region);
        let about = |step: &Value| {
            step.text("id") == id && step.text("table") == table.name && step.text("place") == place
        };
        let steps = self.store.rows(GLOBAL, SCHEDULE).filter(|(_, step)| about(step));
        let keys: Vec<Key> = steps.map(|(key, _)| Key::new(GLOBAL, SCHEDULE, key)).collect();
        for key in keys {
            self.store.put(key, None);
        }
    }
}

/// Applies what is due, each step as a transaction of its own at its own time.
pub(crate) fn run_due(
    store: &mut Store,
    stale: &mut Stale,
    options: &Options,
    now: f64,
) -> io::Result<()> {
    while let Some((key, step)) = first_due(store, now) {
        let due = step.number("due").unwrap_or(now);
        store.put(Key::new(GLOBAL, SCHEDULE, &key), None);
        apply(store, stale, options, &step, due);
        store.commit(due)?;
    }
    Ok(())
}

fn first_due(store: &Store, now: f64) -> Option<(String, Value)> {
    let (key, step) = store.rows(GLOBAL, SCHEDULE).next()?;
    (step.number("due")? <= now).then(|| (key.to_owned(), step.clone()))
}

fn apply(store: &mut Store, stale: &mut Stale, options: &Options, step: &Value, due: f64) {
    let key = Key::new(step.text("place"), step.text("table"), step.text("id"));
    if let Some(task) = step.get("run") {
        run(store, stale, options, step, task, due);
        return;
    }
    let Some(mut row) = store.get(&key.place, &key.table, &key.id).cloned() else { return };
    if step.has("remove") {
        store.put(key, None);
    } else {
        rows::merge(&mut row, step["merge"].clone());
        store.put(key, Some(row));
    }
}

fn run(
    store: &mut Store,
    stale: &mut Stale,
    options: &Options,
    step: &Value,
    task: &Value,
    due: f64,
) {
    let Some(service) = services::named(step.text("service")) else { return };
    let named = (service.tasks.iter()).find(|(name, _)| task[0].as_str() == Some(name));
    let Some((name, work)) = named else { return };
    let about = (service.name, *name, step.text("region"));
    let mut call = Call::new(store, stale, options, about, Arc::new(Value::Null), due);
    work(&mut call, &task[1]);
}
