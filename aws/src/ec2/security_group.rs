//! Security group: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html>

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{IpPermission, IpRange, ResourceType, SecurityGroupRule};
use globecart_engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Order, Recorded, Removal, Resource, Tags, outputs,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use super::{FILTER_VALUES, check_description, filter, pages};
use crate::{Aws, Doing, SecurityGroupId, VpcId, absent_is_fine, found, tags};

/// A security group. Its rules are resources of their own, [`SecurityGroupRule`](super::SecurityGroupRule),
/// so that two groups can name each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct SecurityGroup {
    /// The VPC. A change replaces the group.
    #[builder(setter(into))]
    vpc: Input<VpcId>,
    /// What the group is for: 1 to 255 letters, digits, spaces and `._-:/()#,@[]+=&;{}!$*`. A change replaces
    /// the group.
    #[builder(setter(into))]
    description: String,
    /// Whether the group keeps the rule that AWS gives every new group, which allows all traffic out. Default: no.
    #[builder(default)]
    allow_all_egress: bool,
}

outputs! {
    /// What a security group answers.
    pub struct SecurityGroupOutputs => SecurityGroupRefs {
        /// Its id.
        accepted id: SecurityGroupId,
    }
}

const NAME: NameRule = NameRule::new(255);

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the security group";

type Was = Recorded<SecurityGroup, SecurityGroupOutputs>;

impl Resource<Aws> for SecurityGroup {
    const TYPE: &'static str = "ec2:SecurityGroup";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        create_secs: 2,
        quota: Some(("VPC security groups per Region", 2500)),
        actions: Actions {
            create: &[
                "ec2:CreateSecurityGroup",
                "ec2:CreateTags",
                "ec2:RevokeSecurityGroupEgress",
                "ec2:DescribeSecurityGroups",
            ],
            read: &["ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules"],
            update: &[
                "ec2:DescribeSecurityGroupRules",
                "ec2:AuthorizeSecurityGroupEgress",
                "ec2:RevokeSecurityGroupEgress",
                "ec2:CreateTags",
                "ec2:DeleteTags",
            ],
            delete: &["ec2:DeleteSecurityGroup"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = SecurityGroupOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "allow_all_egress" => Argument::InPlace(Effect::AtOnce),
            _ => Argument::Replace(Order::CreateFirst),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        check_description(&self.description)
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<SecurityGroupOutputs>> {
        let outputs = self.create_group(aws, intent).await?;
        if !self.allow_all_egress {
            let call = aws.ec2().revoke_security_group_egress().group_id(outputs.id.as_str());
            let answer = call.ip_permissions(everything()).send().await;
            absent_is_fine(answer.map(|_| ()).doing("removing the group's default egress rule"))?;
        }
        Ok(Made::ready(outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, SecurityGroupOutputs>>> {
        let mut groups = BTreeMap::new();
        let mut open = BTreeSet::new();
        for page in wanted.chunks(FILTER_VALUES) {
            let ids: Vec<&str> = page.iter().map(|was| was.outputs.id.as_str()).collect();
            let call =
                aws.ec2().describe_security_groups().filters(filter("group-id", ids.clone()));
            let answer = call.into_paginator().items().send().try_collect().await;
            let some = answer.doing("reading security groups")?;
            groups.extend(
                some.into_iter().filter_map(|group| Some((group.group_id.clone()?, group))),
            );
            let rules = default_egress_rules(aws, &ids).await?;
            open.extend(rules.into_iter().filter_map(|rule| rule.group_id));
        }
        let live = wanted.iter().map(|was| match groups.get(was.outputs.id.as_str()) {
            None => Live::Absent,
            Some(group) => Live::Ready {
                args: SecurityGroup {
                    vpc: VpcId::new(group.vpc_id().unwrap_or_default()).into(),
                    description: group.description().unwrap_or_default().to_owned(),
                    allow_all_egress: open.contains(was.outputs.id.as_str()),
                },
                outputs: was.outputs.clone(),
                tags: tags::from_ec2(group.tags()),
            },
        });
        Ok(live.collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        2 * pages(wanted.len())
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<SecurityGroupOutputs>> {
        let id = old.outputs.id.as_str();
        let rules = default_egress_rules(aws, &[id]).await?;
        if self.allow_all_egress && rules.is_empty() {
            let call = aws
                .ec2()
                .authorize_security_group_egress()
                .group_id(id)
                .ip_permissions(everything());
            call.send().await.doing("allowing all traffic out of the group")?;
        }
        if !self.allow_all_egress && !rules.is_empty() {
            let ids = rules.into_iter().filter_map(|rule| rule.security_group_rule_id).collect();
            let call = aws.ec2().revoke_security_group_egress().group_id(id);
            let answer = call.set_security_group_rule_ids(Some(ids)).send().await;
            absent_is_fine(answer.map(|_| ()).doing("removing the group's default egress rule"))?;
        }
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        tags::retag_ec2(aws, &of.outputs.id, set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let answer =
                aws.ec2().delete_security_group().group_id(was.outputs.id.as_str()).send().await;
            absent_is_fine(answer.map(|_| ()).doing("deleting the security group"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<SecurityGroupOutputs>> {
        let name = intent.name(&NAME);
        let call = (aws.ec2().describe_security_groups())
            .filters(filter("vpc-id", [self.vpc.known().as_str()]))
            .filters(filter("group-name", [&name]));
        let answer = call.send().await.doing("looking for the security group")?;
        let group = answer.security_groups.unwrap_or_default().into_iter().next();
        let Some((group, id)) = group.and_then(|group| Some((group.clone(), group.group_id?)))
        else {
            return Ok(Found::Nothing);
        };
        let outputs = SecurityGroupOutputs { id: SecurityGroupId::new(id) };
        Ok(found::claim(
            intent,
            &format!("security group {name}"),
            &tags::from_ec2(group.tags()),
            outputs,
        ))
    }
}

impl SecurityGroup {
    async fn create_group(&self, aws: &Aws, intent: &Intent) -> CallResult<SecurityGroupOutputs> {
        let call = (aws.ec2().create_security_group())
            .group_name(intent.name(&NAME))
            .description(&self.description)
            .vpc_id(self.vpc.known().as_str())
            .tag_specifications(tags::ec2_specification(
                ResourceType::SecurityGroup,
                intent.tags(),
            ));
        let answer = call.send().await.doing(CREATING)?;
        let missing = || CallError::new(Class::Ambiguous, CREATING, "the answer has no group id");
        Ok(SecurityGroupOutputs { id: SecurityGroupId::new(answer.group_id.ok_or_else(missing)?) })
    }
}

/// All protocols, to everywhere: what AWS allows out of a new group.
fn everything() -> IpPermission {
    IpPermission::builder()
        .ip_protocol("-1")
        .ip_ranges(IpRange::builder().cidr_ip("0.0.0.0/0").build())
        .build()
}

/// The rules that allow everything out and that no stack declared: AWS's own, or one added by hand.
async fn default_egress_rules(aws: &Aws, groups: &[&str]) -> CallResult<Vec<SecurityGroupRule>> {
    let call = aws
        .ec2()
        .describe_security_group_rules()
        .filters(filter("group-id", groups.iter().copied()));
    let answer = call.into_paginator().items().send().try_collect().await;
    let mut rules: Vec<SecurityGroupRule> = answer.doing("reading the rules of security groups")?;
    rules.retain(|rule| {
        let everywhere = rule.cidr_ipv4() == Some("0.0.0.0/0") || rule.cidr_ipv6() == Some("::/0");
        let declared = rule.tags().iter().any(|tag| tag.key() == Some(tags::RESOURCE));
        rule.is_egress() == Some(true)
            && rule.ip_protocol() == Some("-1")
            && everywhere
            && !declared
    });
    Ok(rules)
}
