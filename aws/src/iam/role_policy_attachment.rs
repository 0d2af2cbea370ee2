//! Policy attachment: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html>

use std::collections::{BTreeMap, BTreeSet};

use globecart_engine::{
    Actions, Argument, CallResult, Class, Facts, Found, Input, Intent, Live, Made, Order, Recorded,
    Removal, Resource, Tags, outputs,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use super::details;
use crate::{Aws, Doing, PolicyArn, RoleName, absent_is_fine};

/// A managed policy attached to a role. A change of either replaces the attachment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct RolePolicyAttachment {
    /// The role.
    #[builder(setter(into))]
    role: Input<RoleName>,
    /// The policy, one of the account's own or of AWS's.
    #[builder(setter(into))]
    policy: Input<PolicyArn>,
}

outputs! {
    /// What an attachment answers.
    pub struct RolePolicyAttachmentOutputs => RolePolicyAttachmentRefs {
        /// The role, which has the policy by then.
        role: RoleName,
    }
}

type Was = Recorded<RolePolicyAttachment, RolePolicyAttachmentOutputs>;

impl Resource<Aws> for RolePolicyAttachment {
    const TYPE: &'static str = "iam:RolePolicyAttachment";
    const FACTS: Facts = Facts {
        tags: false,
        quota: Some(("Managed policies attached to an IAM role", 10)),
        actions: Actions {
            create: &["iam:AttachRolePolicy", "iam:ListAttachedRolePolicies"],
            read: &["iam:ListAttachedRolePolicies", "iam:GetAccountAuthorizationDetails"],
            update: &[],
            delete: &["iam:DetachRolePolicy"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = RolePolicyAttachmentOutputs;

    fn argument(_name: &str, _old: &Value, _new: &Value) -> Argument {
        Argument::Replace(Order::CreateFirst)
    }

    /// Attaching what is attached is success.
    async fn create(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Made<RolePolicyAttachmentOutputs>> {
        let call = aws.iam().attach_role_policy().role_name(self.role.known().as_str());
        call.policy_arn(self.policy.known().as_str())
            .send()
            .await
            .doing("attaching the policy to the role")?;
        Ok(Made::ready(self.outputs()))
    }

    /// One call for the account, and one for a role where that differs from the record.
    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, RolePolicyAttachmentOutputs>>> {
        let roles: BTreeSet<&str> =
            wanted.iter().map(|was| was.args.role.known().as_str()).collect();
        let mut attached =
            if roles.len() > 1 { details::attached(aws).await } else { BTreeMap::new() };
        let mut asked = BTreeSet::new();
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let (role, policy) = (was.args.role.known().as_str(), was.args.policy.known().as_str());
            let has = |of: &BTreeMap<String, BTreeSet<String>>| {
                of.get(role).is_some_and(|of| of.contains(policy))
            };
            if !has(&attached) && asked.insert(role) {
                attached.insert(role.to_owned(), list(aws, role).await?);
            }
            live.push(if has(&attached) {
                Live::Ready {
                    args: was.args.clone(),
                    outputs: was.args.outputs(),
                    tags: Tags::new(),
                }
            } else {
                Live::Absent
            });
        }
        Ok(live)
    }

    async fn update(
        &self,
        _aws: &Aws,
        _old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<RolePolicyAttachmentOutputs>> {
        Ok(Made::ready(self.outputs()))
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.iam().detach_role_policy().role_name(was.args.role.known().as_str());
            let answer = call.policy_arn(was.args.policy.known().as_str()).send().await;
            absent_is_fine(answer.map(|_| ()).doing("detaching the policy from the role"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Found<RolePolicyAttachmentOutputs>> {
        let attached = list(aws, self.role.known().as_str()).await?;
        let ours = attached.contains(self.policy.known().as_str());
        Ok(if ours { Found::Ours(self.outputs()) } else { Found::Nothing })
    }
}

impl RolePolicyAttachment {
    fn outputs(&self) -> RolePolicyAttachmentOutputs {
        RolePolicyAttachmentOutputs { role: Some(self.role.known().clone()) }
    }
}

/// The ARNs of the policies attached to a role; none if the role is gone.
async fn list(aws: &Aws, role: &str) -> CallResult<BTreeSet<String>> {
    let call = aws.iam().list_attached_role_policies().role_name(role).into_paginator().items();
    match call.send().try_collect().await.doing("reading what is attached to the role") {
        Ok(policies) => Ok(policies.into_iter().filter_map(|policy| policy.policy_arn).collect()),
        Err(error) if error.class == Class::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(error),
    }
}
