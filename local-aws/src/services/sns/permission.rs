//! Permissions, a short way to statements of a topic's policy.
//! <https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html>

use super::arn::{self, invalid};
use super::topic_attributes;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy;
use crate::services::tables::SNS_TOPIC;
use serde_json::{Value, json};

const ACTIONS: [&str; 10] = [
    "AddPermission",
    "DeleteTopic",
    "GetDataProtectionPolicy",
    "GetTopicAttributes",
    "ListSubscriptionsByTopic",
    "ListTagsForResource",
    "Publish",
    "RemovePermission",
    "SetTopicAttributes",
    "Subscribe",
];

/// `AddPermission`.
pub(super) fn add(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (topic, label) = (input.text("TopicArn"), input.text("Label"));
    let mut document = document(call, topic)?;
    if statement(&document, label).is_some() {
        return Err(invalid("Statement already exists"));
    }
    let (accounts, actions) = (input.texts("AWSAccountId"), input.texts("ActionName"));
    if accounts.is_empty()
        || !accounts.iter().all(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(invalid("AWSAccountId"));
    }
    if actions.is_empty()
        || !actions.iter().all(|action| *action == "*" || ACTIONS.contains(action))
    {
        return Err(invalid("Policy statement action out of service scope!"));
    }
    let principals: Vec<String> =
        accounts.iter().map(|id| format!("arn:aws:iam::{id}:root")).collect();
    let actions: Vec<String> = actions.iter().map(|action| format!("SNS:{action}")).collect();
    if let Some(statements) = document["Statement"].as_array_mut() {
        statements.push(json!({
            "Sid": label, "Effect": "Allow", "Principal": {"AWS": principals}, "Action": actions, "Resource": topic,
        }));
    }
    store(call, topic, &document);
    Ok(json!({}))
}

/// `RemovePermission`.
pub(super) fn remove(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let topic = input.text("TopicArn");
    let mut document = document(call, topic)?;
    let at = statement(&document, input.text("Label"))
        .ok_or_else(|| invalid("Label Reason: Statement not found"))?;
    if let Some(statements) = document["Statement"].as_array_mut() {
        statements.remove(at);
    }
    store(call, topic, &document);
    Ok(json!({}))
}

/// The topic's policy, its statements as a list.
fn document(call: &Call, topic: &str) -> Result<Value, Fault> {
    let attributes = &arn::topic(call, "TopicArn", topic)?["_attributes"];
    let default = topic_attributes::default_policy(topic);
    let mut document: Value =
        serde_json::from_str(attributes.opt("Policy").unwrap_or(&default)).unwrap_or_default();
    document["Statement"] = json!(policy::statements(&document));
    Ok(document)
}

fn statement(document: &Value, label: &str) -> Option<usize> {
    policy::statements(document).iter().position(|statement| statement.text("Sid") == label)
}

fn store(call: &mut Call, topic: &str, document: &Value) {
    call.update(SNS_TOPIC, topic, |row| row["_attributes"]["Policy"] = json!(document.to_string()));
}
