//! Rule: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html>

use std::collections::BTreeMap;

use aws_sdk_eventbridge::operation::put_rule::builders::PutRuleFluentBuilder;
use aws_sdk_eventbridge::types::{RuleState, Tag};
use globecart_engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Operation, Place, Recorded, Removal, Resource, Tags, outputs,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use typed_builder::TypedBuilder;

use crate::{Aws, Doing, RuleArn, RuleName, absent_is_fine, absent_is_none, found};

/// Picks events of the default event bus by a pattern.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Rule {
    /// Which events.
    pub pattern: EventPattern,
    /// What it is for, up to 512 characters.
    #[builder(setter(into))]
    pub description: String,
    /// Whether it picks any. Default: yes.
    #[builder(default = true)]
    pub enabled: bool,
}

/// What an event must say: each field one of the values.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventPattern {
    source: String,
    detail_type: String,
    /// Values, by the path of their field in `detail`, as in `additionalEventData.SecretId`.
    detail: BTreeMap<String, Vec<Input<String>>>,
}

impl EventPattern {
    /// Events of one type and source, as in `aws.secretsmanager` and `AWS Service Event via CloudTrail`.
    pub fn of(source: impl Into<String>, detail_type: impl Into<String>) -> Self {
        Self { source: source.into(), detail_type: detail_type.into(), detail: BTreeMap::new() }
    }

    /// Only those that say `value`, or another one that is given for the same field, in this field of their detail.
    #[must_use]
    pub fn saying(mut self, field: &str, value: impl Into<Input<String>>) -> Self {
        self.detail.entry(field.to_owned()).or_default().push(value.into());
        self
    }

    /// The pattern in `EventBridge`'s own words. Called where all inputs are known.
    fn json(&self) -> Value {
        let mut detail = Value::Object(Map::new());
        for (path, values) in &self.detail {
            let field = path.split('.').fold(&mut detail, |at, name| &mut at[name]);
            *field = values.iter().map(|value| json!(value.known())).collect();
        }
        let mut pattern = json!({ "source": [self.source], "detail-type": [self.detail_type] });
        if !self.detail.is_empty() {
            pattern["detail"] = detail;
        }
        pattern
    }

    /// The recorded pattern where the live one is the same, else one that matches nothing that is declared.
    fn live(text: Option<&str>, recorded: &Self) -> Self {
        let live: Value = text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        if live == recorded.json() {
            return recorded.clone();
        }
        Self::of(live["source"].to_string(), live["detail-type"].to_string())
            .saying("", live["detail"].to_string())
    }
}

outputs! {
    /// What a rule answers.
    pub struct RuleOutputs => RuleRefs {
        /// Its name.
        accepted name: RuleName,
        /// Its ARN.
        accepted arn: RuleArn,
    }
}

const NAME: NameRule = NameRule::new(64).allow("._");

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the rule";

type Was = Recorded<Rule, RuleOutputs>;

impl Resource<Aws> for Rule {
    const TYPE: &'static str = "events:Rule";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        quota: Some(("EventBridge rules per event bus", 300)),
        actions: Actions {
            create: &[
                "events:PutRule",
                "events:TagResource",
                "events:DescribeRule",
                "events:ListTagsForResource",
            ],
            read: &["events:DescribeRule", "events:ListTagsForResource"],
            update: &["events:PutRule", "events:TagResource", "events:UntagResource"],
            delete: &["events:DeleteRule", "events:ListTargetsByRule", "events:RemoveTargets"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = RuleOutputs;

    fn argument(_name: &str, _old: &Value, _new: &Value) -> Argument {
        Argument::InPlace(Effect::AtOnce)
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.description.chars().count() > 512 {
            return Err(Invalid::new("description", "must have at most 512 characters"));
        }
        let paths: Vec<&str> = self.pattern.detail.keys().map(String::as_str).collect();
        let inside = |path: &&&str| {
            paths.iter().any(|other| other.strip_prefix(**path).is_some_and(|s| s.starts_with('.')))
        };
        if paths.iter().any(|path| path.split('.').any(str::is_empty)) {
            return Err(Invalid::new("pattern", "has a field without a name"));
        }
        match paths.iter().find(inside) {
            Some(path) => {
                let problem = format!("the field `{path}` holds fields and cannot be a value too");
                Err(Invalid::new("pattern", problem))
            }
            None => Ok(()),
        }
    }

    /// The call makes or overwrites; its tags count where it makes.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<RuleOutputs>> {
        let outputs = named(aws, intent);
        let call = self.put(aws, &outputs).set_tags(Some(api_tags(intent.tags())));
        call.send().await.doing(CREATING)?;
        Ok(Made::ready(outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, RuleOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let call = aws.eventbridge().describe_rule().name(was.outputs.name.as_str());
            let rule = absent_is_none(call.send().await.doing("reading the rule"))?;
            live.push(match rule {
                None => Live::Absent,
                Some(rule) => Live::Ready {
                    args: Self {
                        pattern: EventPattern::live(rule.event_pattern(), &was.args.pattern),
                        description: rule.description().unwrap_or_default().to_owned(),
                        enabled: rule.state() == Some(&RuleState::Enabled),
                    },
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
    ) -> CallResult<Made<RuleOutputs>> {
        self.put(aws, &old.outputs).send().await.doing("changing the rule")?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        let arn = of.outputs.arn.as_str();
        if !set.is_empty() {
            let call = aws.eventbridge().tag_resource().resource_arn(arn);
            let call = call.set_tags(Some(api_tags(set)));
            call.send().await.doing("setting the rule's tags")?;
        }
        if !unset.is_empty() {
            let call = aws.eventbridge().untag_resource().resource_arn(arn);
            let call = call.set_tag_keys(Some(unset.to_vec()));
            call.send().await.doing("removing the rule's tags")?;
        }
        Ok(())
    }

    /// `EventBridge` keeps a rule that has targets, so those that somebody else added go with it.
    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let name = was.outputs.name.as_str();
            match delete(aws, name).await {
                Err(error) if error.message.contains("has targets") => {
                    remove_targets(aws, name).await?;
                    delete(aws, name).await?;
                }
                answer => answer?,
            }
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<RuleOutputs>> {
        let outputs = named(aws, intent);
        let call = aws.eventbridge().describe_rule().name(outputs.name.as_str());
        if absent_is_none(call.send().await.doing("reading the rule"))?.is_none() {
            return Ok(Found::Nothing);
        }
        let tags = tags_of(aws, &outputs.arn).await?;
        Ok(found::claim(intent, &format!("rule {}", outputs.name), &tags, outputs))
    }

    fn class_of(error: &CallError, _operation: Operation) -> Class {
        if error.message.contains("has targets") { Class::Dependency } else { error.class }
    }
}

impl Rule {
    /// The ARN pattern of all rules of a stack, for the policies of what they send to.
    pub fn arn_pattern(place: &Place, stack: &str) -> String {
        arn(place, &format!("{stack}-*"))
    }

    fn put(&self, aws: &Aws, of: &RuleOutputs) -> PutRuleFluentBuilder {
        let state = if self.enabled { RuleState::Enabled } else { RuleState::Disabled };
        (aws.eventbridge().put_rule())
            .name(of.name.as_str())
            .event_pattern(self.pattern.json().to_string())
            .description(&self.description)
            .state(state)
    }
}

fn arn(place: &Place, name: &str) -> String {
    format!("arn:{}:events:{}:{}:rule/{name}", place.partition, place.region, place.account)
}

fn named(aws: &Aws, intent: &Intent) -> RuleOutputs {
    let name = intent.name(&NAME);
    RuleOutputs { arn: RuleArn::new(arn(aws.place(), &name)), name: RuleName::new(name) }
}

fn api_tags(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).map(|tag| tag.expect("key and value are set")).collect()
}

async fn tags_of(aws: &Aws, arn: &RuleArn) -> CallResult<Tags> {
    let call = aws.eventbridge().list_tags_for_resource().resource_arn(arn.as_str());
    let tags = call.send().await.doing("reading the rule's tags")?.tags.unwrap_or_default();
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

async fn delete(aws: &Aws, name: &str) -> CallResult<()> {
    let answer = aws.eventbridge().delete_rule().name(name).send().await;
    absent_is_fine(answer.map(|_| ()).doing("deleting the rule"))
}

async fn remove_targets(aws: &Aws, name: &str) -> CallResult<()> {
    let answer = aws.eventbridge().list_targets_by_rule().rule(name).send().await;
    let targets = answer.doing("reading the rule's targets")?.targets.unwrap_or_default();
    let ids = targets.into_iter().map(|target| target.id).collect();
    let call = aws.eventbridge().remove_targets().rule(name).set_ids(Some(ids));
    call.send().await.map(|_| ()).doing("removing the rule's targets")
}
