//! Topic: <https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html>

use aws_sdk_sns::types::Tag;
use globecart_engine::{
    Actions, CallError, CallResult, Class, Facts, Found, Input, Intent, Invalid, Live, Made,
    NameRule, Operation, Recorded, Removal, Resource, Tags, outputs,
};
use serde::{Deserialize, Serialize};
use typed_builder::TypedBuilder;

use crate::policy::{PolicyDocument, Statement};
use crate::{Aws, Doing, KeyArn, TopicArn, TopicName, absent_is_fine, absent_is_none, found};

/// A standard topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Topic {
    /// Who may publish, as statements without a resource: the topic itself is put in. Without any statement SNS
    /// keeps its own policy, by which only the account's identities may.
    policy: PolicyDocument,
    /// The key that encrypts messages at rest; its policy must let every publisher use it. Default: none.
    #[builder(default, setter(strip_option, into))]
    kms_key: Option<Input<KeyArn>>,
    /// The sender's name in e-mails, at most 100 characters. Default: none.
    #[builder(default, setter(into))]
    display_name: String,
}

outputs! {
    /// What a topic answers.
    pub struct TopicOutputs => TopicRefs {
        /// Its ARN.
        accepted arn: TopicArn,
        /// Its name, by which its metrics go.
        accepted name: TopicName,
    }
}

const NAME: NameRule = NameRule::new(256).allow("_");

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the topic";

type Was = Recorded<Topic, TopicOutputs>;
#[expect(clippy::disallowed_types, reason = "the form in which the SDK takes and gives attributes")]
type Attributes = std::collections::HashMap<String, String>;

impl Resource<Aws> for Topic {
    const TYPE: &'static str = "sns:Topic";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        quota: Some(("standard topics per region", 100_000)),
        actions: Actions {
            create: &[
                "sns:CreateTopic",
                "sns:TagResource",
                "sns:SetTopicAttributes",
                "sns:GetTopicAttributes",
                "sns:ListTagsForResource",
            ],
            read: &["sns:GetTopicAttributes", "sns:ListTagsForResource"],
            update: &["sns:SetTopicAttributes", "sns:TagResource", "sns:UntagResource"],
            delete: &["sns:DeleteTopic"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = TopicOutputs;

    fn check(&self) -> Result<(), Invalid> {
        match self.display_name.chars().count() {
            0..=100 if self.policy.statements().is_empty() => Ok(()),
            0..=100 => self.policy.check_resource("policy", 30_720),
            count => Err(Invalid::new(
                "display_name",
                format!("has {count} characters, at most 100 are allowed"),
            )),
        }
    }

    /// A topic of the same name, attributes and tags is answered as it is, so a repeat is harmless.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<TopicOutputs>> {
        let outputs = named(aws, intent);
        let call = aws
            .sns()
            .create_topic()
            .name(outputs.name.as_str())
            .set_tags(Some(api_tags(intent.tags())));
        let set = self.attributes(&outputs).into_iter().filter(|(_, value)| !value.is_empty());
        let call = call.set_attributes(Some(set.collect()));
        call.send().await.doing(CREATING)?;
        Ok(Made::ready(outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, TopicOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match attributes_of(aws, &was.outputs.arn).await? {
                None => Live::Absent,
                Some(attributes) => Live::Ready {
                    args: described(was, &attributes)?,
                    outputs: was.outputs.clone(),
                    tags: tags_of(aws, &was.outputs.arn).await?,
                },
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        2 * wanted.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<TopicOutputs>> {
        let before = old.args.attributes(&old.outputs);
        let mut changes: Vec<_> = self.attributes(&old.outputs).into_iter().collect();
        changes.sort();
        for (name, value) in
            changes.into_iter().filter(|(name, value)| before.get(name) != Some(value))
        {
            let call = aws.sns().set_topic_attributes().topic_arn(old.outputs.arn.as_str());
            let call = call.attribute_name(name).attribute_value(value);
            call.send().await.doing("changing the topic")?;
        }
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        let arn = of.outputs.arn.as_str();
        if !set.is_empty() {
            let call = aws.sns().tag_resource().resource_arn(arn).set_tags(Some(api_tags(set)));
            call.send().await.doing("setting the topic's tags")?;
        }
        if !unset.is_empty() {
            let call =
                aws.sns().untag_resource().resource_arn(arn).set_tag_keys(Some(unset.to_vec()));
            call.send().await.doing("removing the topic's tags")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let answer = aws.sns().delete_topic().topic_arn(was.outputs.arn.as_str()).send().await;
            absent_is_fine(answer.map(|_| ()).doing("deleting the topic"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<TopicOutputs>> {
        let outputs = named(aws, intent);
        if attributes_of(aws, &outputs.arn).await?.is_none() {
            return Ok(Found::Nothing);
        }
        let tags = tags_of(aws, &outputs.arn).await?;
        Ok(found::claim(intent, &format!("topic {}", outputs.arn), &tags, outputs))
    }

    /// SNS answers `InvalidParameter` for a topic of the same name that differs, somebody else's, and for a role
    /// in the policy that was made just now.
    fn class_of(error: &CallError, operation: Operation) -> Class {
        let differs = error.message.contains("already exists with different");
        match operation {
            Operation::Create if differs => Class::AlreadyExists,
            _ if error.message.contains("PrincipalNotFound") => Class::Propagation,
            _ => error.class,
        }
    }
}

impl Topic {
    /// Adds a statement without a resource to the policy, unless it has the very same one.
    pub fn allow(&mut self, statement: Statement) {
        self.policy.add(statement);
    }

    fn attributes(&self, of: &TopicOutputs) -> Attributes {
        let key = self.kms_key.as_ref().map(|key| key.known().to_string());
        let attributes = [
            ("Policy", self.applied(of).to_json()),
            ("KmsMasterKeyId", key.unwrap_or_default()),
            ("DisplayName", self.display_name.clone()),
        ];
        // A policy without statements is no policy: SNS keeps its own default, the owner alone.
        let set = attributes
            .into_iter()
            .filter(|(name, _)| *name != "Policy" || !self.policy.statements().is_empty());
        set.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The policy, on the topic itself.
    fn applied(&self, of: &TopicOutputs) -> PolicyDocument {
        PolicyDocument::new(
            self.policy
                .statements()
                .iter()
                .map(|statement| statement.clone().only_on(of.arn.as_str())),
        )
    }
}

fn named(aws: &Aws, intent: &Intent) -> TopicOutputs {
    let (name, place) = (intent.name(&NAME), aws.place());
    let arn = format!("arn:{}:sns:{}:{}:{name}", place.partition, place.region, place.account);
    TopicOutputs { arn: TopicArn::new(arn), name: TopicName::new(name) }
}

async fn attributes_of(aws: &Aws, arn: &TopicArn) -> CallResult<Option<Attributes>> {
    let answer = aws.sns().get_topic_attributes().topic_arn(arn.as_str()).send().await;
    let answer = absent_is_none(answer.doing("reading the topic"))?;
    Ok(answer.and_then(|answer| answer.attributes))
}

fn described(was: &Was, attributes: &Attributes) -> CallResult<Topic> {
    let text = |name: &str| attributes.get(name).filter(|value| !value.is_empty());
    let applied = was.args.applied(&was.outputs);
    let live = match text("Policy") {
        Some(text) => PolicyDocument::live(text, &applied)?,
        None => PolicyDocument::new([]),
    };
    let ours = was.args.policy.statements().is_empty() || live == applied;
    Ok(Topic {
        policy: if ours { was.args.policy.clone() } else { live },
        kms_key: text("KmsMasterKeyId").map(|key| KeyArn::new(key).into()),
        display_name: text("DisplayName").cloned().unwrap_or_default(),
    })
}

async fn tags_of(aws: &Aws, arn: &TopicArn) -> CallResult<Tags> {
    let answer = aws.sns().list_tags_for_resource().resource_arn(arn.as_str()).send().await;
    let tags = answer.doing("reading the topic's tags")?.tags.unwrap_or_default();
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

fn api_tags(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).map(|tag| tag.expect("key and value are set")).collect()
}
