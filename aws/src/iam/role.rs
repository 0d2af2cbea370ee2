//! IAM role: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>

use aws_sdk_iam::types::Role as Description;
use globecart_engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Order, Recorded, Removal, Resource, Tags, outputs,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use super::{check_path, default_path, from_tags, name_rule};
use crate::policy::PolicyDocument;
use crate::{Aws, Doing, PolicyArn, RoleArn, RoleName, absent_is_fine, absent_is_none, found};

/// A role. What it may do hangs on it as [`RolePolicyAttachment`](super::RolePolicyAttachment)s; it has no
/// inline policies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Role {
    /// Who may assume the role, such as [`PolicyDocument::trust`]; a service only with a condition on
    /// `aws:SourceAccount` or `aws:SourceArn`.
    trust: PolicyDocument,
    /// What the role is for, up to 1,000 characters.
    #[builder(setter(into))]
    description: String,
    /// How long a session lasts at most, 3,600 to 43,200 seconds. Default: 3,600.
    #[builder(default = 3600)]
    max_session_secs: u32,
    /// The path before the name. Default: `/globecart/`. A change replaces the role.
    #[builder(default = default_path(), setter(into))]
    path: String,
    /// A policy that bounds whatever is attached. Default: none.
    #[builder(default, setter(strip_option, into))]
    permissions_boundary: Option<Input<PolicyArn>>,
}

outputs! {
    /// What a role answers.
    pub struct RoleOutputs => RoleRefs {
        /// Its name.
        accepted name: RoleName,
        /// Its ARN.
        accepted arn: RoleArn,
    }
}

const NAME: NameRule = name_rule(64);

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the role";

type Was = Recorded<Role, RoleOutputs>;

impl Resource<Aws> for Role {
    const TYPE: &'static str = "iam:Role";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        quota: Some(("Roles per account", 1000)),
        actions: Actions {
            create: &[
                "iam:CreateRole",
                "iam:TagRole",
                "iam:PutRolePermissionsBoundary",
                "iam:GetRole",
            ],
            read: &["iam:GetRole"],
            update: &[
                "iam:UpdateRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:PutRolePermissionsBoundary",
                "iam:DeleteRolePermissionsBoundary",
                "iam:TagRole",
                "iam:UntagRole",
            ],
            delete: &[
                "iam:DeleteRole",
                "iam:ListAttachedRolePolicies",
                "iam:DetachRolePolicy",
                "iam:ListRolePolicies",
                "iam:DeleteRolePolicy",
            ],
        },
        ..Facts::DEFAULT
    };
    type Outputs = RoleOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "path" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.description.chars().count() > 1000 {
            return Err(Invalid::new("description", "must have at most 1,000 characters"));
        }
        if !(3600..=43_200).contains(&self.max_session_secs) {
            let problem = format!("must be 3,600 to 43,200 seconds, not {}", self.max_session_secs);
            return Err(Invalid::new("max_session_secs", problem));
        }
        check_path(&self.path)?;
        self.trust.check_trust("trust")
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<RoleOutputs>> {
        let call = (aws.iam().create_role())
            .role_name(intent.name(&NAME))
            .path(&self.path)
            .description(&self.description)
            .max_session_duration(seconds(self.max_session_secs))
            .assume_role_policy_document(self.trust.to_json())
            .set_permissions_boundary(
                self.permissions_boundary.as_ref().map(|arn| arn.known().to_string()),
            )
            .set_tags(Some(super::tags(intent.tags())));
        let answer = call.send().await.doing(CREATING)?;
        let missing = || CallError::new(Class::Ambiguous, CREATING, "the answer has no role");
        Ok(Made::ready(outputs_of(&answer.role.ok_or_else(missing)?)))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, RoleOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match describe(aws, was.outputs.name.as_str()).await? {
                None => Live::Absent,
                Some(role) => Live::Ready {
                    args: described(was, &role)?,
                    outputs: outputs_of(&role),
                    tags: from_tags(role.tags()),
                },
            });
        }
        Ok(live)
    }

    /// IAM's batched reads leave out the description and the session's length.
    fn read_calls(wanted: &[Was]) -> usize {
        wanted.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<RoleOutputs>> {
        let name = old.outputs.name.as_str();
        let told = |role: &Self| (role.description.clone(), role.max_session_secs);
        if told(self) != told(&old.args) {
            let call = aws.iam().update_role().role_name(name).description(&self.description);
            let call = call.max_session_duration(seconds(self.max_session_secs));
            call.send().await.doing("changing the role")?;
        }
        if self.trust != old.args.trust {
            let call = aws.iam().update_assume_role_policy().role_name(name);
            call.policy_document(self.trust.to_json())
                .send()
                .await
                .doing("changing who may assume the role")?;
        }
        if self.permissions_boundary != old.args.permissions_boundary {
            self.set_boundary(aws, name).await?;
        }
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        let name = of.outputs.name.as_str();
        if !set.is_empty() {
            let call = aws.iam().tag_role().role_name(name).set_tags(Some(super::tags(set)));
            call.send().await.doing("setting the role's tags")?;
        }
        if !unset.is_empty() {
            let call = aws.iam().untag_role().role_name(name).set_tag_keys(Some(unset.to_vec()));
            call.send().await.doing("removing the role's tags")?;
        }
        Ok(())
    }

    /// What somebody else put on the role keeps IAM from deleting it, so that goes with it.
    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let name = was.outputs.name.as_str();
            match delete_role(aws, name).await {
                Err(error) if error.class == Class::Dependency => {
                    strip(aws, name).await?;
                    delete_role(aws, name).await?;
                }
                answer => answer?,
            }
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<RoleOutputs>> {
        let name = intent.name(&NAME);
        Ok(match describe(aws, &name).await? {
            None => Found::Nothing,
            Some(role) => found::claim(
                intent,
                &format!("role {name}"),
                &from_tags(role.tags()),
                outputs_of(&role),
            ),
        })
    }

    /// A principal of the trust policy that was made just now is not known everywhere yet.
    fn class_of(error: &CallError, _operation: globecart_engine::Operation) -> Class {
        if error.message.contains("Invalid principal in policy") {
            Class::Propagation
        } else {
            error.class
        }
    }
}

impl Role {
    async fn set_boundary(&self, aws: &Aws, name: &str) -> CallResult<()> {
        let doing = "setting the role's permissions boundary";
        if let Some(arn) = &self.permissions_boundary {
            let call = aws.iam().put_role_permissions_boundary().role_name(name);
            call.permissions_boundary(arn.known().as_str()).send().await.map(|_| ()).doing(doing)
        } else {
            let call = aws.iam().delete_role_permissions_boundary().role_name(name);
            call.send().await.map(|_| ()).doing(doing)
        }
    }
}

async fn describe(aws: &Aws, name: &str) -> CallResult<Option<Description>> {
    let answer = aws.iam().get_role().role_name(name).send().await;
    let answer = absent_is_none(answer.doing("reading the role"))?;
    Ok(answer.and_then(|answer| answer.role))
}

fn described(was: &Was, role: &Description) -> CallResult<Role> {
    let boundary =
        role.permissions_boundary().and_then(|boundary| boundary.permissions_boundary_arn());
    let seconds = role.max_session_duration().and_then(|seconds| u32::try_from(seconds).ok());
    Ok(Role {
        trust: PolicyDocument::live(
            role.assume_role_policy_document().unwrap_or("{}"),
            &was.args.trust,
        )?,
        description: role.description().unwrap_or_default().to_owned(),
        max_session_secs: seconds.unwrap_or(3600),
        path: role.path().to_owned(),
        permissions_boundary: boundary.map(|arn| PolicyArn::new(arn).into()),
    })
}

fn outputs_of(role: &Description) -> RoleOutputs {
    RoleOutputs { name: RoleName::new(role.role_name()), arn: RoleArn::new(role.arn()) }
}

/// Seconds as the SDK takes them; `check` holds them far below the limit.
fn seconds(seconds: u32) -> i32 {
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

async fn delete_role(aws: &Aws, name: &str) -> CallResult<()> {
    let answer = aws.iam().delete_role().role_name(name).send().await;
    absent_is_fine(answer.map(|_| ()).doing("deleting the role"))
}

/// Detaches and deletes every policy of the role.
async fn strip(aws: &Aws, name: &str) -> CallResult<()> {
    let attached =
        aws.iam().list_attached_role_policies().role_name(name).into_paginator().items().send();
    let attached = attached.try_collect().await.doing("reading what is attached to the role")?;
    for arn in attached.into_iter().filter_map(|policy| policy.policy_arn) {
        let answer = aws.iam().detach_role_policy().role_name(name).policy_arn(arn).send().await;
        absent_is_fine(answer.map(|_| ()).doing("detaching a policy from the role"))?;
    }
    let inline = aws.iam().list_role_policies().role_name(name).into_paginator().items().send();
    for policy in inline.try_collect().await.doing("reading the role's inline policies")? {
        let answer =
            aws.iam().delete_role_policy().role_name(name).policy_name(policy).send().await;
        absent_is_fine(answer.map(|_| ()).doing("deleting an inline policy of the role"))?;
    }
    Ok(())
}
