//! Events as they arrive: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>

use super::rule::RULE;
use super::{bus, deliver, invalid, pattern};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::model::TimestampFormat;
use crate::protocol::timestamp;
use crate::services::cloudwatch;
use serde_json::{Value, json};

/// Bytes of an entry, and of a request.
const MOST: usize = 1024 * 1024;

/// What happened, as a service tells it.
#[derive(Debug)]
pub(crate) struct Event<'a> {
    /// Such as `aws.secretsmanager`.
    pub(crate) source: &'a str,
    /// Such as `AWS Service Event via CloudTrail`.
    pub(crate) detail_type: &'a str,
    /// The ARNs that it is about.
    pub(crate) resources: &'a [&'a str],
    /// The rest.
    pub(crate) detail: Value,
}

/// Sends an event of a service to the rules of the default bus.
pub(crate) fn emit(call: &mut Call, event: &Event) {
    let event = envelope(call, event);
    route(call, &event);
}

/// An event as rules and targets see it.
pub(super) fn envelope(call: &mut Call, event: &Event) -> Value {
    let time = timestamp(call.now().floor(), TimestampFormat::Iso8601).replace(".000Z", "Z");
    json!({
        "version": "0", "id": call.new_uuid("events.event"), "detail-type": event.detail_type, "source": event.source,
        "account": ACCOUNT, "time": time, "region": call.region(), "resources": event.resources, "detail": event.detail,
    })
}

fn route(call: &mut Call, event: &Value) {
    let fits = |row: &Value| {
        row.text("State") != "DISABLED"
            && (row.opt("EventPattern"))
                .and_then(|text| pattern::parse(text).ok())
                .is_some_and(|pattern| pattern::matches(&pattern, event))
    };
    let rules: Vec<Value> =
        call.rows(RULE).map(|(_, row)| row).filter(|row| fits(row)).cloned().collect();
    for rule in rules {
        trigger(call, &rule, event);
    }
}

/// Hands an event to the targets of a rule, and counts.
pub(super) fn trigger(call: &mut Call, rule: &Value, event: &Value) {
    let mut failed = 0;
    for target in rule.items("_targets") {
        if deliver::to(call, rule, target, event).is_err() {
            failed += 1;
        }
    }
    let all = rule.items("_targets").len();
    let counts = [("TriggeredRules", 1), ("Invocations", all), ("FailedInvocations", failed)];
    for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        let dimensions = json!([{"Name": "RuleName", "Value": rule["Name"]}]);
        let datum =
            json!({"MetricName": name, "Dimensions": dimensions, "Value": count, "Unit": "Count"});
        cloudwatch::record(call, "AWS/Events", &datum);
    }
}

/// `PutEvents`: what fails is in the answer.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if input.has("EndpointId") {
        return Err(Fault::not_implemented("events PutEvents to a global endpoint"));
    }
    let entries = input.items("Entries");
    if entries.iter().map(|entry| entry.to_string().len()).sum::<usize>() > MOST {
        return Err(invalid(format!(
            "Total size of the entries in the request is over the limit of {MOST} bytes."
        )));
    }
    let mut failed = 0;
    let mut results = Vec::new();
    for entry in entries {
        match accepted(call, entry) {
            Ok(id) => results.push(json!({"EventId": id})),
            Err((code, message)) => {
                failed += 1;
                results.push(json!({"ErrorCode": code, "ErrorMessage": message}));
            }
        }
    }
    Ok(json!({"FailedEntryCount": failed, "Entries": results}))
}

fn accepted(call: &mut Call, entry: &Value) -> Result<Value, (&'static str, String)> {
    for member in ["Source", "DetailType", "Detail"] {
        if entry.text(member).is_empty() {
            return Err((
                "InvalidArgument",
                format!(
                    "Parameter {member} is not valid. Reason: {member} is a required argument."
                ),
            ));
        }
    }
    if bus::known(entry.opt("EventBusName")).is_err() {
        return Err(("InvalidArgument", "The event bus does not exist.".to_owned()));
    }
    let detail = serde_json::from_str::<Value>(entry.text("Detail")).ok();
    let Some(detail) = detail.filter(Value::is_object) else {
        return Err(("MalformedDetail", "Detail is malformed.".to_owned()));
    };
    if entry.text("Source").starts_with("aws.") {
        return Err((
            "NotAuthorizedForSourceException",
            "Not authorized for the source.".to_owned(),
        ));
    }
    let resources = entry.texts("Resources");
    let event = Event {
        source: entry.text("Source"),
        detail_type: entry.text("DetailType"),
        resources: &resources,
        detail,
    };
    let mut event = envelope(call, &event);
    if let Some(time) = entry.number("Time") {
        event["time"] =
            json!(timestamp(time.floor(), TimestampFormat::Iso8601).replace(".000Z", "Z"));
    }
    route(call, &event);
    Ok(event["id"].clone())
}
