//! Log events as they arrive: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>

use super::reference::{self, invalid};
use super::stream::{self, LOG_STREAM, no_stream};
use super::{metric_filter, retention};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::LOG_GROUP;
use crate::store::Table;
use serde_json::{Value, json};

/// The batches of a stream, by the stream's id and their number: `events` with `id`, `timestamp` and `message`, `ingestionTime`, `bytes`.
pub(super) const BATCH: Table = Table::regional("logs.batch");

const HOUR: i64 = 3600 * 1000;
const MAX_AGE: i64 = 14 * 24 * HOUR;
const MAX_AHEAD: i64 = 2 * HOUR;
const MAX_SPAN: i64 = 24 * HOUR;
const MAX_BYTES: usize = 1_048_576;
const EXTRA_BYTES: usize = 26;

/// `PutLogEvents`: events that are too old or too new are left out, which the answer says.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("logGroupName");
    let group = reference::group(call, name)?.clone();
    let stream = stream::id(name, input.text("logStreamName"));
    let row = call.get(LOG_STREAM, &stream).ok_or_else(no_stream)?.clone();
    let events = input.items("logEvents");
    check(events)?;
    let now = reference::now(call);
    let expired = retention::expired_before(&group, now);
    let (kept, rejected) = sift(events, now, expired)?;
    prune(call, name, &stream, expired);
    let number = call.count("logs.batch");
    keep(call, (name, &stream), &row, kept, number);
    Ok(json!({"nextSequenceToken": token(number), "rejectedLogEventsInfo": rejected}))
}

/// Adds events to a stream, if there are any.
fn keep(call: &mut Call, (name, stream): (&str, &str), row: &Value, kept: &[Value], number: u64) {
    let ([first, ..], [.., last]) = (kept, kept) else { return };
    let now = reference::now(call);
    let (first, last) = (first.int("timestamp"), last.int("timestamp"));
    call.merge(
        LOG_STREAM,
        stream,
        json!({
            "firstEventTimestamp": row.int("firstEventTimestamp").into_iter().chain(first).min(),
            "lastEventTimestamp": row.int("lastEventTimestamp").max(last),
            "lastIngestionTime": now, "uploadSequenceToken": token(number),
        }),
    );
    let bytes = size(kept);
    call.put(BATCH, &format!("{stream}:{number:012}"), batch(kept, number, now, bytes));
    store_bytes(call, name, bytes);
    metric_filter::count(call, name, kept);
}

/// Adds lines, as of now, to a stream of a group; both are there.
pub(crate) fn append(call: &mut Call, group: &str, stream: &str, lines: &[String]) {
    let stream = stream::id(group, stream);
    let Some(row) = call.get(LOG_STREAM, &stream).cloned() else { return };
    let now = reference::now(call);
    let events: Vec<Value> =
        lines.iter().map(|line| json!({"timestamp": now, "message": line})).collect();
    let number = call.count("logs.batch");
    keep(call, (group, &stream), &row, &events, number);
}

/// Sequence tokens are not looked at any more, but answered.
fn token(number: u64) -> String {
    format!("{number:056}")
}

fn check(events: &[Value]) -> Result<(), Fault> {
    let bytes: usize = events.iter().map(|event| event.text("message").len() + EXTRA_BYTES).sum();
    if bytes > MAX_BYTES {
        return Err(invalid(format!(
            "Upload too large: {bytes} bytes exceeds limit of {MAX_BYTES}"
        )));
    }
    if !events.is_sorted_by_key(|event| event.int("timestamp")) {
        return Err(invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    Ok(())
}

/// The events that are taken, and which ones are not, if any.
fn sift(events: &[Value], now: i64, expired: i64) -> Result<(&[Value], Option<Value>), Fault> {
    let before = |limit: i64| {
        events.partition_point(|event| event.int("timestamp").is_some_and(|at| at < limit))
    };
    let (old, expired, new) = (before(now - MAX_AGE), before(expired), before(now + MAX_AHEAD + 1));
    let kept = &events[old.max(expired).min(new)..new];
    if let ([first, ..], [.., last]) = (kept, kept)
        && last.int("timestamp") > first.int("timestamp").map(|at| at + MAX_SPAN)
    {
        return Err(invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    let rejected = json!({
        "tooOldLogEventEndIndex": (old > 0).then_some(old),
        "expiredLogEventEndIndex": (expired > old).then_some(expired),
        "tooNewLogEventStartIndex": (new < events.len()).then_some(new),
    });
    Ok((kept, (kept.len() < events.len()).then_some(rejected)))
}

fn size(events: &[Value]) -> i64 {
    let bytes: usize = events.iter().map(|event| event.text("message").len()).sum();
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// The ids of events order them by time, and events of equal time by arrival.
fn batch(events: &[Value], number: u64, now: i64, bytes: i64) -> Value {
    let events = events.iter().enumerate().map(|(at, event)| {
        let id = format!("{:020}{number:018}{at:018}", event.int("timestamp").unwrap_or_default());
        json!({"id": id, "timestamp": event["timestamp"], "message": event["message"]})
    });
    json!({"events": events.collect::<Vec<Value>>(), "ingestionTime": now, "bytes": bytes})
}

/// Removes the events of a stream, or without one those of all streams of a group.
pub(super) fn remove_all(call: &mut Call, group: &str, stream: Option<&str>) {
    let start = stream.map_or_else(|| stream::id(group, ""), |stream| format!("{stream}:"));
    remove(call, group, |id, _| id.starts_with(&start));
}

/// Removes the batches of a stream in which every event has expired.
fn prune(call: &mut Call, group: &str, stream: &str, expired: i64) {
    let start = format!("{stream}:");
    remove(call, group, |id, batch| {
        let latest = batch.items("events").last().and_then(|event| event.int("timestamp"));
        id.starts_with(&start) && latest.is_some_and(|latest| latest < expired)
    });
}

fn remove(call: &mut Call, group: &str, gone: impl Fn(&str, &Value) -> bool) {
    let batches = call.rows(BATCH).filter(|(id, batch)| gone(id, batch));
    let size = |batch: &Value| batch.int("bytes").unwrap_or_default();
    let gone: Vec<(String, i64)> =
        batches.map(|(id, batch)| (id.to_owned(), size(batch))).collect();
    for (id, _) in &gone {
        call.remove(BATCH, id);
    }
    let bytes: i64 = gone.iter().map(|(_, bytes)| bytes).sum();
    if bytes > 0 {
        store_bytes(call, group, -bytes);
    }
}

fn store_bytes(call: &mut Call, group: &str, more: i64) {
    call.update(LOG_GROUP, group, |row| {
        row["storedBytes"] = json!(row.int("storedBytes").unwrap_or_default() + more);
    });
}
