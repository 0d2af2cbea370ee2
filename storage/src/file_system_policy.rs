//! File-system policy: <https://docs.aws.amazon.com/efs/latest/ug/API_PutFileSystemPolicy.html>

use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::policy::{PolicyDocument, Statement};
use globecart_aws::{Aws, Doing, FileSystemId, absent_is_fine, absent_is_none};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

/// Who may mount a file system, and how. Without one, whoever reaches a mount target may, as root and in the clear.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct FileSystemPolicy {
    /// The file system. A change replaces the policy.
    #[builder(setter(into))]
    pub file_system: Input<FileSystemId>,
    /// The statements, on the file system's ARN. Changed in place.
    pub policy: PolicyDocument,
}

outputs! {
    /// What a file-system policy answers.
    pub struct FileSystemPolicyOutputs => FileSystemPolicyRefs {
        /// The file system, now that it has it.
        accepted file_system: FileSystemId,
    }
}

/// The characters that a policy has at most.
const MAX_CHARACTERS: usize = 20_000;

type Was = Recorded<FileSystemPolicy, FileSystemPolicyOutputs>;

impl Resource<Aws> for FileSystemPolicy {
    const TYPE: &'static str = "efs:FileSystemPolicy";
    const FACTS: Facts = Facts {
        tags: false,
        actions: Actions {
            create: &[
                "elasticfilesystem:PutFileSystemPolicy",
                "elasticfilesystem:DescribeFileSystemPolicy",
            ],
            read: &["elasticfilesystem:DescribeFileSystemPolicy"],
            update: &["elasticfilesystem:PutFileSystemPolicy"],
            delete: &["elasticfilesystem:DeleteFileSystemPolicy"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = FileSystemPolicyOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "policy" => Argument::InPlace(Effect::AtOnce),
            _ => Argument::Replace(Order::CreateFirst),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        self.policy.check_resource("policy", MAX_CHARACTERS)
    }

    /// Takes the place of whatever policy the file system has, so a repeat changes nothing.
    async fn create(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Made<FileSystemPolicyOutputs>> {
        let call = (aws.efs().put_file_system_policy())
            .file_system_id(self.file_system.known().as_str())
            .policy(self.policy.to_json());
        call.send().await.doing("putting the file-system policy")?;
        Ok(Made::ready(self.outputs()))
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, FileSystemPolicyOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match policy_of(aws, &was.outputs.file_system).await? {
                Some(text) => Live::Ready {
                    args: Self {
                        file_system: was.args.file_system.clone(),
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
    ) -> CallResult<Made<FileSystemPolicyOutputs>> {
        self.create(aws, intent).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.efs().delete_file_system_policy();
            let call = call.file_system_id(was.outputs.file_system.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the file-system policy"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Found<FileSystemPolicyOutputs>> {
        let Some(text) = policy_of(aws, self.file_system.known()).await? else {
            return Ok(Found::Nothing);
        };
        let ours = PolicyDocument::parse(&text)?.same_as(&self.policy);
        Ok(if ours { Found::Ours(self.outputs()) } else { Found::Nothing })
    }

    /// EFS refuses a policy whose role was made just now.
    fn class_of(error: &CallError, operation: Operation) -> Class {
        let unseen = error.code.as_deref() == Some("InvalidPolicyException")
            && error.message.to_lowercase().contains("principal");
        match operation {
            Operation::Create | Operation::Update if unseen => Class::Propagation,
            _ => error.class,
        }
    }
}

impl FileSystemPolicy {
    /// Adds a statement, unless the policy has the very same one.
    pub fn allow(&mut self, statement: Statement) {
        self.policy.add(statement);
    }

    fn outputs(&self) -> FileSystemPolicyOutputs {
        FileSystemPolicyOutputs { file_system: self.file_system.known().clone() }
    }
}

async fn policy_of(aws: &Aws, id: &FileSystemId) -> CallResult<Option<String>> {
    let call = aws.efs().describe_file_system_policy().file_system_id(id.as_str());
    let answer = absent_is_none(call.send().await.doing("reading the file-system policy"))?;
    Ok(answer.and_then(|answer| answer.policy))
}
