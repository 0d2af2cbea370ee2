//! KMS key: <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html>

use aws_sdk_kms::types::{KeyMetadata, KeyState, Tag};
use globecart_engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Intent, Invalid, Kept,
    Live, Made, Operation, Recorded, Removal, Resource, Tags, outputs,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::ec2::LAG;
use crate::policy::{PolicyDocument, Statement};
use crate::tags::KEPT;
use crate::{Aws, Doing, KeyArn, KeyId, absent_is_fine, absent_is_none, found};

/// A symmetric key that encrypts and decrypts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Key {
    /// What the key protects, up to 8,192 characters.
    #[builder(setter(into))]
    description: String,
    /// Who may use the key; begin with [`PolicyDocument::for_key`].
    policy: PolicyDocument,
    /// Whether the key can be used. Default: yes.
    #[builder(default = true)]
    enabled: bool,
    /// Whether AWS replaces the key material regularly; what was encrypted before stays readable. Default: yes.
    #[builder(default = true)]
    rotation: bool,
    /// The days from one rotation to the next, 90 to 2,560. Default: 365.
    #[builder(default = 365)]
    rotation_days: u16,
    /// The days for which a deleted key can still be brought back, 7 to 30. Default: 30.
    #[builder(default = 30)]
    deletion_window_days: u8,
    /// Whether the key outlives its stack, because a destroy keeps something that only it can read, such as a final
    /// snapshot: a delete then leaves it enabled, tagged `globecart:kept`, for `destroy --kept`. Default: no.
    #[builder(default)]
    #[serde(default)]
    outlives_stack: bool,
}

outputs! {
    /// What a key answers.
    pub struct KeyOutputs => KeyRefs {
        /// Its id.
        accepted id: KeyId,
        /// Its ARN.
        accepted arn: KeyArn,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the key";

type Was = Recorded<Key, KeyOutputs>;

impl Resource<Aws> for Key {
    const TYPE: &'static str = "kms:Key";
    const FACTS: Facts = Facts {
        find_window: LAG,
        quota: Some(("customer managed keys per region", 100_000)),
        remains: Some("scheduled for deletion after 7 to 30 days"),
        actions: Actions {
            create: &[
                "kms:CreateKey",
                "kms:TagResource",
                "kms:EnableKeyRotation",
                "kms:DisableKey",
                "kms:ListKeys",
                "kms:DescribeKey",
                "kms:ListResourceTags",
            ],
            read: &[
                "kms:DescribeKey",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:ListResourceTags",
            ],
            update: &[
                "kms:UpdateKeyDescription",
                "kms:PutKeyPolicy",
                "kms:EnableKey",
                "kms:DisableKey",
                "kms:EnableKeyRotation",
                "kms:DisableKeyRotation",
                "kms:TagResource",
                "kms:UntagResource",
            ],
            delete: &["kms:ScheduleKeyDeletion", "kms:TagResource"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = KeyOutputs;

    fn argument(_name: &str, _old: &Value, _new: &Value) -> Argument {
        Argument::InPlace(Effect::AtOnce)
    }

    fn loss(&self) -> Option<String> {
        let days = self.deletion_window_days;
        let lost = format!(
            "all that the key encrypts, unless its deletion is cancelled within {days} days"
        );
        (!self.outlives_stack).then_some(lost)
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.description.chars().count() > 8192 {
            return Err(Invalid::new("description", "must have at most 8,192 characters"));
        }
        if !(90..=2560).contains(&self.rotation_days) {
            let problem = format!("must be 90 to 2,560 days, not {}", self.rotation_days);
            return Err(Invalid::new("rotation_days", problem));
        }
        if !(7..=30).contains(&self.deletion_window_days) {
            let problem = format!("must be 7 to 30 days, not {}", self.deletion_window_days);
            return Err(Invalid::new("deletion_window_days", problem));
        }
        self.policy.check_resource("policy", 32_768)
    }

    /// `CreateKey` takes no token, so a repeat first looks for what the earlier attempt made.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<KeyOutputs>> {
        let earlier =
            if intent.repeated() { self.find(aws, intent).await? } else { Found::Nothing };
        let outputs = match earlier {
            Found::Ours(outputs) => outputs,
            _ => self.create_key(aws, intent).await?,
        };
        if self.rotation {
            self.set_rotation(aws, &outputs.id).await?;
        }
        if !self.enabled {
            self.set_enabled(aws, &outputs.id).await?;
        }
        Ok(Made::ready(outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, KeyOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(read_one(aws, was).await?);
        }
        Ok(live)
    }

    /// KMS describes keys one by one: state, policy, rotation and tags.
    fn read_calls(wanted: &[Was]) -> usize {
        4 * wanted.len()
    }

    /// A disabled key takes no rotation, so it is enabled first and disabled last.
    async fn update(&self, aws: &Aws, old: &Was, _intent: &Intent) -> CallResult<Made<KeyOutputs>> {
        let id = &old.outputs.id;
        if self.enabled && !old.args.enabled {
            self.set_enabled(aws, id).await?;
        }
        if self.description != old.args.description {
            let call = aws
                .kms()
                .update_key_description()
                .key_id(id.as_str())
                .description(&self.description);
            call.send().await.doing("changing the key's description")?;
        }
        if self.policy != old.args.policy {
            let call = aws.kms().put_key_policy().key_id(id.as_str()).policy(self.policy.to_json());
            call.send().await.doing("changing the key's policy")?;
        }
        if (self.rotation, self.rotation_days) != (old.args.rotation, old.args.rotation_days) {
            self.set_rotation(aws, id).await?;
        }
        if !self.enabled && old.args.enabled {
            self.set_enabled(aws, id).await?;
        }
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        let id = of.outputs.id.as_str();
        if !set.is_empty() {
            let call = aws.kms().tag_resource().key_id(id).set_tags(Some(tags(set)));
            call.send().await.doing("setting the key's tags")?;
        }
        if !unset.is_empty() {
            let call = aws.kms().untag_resource().key_id(id).set_tag_keys(Some(unset.to_vec()));
            call.send().await.doing("removing the key's tags")?;
        }
        Ok(())
    }

    async fn keeps(_aws: &Aws, going: &[Was]) -> CallResult<Vec<Vec<Kept>>> {
        let kept = |was: &Was| {
            was.args.outlives_stack.then(|| Kept::itself("KMS key", was.outputs.arn.as_str()))
        };
        Ok(going.iter().map(|was| kept(was).into_iter().collect()).collect())
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let days = was.args.deletion_window_days;
            let answer = if was.args.outlives_stack {
                keep(aws, &was.outputs.id).await
            } else {
                schedule_deletion(aws, was.outputs.id.as_str(), days).await
            };
            match answer {
                Err(error) if error.message.contains("pending deletion") => {}
                answer => absent_is_fine(answer)?,
            }
        }
        Ok(Removal::Gone)
    }

    /// A key has no name: the tags of every key tell, as KMS itself lists them.
    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<KeyOutputs>> {
        let ours = |tags: &Tags| found::is_made_by(intent, tags);
        if let Some(key) = tagged(aws, ours).await?.first() {
            return Ok(Found::Ours(outputs_of(key)));
        }
        Ok(Found::Nothing)
    }

    /// A role just made is no principal everywhere yet, and a key just made not usable everywhere.
    fn class_of(error: &CallError, operation: Operation) -> Class {
        let code = error.code.as_deref().unwrap_or_default();
        let role = code.ends_with("MalformedPolicyDocumentException")
            && error.message.contains("invalid principals");
        let state = code.ends_with("KMSInvalidStateException") && operation != Operation::Delete;
        if role || state { Class::Propagation } else { error.class }
    }
}

impl Key {
    /// Adds a statement to the policy, unless it has the very same one.
    pub fn allow(&mut self, statement: Statement) {
        self.policy.add(statement);
    }

    async fn create_key(&self, aws: &Aws, intent: &Intent) -> CallResult<KeyOutputs> {
        let call = (aws.kms().create_key())
            .description(&self.description)
            .policy(self.policy.to_json())
            .set_tags(Some(tags(intent.tags())));
        let answer = call.send().await.doing(CREATING)?;
        let missing = || CallError::new(Class::Ambiguous, CREATING, "the answer has no key");
        Ok(outputs_of(&answer.key_metadata.ok_or_else(missing)?))
    }

    async fn set_rotation(&self, aws: &Aws, id: &KeyId) -> CallResult<()> {
        let doing = "setting the key's rotation";
        if self.rotation {
            let call = aws.kms().enable_key_rotation().key_id(id.as_str());
            call.rotation_period_in_days(self.rotation_days.into())
                .send()
                .await
                .map(|_| ())
                .doing(doing)
        } else {
            aws.kms()
                .disable_key_rotation()
                .key_id(id.as_str())
                .send()
                .await
                .map(|_| ())
                .doing(doing)
        }
    }

    async fn set_enabled(&self, aws: &Aws, id: &KeyId) -> CallResult<()> {
        if self.enabled {
            aws.kms()
                .enable_key()
                .key_id(id.as_str())
                .send()
                .await
                .map(|_| ())
                .doing("enabling the key")
        } else {
            aws.kms()
                .disable_key()
                .key_id(id.as_str())
                .send()
                .await
                .map(|_| ())
                .doing("disabling the key")
        }
    }
}

/// The keys that can be used and whose tags are so, as KMS itself lists them.
pub(crate) async fn tagged(
    aws: &Aws,
    are_so: impl Fn(&Tags) -> bool,
) -> CallResult<Vec<KeyMetadata>> {
    let keys = aws.kms().list_keys().limit(1000).into_paginator().items().send();
    let keys = keys.try_collect().await.doing("looking for keys")?;
    let mut found = Vec::new();
    for id in keys.into_iter().filter_map(|key| key.key_id) {
        let tags = match tags_of(aws, &id).await {
            Ok(tags) => tags,
            // Somebody else's key, or one that went meanwhile.
            Err(error) if hidden(error.class) => continue,
            Err(error) => return Err(error),
        };
        if are_so(&tags) {
            found.extend(describe(aws, &id).await?.filter(|key| !is_going(key)));
        }
    }
    Ok(found)
}

pub(crate) async fn schedule_deletion(aws: &Aws, id: &str, days: u8) -> CallResult<()> {
    let call = aws.kms().schedule_key_deletion().key_id(id);
    let answer = call.pending_window_in_days(days.into()).send().await;
    answer.map(|_| ()).doing("scheduling the key's deletion")
}

/// Marks a key as one that outlives its stack on purpose.
async fn keep(aws: &Aws, id: &KeyId) -> CallResult<()> {
    let kept = tags(&Tags::from([(KEPT.to_owned(), "true".to_owned())]));
    let call = aws.kms().tag_resource().key_id(id.as_str()).set_tags(Some(kept));
    call.send().await.map(|_| ()).doing("marking the key as kept")
}

async fn read_one(aws: &Aws, was: &Was) -> CallResult<Live<Key, KeyOutputs>> {
    let id = was.outputs.id.as_str();
    let Some(key) = describe(aws, id).await?.filter(|key| !is_going(key)) else {
        return Ok(Live::Absent);
    };
    let enabled = match key.key_state() {
        Some(KeyState::Enabled) | None => true,
        Some(KeyState::Disabled) => false,
        Some(state) => return Ok(Live::Pending(state.to_string())),
    };
    let policy = aws.kms().get_key_policy().key_id(id).policy_name("default").send().await;
    let policy = policy.doing("reading the key's policy")?.policy.unwrap_or_default();
    let rotation = aws.kms().get_key_rotation_status().key_id(id).send().await;
    let rotation = rotation.doing("reading the key's rotation")?;
    let days = rotation.rotation_period_in_days().and_then(|days| u16::try_from(days).ok());
    let args = Key {
        description: key.description().unwrap_or_default().to_owned(),
        policy: PolicyDocument::live(&policy, &was.args.policy)?,
        enabled,
        rotation: rotation.key_rotation_enabled(),
        rotation_days: days.unwrap_or(was.args.rotation_days),
        deletion_window_days: was.args.deletion_window_days,
        outlives_stack: was.args.outlives_stack,
    };
    let tags = tags_of(aws, id).await?;
    // What was kept on purpose is no longer the stack's to change.
    if tags.contains_key(KEPT) {
        return Ok(Live::Absent);
    }
    Ok(Live::Ready { args, outputs: was.outputs.clone(), tags })
}

async fn describe(aws: &Aws, id: &str) -> CallResult<Option<KeyMetadata>> {
    let answer = aws.kms().describe_key().key_id(id).send().await;
    let answer = absent_is_none(answer.doing("reading the key"))?;
    Ok(answer.and_then(|answer| answer.key_metadata))
}

/// Whether an error means that a key's tags are not ours to read.
fn hidden(class: Class) -> bool {
    matches!(class, Class::Denied | Class::NotFound | Class::Invalid)
}

/// A key that is scheduled for deletion is as good as gone: nothing can be encrypted with it.
fn is_going(key: &KeyMetadata) -> bool {
    matches!(key.key_state(), Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion))
}

fn outputs_of(key: &KeyMetadata) -> KeyOutputs {
    KeyOutputs { id: KeyId::new(key.key_id()), arn: KeyArn::new(key.arn().unwrap_or_default()) }
}

fn tags(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value)| Tag::builder().tag_key(key).tag_value(value).build();
    tags.iter().filter_map(|pair| tag(pair).ok()).collect()
}

async fn tags_of(aws: &Aws, id: &str) -> CallResult<Tags> {
    let answer = aws
        .kms()
        .list_resource_tags()
        .key_id(id)
        .into_paginator()
        .items()
        .send()
        .try_collect()
        .await;
    let tags = answer.doing("reading the key's tags")?;
    Ok(tags.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect())
}
