//! Topics: <https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html>

use super::arn::{self, invalid};
use super::{subscription, topic_attributes, topic_tags};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::SNS_TOPIC;
use serde_json::{Value, json};

/// Topics of an account and region; <https://docs.aws.amazon.com/general/latest/gr/sns.html>.
const QUOTA: usize = 100_000;

/// `CreateTopic`: the ARN of the topic that has the name already, if what is asked for does not contradict it.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("Name");
    let tags = topic_tags::checked(input.items("Tags"))?;
    let attributes = topic_attributes::of_new_topic(call, &input["Attributes"])?;
    check_name(name, attributes.text("FifoTopic") == "true")?;
    let arn = call.arn("sns", name);
    if let Some(topic) = call.get(SNS_TOPIC, &arn) {
        return same(topic, &attributes, &tags).map(|()| json!({"TopicArn": arn}));
    }
    if call.rows(SNS_TOPIC).count() >= call.quota("sns.topics", QUOTA) {
        return Err(Fault::new(
            "TopicLimitExceeded",
            "The number of topics has reached its quota.",
        ));
    }
    let row = json!({
        "TopicArn": arn, "Tags": tags, "_arn": arn, "_key": arn, "_name": name, "_attributes": attributes,
        "_data_protection": input.opt("DataProtectionPolicy"), "_unsubscribed": 0,
    });
    call.put(SNS_TOPIC, &arn, row);
    Ok(json!({"TopicArn": arn}))
}

/// `DeleteTopic`: a topic that is not there is no error.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let topic = input.text("TopicArn");
    arn::check(call, "TopicArn", topic)?;
    if call.remove(SNS_TOPIC, topic).is_some() {
        subscription::remove_all(call, topic);
    }
    Ok(json!({}))
}

/// `ListTopics`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let topics = call.rows(SNS_TOPIC).map(|(arn, _)| json!({"TopicArn": arn, "_key": arn}));
    Ok(json!({"Topics": topics.collect::<Vec<Value>>()}))
}

fn same(topic: &Value, attributes: &Value, tags: &[Value]) -> Result<(), Fault> {
    let known = &topic["_attributes"];
    let mut asked = attributes.as_object().into_iter().flatten();
    if asked.any(|(name, value)| !topic_attributes::equal(name, known.opt(name), value)) {
        return Err(invalid("Attributes Reason: Topic already exists with different attributes"));
    }
    let old = topic.items("Tags");
    if !tags.is_empty() && (tags.len() != old.len() || tags.iter().any(|tag| !old.contains(tag))) {
        return Err(invalid("Tags Reason: Topic already exists with different tags"));
    }
    Ok(())
}

fn check_name(name: &str, fifo: bool) -> Result<(), Fault> {
    let base = if fifo { name.strip_suffix(".fifo").unwrap_or_default() } else { name };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if base.is_empty() || name.len() > 256 || !base.bytes().all(allowed) {
        return Err(invalid("Topic Name"));
    }
    Ok(())
}
