//! Attributes of topics: <https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html>

use super::arn::{self, invalid};
use super::subscription;
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy::{self, Kind};
use crate::services::tables::SNS_TOPIC;
use serde_json::{Map, Value, json};

/// The attributes that only the creation of a topic takes.
const AT_CREATION: [&str; 1] = ["FifoTopic"];

const DOCUMENTS: [&str; 3] = ["Policy", "DeliveryPolicy", "ArchivePolicy"];

/// Checks the attributes of a topic that is made.
pub(super) fn of_new_topic(call: &Call, attributes: &Value) -> Result<Value, Fault> {
    let mut checked = Map::new();
    for (name, value) in attributes.as_object().into_iter().flatten() {
        let text = value.as_str().unwrap_or_default();
        if !AT_CREATION.contains(&name.as_str()) && !is_known(name) {
            return Err(invalid(&format!("Attributes Reason: Unknown attribute: {name}")));
        }
        check(call, name, text)?;
        if !text.is_empty() {
            checked.insert(name.clone(), value.clone());
        }
    }
    let fifo = checked.get("FifoTopic") == Some(&json!("true"));
    match checked.keys().find(|name| !fifo && is_for_fifo(name)) {
        Some(name) => Err(invalid(&format!("{name} Reason: Not supported for standard topics"))),
        None => Ok(Value::Object(checked)),
    }
}

/// `SetTopicAttributes`. An absent or empty value goes back to the default.
pub(super) fn set(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (arn, name) = (input.text("TopicArn"), input.text("AttributeName"));
    let topic = arn::topic(call, "TopicArn", arn)?;
    let fifo = topic["_attributes"].text("FifoTopic") == "true";
    if !is_known(name) || (is_for_fifo(name) && !fifo) {
        return Err(invalid("AttributeName"));
    }
    let value = input.text("AttributeValue");
    check(call, name, value)?;
    call.update(SNS_TOPIC, arn, |row| {
        let Some(attributes) = row["_attributes"].as_object_mut() else { return };
        if value.is_empty() {
            attributes.remove(name);
        } else {
            attributes.insert(name.to_owned(), json!(value));
        }
    });
    Ok(json!({}))
}

/// `GetTopicAttributes`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("TopicArn");
    let topic = arn::topic(call, "TopicArn", arn)?;
    let (confirmed, pending) = subscription::counts(call, arn);
    let mut all = json!({
        "TopicArn": arn, "Owner": ACCOUNT, "DisplayName": "", "Policy": default_policy(arn),
        "SubscriptionsConfirmed": confirmed.to_string(), "SubscriptionsPending": pending.to_string(),
        "SubscriptionsDeleted": topic["_unsubscribed"].to_string(),
    });
    for (name, value) in topic["_attributes"].as_object().into_iter().flatten() {
        all[name] = value.clone();
    }
    all["EffectiveDeliveryPolicy"] = json!(effective_delivery(all.opt("DeliveryPolicy")));
    if all.text("FifoTopic") == "true" && !all.has("ContentBasedDeduplication") {
        all["ContentBasedDeduplication"] = json!("false");
    }
    Ok(json!({"Attributes": all}))
}

/// `PutDataProtectionPolicy`.
pub(super) fn put_data_protection(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (arn, policy) = (input.text("ResourceArn"), input.text("DataProtectionPolicy"));
    arn::topic(call, "ResourceArn", arn)?;
    if !policy.is_empty() && !matches!(serde_json::from_str(policy), Ok(Value::Object(_))) {
        return Err(invalid("DataProtectionPolicy"));
    }
    call.merge(SNS_TOPIC, arn, json!({"_data_protection": policy}));
    Ok(json!({}))
}

/// `GetDataProtectionPolicy`.
pub(super) fn data_protection(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let topic = arn::topic(call, "ResourceArn", input.text("ResourceArn"))?;
    Ok(json!({"DataProtectionPolicy": topic.text("_data_protection")}))
}

/// Whether an attribute has a value already; documents are compared by what they say.
pub(super) fn equal(name: &str, known: Option<&str>, asked: &Value) -> bool {
    let asked = asked.as_str().unwrap_or_default();
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    match known {
        Some(known) if DOCUMENTS.contains(&name) => parsed(known) == parsed(asked),
        Some(known) => known == asked,
        None => asked == "false",
    }
}

/// The policy of a topic that was given none: its owner may do everything.
pub(super) fn default_policy(arn: &str) -> String {
    const ACTIONS: [&str; 8] = [
        "SNS:GetTopicAttributes",
        "SNS:SetTopicAttributes",
        "SNS:AddPermission",
        "SNS:RemovePermission",
        "SNS:DeleteTopic",
        "SNS:Subscribe",
        "SNS:ListSubscriptionsByTopic",
        "SNS:Publish",
    ];
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ACTIONS,
            "Resource": arn,
            "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
        }],
    })
    .to_string()
}

/// The delivery policy with AWS's defaults where the given one is silent.
pub(super) fn effective_delivery(given: Option<&str>) -> String {
    let mut all = json!({"http": {
        "defaultHealthyRetryPolicy": {
            "minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3, "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0, "numMinDelayRetries": 0, "backoffFunction": "linear",
        },
        "disableSubscriptionOverrides": false,
        "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
    }});
    let given: Value = given.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    overlay(&mut all, &given);
    all.to_string()
}

fn overlay(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (name, value) in over {
                overlay(base.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (base, over) => *base = over.clone(),
    }
}

fn is_known(name: &str) -> bool {
    const FEEDBACK: [&str; 3] =
        ["SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn"];
    let plain = [
        "DeliveryPolicy",
        "DisplayName",
        "KmsMasterKeyId",
        "Policy",
        "SignatureVersion",
        "TracingConfig",
    ];
    let senders = ["Application", "Firehose", "HTTP", "Lambda", "SQS"];
    let about_feedback =
        |sender: &&str| name.strip_prefix(sender).is_some_and(|rest| FEEDBACK.contains(&rest));
    plain.contains(&name) || is_for_fifo(name) || senders.iter().any(about_feedback)
}

fn is_for_fifo(name: &str) -> bool {
    ["ArchivePolicy", "ContentBasedDeduplication", "FifoThroughputScope"].contains(&name)
}

fn check(call: &Call, name: &str, value: &str) -> Result<(), Fault> {
    let one_of =
        |allowed: &[&str]| if allowed.contains(&value) { Ok(()) } else { Err(invalid(name)) };
    match name {
        _ if value.is_empty() => Ok(()),
        "Policy" => check_policy(call, value),
        "DeliveryPolicy" | "ArchivePolicy" => match serde_json::from_str::<Value>(value) {
            Ok(Value::Object(_)) => Ok(()),
            _ => Err(invalid(&format!("{name}: failed to parse JSON."))),
        },
        "DisplayName" if value.chars().count() > 100 => {
            Err(invalid("DisplayName Reason: too long"))
        }
        "FifoTopic" | "ContentBasedDeduplication" => one_of(&["true", "false"]),
        "FifoThroughputScope" => one_of(&["Topic", "MessageGroup"]),
        "SignatureVersion" => one_of(&["1", "2"]),
        "TracingConfig" => one_of(&["Active", "PassThrough"]),
        _ if name.ends_with("SampleRate") => match value.parse::<u8>() {
            Ok(0..=100) => Ok(()),
            _ => Err(invalid(name)),
        },
        _ => Ok(()),
    }
}

fn check_policy(call: &Call, text: &str) -> Result<(), Fault> {
    let document =
        policy::parse(text, Kind::Resource).map_err(|_| invalid("Policy Error: null"))?;
    if policy::unknown_principal(call, &document).is_some() {
        return Err(invalid("Policy Error: PrincipalNotFound"));
    }
    let foreign = |action: &str| {
        let action = action.to_ascii_lowercase();
        action != "*" && !action.starts_with("sns:")
    };
    let mut statements = policy::statements(&document).iter();
    if statements.any(|statement| one_or_many(&statement["Action"]).any(foreign)) {
        return Err(invalid("Policy statement action out of service scope!"));
    }
    Ok(())
}

fn one_or_many(value: &Value) -> impl Iterator<Item = &str> {
    let many = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    many.iter().filter_map(Value::as_str)
}
