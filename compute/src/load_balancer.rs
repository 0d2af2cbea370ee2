//! Load balancer:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html>

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::{
    LoadBalancer as Description, LoadBalancerSchemeEnum, LoadBalancerStateEnum,
    LoadBalancerTypeEnum,
};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::lists::in_recorded_order;
use globecart_aws::{
    Aws, Doing, HostedZoneId, LoadBalancerArn, LoadBalancerDnsName, LoadBalancerFullName,
    SecurityGroupId, SubnetId, absent_is_fine, absent_is_none, found,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

pub use attributes::{DesyncMitigation, LogDestination};

use crate::elb;

mod attributes;

/// An Application Load Balancer over two zones or more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an attribute that a load balancer has, on or off by itself"
)]
pub struct LoadBalancer {
    /// The subnets that its nodes stand in, one a zone, in two zones or more. Changed in place.
    pub subnets: Vec<Input<SubnetId>>,
    /// Its security groups, 1 to 5. Changed in place.
    pub security_groups: Vec<Input<SecurityGroupId>>,
    /// Whether it is reached from inside alone. Default: no, from the internet. A change replaces it.
    #[builder(default)]
    pub internal: bool,
    /// Whether AWS refuses to delete it; a destroy lifts that. Default: yes.
    #[builder(default = true)]
    pub deletion_protection: bool,
    /// Whether headers whose names are none of HTTP's are removed from requests. Default: yes.
    #[builder(default = true)]
    pub drop_invalid_headers: bool,
    /// What is done with requests that may be read in two ways. Default: the defensive mode.
    #[builder(default = DesyncMitigation::Defensive)]
    pub desync_mitigation: DesyncMitigation,
    /// Seconds after which an idle connection is closed, 1 to 4,000. Default: 60.
    #[builder(default = 60)]
    pub idle_timeout_secs: u16,
    /// Whether targets are told the version and cipher of TLS in headers. Default: no.
    #[builder(default)]
    pub tls_headers: bool,
    /// Whether requests pass when the firewall cannot be asked. Default: no.
    #[builder(default)]
    pub waf_fail_open: bool,
    /// Whether a zone can be taken out of service by hand. Default: no.
    #[builder(default)]
    pub zonal_shift: bool,
    /// Where a line for each request goes. Default: nowhere.
    #[builder(default, setter(strip_option))]
    pub access_logs: Option<LogDestination>,
    /// Where a line for each connection goes. Default: nowhere.
    #[builder(default, setter(strip_option))]
    pub connection_logs: Option<LogDestination>,
}

outputs! {
    /// What a load balancer answers.
    pub struct LoadBalancerOutputs => LoadBalancerRefs {
        /// Its ARN.
        accepted arn: LoadBalancerArn,
        /// What CloudWatch's dimensions call it.
        accepted full_name: LoadBalancerFullName,
        /// Its host name, which alias records point to.
        accepted dns_name: LoadBalancerDnsName,
        /// The zone of its host name, which alias records name.
        accepted zone_id: HostedZoneId,
    }
}

const NAME: NameRule = NameRule::new(32);

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the load balancer";

type Was = Recorded<LoadBalancer, LoadBalancerOutputs>;

impl Resource<Aws> for LoadBalancer {
    const TYPE: &'static str = "elbv2:LoadBalancer";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        create_secs: 152,
        update_secs: 2,
        quota: Some(("Application Load Balancers per Region", 50)),
        actions: Actions {
            create: &[
                "elasticloadbalancing:CreateLoadBalancer",
                "elasticloadbalancing:AddTags",
                "elasticloadbalancing:ModifyLoadBalancerAttributes",
                "elasticloadbalancing:DescribeLoadBalancers",
                "elasticloadbalancing:DescribeTags",
                "iam:CreateServiceLinkedRole",
            ],
            read: &[
                "elasticloadbalancing:DescribeLoadBalancers",
                "elasticloadbalancing:DescribeLoadBalancerAttributes",
                "elasticloadbalancing:DescribeTags",
            ],
            update: &[
                "elasticloadbalancing:SetSubnets",
                "elasticloadbalancing:SetSecurityGroups",
                "elasticloadbalancing:ModifyLoadBalancerAttributes",
                "elasticloadbalancing:AddTags",
                "elasticloadbalancing:RemoveTags",
            ],
            delete: &[
                "elasticloadbalancing:ModifyLoadBalancerAttributes",
                "elasticloadbalancing:DeleteLoadBalancer",
            ],
        },
        ..Facts::DEFAULT
    };
    type Outputs = LoadBalancerOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "internal" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.subnets.len() < 2 {
            let problem = "a load balancer stands in two zones or more, with a subnet in each";
            return Err(Invalid::new("subnets", problem));
        }
        if !(1..=5).contains(&self.security_groups.len()) {
            let problem = format!("1 to 5 can be given, not {}", self.security_groups.len());
            return Err(Invalid::new("security_groups", problem));
        }
        if !(1..=4000).contains(&self.idle_timeout_secs) {
            let problem = format!("{} must be 1 to 4,000", self.idle_timeout_secs);
            return Err(Invalid::new("idle_timeout_secs", problem));
        }
        let logs = [("access_logs", &self.access_logs), ("connection_logs", &self.connection_logs)];
        for (field, logs) in logs {
            logs.as_ref().map_or(Ok(()), |logs| logs.check(field))?;
        }
        Ok(())
    }

    /// The same name with the same settings answers the one that is there.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<LoadBalancerOutputs>> {
        let scheme = if self.internal {
            LoadBalancerSchemeEnum::Internal
        } else {
            LoadBalancerSchemeEnum::InternetFacing
        };
        let call = (aws.elb().create_load_balancer())
            .name(intent.name(&NAME))
            .r#type(LoadBalancerTypeEnum::Application)
            .scheme(scheme)
            .set_subnets(Some(self.subnet_ids()))
            .set_security_groups(Some(self.group_ids()))
            .set_tags(Some(elb::tags(intent.tags())));
        let made = call.send().await.doing(CREATING)?.load_balancers.unwrap_or_default();
        let incomplete = || CallError::new(Class::Other, CREATING, "AWS answered no load balancer");
        let outputs = made.first().and_then(outputs_of).ok_or_else(incomplete)?;
        attributes::write(aws, &outputs.arn, self, None).await?;
        Ok(Made::pending(outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, LoadBalancerOutputs>>> {
        let all = all(aws).await?;
        let named = wanted.iter().map(|was| was.outputs.arn.as_str());
        let tags = elb::tags_of_those(aws, named, &all).await?;
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let arn = was.outputs.arn.as_str();
            live.push(match (all.get(arn), tags.get(arn)) {
                (Some(one), Some(tags)) => read_one(aws, was, one, tags).await?,
                _ => Live::Absent,
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        1 + elb::tag_calls(wanted.len()) + wanted.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<LoadBalancerOutputs>> {
        let arn = &old.outputs.arn;
        if self.subnets != old.args.subnets {
            let call = aws.elb().set_subnets().load_balancer_arn(arn.as_str());
            let call = call.set_subnets(Some(self.subnet_ids()));
            call.send().await.doing("changing the load balancer's subnets")?;
        }
        if self.security_groups != old.args.security_groups {
            let call = aws.elb().set_security_groups().load_balancer_arn(arn.as_str());
            let call = call.set_security_groups(Some(self.group_ids()));
            call.send().await.doing("changing the load balancer's security groups")?;
        }
        attributes::write(aws, arn, self, Some(&old.args)).await?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        elb::retag(aws, of.outputs.arn.as_str(), set, unset).await
    }

    /// Its interfaces leave the subnets some time after it is gone.
    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let arn = &was.outputs.arn;
            if was.args.deletion_protection {
                absent_is_fine(attributes::unprotect(aws, arn).await)?;
            }
            let call = aws.elb().delete_load_balancer().load_balancer_arn(arn.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the load balancer"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<LoadBalancerOutputs>> {
        let name = intent.name(&NAME);
        let call = aws.elb().describe_load_balancers().names(&name).send().await;
        let answer = absent_is_none(call.doing("looking for the load balancer"))?;
        let found = answer.and_then(|answer| answer.load_balancers.unwrap_or_default().pop());
        let Some(outputs) = found.as_ref().and_then(outputs_of) else { return Ok(Found::Nothing) };
        let tags = elb::tags_of(aws, &[outputs.arn.as_str()]).await?;
        let tags = tags.into_values().next().unwrap_or_default();
        Ok(found::claim(intent, &format!("load balancer {name}"), &tags, outputs))
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        elb::class_of(error, operation)
    }
}

impl LoadBalancer {
    fn subnet_ids(&self) -> Vec<String> {
        self.subnets.iter().map(|id| id.known().to_string()).collect()
    }

    fn group_ids(&self) -> Vec<String> {
        self.security_groups.iter().map(|id| id.known().to_string()).collect()
    }
}

fn outputs_of(one: &Description) -> Option<LoadBalancerOutputs> {
    let arn = one.load_balancer_arn()?;
    Some(LoadBalancerOutputs {
        arn: LoadBalancerArn::new(arn),
        full_name: LoadBalancerFullName::new(elb::full_name(arn)),
        dns_name: LoadBalancerDnsName::new(one.dns_name()?),
        zone_id: HostedZoneId::new(one.canonical_hosted_zone_id()?),
    })
}

/// All load balancers of the region, by ARN: one that is gone would fail a call that names it.
async fn all(aws: &Aws) -> CallResult<BTreeMap<String, Description>> {
    let call = aws.elb().describe_load_balancers().into_paginator().items().send();
    let all = call.try_collect().await.doing("reading load balancers")?;
    let pair = |one: Description| Some((one.load_balancer_arn.clone()?, one));
    Ok(all.into_iter().filter_map(pair).collect())
}

async fn read_one(
    aws: &Aws,
    was: &Was,
    one: &Description,
    tags: &Tags,
) -> CallResult<Live<LoadBalancer, LoadBalancerOutputs>> {
    let state = one.state();
    match state.and_then(|state| state.code()) {
        Some(code @ LoadBalancerStateEnum::Provisioning) => {
            return Ok(Live::Pending(code.to_string()));
        }
        Some(LoadBalancerStateEnum::Failed) => {
            let reason = state.and_then(|state| state.reason()).unwrap_or("AWS gives no reason");
            return Ok(Live::Failed(reason.to_owned()));
        }
        _ => {}
    }
    let subnets = one.availability_zones().iter().filter_map(|zone| zone.subnet_id());
    let groups = one.security_groups().iter().map(SecurityGroupId::new);
    let args = LoadBalancer {
        subnets: in_recorded_order(subnets.map(SubnetId::new), &was.args.subnets),
        security_groups: in_recorded_order(groups, &was.args.security_groups),
        internal: one.scheme() == Some(&LoadBalancerSchemeEnum::Internal),
        ..was.args.clone()
    };
    let Some(args) = attributes::read(aws, &was.outputs.arn, args).await? else {
        return Ok(Live::Absent);
    };
    Ok(Live::Ready { args, outputs: was.outputs.clone(), tags: tags.clone() })
}
