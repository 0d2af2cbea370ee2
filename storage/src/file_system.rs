//! File system: <https://docs.aws.amazon.com/efs/latest/ug/API_CreateFileSystem.html>

use std::collections::BTreeMap;

use aws_sdk_efs::operation::create_file_system::CreateFileSystemError;
use aws_sdk_efs::types::{
    BackupPolicy, FileSystemDescription, LifeCycleState, PerformanceMode, Status,
};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Kept, Live, Made, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    Aws, Doing, FileSystemArn, FileSystemId, KeyArn, absent_is_fine, absent_is_none, kept,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer::{self, is_made_by};
use crate::{Throughput, lifecycle_configuration};

/// A file system over all zones of its region.
///
/// It is always encrypted at rest, and in EFS's general-purpose performance mode: both can be told at creation alone,
/// and the other mode is one of the past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct FileSystem {
    /// The key that encrypts it. Default: `aws/elasticfilesystem`, which AWS manages. A change replaces the file system.
    #[builder(default, setter(strip_option, into))]
    pub kms_key: Option<Input<KeyArn>>,
    /// How its throughput is decided. Default: elastic. Changed in place, once in 24 hours.
    #[builder(default)]
    pub throughput: Throughput,
    /// Whether AWS Backup makes a recovery point a day and keeps it for 35 days. Default: yes.
    #[builder(default = true)]
    pub backup: bool,
}

outputs! {
    /// What a file system answers.
    pub struct FileSystemOutputs => FileSystemRefs {
        /// Its id.
        accepted id: FileSystemId,
        /// Its ARN.
        accepted arn: FileSystemArn,
    }
}

type Was = Recorded<FileSystem, FileSystemOutputs>;

impl Resource<Aws> for FileSystem {
    const TYPE: &'static str = "efs:FileSystem";
    const FACTS: Facts = Facts {
        create_secs: 6,
        update_secs: 10,
        delete_secs: 6,
        quota: Some(("file systems per region", 1000)),
        actions: Actions {
            create: &[
                "elasticfilesystem:CreateFileSystem",
                "elasticfilesystem:TagResource",
                "elasticfilesystem:DescribeFileSystems",
                "iam:CreateServiceLinkedRole",
                "kms:CreateGrant",
                "kms:DescribeKey",
                "kms:GenerateDataKeyWithoutPlaintext",
            ],
            read: &[
                "elasticfilesystem:DescribeFileSystems",
                "elasticfilesystem:DescribeBackupPolicy",
            ],
            update: &[
                "elasticfilesystem:UpdateFileSystem",
                "elasticfilesystem:PutBackupPolicy",
                "elasticfilesystem:PutLifecycleConfiguration",
                "elasticfilesystem:DescribeLifecycleConfiguration",
                "elasticfilesystem:TagResource",
                "elasticfilesystem:UntagResource",
            ],
            delete: &[
                "elasticfilesystem:DeleteFileSystem",
                "backup:ListRecoveryPointsByResource",
                "backup:TagResource",
            ],
        },
        ..Facts::DEFAULT
    };
    type Outputs = FileSystemOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "kms_key" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn loss(&self) -> Option<String> {
        let files = "all files of the file system";
        Some(if self.backup {
            format!("{files}, but for the recovery points of the last 35 days")
        } else {
            format!("{files}, of which there is no backup")
        })
    }

    fn check(&self) -> Result<(), Invalid> {
        self.throughput.check()
    }

    /// EFS answers a token that made a file system already with that file system's id: our own earlier attempt.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<FileSystemOutputs>> {
        let doing = "creating the file system";
        let call = (aws.efs().create_file_system())
            .creation_token(intent.token())
            .performance_mode(PerformanceMode::GeneralPurpose)
            .encrypted(true)
            .set_kms_key_id(self.kms_key.as_ref().map(|key| key.known().to_string()))
            .throughput_mode(self.throughput.mode())
            .set_provisioned_throughput_in_mibps(self.throughput.mibps())
            .backup(self.backup)
            .set_tags(Some(answer::to_api(intent.tags())));
        let id = match call.send().await {
            Ok(made) => made.file_system_id,
            Err(error) => match error.as_service_error() {
                Some(CreateFileSystemError::FileSystemAlreadyExists(ours)) => {
                    ours.file_system_id.clone()
                }
                _ => return Err(error).doing(doing),
            },
        };
        Ok(Made::pending(outputs_of(aws, FileSystemId::new(id))))
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, FileSystemOutputs>>> {
        let call = aws.efs().describe_file_systems().into_paginator().items();
        let all = call.send().try_collect().await.doing("reading file systems")?;
        let all: BTreeMap<String, FileSystemDescription> =
            all.into_iter().map(|one| (one.file_system_id.clone(), one)).collect();
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match all.get(was.outputs.id.as_str()) {
                Some(one) => read_one(aws, was, one).await?,
                None => Live::Absent,
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        1 + wanted.len()
    }

    /// The backup policy comes first, because EFS takes it only while nothing else changes. Files are not moved to the
    /// archive any more before the throughput stops being elastic, or EFS refuses that.
    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<FileSystemOutputs>> {
        let id = &old.outputs.id;
        if self.backup != old.args.backup {
            put_backup_policy(aws, id, self.backup).await?;
        }
        if self.throughput != old.args.throughput {
            if self.throughput != Throughput::Elastic {
                lifecycle_configuration::stop_archiving(aws, id).await?;
            }
            let call = (aws.efs().update_file_system())
                .file_system_id(id.as_str())
                .throughput_mode(self.throughput.mode())
                .set_provisioned_throughput_in_mibps(self.throughput.mibps());
            call.send().await.doing("changing the throughput")?;
        }
        Ok(Made::pending(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        answer::retag(aws, of.outputs.id.as_str(), set, unset).await
    }

    /// The recovery points outlive the file system, until they expire.
    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            kept::keep_recovery_points(aws, was.outputs.arn.as_str()).await?;
            let call = aws.efs().delete_file_system().file_system_id(was.outputs.id.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the file system"))?;
        }
        Ok(Removal::Pending)
    }

    async fn keeps(aws: &Aws, going: &[Was]) -> CallResult<Vec<Vec<Kept>>> {
        let mut all = Vec::with_capacity(going.len());
        for was in going {
            let points = kept::recovery_points(aws, was.outputs.arn.as_str()).await?;
            all.push(points.into_iter().map(|arn| Kept::new(kept::RECOVERY_POINT, arn)).collect());
        }
        Ok(all)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<FileSystemOutputs>> {
        // A state that was lost has lost its tokens, too: then the tags tell.
        let token = Some(intent.token()).filter(|token| !token.is_empty());
        let call = aws.efs().describe_file_systems().set_creation_token(token.map(str::to_owned));
        let found = call.into_paginator().items().send().try_collect().await;
        let found = absent_is_none(found.doing("looking for the file system"))?.unwrap_or_default();
        let ours = found.into_iter().find(|one| {
            let going = [LifeCycleState::Deleting, LifeCycleState::Deleted];
            // Not every server looks at the token.
            let own = match token {
                Some(token) => one.creation_token == token,
                None => is_made_by(intent, &one.tags),
            };
            own && !going.contains(&one.life_cycle_state)
        });
        let outputs =
            |one: FileSystemDescription| outputs_of(aws, FileSystemId::new(one.file_system_id));
        Ok(ours.map(outputs).map_or(Found::Nothing, Found::Ours))
    }

    /// EFS calls it too many requests when the throughput was changed within a day.
    fn class_of(error: &CallError, operation: Operation) -> Class {
        let rests = error.code.as_deref() == Some("TooManyRequests");
        match operation {
            Operation::Update if rests => Class::Invalid,
            _ => error.class,
        }
    }
}

fn outputs_of(aws: &Aws, id: FileSystemId) -> FileSystemOutputs {
    let place = aws.place();
    let arn = format!(
        "arn:{}:elasticfilesystem:{}:{}:file-system/{id}",
        place.partition, place.region, place.account
    );
    FileSystemOutputs { arn: FileSystemArn::new(arn), id }
}

async fn put_backup_policy(aws: &Aws, id: &FileSystemId, backup: bool) -> CallResult<()> {
    let status = if backup { Status::Enabled } else { Status::Disabled };
    let policy = BackupPolicy::builder().status(status).build().expect("the status is set");
    let call = aws.efs().put_backup_policy().file_system_id(id.as_str()).backup_policy(policy);
    call.send().await.map(|_| ()).doing("changing the backup policy")
}

async fn read_one(
    aws: &Aws,
    was: &Was,
    one: &FileSystemDescription,
) -> CallResult<Live<FileSystem, FileSystemOutputs>> {
    match &one.life_cycle_state {
        LifeCycleState::Available => {}
        LifeCycleState::Deleted => return Ok(Live::Absent),
        LifeCycleState::Error => {
            return Ok(Live::Failed("EFS reports that it is in the state `error`".to_owned()));
        }
        state => return Ok(Live::Pending(state.to_string())),
    }
    let backup = match backup_status(aws, &was.outputs.id).await? {
        Some(Status::Enabled) => true,
        None | Some(Status::Disabled) => false,
        Some(status) => return Ok(Live::Pending(format!("automatic backups are {status}"))),
    };
    // A key that AWS manages is told by its ARN too, and looks like any other.
    let key = one.kms_key_id.as_ref().map(|key| KeyArn::new(key).into());
    let args = FileSystem {
        kms_key: was.args.kms_key.as_ref().and(key),
        throughput: Throughput::described(
            one.throughput_mode.as_ref(),
            one.provisioned_throughput_in_mibps,
        ),
        backup,
    };
    Ok(Live::Ready { args, outputs: was.outputs.clone(), tags: answer::from_api(one.tags()) })
}

async fn backup_status(aws: &Aws, id: &FileSystemId) -> CallResult<Option<Status>> {
    let call = aws.efs().describe_backup_policy().file_system_id(id.as_str());
    let answer = absent_is_none(call.send().await.doing("reading the backup policy"))?;
    Ok(answer.and_then(|answer| answer.backup_policy).map(|policy| policy.status))
}
