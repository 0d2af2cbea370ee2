//! Events: <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeEvents.html>

use super::kind::{MOST_RECORDS, check_page, invalid_combination, invalid_value};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Events in the order of time: an `Event`.
const EVENT: Table = Table::regional("elasticache.event");

/// For how long AWS keeps events.
const KEPT_SECONDS: f64 = 14.0 * 86_400.0;

/// How far back a request looks that says nothing else, in minutes.
const USUAL_MINUTES: i64 = 60;

/// Notes what happened to something.
pub(super) fn note(call: &mut Call, (kind, name): (&str, &str), message: &str) {
    let number = call.count("elasticache.event");
    let id = format!("{:018.6}-{number:012}", call.now());
    let row = json!({
        "SourceIdentifier": name, "SourceType": kind, "Message": message, "Date": call.now(), "_key": id,
    });
    call.put(EVENT, &id, row);
    call.schedule(KEPT_SECONDS, EVENT, &id, Step::Remove);
}

/// `DescribeEvents`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    check_page(&input, MOST_RECORDS)?;
    if input.has("SourceIdentifier") && !input.has("SourceType") {
        return Err(invalid_combination("SourceIdentifier needs SourceType to be given."));
    }
    if input.has("Duration") && input.has("StartTime") {
        return Err(invalid_combination("Duration and StartTime cannot be used together."));
    }
    let minutes = input.int("Duration").unwrap_or(USUAL_MINUTES);
    let (start, end) = period(&input, minutes, call.now())?;
    let wanted = |event: &Value| {
        let date = event.number("Date").unwrap_or_default();
        (start..=end).contains(&date)
            && ["SourceIdentifier", "SourceType"]
                .iter()
                .all(|member| !input.has(member) || input[*member] == event[*member])
    };
    let events: Vec<&Value> =
        call.rows(EVENT).map(|(_, event)| event).filter(|event| wanted(event)).collect();
    Ok(json!({"Events": events}))
}

#[expect(clippy::cast_precision_loss, reason = "minutes of requests are far below 2^52")]
fn period(input: &Value, minutes: i64, now: f64) -> Result<(f64, f64), Fault> {
    let end = input.number("EndTime").unwrap_or(now);
    let start = input.number("StartTime").unwrap_or(end - minutes as f64 * 60.0);
    if start > end {
        return Err(invalid_value("The start time must be before the end time."));
    }
    Ok((start, end))
}
