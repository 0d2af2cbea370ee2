//! Parameter group: <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheParameterGroup.html>

use std::collections::BTreeMap;

use aws_sdk_elasticache::types::{CacheParameterGroup as Description, ParameterNameValue};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Intent, Invalid, Live,
    Made, NameRule, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, CacheParameterGroupName, Doing, absent_is_fine, absent_is_none, found};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer;

/// How an engine is set up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct CacheParameterGroup {
    /// The family of engine versions, as in `redis7`. A change replaces the group.
    #[builder(setter(into))]
    pub family: String,
    /// What it is for. A change replaces the group, because AWS keeps the first.
    #[builder(setter(into))]
    pub description: String,
    /// The parameters that differ from the family's defaults, by name.
    #[builder(default)]
    pub parameters: BTreeMap<String, String>,
}

outputs! {
    /// What a parameter group answers.
    pub struct CacheParameterGroupOutputs => CacheParameterGroupRefs {
        /// Its name.
        accepted name: CacheParameterGroupName,
    }
}

const NAME: NameRule = NameRule::new(255).lower();

/// How many parameters one call takes.
const BATCH: usize = 20;

type Was = Recorded<CacheParameterGroup, CacheParameterGroupOutputs>;

impl Resource<Aws> for CacheParameterGroup {
    const TYPE: &'static str = "elasticache:ParameterGroup";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        create_secs: 2,
        update_secs: 2,
        quota: Some(("cache parameter groups per region", 300)),
        actions: Actions {
            create: &[
                "elasticache:CreateCacheParameterGroup",
                "elasticache:ModifyCacheParameterGroup",
                "elasticache:AddTagsToResource",
                "elasticache:DescribeCacheParameterGroups",
                "elasticache:ListTagsForResource",
            ],
            read: &[
                "elasticache:DescribeCacheParameterGroups",
                "elasticache:DescribeCacheParameters",
                "elasticache:ListTagsForResource",
            ],
            update: &[
                "elasticache:ModifyCacheParameterGroup",
                "elasticache:ResetCacheParameterGroup",
                "elasticache:AddTagsToResource",
                "elasticache:RemoveTagsFromResource",
            ],
            delete: &["elasticache:DeleteCacheParameterGroup"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = CacheParameterGroupOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "parameters" => Argument::InPlace(Effect::AtOnce),
            _ => Argument::Replace(Order::CreateFirst),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.description.is_empty() {
            return Err(Invalid::new("description", "a parameter group needs a description"));
        }
        Ok(())
    }

    /// The group is there before its parameters are: a repeat goes on where an earlier attempt stopped.
    async fn create(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Made<CacheParameterGroupOutputs>> {
        let earlier =
            if intent.repeated() { self.find(aws, intent).await? } else { Found::Nothing };
        let outputs = match earlier {
            Found::Ours(outputs) => outputs,
            _ => self.create_group(aws, intent).await?,
        };
        set(aws, &outputs.name, &self.parameters).await?;
        Ok(Made::ready(outputs))
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, CacheParameterGroupOutputs>>> {
        let groups = all(aws).await?;
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let Some(group) = groups.get(was.outputs.name.as_str()) else {
                live.push(Live::Absent);
                continue;
            };
            live.push(Live::Ready {
                args: CacheParameterGroup {
                    family: group.cache_parameter_group_family().unwrap_or_default().to_owned(),
                    description: group.description().unwrap_or_default().to_owned(),
                    parameters: parameters(aws, &was.outputs.name).await?,
                },
                outputs: was.outputs.clone(),
                tags: answer::tags_of(aws, &arn(aws, &was.outputs.name)).await?,
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        answer::calls(wanted.len()) + wanted.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<CacheParameterGroupOutputs>> {
        let before = &old.args.parameters;
        let changed =
            self.parameters.iter().filter(|(name, value)| before.get(*name) != Some(value));
        let changed = changed.map(|(name, value)| (name.clone(), value.clone())).collect();
        set(aws, &old.outputs.name, &changed).await?;
        let gone: Vec<&String> =
            before.keys().filter(|name| !self.parameters.contains_key(*name)).collect();
        reset(aws, &old.outputs.name, &gone).await?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        answer::retag(aws, &arn(aws, &of.outputs.name), set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.elasticache().delete_cache_parameter_group();
            let call = call.cache_parameter_group_name(was.outputs.name.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the parameter group"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Found<CacheParameterGroupOutputs>> {
        let name = CacheParameterGroupName::new(intent.name(&NAME));
        let call = aws.elasticache().describe_cache_parameter_groups();
        let call = call.cache_parameter_group_name(name.as_str());
        let groups = absent_is_none(call.send().await.doing("looking for the parameter group"))?;
        if groups.is_none_or(|groups| groups.cache_parameter_groups().is_empty()) {
            return Ok(Found::Nothing);
        }
        let tags = answer::tags_of(aws, &arn(aws, &name)).await?;
        let what = format!("cache parameter group {name}");
        Ok(found::claim(intent, &what, &tags, CacheParameterGroupOutputs { name }))
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        answer::class_of(error, operation)
    }
}

impl CacheParameterGroup {
    async fn create_group(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<CacheParameterGroupOutputs> {
        let name = intent.name(&NAME);
        let call = (aws.elasticache().create_cache_parameter_group())
            .cache_parameter_group_name(&name)
            .cache_parameter_group_family(&self.family)
            .description(&self.description)
            .set_tags(Some(answer::tags(intent)));
        call.send().await.doing("creating the parameter group")?;
        Ok(CacheParameterGroupOutputs { name: CacheParameterGroupName::new(name) })
    }
}

fn arn(aws: &Aws, name: &CacheParameterGroupName) -> String {
    answer::arn(aws.place(), "parametergroup", name.as_str())
}

async fn set(
    aws: &Aws,
    name: &CacheParameterGroupName,
    parameters: &BTreeMap<String, String>,
) -> CallResult<()> {
    let pairs: Vec<ParameterNameValue> = parameters
        .iter()
        .map(|(name, value)| {
            ParameterNameValue::builder().parameter_name(name).parameter_value(value).build()
        })
        .collect();
    for batch in pairs.chunks(BATCH) {
        let call = aws.elasticache().modify_cache_parameter_group();
        let call = call.cache_parameter_group_name(name.as_str());
        let call = call.set_parameter_name_values(Some(batch.to_vec()));
        call.send().await.doing("setting parameters")?;
    }
    Ok(())
}

async fn reset(
    aws: &Aws,
    name: &CacheParameterGroupName,
    parameters: &[&String],
) -> CallResult<()> {
    let named = |name: &&String| ParameterNameValue::builder().parameter_name(*name).build();
    let pairs: Vec<ParameterNameValue> = parameters.iter().map(named).collect();
    for batch in pairs.chunks(BATCH) {
        let call = aws.elasticache().reset_cache_parameter_group();
        let call = call.cache_parameter_group_name(name.as_str());
        let call = call.set_parameter_name_values(Some(batch.to_vec()));
        call.send().await.doing("resetting parameters")?;
    }
    Ok(())
}

async fn all(aws: &Aws) -> CallResult<BTreeMap<String, Description>> {
    let call = aws.elasticache().describe_cache_parameter_groups().into_paginator().items();
    let groups = call.send().try_collect().await.doing("reading parameter groups")?;
    let pair = |group: Description| Some((group.cache_parameter_group_name.clone()?, group));
    Ok(groups.into_iter().filter_map(pair).collect())
}

/// The parameters that somebody has set.
async fn parameters(
    aws: &Aws,
    name: &CacheParameterGroupName,
) -> CallResult<BTreeMap<String, String>> {
    let call = aws.elasticache().describe_cache_parameters().source("user");
    let call = call.cache_parameter_group_name(name.as_str()).into_paginator().items();
    let parameters = call.send().try_collect().await.doing("reading parameters")?;
    let pair = |one: aws_sdk_elasticache::types::Parameter| {
        Some((one.parameter_name?, one.parameter_value.unwrap_or_default()))
    };
    Ok(parameters.into_iter().filter_map(pair).collect())
}
