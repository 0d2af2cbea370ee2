//! Security group rule: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html>

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, PrefixListId as PrefixList, ResourceType,
    SecurityGroupRule as Description, SecurityGroupRuleRequest, SecurityGroupRuleUpdate,
    UserIdGroupPair,
};
use globecart_engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, Order, Recorded, Removal, Resource, Tags, outputs,
};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use super::traffic::{Direction, Peer, Traffic};
use super::{FILTER_VALUES, check_description, filter, pages};
use crate::{Aws, Doing, SecurityGroupId, SecurityGroupRuleId, absent_is_fine, found, tags};

/// One rule of a security group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct SecurityGroupRule {
    /// The group that has the rule. A change replaces the rule.
    #[builder(setter(into))]
    group: Input<SecurityGroupId>,
    /// Which way traffic passes. A change replaces the rule.
    direction: Direction,
    /// Protocol and ports.
    traffic: Traffic,
    /// The other side. Changed in place where it stays of the same sort, replaced otherwise. From everywhere
    /// only ports 80 and 443 can be opened.
    peer: Peer,
    /// Why the traffic is allowed: 1 to 255 letters, digits, spaces and `._-:/()#,@[]+=&;{}!$*`.
    #[builder(setter(into))]
    description: String,
}

outputs! {
    /// What a security group rule answers.
    pub struct SecurityGroupRuleOutputs => SecurityGroupRuleRefs {
        /// Its id.
        accepted id: SecurityGroupRuleId,
    }
}

type Was = Recorded<SecurityGroupRule, SecurityGroupRuleOutputs>;

impl Resource<Aws> for SecurityGroupRule {
    const TYPE: &'static str = "ec2:SecurityGroupRule";
    const FACTS: Facts = Facts {
        delete_batch: 100,
        actions: Actions {
            create: &[
                "ec2:AuthorizeSecurityGroupIngress",
                "ec2:AuthorizeSecurityGroupEgress",
                "ec2:CreateTags",
                "ec2:DescribeSecurityGroupRules",
            ],
            read: &["ec2:DescribeSecurityGroupRules"],
            update: &["ec2:ModifySecurityGroupRules", "ec2:CreateTags", "ec2:DeleteTags"],
            delete: &["ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = SecurityGroupRuleOutputs;

    fn argument(name: &str, old: &Value, new: &Value) -> Argument {
        let sort = |peer: &Value| peer.as_object().and_then(|peer| peer.keys().next().cloned());
        match name {
            "group" | "direction" => Argument::Replace(Order::CreateFirst),
            "peer" if sort(old) != sort(new) => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        check_description(&self.description)?;
        self.traffic.check()?;
        self.peer.check(self.direction, self.traffic)
    }

    async fn create(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Made<SecurityGroupRuleOutputs>> {
        Ok(Made::ready(self.authorize(aws, intent).await?))
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, SecurityGroupRuleOutputs>>> {
        let mut rules = BTreeMap::new();
        for page in wanted.chunks(FILTER_VALUES) {
            let ids = page.iter().map(|was| was.outputs.id.as_str());
            let some = described(aws, "security-group-rule-id", ids).await?;
            rules.extend(
                some.into_iter()
                    .filter_map(|rule| Some((rule.security_group_rule_id.clone()?, rule))),
            );
        }
        Ok(wanted
            .iter()
            .map(|was| {
                rules.get(was.outputs.id.as_str()).map_or(Live::Absent, |rule| live(was, rule))
            })
            .collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        pages(wanted.len())
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<SecurityGroupRuleOutputs>> {
        let update = SecurityGroupRuleUpdate::builder()
            .security_group_rule_id(old.outputs.id.as_str())
            .security_group_rule(self.request())
            .build();
        let call = aws.ec2().modify_security_group_rules().group_id(self.group.known().as_str());
        call.security_group_rules(update).send().await.doing("changing the security group rule")?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        tags::retag_ec2(aws, &of.outputs.id, set, unset).await
    }

    /// One call for all rules of a group and a direction.
    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        let mut by_group: BTreeMap<(&str, bool), Vec<String>> = BTreeMap::new();
        for was in gone {
            let key = (was.args.group.known().as_str(), was.args.direction == Direction::Egress);
            by_group.entry(key).or_default().push(was.outputs.id.as_str().to_owned());
        }
        for ((group, egress), ids) in by_group {
            match revoke(aws, group, egress, ids.clone()).await {
                // One id that is gone makes the whole call fail.
                Err(error) if error.class == Class::NotFound && ids.len() > 1 => {
                    for id in ids {
                        absent_is_fine(revoke(aws, group, egress, vec![id]).await)?;
                    }
                }
                answer => absent_is_fine(answer)?,
            }
        }
        Ok(Removal::Gone)
    }

    /// A group has at most one rule of the same direction, traffic and peer.
    async fn find(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Found<SecurityGroupRuleOutputs>> {
        let rules = described(aws, "group-id", [self.group.known().as_str()]).await?;
        let same = |rule: &Description| {
            direction(rule) == self.direction
                && Traffic::described(rule) == Some(self.traffic)
                && Peer::described(rule).as_ref() == Some(&self.peer)
        };
        let Some(rule) = rules.into_iter().find(same) else { return Ok(Found::Nothing) };
        let id = rule.security_group_rule_id().unwrap_or_default();
        let outputs = SecurityGroupRuleOutputs { id: SecurityGroupRuleId::new(id) };
        let what = format!("rule {id} of {}", self.group.known());
        Ok(found::claim(intent, &what, &tags::from_ec2(rule.tags()), outputs))
    }
}

impl SecurityGroupRule {
    async fn authorize(&self, aws: &Aws, intent: &Intent) -> CallResult<SecurityGroupRuleOutputs> {
        let doing = "adding the security group rule";
        let group = self.group.known().as_str();
        let tags = tags::ec2_specification(ResourceType::SecurityGroupRule, intent.tags());
        let rules = match self.direction {
            Direction::Ingress => {
                let call = aws.ec2().authorize_security_group_ingress().group_id(group);
                let answer =
                    call.ip_permissions(self.permission()).tag_specifications(tags).send().await;
                answer.doing(doing)?.security_group_rules
            }
            Direction::Egress => {
                let call = aws.ec2().authorize_security_group_egress().group_id(group);
                let answer =
                    call.ip_permissions(self.permission()).tag_specifications(tags).send().await;
                answer.doing(doing)?.security_group_rules
            }
        };
        let id = rules.unwrap_or_default().into_iter().find_map(|rule| rule.security_group_rule_id);
        let missing = || CallError::new(Class::Ambiguous, doing, "the answer has no rule id");
        Ok(SecurityGroupRuleOutputs { id: SecurityGroupRuleId::new(id.ok_or_else(missing)?) })
    }

    fn permission(&self) -> IpPermission {
        let (protocol, from, to) = self.traffic.in_words();
        let why = self.description.as_str();
        let permission = IpPermission::builder().ip_protocol(protocol).from_port(from).to_port(to);
        let permission = match &self.peer {
            Peer::Group(group) => {
                let pair =
                    UserIdGroupPair::builder().group_id(group.known().as_str()).description(why);
                permission.user_id_group_pairs(pair.build())
            }
            Peer::Cidr(IpNet::V4(cidr)) => permission
                .ip_ranges(IpRange::builder().cidr_ip(cidr.to_string()).description(why).build()),
            Peer::Cidr(IpNet::V6(cidr)) => permission.ipv6_ranges(
                Ipv6Range::builder().cidr_ipv6(cidr.to_string()).description(why).build(),
            ),
            Peer::PrefixList(list) => {
                let list =
                    PrefixList::builder().prefix_list_id(list.known().as_str()).description(why);
                permission.prefix_list_ids(list.build())
            }
        };
        permission.build()
    }

    fn request(&self) -> SecurityGroupRuleRequest {
        let (protocol, from, to) = self.traffic.in_words();
        let request =
            SecurityGroupRuleRequest::builder().ip_protocol(protocol).from_port(from).to_port(to);
        let request = request.description(&self.description);
        let request = match &self.peer {
            Peer::Group(group) => request.referenced_group_id(group.known().as_str()),
            Peer::Cidr(IpNet::V4(cidr)) => request.cidr_ipv4(cidr.to_string()),
            Peer::Cidr(IpNet::V6(cidr)) => request.cidr_ipv6(cidr.to_string()),
            Peer::PrefixList(list) => request.prefix_list_id(list.known().as_str()),
        };
        request.build()
    }
}

async fn described(
    aws: &Aws,
    by: &str,
    values: impl IntoIterator<Item = &str>,
) -> CallResult<Vec<Description>> {
    let call = aws.ec2().describe_security_group_rules().filters(filter(by, values));
    call.into_paginator().items().send().try_collect().await.doing("reading security group rules")
}

async fn revoke(aws: &Aws, group: &str, egress: bool, ids: Vec<String>) -> CallResult<()> {
    let doing = "removing security group rules";
    if egress {
        let call = aws.ec2().revoke_security_group_egress().group_id(group);
        call.set_security_group_rule_ids(Some(ids)).send().await.map(|_| ()).doing(doing)
    } else {
        let call = aws.ec2().revoke_security_group_ingress().group_id(group);
        call.set_security_group_rule_ids(Some(ids)).send().await.map(|_| ()).doing(doing)
    }
}

fn direction(rule: &Description) -> Direction {
    if rule.is_egress() == Some(true) { Direction::Egress } else { Direction::Ingress }
}

fn live(was: &Was, rule: &Description) -> Live<SecurityGroupRule, SecurityGroupRuleOutputs> {
    let (Some(traffic), Some(peer)) = (Traffic::described(rule), Peer::described(rule)) else {
        let protocol = rule.ip_protocol().unwrap_or_default();
        return Live::Failed(format!(
            "was changed to something a declaration cannot say (protocol {protocol})"
        ));
    };
    let args = SecurityGroupRule {
        group: SecurityGroupId::new(rule.group_id().unwrap_or_default()).into(),
        direction: direction(rule),
        traffic,
        peer,
        description: rule.description().unwrap_or_default().to_owned(),
    };
    Live::Ready { args, outputs: was.outputs.clone(), tags: tags::from_ec2(rule.tags()) }
}
