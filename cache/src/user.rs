//! User: <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUser.html>

use std::collections::BTreeMap;

use aws_sdk_elasticache::types::{
    AuthenticationMode, AuthenticationType, InputAuthenticationType, User as Description,
};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Intent, Invalid, Live,
    Made, NameRule, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, CacheUserArn, CacheUserId, Doing, absent_is_fine, absent_is_none, found};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer;
use crate::engine::EngineName;

/// Somebody who may use a cache, and what for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct CacheUser {
    /// The name that clients give, which differs from the generated id only for `default`, as whom those come who
    /// give none. Default: the id, as IAM authentication demands. A change replaces the user.
    #[builder(default, setter(strip_option, into))]
    pub name: Option<String>,
    /// The engine.
    pub engine: EngineName,
    /// What the user may do, as an access control list of the engine, as in `on ~cart:* +@read`.
    #[builder(setter(into))]
    pub access: String,
    /// How the user proves who they are. Default: by IAM.
    #[builder(default)]
    pub authentication: Authentication,
}

/// How a user proves who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authentication {
    /// By a token that IAM signs, valid for 15 minutes.
    #[default]
    Iam,
    /// Not at all: only for a user that is switched off.
    NoPassword,
    /// By passwords that somebody has set by hand. It can be read, not declared.
    Passwords,
}

outputs! {
    /// What a user answers.
    pub struct CacheUserOutputs => CacheUserRefs {
        /// The id, which is the name too with IAM authentication.
        accepted id: CacheUserId,
        /// The ARN, for policies that let somebody connect as this user.
        accepted arn: CacheUserArn,
    }
}

const NAME: NameRule = NameRule::new(40).lower();

type Was = Recorded<CacheUser, CacheUserOutputs>;

impl Resource<Aws> for CacheUser {
    const TYPE: &'static str = "elasticache:User";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        create_secs: 5,
        update_secs: 30,
        delete_secs: 30,
        quota: Some(("cache users per region", 1000)),
        actions: Actions {
            create: &[
                "elasticache:CreateUser",
                "elasticache:AddTagsToResource",
                "elasticache:DescribeUsers",
                "elasticache:ListTagsForResource",
                "iam:CreateServiceLinkedRole",
            ],
            read: &["elasticache:DescribeUsers", "elasticache:ListTagsForResource"],
            update: &[
                "elasticache:ModifyUser",
                "elasticache:AddTagsToResource",
                "elasticache:RemoveTagsFromResource",
            ],
            delete: &["elasticache:DeleteUser"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = CacheUserOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "name" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        let switch = self.access.split_whitespace().find(|rule| ["on", "off"].contains(rule));
        match (self.authentication, switch) {
            (_, None) => Err(Invalid::new("access", "must say `on` or `off`")),
            (Authentication::NoPassword, Some("on")) => Err(Invalid::new(
                "authentication",
                "without a password only a user whose `access` says `off` can be declared",
            )),
            (Authentication::NoPassword, _) if self.engine == EngineName::Valkey => {
                Err(Invalid::new("authentication", "users of valkey need a password or IAM"))
            }
            (Authentication::Iam, _) if self.name.is_some() => Err(Invalid::new(
                "name",
                "with IAM authentication the name is the id: leave it out",
            )),
            (Authentication::Passwords, _) => Err(Invalid::new(
                "authentication",
                "passwords are secrets and are not declared; use IAM",
            )),
            _ => Ok(()),
        }
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<CacheUserOutputs>> {
        let outputs = named(aws, intent);
        let call = (aws.elasticache().create_user())
            .user_id(outputs.id.as_str())
            .user_name(self.name.as_deref().unwrap_or(outputs.id.as_str()))
            .engine(self.engine.as_str())
            .access_string(&self.access)
            .authentication_mode(self.mode())
            .set_tags(Some(answer::tags(intent)));
        let answer = call.send().await.doing("creating the user")?;
        Ok(made(outputs, answer.status()))
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, CacheUserOutputs>>> {
        let users = all(aws).await?;
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match users.get(was.outputs.id.as_str()) {
                None => Live::Absent,
                Some(user) => match user.status() {
                    Some("active") => Live::Ready {
                        args: described(was, user),
                        outputs: was.outputs.clone(),
                        tags: answer::tags_of(aws, was.outputs.arn.as_str()).await?,
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
    ) -> CallResult<Made<CacheUserOutputs>> {
        let mut call = (aws.elasticache().modify_user())
            .user_id(old.outputs.id.as_str())
            .engine(self.engine.as_str())
            .access_string(&self.access);
        if self.authentication != old.args.authentication {
            call = call.authentication_mode(self.mode());
        }
        let answer = call.send().await.doing("changing the user")?;
        Ok(made(old.outputs.clone(), answer.status()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        answer::retag(aws, of.outputs.arn.as_str(), set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.elasticache().delete_user().user_id(was.outputs.id.as_str());
            let answer = call.send().await.map(|_| ()).doing("deleting the user");
            absent_is_fine(already_going(answer))?;
        }
        Ok(Removal::Pending)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<CacheUserOutputs>> {
        let outputs = named(aws, intent);
        let call = aws.elasticache().describe_users().user_id(outputs.id.as_str());
        let users = absent_is_none(call.send().await.doing("looking for the user"))?;
        if users.is_none_or(|users| users.users().is_empty()) {
            return Ok(Found::Nothing);
        }
        let tags = answer::tags_of(aws, outputs.arn.as_str()).await?;
        let what = format!("cache user {}", outputs.id);
        Ok(found::claim(intent, &what, &tags, outputs))
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        answer::class_of(error, operation)
    }
}

impl CacheUser {
    fn mode(&self) -> AuthenticationMode {
        let kind = match self.authentication {
            Authentication::NoPassword => InputAuthenticationType::NoPassword,
            _ => InputAuthenticationType::Iam,
        };
        AuthenticationMode::builder().r#type(kind).build()
    }
}

fn named(aws: &Aws, intent: &Intent) -> CacheUserOutputs {
    let id = intent.name(&NAME);
    let arn = CacheUserArn::new(answer::arn(aws.place(), "user", &id));
    CacheUserOutputs { id: CacheUserId::new(id), arn }
}

fn made(outputs: CacheUserOutputs, status: Option<&str>) -> Made<CacheUserOutputs> {
    if status == Some("active") { Made::ready(outputs) } else { Made::pending(outputs) }
}

/// A delete that is under way already needs no other.
pub(crate) fn already_going(answer: CallResult<()>) -> CallResult<()> {
    match answer {
        Err(error) if error.message.contains("deleting") => Ok(()),
        answer => answer,
    }
}

async fn all(aws: &Aws) -> CallResult<BTreeMap<String, Description>> {
    let call = aws.elasticache().describe_users().into_paginator().items();
    let users = call.send().try_collect().await.doing("reading users")?;
    Ok(users.into_iter().filter_map(|user| Some((user.user_id.clone()?, user))).collect())
}

fn described(was: &Was, user: &Description) -> CacheUser {
    let kind = user.authentication().and_then(|mode| mode.r#type());
    let name = user.user_name().filter(|name| *name != was.outputs.id.as_str());
    CacheUser {
        name: name.map(str::to_owned),
        engine: EngineName::described(user.engine()).unwrap_or(was.args.engine),
        access: user.access_string().unwrap_or_default().to_owned(),
        authentication: match kind {
            Some(AuthenticationType::Iam) => Authentication::Iam,
            Some(AuthenticationType::NoPassword) => Authentication::NoPassword,
            _ => Authentication::Passwords,
        },
    }
}
