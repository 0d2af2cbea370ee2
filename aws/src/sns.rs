//! Amazon SNS: topics and subscriptions.

pub use subscription::{Protocol, Subscription, SubscriptionOutputs, SubscriptionRefs};
pub use topic::{Topic, TopicOutputs, TopicRefs};

mod subscription;
mod topic;
