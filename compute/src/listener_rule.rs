//! Rule of a listener: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html>

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_elasticloadbalancingv2::types::{Rule as Description, RulePriorityPair};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    Aws, Doing, ListenerArn, ListenerRuleArn, absent_is_fine, absent_is_none, found,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

pub use condition::Condition;

use crate::Action;
use crate::elb;

mod condition;

/// What is done with requests that meet all conditions. Of several rules, the one with the lowest priority counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct ListenerRule {
    /// The listener. A change replaces the rule.
    #[builder(setter(into))]
    pub listener: Input<ListenerArn>,
    /// Its place among the listener's rules, 1 to 50,000, which only one has. Changed in place.
    pub priority: u16,
    /// What a request must be like, at least one; with five values at most.
    pub conditions: Vec<Condition>,
    /// What is done with it.
    pub action: Action,
}

outputs! {
    /// What a rule answers.
    pub struct ListenerRuleOutputs => ListenerRuleRefs {
        /// Its ARN.
        accepted arn: ListenerRuleArn,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the rule";

type Was = Recorded<ListenerRule, ListenerRuleOutputs>;

impl Resource<Aws> for ListenerRule {
    const TYPE: &'static str = "elbv2:ListenerRule";
    const FACTS: Facts = Facts {
        quota: Some(("Rules per Application Load Balancer", 100)),
        actions: Actions {
            create: &[
                "elasticloadbalancing:CreateRule",
                "elasticloadbalancing:AddTags",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTags",
            ],
            read: &["elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTags"],
            update: &[
                "elasticloadbalancing:ModifyRule",
                "elasticloadbalancing:SetRulePriorities",
                "elasticloadbalancing:AddTags",
                "elasticloadbalancing:RemoveTags",
            ],
            delete: &["elasticloadbalancing:DeleteRule"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = ListenerRuleOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "listener" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if !(1..=50_000).contains(&self.priority) {
            let problem = format!("{} must be 1 to 50,000", self.priority);
            return Err(Invalid::new("priority", problem));
        }
        condition::check(&self.conditions)?;
        self.action.check("action")
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<ListenerRuleOutputs>> {
        let call = (aws.elb().create_rule())
            .listener_arn(self.listener.known().as_str())
            .priority(self.priority.into())
            .set_conditions(Some(self.conditions.iter().map(Condition::in_api).collect()))
            .actions(self.action.in_api())
            .set_tags(Some(elb::tags(intent.tags())));
        let made = call.send().await.doing(CREATING)?.rules.unwrap_or_default();
        let arn = made.first().and_then(|one| one.rule_arn());
        let incomplete = || CallError::new(Class::Other, CREATING, "AWS answered no rule");
        let arn = ListenerRuleArn::new(arn.ok_or_else(incomplete)?);
        Ok(Made::ready(ListenerRuleOutputs { arn }))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, ListenerRuleOutputs>>> {
        let mut all = BTreeMap::new();
        for listener in listeners(wanted) {
            all.extend(of(aws, listener).await?);
        }
        let named = wanted.iter().map(|was| was.outputs.arn.as_str());
        let tags = elb::tags_of_those(aws, named, &all).await?;
        let one = |was: &Was| {
            let arn = was.outputs.arn.as_str();
            match (all.get(arn), tags.get(arn)) {
                (Some(one), Some(tags)) => Live::Ready {
                    args: described(was, one),
                    outputs: was.outputs.clone(),
                    tags: tags.clone(),
                },
                _ => Live::Absent,
            }
        };
        Ok(wanted.iter().map(one).collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        listeners(wanted).len() + elb::tag_calls(wanted.len())
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<ListenerRuleOutputs>> {
        let arn = old.outputs.arn.as_str();
        if self.priority != old.args.priority {
            let pair = RulePriorityPair::builder().rule_arn(arn).priority(self.priority.into());
            let call = aws.elb().set_rule_priorities().rule_priorities(pair.build());
            call.send().await.doing("changing the rule's priority")?;
        }
        if self.conditions != old.args.conditions || self.action != old.args.action {
            let call = (aws.elb().modify_rule())
                .rule_arn(arn)
                .set_conditions(Some(self.conditions.iter().map(Condition::in_api).collect()))
                .actions(self.action.in_api());
            call.send().await.doing("changing the rule")?;
        }
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        elb::retag(aws, of.outputs.arn.as_str(), set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.elb().delete_rule().rule_arn(was.outputs.arn.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the rule"))?;
        }
        Ok(Removal::Gone)
    }

    /// A listener has one rule of a priority.
    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<ListenerRuleOutputs>> {
        let rules = of(aws, self.listener.known()).await?;
        let priority = self.priority.to_string();
        let mine = rules.into_iter().find(|(_, one)| one.priority() == Some(&priority));
        let Some((arn, _)) = mine else { return Ok(Found::Nothing) };
        let tags = elb::tags_of(aws, &[&arn]).await?.into_values().next().unwrap_or_default();
        let what = format!("the rule {arn} of the same priority");
        let outputs = ListenerRuleOutputs { arn: ListenerRuleArn::new(arn) };
        Ok(found::claim(intent, &what, &tags, outputs))
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        elb::class_of(error, operation)
    }
}

/// The listeners that these are rules of.
fn listeners(wanted: &[Was]) -> BTreeSet<&ListenerArn> {
    wanted.iter().map(|was| was.args.listener.known()).collect()
}

/// The rules of a listener, by ARN; none where there is no such listener.
async fn of(aws: &Aws, listener: &ListenerArn) -> CallResult<BTreeMap<String, Description>> {
    let call = aws.elb().describe_rules().listener_arn(listener.as_str());
    let answer = call.into_paginator().items().send().try_collect().await;
    let all = absent_is_none(answer.doing("reading rules"))?.unwrap_or_default();
    let pair = |one: Description| Some((one.rule_arn.clone()?, one));
    Ok(all.into_iter().filter_map(pair).collect())
}

fn described(was: &Was, one: &Description) -> ListenerRule {
    ListenerRule {
        listener: was.args.listener.clone(),
        priority: one.priority().and_then(|text| text.parse().ok()).unwrap_or_default(),
        conditions: one.conditions().iter().map(Condition::described).collect(),
        action: Action::described(one.actions()),
    }
}
