//! Lifecycle configuration: <https://docs.aws.amazon.com/efs/latest/ug/API_PutLifecycleConfiguration.html>

use aws_sdk_efs::types::{
    LifecyclePolicy, TransitionToArchiveRules, TransitionToIaRules,
    TransitionToPrimaryStorageClassRules,
};
use globecart_aws::engine::{
    Actions, Argument, CallResult, Effect, Facts, Found, Input, Intent, Invalid, Live, Made, Order,
    Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, FileSystemId, absent_is_fine, absent_is_none};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::UnusedFor;

/// When the files of a file system move to cheaper storage classes, and back. There is one for each file system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct LifecycleConfiguration {
    /// The file system. A change replaces the configuration.
    #[builder(setter(into))]
    pub file_system: Input<FileSystemId>,
    /// When a file is moved to the Infrequent Access storage class. Default: never.
    #[builder(default, setter(strip_option(fallback = infrequent_access_opt)))]
    pub infrequent_access: Option<UnusedFor>,
    /// When a file is moved to the Archive storage class, later than to Infrequent Access; only with elastic throughput.
    /// Default: never.
    #[builder(default, setter(strip_option(fallback = archive_opt)))]
    pub archive: Option<UnusedFor>,
    /// Whether a file that is accessed comes back to the Standard storage class. Default: yes.
    #[builder(default = true)]
    pub back_on_access: bool,
}

outputs! {
    /// What a lifecycle configuration answers.
    pub struct LifecycleConfigurationOutputs => LifecycleConfigurationRefs {
        /// The file system, now that it has it.
        accepted file_system: FileSystemId,
    }
}

type Was = Recorded<LifecycleConfiguration, LifecycleConfigurationOutputs>;

impl Resource<Aws> for LifecycleConfiguration {
    const TYPE: &'static str = "efs:LifecycleConfiguration";
    const FACTS: Facts = Facts {
        tags: false,
        actions: Actions {
            create: &[
                "elasticfilesystem:PutLifecycleConfiguration",
                "elasticfilesystem:DescribeLifecycleConfiguration",
            ],
            read: &["elasticfilesystem:DescribeLifecycleConfiguration"],
            update: &["elasticfilesystem:PutLifecycleConfiguration"],
            delete: &["elasticfilesystem:PutLifecycleConfiguration"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = LifecycleConfigurationOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "file_system" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        match (self.infrequent_access, self.archive) {
            (Some(ia), Some(archive)) if archive <= ia => {
                let problem = format!(
                    "files go to the archive after {} days, and to infrequent access after {} \
                     (`infrequent_access`): the archive must come later",
                    archive.days(),
                    ia.days()
                );
                Err(Invalid::new("archive", problem))
            }
            _ => Ok(()),
        }
    }

    /// Takes the place of whatever configuration the file system has, so a repeat changes nothing.
    async fn create(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Made<LifecycleConfigurationOutputs>> {
        put(aws, self.file_system.known(), self.policies()).await?;
        Ok(Made::ready(self.outputs()))
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, LifecycleConfigurationOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let policies = policies_of(aws, &was.outputs.file_system).await?;
            live.push(match policies {
                Some(policies) if !policies.is_empty() => Live::Ready {
                    args: described(&was.args, &policies),
                    outputs: was.outputs.clone(),
                    tags: Tags::new(),
                },
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
        _old: &Was,
        intent: &Intent,
    ) -> CallResult<Made<LifecycleConfigurationOutputs>> {
        self.create(aws, intent).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            absent_is_fine(put(aws, &was.outputs.file_system, Vec::new()).await)?;
        }
        Ok(Removal::Gone)
    }

    async fn find(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Found<LifecycleConfigurationOutputs>> {
        let live = policies_of(aws, self.file_system.known()).await?.unwrap_or_default();
        let ours = !live.is_empty() && described(self, &live) == *self;
        Ok(if ours { Found::Ours(self.outputs()) } else { Found::Nothing })
    }
}

impl LifecycleConfiguration {
    /// Whether it moves files at all: one that does not is none to EFS.
    pub(crate) fn moves_files(&self) -> bool {
        self.infrequent_access.is_some() || self.archive.is_some()
    }

    fn outputs(&self) -> LifecycleConfigurationOutputs {
        LifecycleConfigurationOutputs { file_system: self.file_system.known().clone() }
    }

    /// EFS takes each transition by itself.
    fn policies(&self) -> Vec<LifecyclePolicy> {
        let policy = LifecyclePolicy::builder;
        let ia = self.infrequent_access.map(|after| {
            policy().transition_to_ia(TransitionToIaRules::from(after.rule())).build()
        });
        let archive = self.archive.map(|after| {
            policy().transition_to_archive(TransitionToArchiveRules::from(after.rule())).build()
        });
        let back = TransitionToPrimaryStorageClassRules::After1Access;
        let back =
            self.back_on_access.then(|| policy().transition_to_primary_storage_class(back).build());
        [ia, archive, back].into_iter().flatten().collect()
    }
}

/// What live policies say, in the terms of a configuration of the same file system.
fn described(of: &LifecycleConfiguration, policies: &[LifecyclePolicy]) -> LifecycleConfiguration {
    let ia = policies.iter().find_map(LifecyclePolicy::transition_to_ia);
    let archive = policies.iter().find_map(LifecyclePolicy::transition_to_archive);
    let back = policies.iter().find_map(LifecyclePolicy::transition_to_primary_storage_class);
    LifecycleConfiguration {
        file_system: of.file_system.clone(),
        infrequent_access: ia.and_then(|rule| UnusedFor::described(rule.as_str())),
        archive: archive.and_then(|rule| UnusedFor::described(rule.as_str())),
        back_on_access: back.is_some(),
    }
}

async fn put(aws: &Aws, id: &FileSystemId, policies: Vec<LifecyclePolicy>) -> CallResult<()> {
    let call = (aws.efs().put_lifecycle_configuration())
        .file_system_id(id.as_str())
        .set_lifecycle_policies(Some(policies));
    call.send().await.map(|_| ()).doing("changing the lifecycle configuration")
}

/// The policies of a file system; `None` where there is no such file system.
async fn policies_of(aws: &Aws, id: &FileSystemId) -> CallResult<Option<Vec<LifecyclePolicy>>> {
    let call = aws.efs().describe_lifecycle_configuration().file_system_id(id.as_str());
    let answer = absent_is_none(call.send().await.doing("reading the lifecycle configuration"))?;
    Ok(answer.map(|answer| answer.lifecycle_policies.unwrap_or_default()))
}

/// Takes the transition to the archive off a file system, and leaves the others.
pub(crate) async fn stop_archiving(aws: &Aws, id: &FileSystemId) -> CallResult<()> {
    let live = policies_of(aws, id).await?.unwrap_or_default();
    let (archive, rest): (Vec<_>, Vec<_>) =
        live.into_iter().partition(|policy| policy.transition_to_archive.is_some());
    if archive.is_empty() { Ok(()) } else { put(aws, id, rest).await }
}
