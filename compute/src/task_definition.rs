//! Task definition: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html>

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{
    Compatibility, CpuArchitecture, NetworkMode, OsFamily, SortOrder,
    TaskDefinition as Description, TaskDefinitionField, TaskDefinitionStatus,
};
use globecart_aws::ec2::LAG;
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Facts, Found, Input, Intent, Invalid, Live,
    Made, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{AccessPointId, Aws, Doing, FileSystemId, RoleArn, TaskDefinitionArn, found};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer;
use crate::container::Container;
use crate::image::Image;
use crate::size;

mod api;
mod described;

/// What a task is, in one revision of a family. A change of anything but tags registers a new revision first, and then
/// deregisters and deletes the old one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct TaskDefinition {
    /// The family whose revisions it has, up to 255 letters, digits, hyphens and underscores; such as
    /// [`Stack::fixed_name`](globecart_aws::engine::Stack::fixed_name) gives.
    #[builder(setter(into))]
    pub family: String,
    /// CPU units, 1,024 of which are one virtual CPU: 256 to 32,768 as Fargate has them.
    pub cpu: u32,
    /// Memory in MiB, as Fargate has it for these CPU units.
    pub memory_mib: u32,
    /// The processor. Default: `X86_64`.
    #[builder(default)]
    pub architecture: Architecture,
    /// Ephemeral storage in GiB, 21 to 200. Default: the 20 that come with every task.
    #[builder(default, setter(strip_option))]
    pub ephemeral_storage_gib: Option<u32>,
    /// The role by which ECS fetches images and secrets and writes logs.
    #[builder(setter(into))]
    pub execution_role: Input<RoleArn>,
    /// The role of the containers.
    #[builder(setter(into))]
    pub task_role: Input<RoleArn>,
    /// The containers, one of them essential.
    pub containers: Vec<Container>,
    /// What containers mount. Default: nothing.
    #[builder(default)]
    pub volumes: Vec<Volume>,
}

/// The processor of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// 64-bit x86.
    #[default]
    X86_64,
    /// 64-bit ARM, Graviton: about a fifth cheaper, for images that are built for it.
    Arm64,
}

/// A volume of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Volume {
    /// What containers call it.
    pub name: String,
    /// What it is.
    pub kind: VolumeKind,
}

/// What a volume is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VolumeKind {
    /// Room on the task's ephemeral storage, gone with the task.
    Scratch,
    /// A directory of an EFS file system, through an access point, by TLS, and as IAM allows the task's role.
    Efs {
        /// The file system.
        file_system: Input<FileSystemId>,
        /// The access point.
        access_point: Input<AccessPointId>,
    },
}

outputs! {
    /// What a task definition answers.
    pub struct TaskDefinitionOutputs => TaskDefinitionRefs {
        /// Its ARN, with the revision.
        accepted arn: TaskDefinitionArn,
    }
}

/// The first call of a create that changes anything, as its errors name it.
const CREATING: &str = "registering the task definition";

/// How many revisions of a family are looked at for one that an earlier try has made.
const NEWEST: i32 = 20;

type Was = Recorded<TaskDefinition, TaskDefinitionOutputs>;

impl Resource<Aws> for TaskDefinition {
    const TYPE: &'static str = "ecs:TaskDefinition";
    const FACTS: Facts = Facts {
        find_window: LAG,
        quota: Some(("revisions per task definition family", 1_000_000)),
        actions: Actions {
            create: &[
                "ecs:RegisterTaskDefinition",
                "ecs:TagResource",
                "ecs:ListTaskDefinitions",
                "ecs:DescribeTaskDefinition",
                "ecr:DescribeImages",
                "iam:PassRole",
            ],
            read: &["ecs:DescribeTaskDefinition", "ecr:DescribeImages"],
            update: &["ecs:TagResource", "ecs:UntagResource"],
            delete: &["ecs:DeregisterTaskDefinition", "ecs:DeleteTaskDefinitions"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = TaskDefinitionOutputs;

    fn argument(_name: &str, _old: &Value, _new: &Value) -> Argument {
        Argument::Replace(Order::CreateFirst)
    }

    fn check(&self) -> Result<(), Invalid> {
        size::check(self.cpu, self.memory_mib)?;
        if let Some(gib) = self.ephemeral_storage_gib.filter(|gib| !(21..=200).contains(gib)) {
            let problem = format!("must be 21 to 200 GiB, not {gib}");
            return Err(Invalid::new("ephemeral_storage_gib", problem));
        }
        let mut names = BTreeSet::new();
        for container in &self.containers {
            container.check()?;
            if !names.insert(&container.name) {
                let problem = format!("two are called `{}`", container.name);
                return Err(Invalid::new("containers", problem));
            }
            self.check_mounts(container)?;
        }
        if !self.containers.iter().any(|container| container.essential) {
            return Err(Invalid::new("containers", "needs one that is essential"));
        }
        Ok(())
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<TaskDefinitionOutputs>> {
        let mut images = Vec::with_capacity(self.containers.len());
        for container in &self.containers {
            images.push(container.image.resolved(aws).await?);
        }
        let containers = self.containers.iter().zip(images);
        let region = &aws.place().region;
        let containers = containers.map(|(one, image)| api::container(one, image, region));
        let call = (aws.ecs().register_task_definition())
            .family(&self.family)
            .requires_compatibilities(Compatibility::Fargate)
            .network_mode(NetworkMode::Awsvpc)
            .cpu(self.cpu.to_string())
            .memory(self.memory_mib.to_string())
            .runtime_platform(api::platform(self.architecture))
            .set_ephemeral_storage(self.ephemeral_storage_gib.map(api::storage))
            .execution_role_arn(self.execution_role.known().as_str())
            .task_role_arn(self.task_role.known().as_str())
            .set_container_definitions(Some(containers.collect()))
            .set_volumes(Some(self.volumes.iter().map(api::volume).collect()))
            .set_tags(Some(answer::tags(intent)));
        let made = call.send().await.doing(CREATING)?.task_definition;
        let arn = made.and_then(|made| made.task_definition_arn);
        let arn = arn.ok_or_else(|| answer::incomplete(CREATING))?;
        Ok(Made::ready(TaskDefinitionOutputs { arn: TaskDefinitionArn::new(arn) }))
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, TaskDefinitionOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match described(aws, was.outputs.arn.as_str()).await? {
                Some((one, tags)) if one.status() == Some(&TaskDefinitionStatus::Active) => {
                    Live::Ready {
                        args: described::args(aws, was, &one).await?,
                        outputs: was.outputs.clone(),
                        tags,
                    }
                }
                _ => Live::Absent,
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        let tags = |was: &Was| {
            let images = was.args.containers.iter().map(|one| &one.image);
            images.filter(|image| matches!(image, Image::EcrTag { .. })).count()
        };
        wanted.iter().map(|was| 1 + tags(was)).sum()
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        answer::retag(aws, of.outputs.arn.as_str(), set, unset).await
    }

    /// Deregistered, nothing new can use it; deleted, it goes when nothing does any more.
    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let arn = was.outputs.arn.as_str();
            let Some((one, _)) = described(aws, arn).await? else { continue };
            if one.status() == Some(&TaskDefinitionStatus::Active) {
                let call = aws.ecs().deregister_task_definition().task_definition(arn);
                call.send().await.doing("deregistering the task definition")?;
            }
            if one.status() != Some(&TaskDefinitionStatus::DeleteInProgress) {
                delete(aws, arn).await?;
            }
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<TaskDefinitionOutputs>> {
        let call = (aws.ecs().list_task_definitions())
            .family_prefix(&self.family)
            .sort(SortOrder::Desc)
            .max_results(NEWEST);
        let answer = call.send().await.doing("looking for the task definition")?;
        for arn in answer.task_definition_arns() {
            let ours = described(aws, arn).await?;
            if ours.is_some_and(|(_, tags)| found::is_made_by(intent, &tags)) {
                return Ok(Found::Ours(TaskDefinitionOutputs { arn: TaskDefinitionArn::new(arn) }));
            }
        }
        Ok(Found::Nothing)
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        answer::class_of(error, operation)
    }
}

impl TaskDefinition {
    fn check_mounts(&self, container: &Container) -> Result<(), Invalid> {
        let known = |name: &str| self.volumes.iter().any(|volume| volume.name == name);
        match container.mounts.iter().find(|mount| !known(&mount.volume)) {
            Some(mount) => {
                let problem = format!("there is no volume `{}`", mount.volume);
                Err(Invalid::new("mounts", problem))
            }
            None => Ok(()),
        }
    }
}

impl Architecture {
    pub(crate) fn to_api(self) -> CpuArchitecture {
        match self {
            Self::X86_64 => CpuArchitecture::X8664,
            Self::Arm64 => CpuArchitecture::Arm64,
        }
    }
}

/// The family of operating systems of every task.
pub(crate) const OS: OsFamily = OsFamily::Linux;

async fn delete(aws: &Aws, arn: &str) -> CallResult<()> {
    let doing = "deleting the task definition";
    let call = aws.ecs().delete_task_definitions().task_definitions(arn);
    let answer = call.send().await.doing(doing)?;
    match answer.failures().first() {
        Some(failure) => {
            let reason = failure.reason().unwrap_or("AWS gives no reason");
            Err(CallError::new(Class::Other, doing, reason))
        }
        None => Ok(()),
    }
}

/// A revision with its tags, if there is one.
async fn described(aws: &Aws, arn: &str) -> CallResult<Option<(Description, Tags)>> {
    let call = aws.ecs().describe_task_definition().task_definition(arn);
    let answer = call.include(TaskDefinitionField::Tags).send().await;
    match answer.doing("reading the task definition") {
        Ok(answer) => {
            let tags = answer::from_api(answer.tags());
            Ok(answer.task_definition.map(|one| (one, tags)))
        }
        Err(error) if error.message.contains("Unable to describe task definition") => Ok(None),
        Err(error) => Err(error),
    }
}
