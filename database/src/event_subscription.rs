//! Event subscription: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateEventSubscription.html>

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_rds::types::EventSubscription as Description;
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    Aws, DbEventSubscriptionName, Doing, TopicArn, absent_is_fine, absent_is_none, found,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::api;

/// Notices to a topic of what happens to databases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct EventSubscription {
    /// The topic, whose policy and key let `events.rds.amazonaws.com` publish.
    #[builder(setter(into))]
    pub topic: Input<TopicArn>,
    /// What is told of. A change replaces the subscription.
    pub source: EventSource,
    /// Which of them, by identifier. Default: all of the account and region.
    #[builder(default)]
    pub sources: BTreeSet<Input<String>>,
    /// Which events, as RDS calls their categories. Default: all.
    #[builder(default, setter(transform = |names: impl IntoIterator<Item = impl Into<String>>| {
        names.into_iter().map(Into::into).collect()
    }))]
    pub categories: BTreeSet<String>,
    /// Whether notices are sent. Default: yes.
    #[builder(default = true)]
    pub enabled: bool,
}

/// What a subscription tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventSource {
    /// Clusters.
    DbCluster,
    /// Instances.
    DbInstance,
    /// Parameter groups.
    DbParameterGroup,
    /// Security groups of databases.
    DbSecurityGroup,
    /// Snapshots of clusters.
    DbClusterSnapshot,
}

impl EventSource {
    fn name(self) -> &'static str {
        match self {
            Self::DbCluster => "db-cluster",
            Self::DbInstance => "db-instance",
            Self::DbParameterGroup => "db-parameter-group",
            Self::DbSecurityGroup => "db-security-group",
            Self::DbClusterSnapshot => "db-cluster-snapshot",
        }
    }
}

outputs! {
    /// What an event subscription answers.
    pub struct EventSubscriptionOutputs => EventSubscriptionRefs {
        /// Its name.
        accepted name: DbEventSubscriptionName,
    }
}

const NAME: NameRule = NameRule::new(254).lower();

type Was = Recorded<EventSubscription, EventSubscriptionOutputs>;

impl Resource<Aws> for EventSubscription {
    const TYPE: &'static str = "rds:EventSubscription";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        quota: Some(("RDS event subscriptions", 20)),
        create_secs: 30,
        update_secs: 30,
        delete_secs: 30,
        actions: Actions {
            create: &[
                "rds:CreateEventSubscription",
                "rds:AddTagsToResource",
                "rds:DescribeEventSubscriptions",
                "rds:ListTagsForResource",
            ],
            read: &["rds:DescribeEventSubscriptions", "rds:ListTagsForResource"],
            update: &[
                "rds:ModifyEventSubscription",
                "rds:AddSourceIdentifierToSubscription",
                "rds:RemoveSourceIdentifierFromSubscription",
                "rds:AddTagsToResource",
                "rds:RemoveTagsFromResource",
            ],
            delete: &["rds:DeleteEventSubscription"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = EventSubscriptionOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "source" | "sources" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }

    async fn create(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Made<EventSubscriptionOutputs>> {
        let name = intent.name(&NAME);
        let sources: Vec<String> = self.sources.iter().map(|id| id.known().clone()).collect();
        let call = (aws.rds().create_event_subscription())
            .subscription_name(&name)
            .sns_topic_arn(self.topic.known().as_str())
            .source_type(self.source.name())
            .set_source_ids((!sources.is_empty()).then_some(sources))
            .set_event_categories(Some(self.categories.iter().cloned().collect()))
            .enabled(self.enabled)
            .set_tags(Some(api::tags(intent.tags())));
        call.send().await.doing("creating the event subscription")?;
        Ok(Made::pending(EventSubscriptionOutputs { name: DbEventSubscriptionName::new(name) }))
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, EventSubscriptionOutputs>>> {
        let call = aws.rds().describe_event_subscriptions().into_paginator().items().send();
        let all = call.try_collect().await.doing("reading event subscriptions")?;
        let all: BTreeMap<String, Description> = all
            .into_iter()
            .filter_map(|one| Some((one.cust_subscription_id.clone()?, one)))
            .collect();
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match all.get(was.outputs.name.as_str()) {
                None => Live::Absent,
                Some(one) => read_one(aws, was, one).await?,
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        1 + wanted.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<EventSubscriptionOutputs>> {
        let call = (aws.rds().modify_event_subscription())
            .subscription_name(old.outputs.name.as_str())
            .sns_topic_arn(self.topic.known().as_str())
            .source_type(self.source.name())
            .set_event_categories(Some(self.categories.iter().cloned().collect()))
            .enabled(self.enabled);
        call.send().await.doing("changing the event subscription")?;
        Ok(Made::pending(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        let one = describe(aws, &of.outputs.name).await?;
        let arn = one.and_then(|one| one.event_subscription_arn).unwrap_or_default();
        api::retag(aws, arn, set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.rds().delete_event_subscription();
            let answer = call.subscription_name(was.outputs.name.as_str()).send().await;
            absent_is_fine(answer.map(|_| ()).doing("deleting the event subscription"))?;
        }
        Ok(Removal::Pending)
    }

    async fn find(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Found<EventSubscriptionOutputs>> {
        let name = DbEventSubscriptionName::new(intent.name(&NAME));
        let Some(one) = describe(aws, &name).await? else { return Ok(Found::Nothing) };
        let arn = one.event_subscription_arn.unwrap_or_default();
        let tags = api::tags_of(aws, &arn).await?;
        let what = format!("event subscription {name}");
        Ok(found::claim(intent, &what, &tags, EventSubscriptionOutputs { name }))
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        api::class_of(error, operation)
    }
}

async fn describe(aws: &Aws, name: &DbEventSubscriptionName) -> CallResult<Option<Description>> {
    let call = aws.rds().describe_event_subscriptions().subscription_name(name.as_str());
    let answer = absent_is_none(call.send().await.doing("reading the event subscription"))?;
    Ok(answer.and_then(|answer| answer.event_subscriptions_list.unwrap_or_default().pop()))
}

async fn read_one(
    aws: &Aws,
    was: &Was,
    one: &Description,
) -> CallResult<Live<EventSubscription, EventSubscriptionOutputs>> {
    match one.status().unwrap_or_default() {
        // The topic is the stack's, and its policy is put right by its own update.
        "active" | "no-permission" | "topic-not-exist" => {}
        status => return Ok(Live::Pending(status.to_owned())),
    }
    let sources = one.source_ids_list().iter().map(|id| id.as_str().into()).collect();
    let topic = one.sns_topic_arn();
    let args = EventSubscription {
        topic: topic.map_or_else(|| was.args.topic.clone(), |arn| TopicArn::new(arn).into()),
        source: was.args.source,
        sources,
        categories: one.event_categories_list().iter().cloned().collect(),
        enabled: one.enabled().unwrap_or_default(),
    };
    let tags = api::tags_of(aws, one.event_subscription_arn().unwrap_or_default()).await?;
    Ok(Live::Ready { args, outputs: was.outputs.clone(), tags })
}
