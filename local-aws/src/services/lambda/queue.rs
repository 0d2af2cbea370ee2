//! Invocations that nobody waits for in a request: events, and the steps that services run.
//!
//! A row is a run to be done. It is on file before anybody is told, so that a cloud that is opened again does it.

use super::invoke::Invocation;
use super::outcome::{self, Ran};
use super::reference::Named;
use crate::call::{Call, Step};
use crate::fields::Fields;
use crate::services;
use crate::store::{GLOBAL, Store, Table};
use serde_json::{Value, json};

/// Runs to be done, in order: `invocation`, `attempt`, and `then`: service, task and arguments of who wants to know.
const JOB: Table = Table::global("_lambda_job");

/// Seconds after which an event that a function failed for is tried again.
const RETRIES: [f64; 2] = [60.0, 120.0];

/// A run to be done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) invocation: Invocation,
}

/// Adds a run; `then` is `[service, task, arguments]` of whoever wants the result, or null for an event.
pub(super) fn push(call: &mut Call, invocation: &Invocation, then: &Value) {
    let number = call.count(JOB.name);
    let id = format!("{number:012}");
    call.put(JOB, &id, json!({"invocation": invocation.to_value(), "then": then, "attempt": 0}));
}

/// Sends an event to a function, named by its ARN. It is tried up to three times, as AWS does.
pub(crate) fn invoke_later(call: &mut Call, arn: &str, payload: &str) {
    let invocation = of_arn(call, arn, payload);
    push(call, &invocation, &Value::Null);
}

/// Lets a function run for a service, which has a task that takes `[arguments, result]`: the result has `payload`, and `error` where it failed.
pub(crate) fn invoke_for(
    call: &mut Call,
    arn: &str,
    payload: &str,
    (service, task, arguments): (&str, &str, &Value),
) {
    let invocation = of_arn(call, arn, payload);
    push(call, &invocation, &json!([service, task, arguments]));
}

fn of_arn(call: &Call, arn: &str, payload: &str) -> Invocation {
    let named = Named::parse(arn);
    Invocation {
        region: call.region().to_owned(),
        version: named.qualifier.unwrap_or_else(|| super::reference::LATEST.to_owned()),
        function: named.name,
        payload: payload.to_owned(),
        tail: false,
    }
}

/// The first run to be done that is none of those under way.
pub(crate) fn next(store: &Store, under_way: impl Fn(&str) -> bool) -> Option<Job> {
    let mut rows = store.rows(GLOBAL, JOB.name);
    let due = |row: &Value| !row.flag("waits");
    rows.find(|(id, row)| due(row) && !under_way(id)).map(|(id, row)| Job {
        id: id.to_owned(),
        invocation: Invocation::of_value(&row["invocation"]),
    })
}

/// The end of a run: what it wrote and took is noted, and whoever wants the result gets it.
pub(crate) fn done(call: &mut Call, job: &Job, ran: &Ran) {
    outcome::note(call, &job.invocation, ran);
    let Some(row) = call.get(JOB, &job.id).cloned() else { return };
    let attempt = usize::try_from(row.int("attempt").unwrap_or_default()).unwrap_or_default();
    if row["then"].is_null()
        && ran.failed()
        && let Some(seconds) = RETRIES.get(attempt)
    {
        call.merge(JOB, &job.id, json!({"attempt": attempt + 1, "waits": true}));
        call.schedule(*seconds, JOB, &job.id, Step::Merge(json!({"waits": null})));
        return;
    }
    call.remove(JOB, &job.id);
    let then = &row["then"];
    let Some(service) = services::named(then[0].as_str().unwrap_or_default()) else { return };
    let task = service.tasks.iter().find(|(name, _)| then[1].as_str() == Some(name));
    if let Some((_, work)) = task {
        call.in_service(service.name, |call| work(call, &json!([then[2], ran.to_value()])));
    }
}
