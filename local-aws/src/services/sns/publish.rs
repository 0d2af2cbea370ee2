//! Publishing: <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
//!
//! Messages are kept, newest last, in the table `sns.message`; nothing is delivered to endpoints.

use super::arn::{self, invalid};
use crate::call::{Call, digest};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::kms::{self, Unusable};
use crate::store::Table;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What was published, in order: the members of the request with `MessageId` and `Timestamp`.
const MESSAGE: Table = Table::regional("sns.message");

/// The largest message, with its attributes, in bytes.
const MOST: usize = 256 * 1024;

/// How long a FIFO topic remembers what it was sent, in seconds.
const DEDUPLICATION: f64 = 300.0;

/// `Publish`.
pub(super) fn publish(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if input.has("PhoneNumber") {
        return Err(Fault::not_implemented("messages to telephones"));
    }
    let topic = input.opt("TopicArn").or(input.opt("TargetArn"));
    let topic = topic
        .ok_or_else(|| invalid("TopicArn or TargetArn Reason: no value for required parameter"))?;
    if topic.contains(":endpoint/") {
        return Err(Fault::not_implemented("messages to mobile applications"));
    }
    send(call, topic, &input)
}

/// `PublishBatch`: what fails is in the answer.
pub(super) fn publish_batch(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let topic = input.text("TopicArn");
    arn::topic(call, "TopicArn", topic)?;
    let entries = input.items("PublishBatchRequestEntries");
    check_batch(entries)?;
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        match send(call, topic, entry) {
            Ok(mut sent) => {
                sent["Id"] = entry["Id"].clone();
                done.push(sent);
            }
            Err(fault) => failed.push(json!({
                "Id": entry["Id"], "Code": fault.code, "Message": fault.message, "SenderFault": true,
            })),
        }
    }
    Ok(json!({"Successful": done, "Failed": failed}))
}

fn check_batch(entries: &[Value]) -> Result<(), Fault> {
    let refused = |code: &str, message: &str| Err(Fault::new(code, message));
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let ids: BTreeSet<&str> = entries.iter().map(|entry| entry.text("Id")).collect();
    if entries.is_empty() {
        return refused("EmptyBatchRequest", "The batch request doesn't contain any entries.");
    }
    if entries.len() > 10 {
        return refused(
            "TooManyEntriesInBatchRequest",
            "The batch request contains more entries than permissible.",
        );
    }
    if ids.len() < entries.len() {
        return refused(
            "BatchEntryIdsNotDistinct",
            "Two or more batch entries in the request have the same Id.",
        );
    }
    if ids.iter().any(|id| !(1..=80).contains(&id.len()) || !id.bytes().all(allowed)) {
        return refused(
            "InvalidBatchEntryId",
            "The Id of a batch entry in a batch request doesn't abide by the specification.",
        );
    }
    Ok(())
}

fn send(call: &mut Call, topic: &str, message: &Value) -> Result<Value, Fault> {
    let attributes = arn::topic(call, "TopicArn", topic)?["_attributes"].clone();
    check(message)?;
    if let Some(key) = attributes.opt("KmsMasterKeyId") {
        // The publisher's own right to the key counts, and any credentials are the account's.
        kms::usable(call, key, "sns.amazonaws.com", &[], &[])
            .map_err(|unusable| key_fault(key, &unusable))?;
    }
    if attributes.text("FifoTopic") == "true" {
        return send_once(call, topic, &attributes, message);
    }
    if message.has("MessageDeduplicationId") {
        let reason = "The request includes MessageDeduplicationId parameter that is not valid for this topic type";
        return Err(invalid(&format!("MessageDeduplicationId Reason: {reason}")));
    }
    Ok(json!({"MessageId": keep(call, topic, message, Value::Null)}))
}

fn key_fault(key: &str, unusable: &Unusable) -> Fault {
    match unusable {
        Unusable::NotFound => Fault::new("KMSNotFound", format!("Invalid keyId '{key}'")),
        Unusable::State => Fault::new("KMSDisabled", format!("{key} is disabled.")),
        Unusable::Denied(action) => {
            Fault::new("KMSAccessDenied", format!("not authorized to perform {action} on {key}"))
        }
    }
}

fn send_once(
    call: &mut Call,
    topic: &str,
    attributes: &Value,
    message: &Value,
) -> Result<Value, Fault> {
    if !message.has("MessageGroupId") {
        return Err(invalid("The MessageGroupId parameter is required for FIFO topics"));
    }
    let by_content = attributes.text("ContentBasedDeduplication") == "true";
    let own = by_content.then(|| digest(message.text("Message")));
    let Some(id) = message.opt("MessageDeduplicationId").map(str::to_owned).or(own) else {
        let reason = "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly";
        return Err(invalid(reason));
    };
    let since = call.now() - DEDUPLICATION;
    let again = |row: &&Value| {
        row.text("TopicArn") == topic
            && row.text("_once") == id
            && row.number("Timestamp").unwrap_or_default() > since
    };
    if let Some(sent) = call.rows(MESSAGE).map(|(_, row)| row).find(again) {
        return Ok(
            json!({"MessageId": sent["MessageId"], "SequenceNumber": sent["SequenceNumber"]}),
        );
    }
    let number = format!("1{:019}", call.count("sns.sequence"));
    let sent = keep(call, topic, message, json!({"_once": id, "SequenceNumber": number}));
    Ok(json!({"MessageId": sent, "SequenceNumber": number}))
}

fn check(message: &Value) -> Result<(), Fault> {
    let text = message.text("Message");
    if text.is_empty() {
        return Err(invalid("Empty message"));
    }
    if text.len() + message["MessageAttributes"].to_string().len() > MOST {
        return Err(invalid("Message too long"));
    }
    let printable = |subject: &str| subject.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    let whole = |subject: &str| {
        (1..=100).contains(&subject.len()) && printable(subject) && !subject.starts_with(' ')
    };
    if message.opt("Subject").is_some_and(|subject| !whole(subject)) {
        return Err(invalid("Subject"));
    }
    match message.opt("MessageStructure") {
        None => Ok(()),
        Some("json") => match serde_json::from_str::<Value>(text) {
            Ok(body) if body.opt("default").is_some() => Ok(()),
            Ok(_) => Err(invalid("Message Structure - No default entry in JSON message body")),
            Err(_) => Err(invalid("Message Structure - JSON message body failed to parse")),
        },
        Some(_) => Err(invalid("MessageStructure")),
    }
}

/// Stores a message, and gives it an id.
pub(super) fn keep(call: &mut Call, topic: &str, message: &Value, further: Value) -> String {
    let id = call.new_uuid("sns.message");
    let number = call.count("sns.message.number");
    let mut row = message.clone();
    for (name, value) in further.as_object().into_iter().flatten() {
        row[name] = value.clone();
    }
    row["MessageId"] = json!(id);
    row["TopicArn"] = json!(topic);
    row["Timestamp"] = json!(call.now());
    call.put(MESSAGE, &format!("{number:012}"), row);
    id
}
