//! DB cluster parameter group: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterParameterGroup.html>

use aws_sdk_rds::types::DbClusterParameterGroup as Description;
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Intent, Invalid, Live,
    Made, NameRule, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    Aws, DbClusterParameterGroupName, Doing, absent_is_fine, absent_is_none, found,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::api;
use crate::parameter::{self, Parameters};

/// The parameters of a cluster's engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct DbClusterParameterGroup {
    /// The family, as in `aurora-postgresql17`. A change replaces the group.
    #[builder(setter(into))]
    pub family: String,
    /// What the group is for. A change replaces the group.
    #[builder(setter(into))]
    pub description: String,
    /// What differs from the engine's defaults. Default: nothing.
    #[builder(default)]
    pub parameters: Parameters,
}

outputs! {
    /// What a DB cluster parameter group answers.
    pub struct DbClusterParameterGroupOutputs => DbClusterParameterGroupRefs {
        /// Its name.
        accepted name: DbClusterParameterGroupName,
    }
}

/// The rule of the names of parameter groups.
pub(crate) const NAME: NameRule = NameRule::new(255).lower();

type Was = Recorded<DbClusterParameterGroup, DbClusterParameterGroupOutputs>;

impl Resource<Aws> for DbClusterParameterGroup {
    const TYPE: &'static str = "rds:DbClusterParameterGroup";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        quota: Some(("DB cluster parameter groups", 50)),
        create_secs: 2,
        update_secs: 2,
        actions: Actions {
            create: &[
                "rds:CreateDBClusterParameterGroup",
                "rds:AddTagsToResource",
                "rds:ModifyDBClusterParameterGroup",
                "rds:DescribeDBClusterParameterGroups",
                "rds:DescribeDBClusterParameters",
                "rds:ListTagsForResource",
            ],
            read: &[
                "rds:DescribeDBClusterParameterGroups",
                "rds:DescribeDBClusterParameters",
                "rds:ListTagsForResource",
            ],
            update: &[
                "rds:ModifyDBClusterParameterGroup",
                "rds:ResetDBClusterParameterGroup",
                "rds:AddTagsToResource",
                "rds:RemoveTagsFromResource",
            ],
            delete: &["rds:DeleteDBClusterParameterGroup"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = DbClusterParameterGroupOutputs;

    fn argument(name: &str, old: &Value, new: &Value) -> Argument {
        match name {
            "parameters" => parameter::argument(old, new),
            "family" | "description" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        parameter::check(&self.parameters)
    }

    /// Two steps that can be repeated: a group of the same name that is ours gets its parameters again.
    async fn create(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Made<DbClusterParameterGroupOutputs>> {
        let name = intent.name(&NAME);
        let earlier =
            if intent.repeated() { self.find(aws, intent).await? } else { Found::Nothing };
        if !matches!(earlier, Found::Ours(_)) {
            let call = (aws.rds().create_db_cluster_parameter_group())
                .db_cluster_parameter_group_name(&name)
                .db_parameter_group_family(&self.family)
                .description(&self.description)
                .set_tags(Some(api::tags(intent.tags())));
            call.send().await.doing("creating the DB cluster parameter group")?;
        }
        self.set(aws, &name, &Parameters::new()).await?;
        let name = DbClusterParameterGroupName::new(name);
        Ok(Made::ready(DbClusterParameterGroupOutputs { name }))
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, DbClusterParameterGroupOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let name = &was.outputs.name;
            let Some(group) = describe(aws, name).await? else {
                live.push(Live::Absent);
                continue;
            };
            let call = aws.rds().describe_db_cluster_parameters().source("user");
            let call = call.db_cluster_parameter_group_name(name.as_str());
            let set = call.into_paginator().items().send().try_collect().await;
            let arn = group.db_cluster_parameter_group_arn().unwrap_or_default();
            live.push(Live::Ready {
                args: Self {
                    family: group.db_parameter_group_family().unwrap_or_default().to_owned(),
                    description: group.description().unwrap_or_default().to_owned(),
                    parameters: parameter::described(&set.doing("reading parameters")?),
                },
                outputs: was.outputs.clone(),
                tags: api::tags_of(aws, arn).await?,
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        3 * wanted.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<DbClusterParameterGroupOutputs>> {
        let name = old.outputs.name.as_str();
        self.set(aws, name, &old.args.parameters).await?;
        for batch in parameter::reset(&self.parameters, &old.args.parameters) {
            let call = aws.rds().reset_db_cluster_parameter_group();
            let call = call.db_cluster_parameter_group_name(name).set_parameters(Some(batch));
            call.send().await.doing("resetting parameters")?;
        }
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        let group = describe(aws, &of.outputs.name).await?;
        let arn = group.and_then(|group| group.db_cluster_parameter_group_arn);
        api::retag(aws, arn.unwrap_or_default(), set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.rds().delete_db_cluster_parameter_group();
            let call = call.db_cluster_parameter_group_name(was.outputs.name.as_str());
            let answer = call.send().await.map(|_| ());
            absent_is_fine(answer.doing("deleting the DB cluster parameter group"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Found<DbClusterParameterGroupOutputs>> {
        let name = DbClusterParameterGroupName::new(intent.name(&NAME));
        let Some(group) = describe(aws, &name).await? else { return Ok(Found::Nothing) };
        let arn = group.db_cluster_parameter_group_arn.unwrap_or_default();
        let tags = api::tags_of(aws, &arn).await?;
        let what = format!("DB cluster parameter group {name}");
        Ok(found::claim(intent, &what, &tags, DbClusterParameterGroupOutputs { name }))
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        api::class_of(error, operation)
    }
}

impl DbClusterParameterGroup {
    async fn set(&self, aws: &Aws, name: &str, old: &Parameters) -> CallResult<()> {
        for batch in parameter::set(&self.parameters, old) {
            let call = aws.rds().modify_db_cluster_parameter_group();
            let call = call.db_cluster_parameter_group_name(name).set_parameters(Some(batch));
            call.send().await.doing("setting parameters")?;
        }
        Ok(())
    }
}

async fn describe(
    aws: &Aws,
    name: &DbClusterParameterGroupName,
) -> CallResult<Option<Description>> {
    let call = aws.rds().describe_db_cluster_parameter_groups();
    let call = call.db_cluster_parameter_group_name(name.as_str());
    let answer = call.send().await.doing("reading the DB cluster parameter group");
    let groups = absent_is_none(answer)?.and_then(|answer| answer.db_cluster_parameter_groups);
    Ok(groups.unwrap_or_default().pop())
}
