//! SNS, with its messages kept for tests to read: <https://docs.aws.amazon.com/sns/latest/api/>

mod arn;
mod endpoint;
mod permission;
mod publish;
mod service;
mod subscription;
mod subscription_attributes;
#[cfg(test)]
mod tests;
mod topic;
mod topic_attributes;
mod topic_tags;

pub(crate) use self::service::{Publisher, Refused, admits, publish_for};

use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "sns",
    model: LazyLock::new(|| Model::read(include_str!("../../models/sns.json"))),
    style: Style {
        validation: Validation::Listed("InvalidParameter"),
        bad_page_token: "InvalidParameter",
        page_size: Some(100),
        throttle: ("Throttling", 400),
        expired: "ExpiredToken",
    },
    operations: OPERATIONS,
    tasks: &[],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("AddPermission", permission::add),
    ("ConfirmSubscription", subscription::confirm),
    ("CreateTopic", topic::create),
    ("DeleteTopic", topic::delete),
    ("GetDataProtectionPolicy", topic_attributes::data_protection),
    ("GetSubscriptionAttributes", subscription_attributes::get),
    ("GetTopicAttributes", topic_attributes::get),
    ("ListSubscriptions", subscription::list),
    ("ListSubscriptionsByTopic", subscription::list_by_topic),
    ("ListTagsForResource", topic_tags::list),
    ("ListTopics", topic::list),
    ("Publish", publish::publish),
    ("PublishBatch", publish::publish_batch),
    ("PutDataProtectionPolicy", topic_attributes::put_data_protection),
    ("RemovePermission", permission::remove),
    ("SetSubscriptionAttributes", subscription_attributes::set),
    ("SetTopicAttributes", topic_attributes::set),
    ("Subscribe", subscription::subscribe),
    ("TagResource", topic_tags::tag),
    ("Unsubscribe", subscription::unsubscribe),
    ("UntagResource", topic_tags::untag),
];
