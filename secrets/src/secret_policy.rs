//! Resource policy: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html>

use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::policy::{PolicyDocument, Statement};
use globecart_aws::{Aws, Doing, SecretArn, absent_is_fine, absent_is_none};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer;

/// Who may do what with a secret, besides what identities are allowed. Secrets Manager refuses one that lets the public
/// in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct SecretPolicy {
    /// The secret. A change replaces the policy.
    #[builder(setter(into))]
    pub secret: Input<SecretArn>,
    /// The statements, on `*`, which is the secret. Changed in place.
    pub policy: PolicyDocument,
}

outputs! {
    /// What a secret's policy answers.
    pub struct SecretPolicyOutputs => SecretPolicyRefs {
        /// The secret, now that it has it.
        accepted secret: SecretArn,
    }
}

/// The characters that a policy has at most.
const MAX_CHARACTERS: usize = 20_480;

type Was = Recorded<SecretPolicy, SecretPolicyOutputs>;

impl Resource<Aws> for SecretPolicy {
    const TYPE: &'static str = "secretsmanager:SecretPolicy";
    const FACTS: Facts = Facts {
        tags: false,
        actions: Actions {
            create: &["secretsmanager:PutResourcePolicy", "secretsmanager:GetResourcePolicy"],
            read: &["secretsmanager:GetResourcePolicy"],
            update: &["secretsmanager:PutResourcePolicy"],
            delete: &["secretsmanager:DeleteResourcePolicy"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = SecretPolicyOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "policy" => Argument::InPlace(Effect::AtOnce),
            _ => Argument::Replace(Order::CreateFirst),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        self.policy.check_resource("policy", MAX_CHARACTERS)
    }

    /// Takes the place of whatever policy the secret has, so a repeat changes nothing.
    async fn create(&self, aws: &Aws, _intent: &Intent) -> CallResult<Made<SecretPolicyOutputs>> {
        let call = (aws.secretsmanager().put_resource_policy())
            .secret_id(self.secret.known().as_str())
            .resource_policy(self.policy.to_json())
            .block_public_policy(true);
        call.send().await.doing("putting the secret's policy")?;
        Ok(Made::ready(self.outputs()))
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, SecretPolicyOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match policy_of(aws, &was.outputs.secret).await? {
                Some(text) => Live::Ready {
                    args: Self {
                        secret: was.args.secret.clone(),
                        policy: PolicyDocument::live(&text, &was.args.policy)?,
                    },
                    outputs: was.outputs.clone(),
                    tags: Tags::new(),
                },
                None => Live::Absent,
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
        _old: &Was,
        intent: &Intent,
    ) -> CallResult<Made<SecretPolicyOutputs>> {
        self.create(aws, intent).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.secretsmanager().delete_resource_policy();
            let call = call.secret_id(was.outputs.secret.as_str());
            let doing = "deleting the secret's policy";
            match absent_is_fine(call.send().await.map(|_| ()).doing(doing)) {
                Err(error) if answer::is_deleted(&error) => {}
                answer => answer?,
            }
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, _intent: &Intent) -> CallResult<Found<SecretPolicyOutputs>> {
        let Some(text) = policy_of(aws, self.secret.known()).await? else {
            return Ok(Found::Nothing);
        };
        let ours = PolicyDocument::parse(&text)?.same_as(&self.policy);
        Ok(if ours { Found::Ours(self.outputs()) } else { Found::Nothing })
    }

    /// Secrets Manager refuses a policy whose role was made just now.
    fn class_of(error: &CallError, operation: Operation) -> Class {
        let unseen = error.code.as_deref() == Some("MalformedPolicyDocumentException")
            && error.message.to_lowercase().contains("principal");
        match operation {
            Operation::Create | Operation::Update if unseen => Class::Propagation,
            _ => error.class,
        }
    }
}

impl SecretPolicy {
    /// Adds a statement, unless the policy has the very same one.
    pub fn allow(&mut self, statement: Statement) {
        self.policy.add(statement);
    }

    fn outputs(&self) -> SecretPolicyOutputs {
        SecretPolicyOutputs { secret: self.secret.known().clone() }
    }
}

/// The policy of a secret; none where the secret is gone or going.
async fn policy_of(aws: &Aws, secret: &SecretArn) -> CallResult<Option<String>> {
    let call = aws.secretsmanager().get_resource_policy().secret_id(secret.as_str());
    match absent_is_none(call.send().await.doing("reading the secret's policy")) {
        Err(error) if answer::is_deleted(&error) => Ok(None),
        answer => Ok(answer?.and_then(|answer| answer.resource_policy)),
    }
}
