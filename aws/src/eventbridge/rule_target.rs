//! Target of a rule: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html>

use std::collections::BTreeMap;

use aws_sdk_eventbridge::types::Target;
use globecart_engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Live,
    Made, NameRule, Order, Recorded, Removal, Resource, Tags, outputs,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::{Aws, Doing, RuleName, RuleTargetId, TopicArn, absent_is_none};

/// Sends what a rule picks to a topic, whose policy and key must let `events.amazonaws.com` publish.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct RuleTarget {
    /// The rule. A change replaces the target.
    #[builder(setter(into))]
    pub rule: Input<RuleName>,
    /// The topic.
    #[builder(setter(into))]
    pub topic: Input<TopicArn>,
}

outputs! {
    /// What a target answers.
    pub struct RuleTargetOutputs => RuleTargetRefs {
        /// Its id, unique within its rule.
        accepted id: RuleTargetId,
    }
}

const NAME: NameRule = NameRule::new(64).allow("._");

/// The first call of a create, as its errors name it.
const CREATING: &str = "adding the rule's target";

type Was = Recorded<RuleTarget, RuleTargetOutputs>;

impl Resource<Aws> for RuleTarget {
    const TYPE: &'static str = "events:RuleTarget";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        tags: false,
        quota: Some(("EventBridge targets per rule", 5)),
        actions: Actions {
            create: &["events:PutTargets", "events:ListTargetsByRule"],
            read: &["events:ListTargetsByRule"],
            update: &["events:PutTargets"],
            delete: &["events:RemoveTargets"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = RuleTargetOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "rule" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    /// The call makes or overwrites.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<RuleTargetOutputs>> {
        let id = RuleTargetId::new(intent.name(&NAME));
        self.put(aws, &id, CREATING).await?;
        Ok(Made::ready(RuleTargetOutputs { id }))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    /// One list a rule.
    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, RuleTargetOutputs>>> {
        let mut lists = BTreeMap::new();
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let rule = was.args.rule.known().as_str();
            if !lists.contains_key(rule) {
                lists.insert(rule, targets(aws, rule).await?);
            }
            let has_id = |target: &&Target| target.id() == was.outputs.id.as_str();
            live.push(match lists[rule].iter().find(has_id) {
                None => Live::Absent,
                Some(target) => Live::Ready {
                    args: Self {
                        rule: was.args.rule.clone(),
                        topic: TopicArn::new(target.arn()).into(),
                    },
                    outputs: was.outputs.clone(),
                    tags: Tags::new(),
                },
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        let mut rules: Vec<&str> =
            wanted.iter().map(|was| was.args.rule.known().as_str()).collect();
        rules.sort_unstable();
        rules.dedup();
        rules.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<RuleTargetOutputs>> {
        self.put(aws, &old.outputs.id, "changing the rule's target").await?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let doing = "removing the rule's target";
            let call = (aws.eventbridge().remove_targets())
                .rule(was.args.rule.known().as_str())
                .ids(was.outputs.id.as_str());
            let answer = absent_is_none(call.send().await.doing(doing))?;
            let failed = answer.and_then(|answer| answer.failed_entries).unwrap_or_default();
            if let Some(entry) = failed.into_iter().next() {
                refused(doing, entry.error_code, entry.error_message)?;
            }
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<RuleTargetOutputs>> {
        let targets = targets(aws, self.rule.known().as_str()).await?;
        let ours = targets.iter().find(|target| intent.is_name(&NAME, target.id()));
        Ok(ours.map_or(Found::Nothing, |target| {
            Found::Ours(RuleTargetOutputs { id: RuleTargetId::new(target.id()) })
        }))
    }
}

impl RuleTarget {
    async fn put(&self, aws: &Aws, id: &RuleTargetId, doing: &str) -> CallResult<()> {
        let target = Target::builder().id(id.as_str()).arn(self.topic.known().as_str()).build();
        let call = aws.eventbridge().put_targets().rule(self.rule.known().as_str());
        let call = call.targets(target.expect("id and ARN are set"));
        let failed = call.send().await.doing(doing)?.failed_entries.unwrap_or_default();
        match failed.into_iter().next() {
            Some(entry) => refused(doing, entry.error_code, entry.error_message),
            None => Ok(()),
        }
    }
}

/// What an answer that looks like success says of a target.
fn refused(doing: &str, code: Option<String>, message: Option<String>) -> CallResult<()> {
    let (code, message) = (code.unwrap_or_default(), message.unwrap_or_default());
    let class = crate::classify(&code, &message, Some(400));
    if class == Class::NotFound && doing.starts_with("removing") {
        return Ok(());
    }
    Err(CallError::new(class, doing, message).with_code(code))
}

/// The targets of a rule; none if the rule is gone. A rule has five at most, so one page has them all.
async fn targets(aws: &Aws, rule: &str) -> CallResult<Vec<Target>> {
    let answer = aws.eventbridge().list_targets_by_rule().rule(rule).send().await;
    let answer = absent_is_none(answer.doing("reading the rule's targets"))?;
    Ok(answer.and_then(|answer| answer.targets).unwrap_or_default())
}
