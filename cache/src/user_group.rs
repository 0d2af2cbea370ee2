//! User group: <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUserGroup.html>

use std::collections::BTreeMap;

use aws_sdk_elasticache::types::UserGroup as Description;
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Live,
    Made, NameRule, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::lists::in_recorded_order;
use globecart_aws::{
    Aws, CacheUserGroupId, CacheUserId, Doing, absent_is_fine, absent_is_none, found,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer;
use crate::engine::EngineName;
use crate::user::already_going;

/// The users whom a cache lets in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct CacheUserGroup {
    /// The engine. A group of Redis OSS has one user named `default`; one of Valkey has only users who prove who they
    /// are. A change replaces the group, because the cache that uses it cannot have the other engine's before it has
    /// that engine itself.
    pub engine: EngineName,
    /// The users, at most 100.
    pub users: Vec<Input<CacheUserId>>,
}

outputs! {
    /// What a user group answers.
    pub struct CacheUserGroupOutputs => CacheUserGroupRefs {
        /// Its id.
        accepted id: CacheUserGroupId,
    }
}

const NAME: NameRule = NameRule::new(40).lower();

type Was = Recorded<CacheUserGroup, CacheUserGroupOutputs>;

impl Resource<Aws> for CacheUserGroup {
    const TYPE: &'static str = "elasticache:UserGroup";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        create_secs: 30,
        update_secs: 60,
        delete_secs: 30,
        quota: Some(("cache user groups per region", 200)),
        actions: Actions {
            create: &[
                "elasticache:CreateUserGroup",
                "elasticache:AddTagsToResource",
                "elasticache:DescribeUserGroups",
                "elasticache:ListTagsForResource",
                "iam:CreateServiceLinkedRole",
            ],
            read: &["elasticache:DescribeUserGroups", "elasticache:ListTagsForResource"],
            update: &[
                "elasticache:ModifyUserGroup",
                "elasticache:AddTagsToResource",
                "elasticache:RemoveTagsFromResource",
            ],
            delete: &["elasticache:DeleteUserGroup"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = CacheUserGroupOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "engine" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<CacheUserGroupOutputs>> {
        let id = intent.name(&NAME);
        let call = (aws.elasticache().create_user_group())
            .user_group_id(&id)
            .engine(self.engine.as_str())
            .set_user_ids(Some(self.ids()))
            .set_tags(Some(answer::tags(intent)));
        let answer = call.send().await.doing("creating the user group")?;
        let outputs = CacheUserGroupOutputs { id: CacheUserGroupId::new(id) };
        Ok(made(outputs, answer.status()))
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, CacheUserGroupOutputs>>> {
        let groups = all(aws).await?;
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match groups.get(was.outputs.id.as_str()) {
                None => Live::Absent,
                Some(group) => match group.status() {
                    Some("active") => Live::Ready {
                        args: described(was, group),
                        outputs: was.outputs.clone(),
                        tags: answer::tags_of(aws, &arn(aws, &was.outputs.id)).await?,
                    },
                    status => Live::Pending(status.unwrap_or("in no state").to_owned()),
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
    ) -> CallResult<Made<CacheUserGroupOutputs>> {
        let (now, wanted) = (old.args.ids(), self.ids());
        let some = |ids: Vec<String>| (!ids.is_empty()).then_some(ids);
        let added = wanted.iter().filter(|id| !now.contains(id)).cloned().collect();
        let gone = now.iter().filter(|id| !wanted.contains(id)).cloned().collect();
        let call = (aws.elasticache().modify_user_group())
            .user_group_id(old.outputs.id.as_str())
            .set_user_ids_to_add(some(added))
            .set_user_ids_to_remove(some(gone));
        let answer = call.send().await.doing("changing the user group")?;
        Ok(made(old.outputs.clone(), answer.status()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        answer::retag(aws, &arn(aws, &of.outputs.id), set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.elasticache().delete_user_group().user_group_id(was.outputs.id.as_str());
            let answer = call.send().await.map(|_| ()).doing("deleting the user group");
            absent_is_fine(already_going(answer))?;
        }
        Ok(Removal::Pending)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<CacheUserGroupOutputs>> {
        let id = CacheUserGroupId::new(intent.name(&NAME));
        let call = aws.elasticache().describe_user_groups().user_group_id(id.as_str());
        let groups = absent_is_none(call.send().await.doing("looking for the user group"))?;
        if groups.is_none_or(|groups| groups.user_groups().is_empty()) {
            return Ok(Found::Nothing);
        }
        let tags = answer::tags_of(aws, &arn(aws, &id)).await?;
        let what = format!("cache user group {id}");
        Ok(found::claim(intent, &what, &tags, CacheUserGroupOutputs { id }))
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        answer::class_of(error, operation)
    }
}

impl CacheUserGroup {
    fn ids(&self) -> Vec<String> {
        self.users.iter().map(|id| id.known().to_string()).collect()
    }
}

fn arn(aws: &Aws, id: &CacheUserGroupId) -> String {
    answer::arn(aws.place(), "usergroup", id.as_str())
}

fn made(outputs: CacheUserGroupOutputs, status: Option<&str>) -> Made<CacheUserGroupOutputs> {
    if status == Some("active") { Made::ready(outputs) } else { Made::pending(outputs) }
}

async fn all(aws: &Aws) -> CallResult<BTreeMap<String, Description>> {
    let call = aws.elasticache().describe_user_groups().into_paginator().items();
    let groups = call.send().try_collect().await.doing("reading user groups")?;
    Ok(groups.into_iter().filter_map(|group| Some((group.user_group_id.clone()?, group))).collect())
}

fn described(was: &Was, group: &Description) -> CacheUserGroup {
    let users = group.user_ids().iter().map(CacheUserId::new);
    CacheUserGroup {
        engine: EngineName::described(group.engine()).unwrap_or(was.args.engine),
        users: in_recorded_order(users, &was.args.users),
    }
}
