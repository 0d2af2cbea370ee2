//! Log events as they are read: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>

use super::event::BATCH;
use super::pattern::Pattern;
use super::reference::{self, invalid};
use super::retention;
use super::stream::{self, LOG_STREAM, no_stream};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

const MAX_EVENTS: usize = 10_000;

/// Where a log group's latest events can be read from the start: 2024-01-01, in milliseconds.
const FIRST_REVERSED: i64 = 1_704_067_200_000;

/// `GetLogEvents`: a page of a stream, and tokens for going on in both directions.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let group = readable(call, &input)?;
    let name = input.text("logStreamName");
    call.get(LOG_STREAM, &stream::id(&group, name)).ok_or_else(no_stream)?;
    let end = input.int("endTime").unwrap_or(i64::MAX);
    let mut events = events(call, &group, name, true)?;
    events.retain(|event| event.int("timestamp").is_some_and(|at| at < end));
    let limit =
        input.int("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(MAX_EVENTS);
    let (page, first, last) = page(&events, &input, limit)?;
    let shown = page.iter().map(|event| {
        json!({"timestamp": event["timestamp"], "message": event["message"], "ingestionTime": event["ingestionTime"]})
    });
    Ok(json!({
        "events": shown.collect::<Vec<Value>>(), "nextForwardToken": format!("f/{last}/s"), "nextBackwardToken": format!("b/{first}/s"),
    }))
}

/// A page, and the ids before and after which to go on: those of a page without events are the same as before.
fn page<'e>(
    events: &'e [Value],
    input: &Value,
    limit: usize,
) -> Result<(&'e [Value], String, String), Fault> {
    let after = |id: &str| events.partition_point(|event| event.text("id") <= id);
    let before = |id: &str| events.partition_point(|event| event.text("id") < id);
    let (mut first, mut last) = ("9".repeat(56), "0".repeat(56));
    let (from, until) = match input.opt("nextToken").map(token) {
        None if input.flag("startFromHead") => (0, limit.min(events.len())),
        None => (events.len().saturating_sub(limit), events.len()),
        Some(Some((true, id))) => {
            id.clone_into(&mut last);
            (after(id), after(id).saturating_add(limit).min(events.len()))
        }
        Some(Some((false, id))) => {
            id.clone_into(&mut first);
            (before(id).saturating_sub(limit), before(id))
        }
        Some(None) => return Err(invalid("The specified nextToken is invalid.")),
    };
    let page = &events[from..until];
    if let ([start, ..], [.., end]) = (page, page) {
        (first, last) = (start.text("id").to_owned(), end.text("id").to_owned());
    }
    Ok((page, first, last))
}

/// Whether a token goes forward, and its id.
fn token(token: &str) -> Option<(bool, &str)> {
    let (direction, id) = token.strip_suffix("/s")?.split_once('/')?;
    let known = id.len() == 56 && id.bytes().all(|byte| byte.is_ascii_digit());
    (known && ["f", "b"].contains(&direction)).then_some((direction == "f", id))
}

/// `FilterLogEvents`: events of several streams in the order of time.
pub(super) fn filter(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    call.default_page_size(MAX_EVENTS);
    let group = readable(call, &input)?;
    let names = input.texts("logStreamNames");
    if !names.is_empty() && input.has("logStreamNamePrefix") {
        return Err(invalid("logStreamNames and logStreamNamePrefix cannot be used together."));
    }
    if names.iter().any(|name| call.get(LOG_STREAM, &stream::id(&group, name)).is_none()) {
        return Err(no_stream());
    }
    let latest_first = input.opt_flag("startFromHead") == Some(false);
    if latest_first && input.int("startTime").unwrap_or_default() < FIRST_REVERSED {
        return Err(invalid("startFromHead can be false only with a startTime of 2024 or later."));
    }
    let pattern = Pattern::parse(input.text("filterPattern"))?;
    let end = input.int("endTime").unwrap_or(i64::MAX);
    let mut events = events(call, &group, input.text("logStreamNamePrefix"), false)?;
    events.retain(|event| {
        (names.is_empty() || names.contains(&event.text("stream")))
            && event.int("timestamp").is_some_and(|at| at <= end)
            && pattern.matches(event.text("message")).is_some()
    });
    if latest_first {
        events.reverse();
    }
    let shown = events.iter().map(|event| {
        json!({
            "eventId": event["id"], "logStreamName": event["stream"], "timestamp": event["timestamp"],
            "message": event["message"], "ingestionTime": event["ingestionTime"], "_key": event["id"],
        })
    });
    Ok(json!({"events": shown.collect::<Vec<Value>>(), "searchedLogStreams": []}))
}

/// The name of the group that a request reads; only those of the standard class can be read so.
fn readable(call: &Call, input: &Value) -> Result<String, Fault> {
    let name = reference::one_of(call, input, "logGroupIdentifier")?;
    let class = reference::group(call, &name)?.text("logGroupClass");
    if class != "STANDARD" {
        return Err(invalid(format!(
            "{} is not supported for log groups of the {class} class.",
            call.operation()
        )));
    }
    if input
        .int("startTime")
        .is_some_and(|start| input.int("endTime").is_some_and(|end| end < start))
    {
        return Err(invalid("startTime must not be after endTime."));
    }
    Ok(name)
}

/// The events of one stream, or of those whose names start so, from the start time on that have not expired, by id.
fn events(call: &Call, group: &str, name: &str, exact: bool) -> Result<Vec<Value>, Fault> {
    let expired = retention::expired_before(reference::group(call, group)?, reference::now(call));
    let start = call.input().int("startTime").unwrap_or_default().max(expired);
    let prefix =
        if exact { format!("{}:", stream::id(group, name)) } else { stream::id(group, name) };
    let mut events = Vec::new();
    for (id, batch) in call.rows(BATCH).filter(|(id, _)| id.starts_with(&prefix)) {
        let stream = id.rsplit(':').nth(1).unwrap_or_default();
        for event in batch
            .items("events")
            .iter()
            .filter(|event| event.int("timestamp").is_some_and(|at| at >= start))
        {
            let mut event = event.clone();
            event["stream"] = json!(stream);
            event["ingestionTime"] = batch["ingestionTime"].clone();
            events.push(event);
        }
    }
    events.sort_by(|a, b| a.text("id").cmp(b.text("id")));
    Ok(events)
}
