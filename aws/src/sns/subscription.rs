//! Subscription: <https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html>

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sns::types::Subscription as Description;
use globecart_engine::{
    Actions, Argument, CallError, CallResult, Class, Facts, Found, Input, Intent, Invalid, Live,
    Made, Order, Recorded, Removal, Resource, Tags, outputs,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::{Aws, Doing, SubscriptionArn, TopicArn, absent_is_fine};

/// Sends what is published to a topic to an endpoint.
///
/// An e-mail address gets nothing before its owner has confirmed; until then AWS neither shows the subscription's
/// ARN nor lets it be removed, and drops it by itself after two days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Subscription {
    /// The topic.
    #[builder(setter(into))]
    topic: Input<TopicArn>,
    /// How the endpoint is reached.
    protocol: Protocol,
    /// The e-mail address, URL or ARN.
    #[builder(setter(into))]
    endpoint: Input<String>,
}

/// How an endpoint is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// An e-mail address; confirmed by its owner.
    Email,
    /// A URL over TLS; confirmed by its server.
    Https,
    /// A queue's ARN.
    Sqs,
    /// A function's ARN.
    Lambda,
}

outputs! {
    /// What a subscription answers.
    pub struct SubscriptionOutputs => SubscriptionRefs {
        /// Its ARN, or `PendingConfirmation` until it is confirmed.
        accepted arn: SubscriptionArn,
    }
}

/// What stands for the ARN of an unconfirmed subscription.
const PENDING: &str = "PendingConfirmation";

/// The first call of a create, as its errors name it.
const CREATING: &str = "subscribing to the topic";

type Was = Recorded<Subscription, SubscriptionOutputs>;

impl Resource<Aws> for Subscription {
    const TYPE: &'static str = "sns:Subscription";
    const FACTS: Facts = Facts {
        tags: false,
        actions: Actions {
            create: &["sns:Subscribe", "sns:ListSubscriptionsByTopic"],
            read: &["sns:ListSubscriptionsByTopic"],
            update: &[],
            delete: &["sns:Unsubscribe", "sns:ListSubscriptionsByTopic"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = SubscriptionOutputs;

    fn argument(_name: &str, _old: &Value, _new: &Value) -> Argument {
        Argument::Replace(Order::CreateFirst)
    }

    fn check(&self) -> Result<(), Invalid> {
        let Some(endpoint) = self.endpoint.get() else { return Ok(()) };
        let (fits, form) = match self.protocol {
            Protocol::Email => (
                endpoint
                    .split_once('@')
                    .is_some_and(|(name, host)| !name.is_empty() && host.contains('.')),
                "an e-mail address",
            ),
            Protocol::Https => {
                (endpoint.starts_with("https://"), "a URL that starts with https://")
            }
            Protocol::Sqs | Protocol::Lambda => (endpoint.starts_with("arn:"), "an ARN"),
        };
        if fits {
            Ok(())
        } else {
            Err(Invalid::new("endpoint", format!("`{endpoint}` must be {form}")))
        }
    }

    /// The same topic, protocol and endpoint give the same subscription, so a repeat is harmless.
    async fn create(&self, aws: &Aws, _intent: &Intent) -> CallResult<Made<SubscriptionOutputs>> {
        let call = (aws.sns().subscribe())
            .topic_arn(self.topic.known().as_str())
            .protocol(self.protocol.api())
            .endpoint(self.endpoint.known());
        let arn = call.send().await.doing(CREATING)?.subscription_arn;
        Ok(Made::ready(outputs(arn.as_deref())))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    /// One list a topic.
    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, SubscriptionOutputs>>> {
        let mut listed = BTreeMap::new();
        for topic in topics(wanted) {
            listed.insert(topic, list(aws, topic).await?);
        }
        let live = wanted.iter().map(|was| match was.args.among(&listed[was.args.topic.known()]) {
            None => Live::Absent,
            Some(outputs) => Live::Ready { args: was.args.clone(), outputs, tags: Tags::new() },
        });
        Ok(live.collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        topics(wanted).len()
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            // It may have been confirmed since it was recorded.
            let Some(live) = was.args.live(aws).await?.filter(|live| live.arn.as_str() != PENDING)
            else {
                continue;
            };
            let answer = aws.sns().unsubscribe().subscription_arn(live.arn.as_str()).send().await;
            absent_is_fine(answer.map(|_| ()).doing("removing the subscription"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, _intent: &Intent) -> CallResult<Found<SubscriptionOutputs>> {
        Ok(self.live(aws).await?.map_or(Found::Nothing, Found::Ours))
    }
}

impl Subscription {
    /// The subscription as the topic lists it.
    async fn live(&self, aws: &Aws) -> CallResult<Option<SubscriptionOutputs>> {
        Ok(self.among(&list(aws, self.topic.known()).await?))
    }

    fn among(&self, listed: &[Description]) -> Option<SubscriptionOutputs> {
        let same = |it: &&Description| {
            it.protocol() == Some(self.protocol.api())
                && it.endpoint() == Some(self.endpoint.known())
        };
        listed.iter().find(same).map(|it| outputs(it.subscription_arn()))
    }
}

fn topics(wanted: &[Was]) -> BTreeSet<&TopicArn> {
    wanted.iter().map(|was| was.args.topic.known()).collect()
}

/// The subscriptions of a topic; none if the topic is gone.
async fn list(aws: &Aws, topic: &TopicArn) -> CallResult<Vec<Description>> {
    let call = aws.sns().list_subscriptions_by_topic().topic_arn(topic.as_str());
    let listed = call.into_paginator().items().send().try_collect().await;
    match listed.doing("reading subscriptions") {
        Err(error) if error.class == Class::NotFound => Ok(Vec::new()),
        other => other,
    }
}

impl Protocol {
    fn api(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Https => "https",
            Self::Sqs => "sqs",
            Self::Lambda => "lambda",
        }
    }
}

/// SNS says `pending confirmation` in one answer and `PendingConfirmation` in another.
fn outputs(arn: Option<&str>) -> SubscriptionOutputs {
    let arn = arn.filter(|arn| arn.starts_with("arn:")).unwrap_or(PENDING);
    SubscriptionOutputs { arn: SubscriptionArn::new(arn) }
}
