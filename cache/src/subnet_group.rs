//! Subnet group: <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheSubnetGroup.html>

use std::collections::BTreeMap;

use aws_sdk_elasticache::types::CacheSubnetGroup as Description;
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::lists::in_recorded_order;
use globecart_aws::{
    Aws, CacheSubnetGroupName, Doing, SubnetId, absent_is_fine, absent_is_none, found,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer;

/// The subnets that the nodes of a cache stand in, all of one VPC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct CacheSubnetGroup {
    /// What it is for.
    #[builder(setter(into))]
    pub description: String,
    /// The subnets, at most 20. More can be added; leaving one out replaces the group, and the cache in it.
    pub subnets: Vec<Input<SubnetId>>,
}

outputs! {
    /// What a subnet group answers.
    pub struct CacheSubnetGroupOutputs => CacheSubnetGroupRefs {
        /// Its name.
        accepted name: CacheSubnetGroupName,
    }
}

const NAME: NameRule = NameRule::new(255).lower();

/// Subnets of one group.
const SUBNETS: usize = 20;

type Was = Recorded<CacheSubnetGroup, CacheSubnetGroupOutputs>;

impl Resource<Aws> for CacheSubnetGroup {
    const TYPE: &'static str = "elasticache:SubnetGroup";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        create_secs: 2,
        update_secs: 2,
        quota: Some(("cache subnet groups per region", 300)),
        actions: Actions {
            create: &[
                "elasticache:CreateCacheSubnetGroup",
                "elasticache:AddTagsToResource",
                "elasticache:DescribeCacheSubnetGroups",
                "elasticache:ListTagsForResource",
            ],
            read: &["elasticache:DescribeCacheSubnetGroups", "elasticache:ListTagsForResource"],
            update: &[
                "elasticache:ModifyCacheSubnetGroup",
                "elasticache:AddTagsToResource",
                "elasticache:RemoveTagsFromResource",
            ],
            delete: &["elasticache:DeleteCacheSubnetGroup"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = CacheSubnetGroupOutputs;

    /// A node stays in its subnet, which AWS keeps in the group: to leave one takes a new cache.
    fn argument(name: &str, old: &Value, new: &Value) -> Argument {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let (old, new) = (list(old), list(new));
        if name == "subnets" && old.iter().any(|subnet| !new.contains(subnet)) {
            return Argument::Replace(Order::CreateFirst);
        }
        Argument::InPlace(Effect::AtOnce)
    }

    fn check(&self) -> Result<(), Invalid> {
        match self.subnets.len() {
            1..=SUBNETS => Ok(()),
            count => {
                Err(Invalid::new("subnets", format!("1 to {SUBNETS} can be given, not {count}")))
            }
        }
    }

    async fn create(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Made<CacheSubnetGroupOutputs>> {
        let name = intent.name(&NAME);
        let call = (aws.elasticache().create_cache_subnet_group())
            .cache_subnet_group_name(&name)
            .cache_subnet_group_description(&self.description)
            .set_subnet_ids(Some(self.subnet_ids()))
            .set_tags(Some(answer::tags(intent)));
        call.send().await.doing("creating the subnet group")?;
        Ok(Made::ready(CacheSubnetGroupOutputs { name: CacheSubnetGroupName::new(name) }))
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, CacheSubnetGroupOutputs>>> {
        let groups = all(aws).await?;
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match groups.get(was.outputs.name.as_str()) {
                None => Live::Absent,
                Some(group) => Live::Ready {
                    args: described(was, group),
                    outputs: was.outputs.clone(),
                    tags: answer::tags_of(aws, &arn(aws, &was.outputs.name)).await?,
                },
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        answer::calls(wanted.len())
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<CacheSubnetGroupOutputs>> {
        let call = (aws.elasticache().modify_cache_subnet_group())
            .cache_subnet_group_name(old.outputs.name.as_str())
            .cache_subnet_group_description(&self.description)
            .set_subnet_ids(Some(self.subnet_ids()));
        call.send().await.doing("changing the subnet group")?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        answer::retag(aws, &arn(aws, &of.outputs.name), set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.elasticache().delete_cache_subnet_group();
            let call = call.cache_subnet_group_name(was.outputs.name.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the subnet group"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<CacheSubnetGroupOutputs>> {
        let name = CacheSubnetGroupName::new(intent.name(&NAME));
        let call = aws.elasticache().describe_cache_subnet_groups();
        let call = call.cache_subnet_group_name(name.as_str());
        let groups = absent_is_none(call.send().await.doing("looking for the subnet group"))?;
        if groups.is_none_or(|groups| groups.cache_subnet_groups().is_empty()) {
            return Ok(Found::Nothing);
        }
        let tags = answer::tags_of(aws, &arn(aws, &name)).await?;
        let what = format!("cache subnet group {name}");
        Ok(found::claim(intent, &what, &tags, CacheSubnetGroupOutputs { name }))
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        answer::class_of(error, operation)
    }
}

impl CacheSubnetGroup {
    fn subnet_ids(&self) -> Vec<String> {
        self.subnets.iter().map(|subnet| subnet.known().to_string()).collect()
    }
}

fn arn(aws: &Aws, name: &CacheSubnetGroupName) -> String {
    answer::arn(aws.place(), "subnetgroup", name.as_str())
}

async fn all(aws: &Aws) -> CallResult<BTreeMap<String, Description>> {
    let call = aws.elasticache().describe_cache_subnet_groups().into_paginator().items();
    let groups = call.send().try_collect().await.doing("reading subnet groups")?;
    let pair = |group: Description| Some((group.cache_subnet_group_name.clone()?, group));
    Ok(groups.into_iter().filter_map(pair).collect())
}

fn described(was: &Was, group: &Description) -> CacheSubnetGroup {
    let subnets = group.subnets().iter().filter_map(|subnet| subnet.subnet_identifier());
    CacheSubnetGroup {
        description: group.cache_subnet_group_description().unwrap_or_default().to_owned(),
        subnets: in_recorded_order(subnets.map(SubnetId::new), &was.args.subnets),
    }
}
