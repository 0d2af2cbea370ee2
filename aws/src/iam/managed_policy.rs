//! Managed policy: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>

use std::collections::BTreeMap;

use aws_sdk_iam::types::{Policy as Description, PolicyVersion};
use globecart_engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Intent, Invalid, Live,
    Made, NameRule, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use super::{check_path, default_path, details, from_tags, name_rule};
use crate::policy::{PolicyDocument, Statement};
use crate::{Aws, Doing, PolicyArn, absent_is_fine, absent_is_none, found};

/// A policy of the account's own, to be attached to roles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct ManagedPolicy {
    /// What it allows: no whole service, and no `*` where AWS can limit the action to a resource.
    document: PolicyDocument,
    /// What it is for, up to 1,000 characters. A change replaces the policy.
    #[builder(setter(into))]
    description: String,
    /// The path before the name. Default: `/globecart/`. A change replaces the policy.
    #[builder(default = default_path(), setter(into))]
    path: String,
}

outputs! {
    /// What a managed policy answers.
    pub struct ManagedPolicyOutputs => ManagedPolicyRefs {
        /// Its ARN.
        accepted arn: PolicyArn,
    }
}

const NAME: NameRule = name_rule(128);

/// How many versions of its document a policy has at most.
const VERSIONS: usize = 5;

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the policy";

type Was = Recorded<ManagedPolicy, ManagedPolicyOutputs>;

impl Resource<Aws> for ManagedPolicy {
    const TYPE: &'static str = "iam:ManagedPolicy";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        quota: Some(("Customer managed policies per account", 1500)),
        actions: Actions {
            create: &["iam:CreatePolicy", "iam:TagPolicy", "iam:GetPolicy"],
            read: &["iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetAccountAuthorizationDetails"],
            update: &[
                "iam:CreatePolicyVersion",
                "iam:ListPolicyVersions",
                "iam:DeletePolicyVersion",
                "iam:TagPolicy",
                "iam:UntagPolicy",
            ],
            delete: &["iam:ListPolicyVersions", "iam:DeletePolicyVersion", "iam:DeletePolicy"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = ManagedPolicyOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "document" => Argument::InPlace(Effect::AtOnce),
            _ => Argument::Replace(Order::CreateFirst),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.description.chars().count() > 1000 {
            return Err(Invalid::new("description", "must have at most 1,000 characters"));
        }
        check_path(&self.path)?;
        self.document.check_identity("document", 6144)
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<ManagedPolicyOutputs>> {
        let call = (aws.iam().create_policy())
            .policy_name(intent.name(&NAME))
            .path(&self.path)
            .description(&self.description)
            .policy_document(self.document.to_json())
            .set_tags(Some(super::tags(intent.tags())));
        let answer = call.send().await.doing(CREATING)?;
        let arn = answer.policy.and_then(|policy| policy.arn);
        let missing = || CallError::new(Class::Ambiguous, CREATING, "the answer has no policy");
        Ok(Made::ready(ManagedPolicyOutputs { arn: PolicyArn::new(arn.ok_or_else(missing)?) }))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    /// A version never changes, so its document may come from the account's overview.
    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, ManagedPolicyOutputs>>> {
        let mut documents =
            if wanted.len() > 1 { details::documents(aws).await } else { BTreeMap::new() };
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let arn = was.outputs.arn.as_str();
            let Some(policy) = describe(aws, arn).await? else {
                live.push(Live::Absent);
                continue;
            };
            let version = policy.default_version_id().unwrap_or_default().to_owned();
            let document = match documents.remove(&(arn.to_owned(), version.clone())) {
                Some(document) => document,
                None => document_of(aws, arn, &version).await?,
            };
            let args = ManagedPolicy {
                document: PolicyDocument::live(&document, &was.args.document)?,
                description: policy.description().unwrap_or_default().to_owned(),
                path: policy.path().unwrap_or("/").to_owned(),
            };
            live.push(Live::Ready {
                args,
                outputs: was.outputs.clone(),
                tags: from_tags(policy.tags()),
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        wanted.len() + 1
    }

    /// The oldest version makes room for the new one.
    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<ManagedPolicyOutputs>> {
        let arn = old.outputs.arn.as_str();
        let mut versions = versions(aws, arn).await?;
        versions.retain(|version| !version.is_default_version());
        versions.sort_by_key(|version| {
            version.create_date().map(|date| (date.secs(), date.subsec_nanos()))
        });
        if let (Some(oldest), true) = (versions.first(), versions.len() + 1 >= VERSIONS) {
            delete_version(aws, arn, oldest).await?;
        }
        let call = aws.iam().create_policy_version().policy_arn(arn).set_as_default(true);
        call.policy_document(self.document.to_json()).send().await.doing("changing the policy")?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        let arn = of.outputs.arn.as_str();
        if !set.is_empty() {
            let call = aws.iam().tag_policy().policy_arn(arn).set_tags(Some(super::tags(set)));
            call.send().await.doing("setting the policy's tags")?;
        }
        if !unset.is_empty() {
            let call = aws.iam().untag_policy().policy_arn(arn).set_tag_keys(Some(unset.to_vec()));
            call.send().await.doing("removing the policy's tags")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            absent_is_fine(delete_policy(aws, was.outputs.arn.as_str()).await)?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<ManagedPolicyOutputs>> {
        let (place, name) = (aws.place(), intent.name(&NAME));
        let arn =
            format!("arn:{}:iam::{}:policy{}{name}", place.partition, place.account, self.path);
        Ok(match describe(aws, &arn).await? {
            None => Found::Nothing,
            Some(policy) => {
                let outputs = ManagedPolicyOutputs { arn: PolicyArn::new(arn) };
                found::claim(intent, &format!("policy {name}"), &from_tags(policy.tags()), outputs)
            }
        })
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        // A version made by an earlier attempt may have used up the last room.
        let full = operation == Operation::Update && error.class == Class::Quota;
        if full { Class::Dependency } else { error.class }
    }
}

impl ManagedPolicy {
    /// Adds a statement to the document, unless it has the very same one.
    pub fn allow(&mut self, statement: Statement) {
        self.document.add(statement);
    }
}

async fn describe(aws: &Aws, arn: &str) -> CallResult<Option<Description>> {
    let answer = aws.iam().get_policy().policy_arn(arn).send().await;
    let answer = absent_is_none(answer.doing("reading the policy"))?;
    Ok(answer.and_then(|answer| answer.policy))
}

async fn document_of(aws: &Aws, arn: &str, version: &str) -> CallResult<String> {
    let answer = aws.iam().get_policy_version().policy_arn(arn).version_id(version).send().await;
    let version = answer.doing("reading the policy's document")?.policy_version;
    Ok(version.and_then(|version| version.document).unwrap_or_else(|| "{}".to_owned()))
}

async fn versions(aws: &Aws, arn: &str) -> CallResult<Vec<PolicyVersion>> {
    let call = aws.iam().list_policy_versions().policy_arn(arn).into_paginator().items();
    call.send().try_collect().await.doing("reading the policy's versions")
}

async fn delete_version(aws: &Aws, arn: &str, version: &PolicyVersion) -> CallResult<()> {
    let call = aws.iam().delete_policy_version().policy_arn(arn);
    let answer = call.set_version_id(version.version_id.clone()).send().await;
    absent_is_fine(answer.map(|_| ()).doing("deleting a version of the policy"))
}

/// All versions but the default one must go first.
async fn delete_policy(aws: &Aws, arn: &str) -> CallResult<()> {
    for version in versions(aws, arn).await?.iter().filter(|version| !version.is_default_version())
    {
        delete_version(aws, arn, version).await?;
    }
    aws.iam().delete_policy().policy_arn(arn).send().await.map(|_| ()).doing("deleting the policy")
}
