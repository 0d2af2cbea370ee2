//! The default security group of a VPC:
//! <https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html>

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Filter, IpPermission, SecurityGroup as Description};
use globecart_aws::ec2::{FILTER_VALUES, filter, pages};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Live,
    Made, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, SecurityGroupId, VpcId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

/// The security group that a VPC comes with, without any rule, so that what is put into it by mistake neither
/// reaches anything nor is reached.
///
/// AWS makes it and deletes it with the VPC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct DefaultSecurityGroup {
    /// The VPC.
    #[builder(setter(into))]
    pub vpc: Input<VpcId>,
    /// The rules for traffic in: none are declared, a read lists what there is.
    #[builder(default, setter(skip))]
    ingress: BTreeSet<String>,
    /// The rules for traffic out: none are declared, a read lists what there is.
    #[builder(default, setter(skip))]
    egress: BTreeSet<String>,
}

outputs! {
    /// What the default security group answers.
    pub struct DefaultSecurityGroupOutputs => DefaultSecurityGroupRefs {
        /// Its id.
        accepted id: SecurityGroupId,
    }
}

type Was = Recorded<DefaultSecurityGroup, DefaultSecurityGroupOutputs>;

impl Resource<Aws> for DefaultSecurityGroup {
    const TYPE: &'static str = "ec2:DefaultSecurityGroup";
    const FACTS: Facts = Facts {
        tags: false,
        actions: Actions {
            create: &[
                "ec2:DescribeSecurityGroups",
                "ec2:RevokeSecurityGroupIngress",
                "ec2:RevokeSecurityGroupEgress",
            ],
            read: &["ec2:DescribeSecurityGroups"],
            update: &[
                "ec2:DescribeSecurityGroups",
                "ec2:RevokeSecurityGroupIngress",
                "ec2:RevokeSecurityGroupEgress",
            ],
            delete: &[],
        },
        ..Facts::DEFAULT
    };
    type Outputs = DefaultSecurityGroupOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "vpc" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    async fn create(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Made<DefaultSecurityGroupOutputs>> {
        let vpc = self.vpc.known();
        let Some((id, group)) = of_vpc(aws, vpc).await? else {
            let message = format!("{vpc} has no default security group yet");
            return Err(CallError::new(
                Class::Propagation,
                "emptying the default security group",
                message,
            ));
        };
        empty(aws, &id, group).await?;
        Ok(Made::ready(DefaultSecurityGroupOutputs { id }))
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, DefaultSecurityGroupOutputs>>> {
        let mut found = BTreeMap::new();
        for page in wanted.chunks(FILTER_VALUES) {
            let ids = page.iter().map(|was| was.outputs.id.as_str());
            let groups = described(aws, vec![filter("group-id", ids)]).await?;
            found.extend(
                groups.into_iter().filter_map(|group| Some((group.group_id.clone()?, group))),
            );
        }
        let one = |was: &Was| {
            found.get(was.outputs.id.as_str()).map_or(Live::Absent, |group| live(was, group))
        };
        Ok(wanted.iter().map(one).collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        pages(wanted.len())
    }

    async fn update(
        &self,
        aws: &Aws,
        _old: &Was,
        intent: &Intent,
    ) -> CallResult<Made<DefaultSecurityGroupOutputs>> {
        self.create(aws, intent).await
    }

    /// It goes with the VPC.
    async fn delete(_aws: &Aws, _gone: &[Was]) -> CallResult<Removal> {
        Ok(Removal::Gone)
    }

    async fn find(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Found<DefaultSecurityGroupOutputs>> {
        let found = of_vpc(aws, self.vpc.known()).await?;
        Ok(found.map_or(Found::Nothing, |(id, _)| Found::Ours(DefaultSecurityGroupOutputs { id })))
    }
}

async fn of_vpc(aws: &Aws, vpc: &VpcId) -> CallResult<Option<(SecurityGroupId, Description)>> {
    let filters = vec![filter("vpc-id", [vpc.as_str()]), filter("group-name", ["default"])];
    let mut groups = described(aws, filters).await?.into_iter();
    let group = groups.find(|group| {
        group.vpc_id() == Some(vpc.as_str()) && group.group_name() == Some("default")
    });
    Ok(group.and_then(|group| Some((SecurityGroupId::new(group.group_id()?), group))))
}

async fn empty(aws: &Aws, id: &SecurityGroupId, group: Description) -> CallResult<()> {
    let ingress = group.ip_permissions.filter(|rules| !rules.is_empty());
    if ingress.is_some() {
        let call = aws.ec2().revoke_security_group_ingress().group_id(id.as_str());
        let answer = call.set_ip_permissions(ingress).send().await;
        answer.doing("closing the default security group to traffic in")?;
    }
    let egress = group.ip_permissions_egress.filter(|rules| !rules.is_empty());
    if egress.is_some() {
        let call = aws.ec2().revoke_security_group_egress().group_id(id.as_str());
        let answer = call.set_ip_permissions(egress).send().await;
        answer.doing("closing the default security group to traffic out")?;
    }
    Ok(())
}

async fn described(aws: &Aws, filters: Vec<Filter>) -> CallResult<Vec<Description>> {
    let call = aws.ec2().describe_security_groups().set_filters(Some(filters)).into_paginator();
    call.items().send().try_collect().await.doing("reading default security groups")
}

fn live(was: &Was, group: &Description) -> Live<DefaultSecurityGroup, DefaultSecurityGroupOutputs> {
    let words = |rules: &[IpPermission]| rules.iter().flat_map(in_words).collect();
    let args = DefaultSecurityGroup {
        vpc: group.vpc_id().map_or_else(|| was.args.vpc.clone(), |id| VpcId::new(id).into()),
        ingress: words(group.ip_permissions()),
        egress: words(group.ip_permissions_egress()),
    };
    Live::Ready { args, outputs: was.outputs.clone(), tags: Tags::new() }
}

/// A rule as the plan shows it, one text for each peer.
fn in_words(rule: &IpPermission) -> Vec<String> {
    let protocol = match rule.ip_protocol() {
        Some("-1") | None => "all".to_owned(),
        Some(protocol) => match (rule.from_port(), rule.to_port()) {
            (Some(from), Some(to)) => format!("{protocol} {from}-{to}"),
            _ => protocol.to_owned(),
        },
    };
    let v4 = rule.ip_ranges().iter().filter_map(|range| range.cidr_ip());
    let v6 = rule.ipv6_ranges().iter().filter_map(|range| range.cidr_ipv6());
    let groups = rule.user_id_group_pairs().iter().filter_map(|pair| pair.group_id());
    let lists = rule.prefix_list_ids().iter().filter_map(|list| list.prefix_list_id());
    v4.chain(v6).chain(groups).chain(lists).map(|peer| format!("{protocol} {peer}")).collect()
}
