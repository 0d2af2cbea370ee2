//! DB subnet group: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html>

use std::collections::BTreeMap;

use aws_sdk_rds::types::DbSubnetGroup as Description;
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Operation, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    Aws, DbSubnetGroupName, Doing, SubnetId, absent_is_fine, absent_is_none, found, lists,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::api;

/// The subnets in which the instances of a cluster stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct DbSubnetGroup {
    /// The subnets, in two zones at least.
    pub subnets: Vec<Input<SubnetId>>,
    /// What the group is for.
    #[builder(setter(into))]
    pub description: String,
}

outputs! {
    /// What a DB subnet group answers.
    pub struct DbSubnetGroupOutputs => DbSubnetGroupRefs {
        /// Its name.
        accepted name: DbSubnetGroupName,
    }
}

const NAME: NameRule = NameRule::new(255).lower();

type Was = Recorded<DbSubnetGroup, DbSubnetGroupOutputs>;

impl Resource<Aws> for DbSubnetGroup {
    const TYPE: &'static str = "rds:DbSubnetGroup";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        quota: Some(("DB subnet groups", 50)),
        create_secs: 2,
        update_secs: 2,
        actions: Actions {
            create: &[
                "rds:CreateDBSubnetGroup",
                "rds:AddTagsToResource",
                "rds:DescribeDBSubnetGroups",
                "rds:ListTagsForResource",
                "iam:CreateServiceLinkedRole",
            ],
            read: &["rds:DescribeDBSubnetGroups", "rds:ListTagsForResource"],
            update: &[
                "rds:ModifyDBSubnetGroup",
                "rds:AddTagsToResource",
                "rds:RemoveTagsFromResource",
            ],
            delete: &["rds:DeleteDBSubnetGroup"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = DbSubnetGroupOutputs;

    fn argument(_name: &str, _old: &Value, _new: &Value) -> Argument {
        Argument::InPlace(Effect::AtOnce)
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.subnets.len() < 2 {
            return Err(Invalid::new("subnets", "a DB subnet group needs subnets in two zones"));
        }
        Ok(())
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<DbSubnetGroupOutputs>> {
        let name = intent.name(&NAME);
        let call = (aws.rds().create_db_subnet_group())
            .db_subnet_group_name(&name)
            .db_subnet_group_description(&self.description)
            .set_subnet_ids(Some(self.ids()))
            .set_tags(Some(api::tags(intent.tags())));
        call.send().await.doing("creating the DB subnet group")?;
        Ok(Made::ready(DbSubnetGroupOutputs { name: DbSubnetGroupName::new(name) }))
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, DbSubnetGroupOutputs>>> {
        let call = aws.rds().describe_db_subnet_groups().into_paginator().items().send();
        let groups = call.try_collect().await.doing("reading DB subnet groups")?;
        let groups: BTreeMap<String, Description> = groups
            .into_iter()
            .filter_map(|one| Some((one.db_subnet_group_name.clone()?, one)))
            .collect();
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match groups.get(was.outputs.name.as_str()) {
                None => Live::Absent,
                Some(group) => Live::Ready {
                    args: described(was, group),
                    outputs: was.outputs.clone(),
                    tags: api::tags_of(aws, group.db_subnet_group_arn().unwrap_or_default())
                        .await?,
                },
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        1 + wanted.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<DbSubnetGroupOutputs>> {
        let call = (aws.rds().modify_db_subnet_group())
            .db_subnet_group_name(old.outputs.name.as_str())
            .db_subnet_group_description(&self.description)
            .set_subnet_ids(Some(self.ids()));
        call.send().await.doing("changing the DB subnet group")?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        let group = describe(aws, &of.outputs.name).await?;
        let arn = group.and_then(|group| group.db_subnet_group_arn).unwrap_or_default();
        api::retag(aws, arn, set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.rds().delete_db_subnet_group();
            let answer = call.db_subnet_group_name(was.outputs.name.as_str()).send().await;
            absent_is_fine(answer.map(|_| ()).doing("deleting the DB subnet group"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<DbSubnetGroupOutputs>> {
        let name = DbSubnetGroupName::new(intent.name(&NAME));
        let Some(group) = describe(aws, &name).await? else { return Ok(Found::Nothing) };
        let arn = group.db_subnet_group_arn.unwrap_or_default();
        let tags = api::tags_of(aws, &arn).await?;
        let what = format!("DB subnet group {name}");
        Ok(found::claim(intent, &what, &tags, DbSubnetGroupOutputs { name }))
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        api::class_of(error, operation)
    }
}

impl DbSubnetGroup {
    fn ids(&self) -> Vec<String> {
        self.subnets.iter().map(|id| id.known().to_string()).collect()
    }
}

async fn describe(aws: &Aws, name: &DbSubnetGroupName) -> CallResult<Option<Description>> {
    let call = aws.rds().describe_db_subnet_groups().db_subnet_group_name(name.as_str());
    let answer = absent_is_none(call.send().await.doing("reading the DB subnet group"))?;
    Ok(answer.and_then(|answer| answer.db_subnet_groups.unwrap_or_default().pop()))
}

fn described(was: &Was, group: &Description) -> DbSubnetGroup {
    let ids = group.subnets().iter().filter_map(|subnet| subnet.subnet_identifier());
    DbSubnetGroup {
        subnets: lists::in_recorded_order(ids.map(SubnetId::new), &was.args.subnets),
        description: group.db_subnet_group_description().unwrap_or_default().to_owned(),
    }
}
