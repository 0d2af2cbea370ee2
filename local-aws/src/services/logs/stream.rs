//! Log streams: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>

use super::event;
use super::group::unprotected;
use super::reference::{self, exists, invalid, not_found};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};
use std::cmp::Reverse;

/// Streams by [`id`]: a `LogStream`.
pub(super) const LOG_STREAM: Table = Table::regional("logs.log_stream");

/// The id of what belongs to a group and has a name of its own; neither name can have a colon.
pub(super) fn id(group: &str, name: &str) -> String {
    format!("{group}:{name}")
}

pub(super) fn no_stream() -> Fault {
    not_found("The specified log stream does not exist.")
}

/// `CreateLogStream`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (group, name) = (input.text("logGroupName"), input.text("logStreamName"));
    let arn = reference::group(call, group)?.text("logGroupArn").to_owned();
    let id = id(group, name);
    if call.get(LOG_STREAM, &id).is_some() {
        return Err(exists("The specified log stream already exists"));
    }
    make(call, &arn, (&id, name));
    Ok(json!({}))
}

fn make(call: &mut Call, group_arn: &str, (id, name): (&str, &str)) {
    let row = json!({
        "logStreamName": name, "creationTime": reference::now(call), "arn": format!("{group_arn}:log-stream:{name}"), "storedBytes": 0,
    });
    call.put(LOG_STREAM, id, row);
}

/// Whether a group has a stream.
pub(crate) fn has_stream(call: &Call, group: &str, name: &str) -> bool {
    call.get(LOG_STREAM, &id(group, name)).is_some()
}

/// Makes a stream of a group that is there, for a service that writes to it.
pub(crate) fn ensure_log_stream(call: &mut Call, group: &str, name: &str) {
    let arn = reference::group(call, group).map(|group| group.text("logGroupArn").to_owned());
    if let (Ok(arn), false) = (arn, has_stream(call, group, name)) {
        make(call, &arn, (&id(group, name), name));
    }
}

/// `DeleteLogStream`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (group, name) = (input.text("logGroupName"), input.text("logStreamName"));
    unprotected(reference::group(call, group)?)?;
    call.remove(LOG_STREAM, &id(group, name)).ok_or_else(no_stream)?;
    event::remove_all(call, group, Some(&id(group, name)));
    Ok(json!({}))
}

/// `DescribeLogStreams`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let group = reference::one_of(call, &input, "logGroupIdentifier")?;
    let by_time = input.text("orderBy") == "LastEventTime";
    if by_time && input.has("logStreamNamePrefix") {
        return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let mut streams: Vec<Value> = of(call, &group, input.text("logStreamNamePrefix"))
        .map(|(_, stream)| {
            let mut stream = stream.clone();
            stream["_key"] = stream["logStreamName"].clone();
            stream
        })
        .collect();
    if by_time {
        streams.sort_by_key(|stream| stream.int("lastEventTimestamp"));
    }
    if input.flag("descending") {
        streams.reverse();
        if by_time {
            streams.sort_by_key(|stream| Reverse(stream.int("lastEventTimestamp")));
        }
    }
    Ok(json!({"logStreams": streams}))
}

/// The streams of a group whose names start so, by id.
pub(super) fn of<'c>(
    call: &'c Call,
    group: &str,
    prefix: &str,
) -> impl Iterator<Item = (&'c str, &'c Value)> + use<'c> {
    let start = id(group, prefix);
    call.rows(LOG_STREAM).filter(move |(id, _)| id.starts_with(&start))
}

/// Removes the streams of a group that is deleted.
pub(super) fn remove_all(call: &mut Call, group: &str) {
    let ids: Vec<String> = of(call, group, "").map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        call.remove(LOG_STREAM, &id);
    }
}
