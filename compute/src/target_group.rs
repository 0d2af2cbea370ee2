//! Target group:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html>

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::{
    Matcher, ProtocolEnum, TargetGroup as Description, TargetTypeEnum,
};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    Aws, Doing, TargetGroupArn, TargetGroupFullName, VpcId, absent_is_fine, absent_is_none, found,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

pub use balancing::Balancing;
pub use health_check::HealthCheck;
pub use protocol::TargetProtocol;

use crate::elb;

mod attributes;
mod balancing;
mod health_check;
mod protocol;

/// Addresses that a load balancer sends requests to, and how it tells whether they are well.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct TargetGroup {
    /// The VPC of the targets. A change replaces the group.
    #[builder(setter(into))]
    pub vpc: Input<VpcId>,
    /// The port that targets listen on. A change replaces the group.
    pub port: u16,
    /// How requests are sent. Default: HTTPS; a certificate that a target signed itself will do. A change replaces the
    /// group.
    #[builder(default)]
    pub protocol: TargetProtocol,
    /// How it is found out whether a target is well.
    pub health_check: HealthCheck,
    /// Seconds that a target has to finish its requests when it goes, 0 to 3,600. Default: 30.
    #[builder(default = 30)]
    pub deregistration_delay_secs: u16,
    /// Seconds over which a new target gets more and more requests, 30 to 900; 0 is at once. Default: 0.
    #[builder(default)]
    pub slow_start_secs: u16,
    /// Which target gets a request. Default: the one with the fewest that are not answered yet.
    #[builder(default)]
    pub balancing: Balancing,
    /// For how many seconds a client keeps its target, by a cookie, 1 to 604,800. Default: it does not.
    #[builder(default, setter(strip_option))]
    pub sticky_secs: Option<u32>,
}

outputs! {
    /// What a target group answers.
    pub struct TargetGroupOutputs => TargetGroupRefs {
        /// Its ARN.
        accepted arn: TargetGroupArn,
        /// What CloudWatch's dimensions call it.
        accepted full_name: TargetGroupFullName,
    }
}

const NAME: NameRule = NameRule::new(32);

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the target group";

type Was = Recorded<TargetGroup, TargetGroupOutputs>;

impl Resource<Aws> for TargetGroup {
    const TYPE: &'static str = "elbv2:TargetGroup";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        quota: Some(("Target groups per Region", 3000)),
        actions: Actions {
            create: &[
                "elasticloadbalancing:CreateTargetGroup",
                "elasticloadbalancing:AddTags",
                "elasticloadbalancing:ModifyTargetGroupAttributes",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTags",
            ],
            read: &[
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetGroupAttributes",
                "elasticloadbalancing:DescribeTags",
            ],
            update: &[
                "elasticloadbalancing:ModifyTargetGroup",
                "elasticloadbalancing:ModifyTargetGroupAttributes",
                "elasticloadbalancing:AddTags",
                "elasticloadbalancing:RemoveTags",
            ],
            delete: &["elasticloadbalancing:DeleteTargetGroup"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = TargetGroupOutputs;

    /// A listener is switched to the new group before the old one goes.
    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "vpc" | "port" | "protocol" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.port == 0 {
            return Err(Invalid::new("port", "0 is no port"));
        }
        self.health_check.check()?;
        attributes::check(self)
    }

    /// The same name with the same settings answers the one that is there.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<TargetGroupOutputs>> {
        let check = &self.health_check;
        let call = (aws.elb().create_target_group())
            .name(intent.name(&NAME))
            .target_type(TargetTypeEnum::Ip)
            .vpc_id(self.vpc.known().as_str())
            .port(self.port.into())
            .protocol(self.protocol.in_api())
            .protocol_version(self.protocol.version())
            .health_check_protocol(self.protocol.in_api())
            .health_check_path(&check.path)
            .health_check_port(check.port_in_api())
            .health_check_interval_seconds(check.interval_secs.into())
            .health_check_timeout_seconds(check.timeout_secs.into())
            .healthy_threshold_count(check.healthy_after.into())
            .unhealthy_threshold_count(check.unhealthy_after.into())
            .matcher(Matcher::builder().http_code(&check.codes).build())
            .set_tags(Some(elb::tags(intent.tags())));
        let made = call.send().await.doing(CREATING)?.target_groups.unwrap_or_default();
        let incomplete = || CallError::new(Class::Other, CREATING, "AWS answered no target group");
        let outputs = made.first().and_then(outputs_of).ok_or_else(incomplete)?;
        attributes::write(aws, &outputs.arn, self, None).await?;
        Ok(Made::ready(outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, TargetGroupOutputs>>> {
        let all = all(aws).await?;
        let named = wanted.iter().map(|was| was.outputs.arn.as_str());
        let tags = elb::tags_of_those(aws, named, &all).await?;
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let arn = was.outputs.arn.as_str();
            let (Some(one), Some(tags)) = (all.get(arn), tags.get(arn)) else {
                live.push(Live::Absent);
                continue;
            };
            let args = attributes::read(aws, &was.outputs.arn, described(one)).await?;
            live.push(args.map_or(Live::Absent, |args| Live::Ready {
                args,
                outputs: was.outputs.clone(),
                tags: tags.clone(),
            }));
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        wanted.len().div_ceil(elb::PAGE) + elb::tag_calls(wanted.len()) + wanted.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<TargetGroupOutputs>> {
        let check = &self.health_check;
        if *check != old.args.health_check {
            let call = (aws.elb().modify_target_group())
                .target_group_arn(old.outputs.arn.as_str())
                .health_check_path(&check.path)
                .health_check_port(check.port_in_api())
                .health_check_interval_seconds(check.interval_secs.into())
                .health_check_timeout_seconds(check.timeout_secs.into())
                .healthy_threshold_count(check.healthy_after.into())
                .unhealthy_threshold_count(check.unhealthy_after.into())
                .matcher(Matcher::builder().http_code(&check.codes).build());
            call.send().await.doing("changing the target group's health check")?;
        }
        attributes::write(aws, &old.outputs.arn, self, Some(&old.args)).await?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        elb::retag(aws, of.outputs.arn.as_str(), set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let arn = was.outputs.arn.as_str();
            let call = aws.elb().delete_target_group().target_group_arn(arn);
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the target group"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<TargetGroupOutputs>> {
        let name = intent.name(&NAME);
        let call = aws.elb().describe_target_groups().names(&name).send().await;
        let answer = absent_is_none(call.doing("looking for the target group"))?;
        let found = answer.and_then(|answer| answer.target_groups.unwrap_or_default().pop());
        let Some(outputs) = found.as_ref().and_then(outputs_of) else { return Ok(Found::Nothing) };
        let tags = elb::tags_of(aws, &[outputs.arn.as_str()]).await?;
        let tags = tags.into_values().next().unwrap_or_default();
        Ok(found::claim(intent, &format!("target group {name}"), &tags, outputs))
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        elb::class_of(error, operation)
    }
}

fn outputs_of(one: &Description) -> Option<TargetGroupOutputs> {
    let arn = one.target_group_arn()?;
    Some(TargetGroupOutputs {
        arn: TargetGroupArn::new(arn),
        full_name: TargetGroupFullName::new(elb::full_name(arn)),
    })
}

/// All target groups of the region, by ARN: one that is gone would fail a call that names it.
async fn all(aws: &Aws) -> CallResult<BTreeMap<String, Description>> {
    let call = aws.elb().describe_target_groups().into_paginator().items().send();
    let all = call.try_collect().await.doing("reading target groups")?;
    let pair = |one: Description| Some((one.target_group_arn.clone()?, one));
    Ok(all.into_iter().filter_map(pair).collect())
}

/// What AWS describes; the attributes come by a call of their own.
fn described(one: &Description) -> TargetGroup {
    let port = one.port().and_then(|port| u16::try_from(port).ok()).unwrap_or_default();
    TargetGroup {
        vpc: VpcId::new(one.vpc_id().unwrap_or_default()).into(),
        port,
        protocol: TargetProtocol::described(
            one.protocol() == Some(&ProtocolEnum::Https),
            one.protocol_version().unwrap_or_default(),
        ),
        health_check: HealthCheck::described(one),
        deregistration_delay_secs: 0,
        slow_start_secs: 0,
        balancing: Balancing::default(),
        sticky_secs: None,
    }
}
