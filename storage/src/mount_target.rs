//! Mount target: <https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html>

use std::collections::BTreeMap;

use aws_sdk_efs::types::{LifeCycleState, MountTargetDescription};
use globecart_aws::engine::{
    Actions, Argument, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid, Live, Made,
    Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    Aws, Doing, FileSystemId, Ipv4, MountTargetId, SecurityGroupId, SubnetId, absent_is_fine,
    absent_is_none, lists,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer::file_systems;

/// What the clients of a zone mount a file system by. There is one for each zone, all in one VPC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct MountTarget {
    /// The file system. A change replaces the mount target.
    #[builder(setter(into))]
    pub file_system: Input<FileSystemId>,
    /// The subnet that it takes an address of. A change replaces the mount target, which is gone in between.
    #[builder(setter(into))]
    pub subnet: Input<SubnetId>,
    /// Its security groups, 1 to 5. Changed in place.
    #[builder(setter(into))]
    pub security_groups: Vec<Input<SecurityGroupId>>,
}

outputs! {
    /// What a mount target answers.
    pub struct MountTargetOutputs => MountTargetRefs {
        /// Its id.
        accepted id: MountTargetId,
        /// Its address in the subnet.
        ip: Ipv4,
    }
}

type Was = Recorded<MountTarget, MountTargetOutputs>;

impl Resource<Aws> for MountTarget {
    const TYPE: &'static str = "efs:MountTarget";
    const FACTS: Facts = Facts {
        tags: false,
        create_secs: 90,
        delete_secs: 15,
        actions: Actions {
            create: &[
                "elasticfilesystem:CreateMountTarget",
                "elasticfilesystem:DescribeMountTargets",
                "ec2:DescribeSubnets",
                "ec2:DescribeNetworkInterfaces",
                "ec2:CreateNetworkInterface",
                "iam:CreateServiceLinkedRole",
            ],
            read: &[
                "elasticfilesystem:DescribeMountTargets",
                "elasticfilesystem:DescribeMountTargetSecurityGroups",
                "ec2:DescribeNetworkInterfaceAttribute",
            ],
            update: &[
                "elasticfilesystem:ModifyMountTargetSecurityGroups",
                "ec2:ModifyNetworkInterfaceAttribute",
            ],
            delete: &["elasticfilesystem:DeleteMountTarget", "ec2:DeleteNetworkInterface"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = MountTargetOutputs;

    /// A zone has room for one mount target of a file system.
    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "security_groups" => Argument::InPlace(Effect::AtOnce),
            "file_system" => Argument::Replace(Order::CreateFirst),
            _ => Argument::Replace(Order::DeleteFirst),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        match self.security_groups.len() {
            1..=5 => Ok(()),
            count => Err(Invalid::new(
                "security_groups",
                format!("a mount target has 1 to 5 security groups, not {count}"),
            )),
        }
    }

    /// There is no token: a mount target in this subnet is the earlier attempt's, because the file system is ours.
    async fn create(&self, aws: &Aws, _intent: &Intent) -> CallResult<Made<MountTargetOutputs>> {
        let groups = self.security_groups.iter().map(|group| group.known().to_string());
        let call = (aws.efs().create_mount_target())
            .file_system_id(self.file_system.known().as_str())
            .subnet_id(self.subnet.known().as_str())
            .set_security_groups(Some(groups.collect()));
        let made = match call.send().await.doing("creating the mount target") {
            Ok(made) => MountTargetId::new(made.mount_target_id),
            Err(error) if error.code.as_deref() == Some("MountTargetConflict") => {
                self.in_place(aws).await?.ok_or(error)?
            }
            Err(error) => return Err(error),
        };
        Ok(Made::pending(MountTargetOutputs { id: made, ip: None }))
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, MountTargetOutputs>>> {
        let mut found = BTreeMap::new();
        for id in file_systems(wanted.iter().map(|was| was.args.file_system.known())) {
            let targets = described(aws, id).await?;
            found.extend(targets.into_iter().map(|one| (one.mount_target_id.clone(), one)));
        }
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match found.get(was.outputs.id.as_str()) {
                Some(one) => read_one(aws, was, one).await?,
                None => Live::Absent,
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        file_systems(wanted.iter().map(|was| was.args.file_system.known())).len() + wanted.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<MountTargetOutputs>> {
        let groups = self.security_groups.iter().map(|group| group.known().to_string());
        let call = (aws.efs().modify_mount_target_security_groups())
            .mount_target_id(old.outputs.id.as_str())
            .set_security_groups(Some(groups.collect()));
        call.send().await.doing("changing the security groups")?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.efs().delete_mount_target().mount_target_id(was.outputs.id.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the mount target"))?;
        }
        Ok(Removal::Pending)
    }

    async fn find(&self, aws: &Aws, _intent: &Intent) -> CallResult<Found<MountTargetOutputs>> {
        let ours = |id| Found::Ours(MountTargetOutputs { id, ip: None });
        Ok(self.in_place(aws).await?.map_or(Found::Nothing, ours))
    }
}

impl MountTarget {
    /// The mount target of the file system in this very subnet.
    async fn in_place(&self, aws: &Aws) -> CallResult<Option<MountTargetId>> {
        let targets = described(aws, self.file_system.known()).await?;
        let going = [LifeCycleState::Deleting, LifeCycleState::Deleted];
        let here = targets.into_iter().find(|one| {
            one.subnet_id == self.subnet.known().as_str() && !going.contains(&one.life_cycle_state)
        });
        Ok(here.map(|one| MountTargetId::new(one.mount_target_id)))
    }
}

/// The mount targets of a file system; none where there is no such file system.
async fn described(aws: &Aws, id: &FileSystemId) -> CallResult<Vec<MountTargetDescription>> {
    let call = aws.efs().describe_mount_targets().file_system_id(id.as_str());
    let answer = call.into_paginator().items().send().try_collect().await;
    Ok(absent_is_none(answer.doing("reading mount targets"))?.unwrap_or_default())
}

async fn read_one(
    aws: &Aws,
    was: &Was,
    one: &MountTargetDescription,
) -> CallResult<Live<MountTarget, MountTargetOutputs>> {
    match &one.life_cycle_state {
        LifeCycleState::Available => {}
        LifeCycleState::Deleted => return Ok(Live::Absent),
        LifeCycleState::Error => {
            return Ok(Live::Failed("EFS reports that it is in the state `error`".to_owned()));
        }
        state => return Ok(Live::Pending(state.to_string())),
    }
    let Some(groups) = groups_of(aws, &was.outputs.id).await? else { return Ok(Live::Absent) };
    let args = MountTarget {
        file_system: FileSystemId::new(&one.file_system_id).into(),
        subnet: SubnetId::new(&one.subnet_id).into(),
        security_groups: lists::in_recorded_order(groups, &was.args.security_groups),
    };
    let ip = one.ip_address.as_deref().map(Ipv4::new);
    let outputs = MountTargetOutputs { id: was.outputs.id.clone(), ip };
    Ok(Live::Ready { args, outputs, tags: Tags::new() })
}

/// The groups of a mount target; `None` where it is gone meanwhile.
async fn groups_of(aws: &Aws, id: &MountTargetId) -> CallResult<Option<Vec<SecurityGroupId>>> {
    let call = aws.efs().describe_mount_target_security_groups().mount_target_id(id.as_str());
    match call.send().await.doing("reading the security groups of a mount target") {
        Ok(answer) => {
            Ok(Some(answer.security_groups.into_iter().map(SecurityGroupId::new).collect()))
        }
        Err(error) if matches!(error.class, Class::NotFound | Class::Dependency) => Ok(None),
        Err(error) => Err(error),
    }
}
