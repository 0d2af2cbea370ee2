//! What other services of the cloud publish.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html>

use super::{publish, topic_attributes};
use crate::call::{ACCOUNT, Call};
use crate::fields::Fields;
use crate::services::kms;
use crate::services::policy::{self, Asked, Who};
use crate::services::tables::{KMS_KEY, SNS_TOPIC};
use serde_json::{Value, json};

/// A service that publishes, and for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Publisher<'a> {
    /// Its principal, such as `cloudwatch.amazonaws.com`.
    pub(crate) service: &'a str,
    /// The ARN of the resource that it publishes for.
    pub(crate) source: &'a str,
    /// Whether the policy that topics have by default covers it.
    pub(crate) for_owner: bool,
}

/// Why a service cannot publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There is no such topic in this region.
    NoTopic,
    /// The topic's policy does not let the service in.
    Policy,
    /// The service cannot use the key that encrypts the topic.
    Key,
}

/// Publishes for a service, if the topic's policy and its key allow it; the message's id. Without text there is no subject.
pub(crate) fn publish_for(
    call: &mut Call,
    publisher: Publisher,
    topic: &str,
    subject: &str,
    message: &str,
) -> Result<String, Refused> {
    admits(call, publisher, topic)?;
    let mut message = json!({"Message": message});
    if !subject.is_empty() {
        message["Subject"] = json!(subject);
    }
    Ok(publish::keep(call, topic, &message, Value::Null))
}

/// Whether a service may publish to a topic.
pub(crate) fn admits(call: &mut Call, publisher: Publisher, topic: &str) -> Result<(), Refused> {
    let attributes = &call.get(SNS_TOPIC, topic).ok_or(Refused::NoTopic)?["_attributes"];
    let default = topic_attributes::default_policy(topic);
    let document =
        serde_json::from_str(attributes.opt("Policy").unwrap_or(&default)).unwrap_or_default();
    let key = attributes.opt("KmsMasterKeyId").map(str::to_owned);
    let mut context = vec![("aws:SourceArn", publisher.source), ("aws:SourceAccount", ACCOUNT)];
    if publisher.for_owner {
        context.push(("AWS:SourceOwner", ACCOUNT));
    }
    let who = Who::Service(publisher.service);
    let asked = Asked { who, action: "sns:Publish", resource: topic, context: &context };
    if !policy::allows(&document, &asked) {
        return Err(Refused::Policy);
    }
    let Some(key) = key else { return Ok(()) };
    context.push(("kms:EncryptionContext:aws:sns:topicArn", topic));
    let actions = ["kms:GenerateDataKey", "kms:Decrypt"];
    let arn =
        kms::usable(call, &key, publisher.service, &actions, &context).map_err(|_| Refused::Key)?;
    // The key that AWS manages for SNS serves the account's own publishers, and its policy cannot be changed.
    let managed = call
        .rows(KMS_KEY)
        .any(|(_, row)| row.text("Arn") == arn && row.text("KeyManager") == "AWS");
    if managed { Err(Refused::Key) } else { Ok(()) }
}
