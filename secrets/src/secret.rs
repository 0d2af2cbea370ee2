//! Secret: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>

use std::collections::BTreeMap;

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, KeyArn, SecretArn, SecretName, absent_is_fine, found};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer;

mod change;
mod take_over;
mod value;

pub use value::Password;

/// A secret whose value is an object: fields that everybody may know, and a password that nobody does, made when the
/// secret is.
///
/// The value then belongs to whoever rotates it: what differs in it is no drift, and it is never set back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Secret {
    /// A fixed name, 1 to 512 letters, digits and `/_+=.@-`. One that a deleted secret of the same address still holds
    /// is given back: that secret is restored, with a new value. Default: a generated one. A change replaces the secret.
    #[builder(default, setter(strip_option, into))]
    pub name: Option<String>,
    /// What it is for, up to 2,048 characters.
    #[builder(default, setter(into))]
    pub description: String,
    /// What the value holds besides the password; none of it secret. When the declaration changes, the current value
    /// gets the changed fields, and keeps its password.
    #[builder(default)]
    pub fields: BTreeMap<String, Input<Value>>,
    /// The password's field and form; only the creation looks at it.
    #[builder(default)]
    pub password: Password,
    /// The key that encrypts the value. Default: the AWS-managed key of Secrets Manager.
    #[builder(default, setter(strip_option, into))]
    pub kms_key: Option<Input<KeyArn>>,
    /// For how many days it can be restored after a delete, 7 to 30; 0: it is gone at once. Default: 30.
    #[builder(default = 30)]
    pub recovery_window_days: u8,
}

outputs! {
    /// What a secret answers.
    pub struct SecretOutputs => SecretRefs {
        /// Its ARN.
        accepted arn: SecretArn,
        /// Its name.
        accepted name: SecretName,
    }
}

const NAME: NameRule = NameRule::new(256).allow("/_");

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the secret";

/// The tag with a hash of the declared fields that the value has: a read tells by it what a killed run has left undone, and
/// need not see the value.
const FIELDS: &str = "globecart:fields";

type Was = Recorded<Secret, SecretOutputs>;

impl Resource<Aws> for Secret {
    const TYPE: &'static str = "secretsmanager:Secret";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        quota: Some(("Secrets per region", 500_000)),
        create_secs: 2,
        remains: Some("can be restored until its recovery window, if it has one, is over"),
        actions: Actions {
            create: &[
                "secretsmanager:CreateSecret",
                "secretsmanager:TagResource",
                "secretsmanager:DescribeSecret",
                "secretsmanager:RestoreSecret",
                "secretsmanager:UpdateSecret",
                "kms:Decrypt",
                "kms:GenerateDataKey",
            ],
            read: &["secretsmanager:DescribeSecret"],
            update: &[
                "secretsmanager:UpdateSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:TagResource",
                "secretsmanager:UntagResource",
                "kms:Decrypt",
                "kms:Encrypt",
                "kms:GenerateDataKey",
            ],
            delete: &["secretsmanager:DeleteSecret"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = SecretOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "name" => Argument::Replace(Order::CreateFirst),
            "password" => Argument::Initial,
            "fields" => Argument::Owned(Effect::AtOnce),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn loss(&self) -> Option<String> {
        (self.recovery_window_days == 0).then(|| "the secret, which cannot be restored".to_owned())
    }

    fn check(&self) -> Result<(), Invalid> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
        if let Some(name) = &self.name
            && (name.is_empty() || name.len() > 512 || !name.chars().all(allowed))
        {
            let problem = format!("`{name}` must be 1 to 512 letters, digits and /_+=.@-");
            return Err(Invalid::new("name", problem));
        }
        if self.description.chars().count() > 2048 {
            return Err(Invalid::new("description", "must have at most 2,048 characters"));
        }
        let days = self.recovery_window_days;
        if days != 0 && !(7..=30).contains(&days) {
            let problem = format!("must be 7 to 30 days, or 0 for none, not {days}");
            return Err(Invalid::new("recovery_window_days", problem));
        }
        self.password.check(&self.fields)
    }

    /// The value never leaves this call.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<SecretOutputs>> {
        let value = self.first_value()?;
        let call = (aws.secretsmanager().create_secret())
            .name(self.named(intent))
            .client_request_token(intent.token())
            .description(&self.description)
            .set_kms_key_id(self.kms_key.as_ref().map(|key| key.known().to_string()))
            .secret_string(value.expose_secret())
            .set_tags(Some(answer::to_api(&self.tagged(intent))));
        match call.send().await.doing(CREATING) {
            Ok(made) => outputs_of(made.arn, made.name, CREATING).map(Made::ready),
            Err(error) if is_taken(&error) => self.take_over(aws, intent, error).await,
            Err(error) => Err(error),
        }
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, SecretOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match answer::described(aws, was.outputs.arn.as_str()).await? {
                Some(secret) if secret.deleted_date().is_none() => described(was, &secret),
                _ => Live::Absent,
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        wanted.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        intent: &Intent,
    ) -> CallResult<Made<SecretOutputs>> {
        self.change(aws, old, intent).await
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        answer::retag(aws, &of.outputs.arn, set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.secretsmanager().delete_secret().secret_id(was.outputs.arn.as_str());
            let call = match was.args.recovery_window_days {
                0 => call.force_delete_without_recovery(true),
                days => call.recovery_window_in_days(days.into()),
            };
            match absent_is_fine(call.send().await.map(|_| ()).doing("deleting the secret")) {
                Err(error) if answer::is_deleted(&error) => {}
                answer => answer?,
            }
        }
        Ok(Removal::Gone)
    }

    /// One of an earlier life, or that waits for its deletion, or without a value, is not what an intent made: the
    /// create gives it back.
    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<SecretOutputs>> {
        let name = self.named(intent);
        let Some(there) = answer::described(aws, &name).await? else { return Ok(Found::Nothing) };
        let tags = answer::from_api(there.tags());
        let complete = found::is_made_by(intent, &tags) && has_value(&there);
        let outputs = outputs_of(there.arn, there.name, "looking for the secret")?;
        let found = found::claim(intent, &format!("secret {name}"), &tags, outputs);
        Ok(match found {
            Found::Ours(_) if !complete || there.deleted_date.is_some() => Found::Nothing,
            found => found,
        })
    }

    /// A name is free again some time after a delete without recovery; a key that was made just now is not visible
    /// everywhere yet.
    fn class_of(error: &CallError, operation: Operation) -> Class {
        let young = ["Access to KMS is not allowed", "can't use the provided KMS key"];
        let young = young.iter().any(|text| error.message.contains(text));
        match operation {
            // Somebody else's is known to be there.
            _ if error.class == Class::AlreadyExists => error.class,
            Operation::Create if answer::is_deleted(error) => Class::Dependency,
            Operation::Create | Operation::Update if young => Class::Propagation,
            _ => error.class,
        }
    }
}

impl Secret {
    /// The tags of an intent, and the one that tells of the fields.
    fn tagged(&self, intent: &Intent) -> Tags {
        let mut tags = intent.tags().clone();
        tags.insert(FIELDS.to_owned(), self.fields_hash());
        tags
    }

    fn named(&self, intent: &Intent) -> String {
        self.name.clone().unwrap_or_else(|| intent.name(&NAME))
    }
}

/// Whether a secret of the name is there, if only until it is deleted for good.
fn is_taken(error: &CallError) -> bool {
    error.class == Class::AlreadyExists || answer::is_deleted(error)
}

fn has_value(secret: &DescribeSecretOutput) -> bool {
    secret.version_ids_to_stages().is_some_and(|stages| !stages.is_empty())
}

fn outputs_of(arn: Option<String>, name: Option<String>, doing: &str) -> CallResult<SecretOutputs> {
    let incomplete = || CallError::new(Class::Ambiguous, doing, "the answer is not complete");
    let (arn, name) = arn.zip(name).ok_or_else(incomplete)?;
    Ok(SecretOutputs { arn: SecretArn::new(arn), name: SecretName::new(name) })
}

fn described(was: &Was, secret: &DescribeSecretOutput) -> Live<Secret, SecretOutputs> {
    let tags = answer::from_api(secret.tags());
    let same = tags.get(FIELDS) == Some(&was.args.fields_hash());
    let args = Secret {
        name: was.args.name.clone(),
        description: secret.description().unwrap_or_default().to_owned(),
        fields: if same { was.args.fields.clone() } else { BTreeMap::new() },
        password: was.args.password.clone(),
        kms_key: secret.kms_key_id().map(|key| KeyArn::new(key).into()),
        recovery_window_days: was.args.recovery_window_days,
    };
    Live::Ready { args, outputs: was.outputs.clone(), tags }
}
