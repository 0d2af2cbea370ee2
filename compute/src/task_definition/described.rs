//! Task definitions as ECS describes them.

use aws_sdk_ecs::types::{
    ContainerDefinition, CpuArchitecture, HealthCheck as ApiHealthCheck, KernelCapabilities,
    LinuxParameters, LogConfiguration, MountPoint as ApiMountPoint, PortMapping, Secret,
    TaskDefinition as Description, Volume as ApiVolume,
};
use globecart_aws::engine::CallResult;
use globecart_aws::{AccessPointId, Aws, FileSystemId, LogGroupName, RoleArn, SecretArn};

use super::{Architecture, TaskDefinition, Volume, VolumeKind, Was};
use crate::container::{
    Container, ContainerHealthCheck, ContainerLogs, MountPoint, SecretReference,
};
use crate::image::Image;

/// How many parts the ARN of a secret has.
const SECRET_PARTS: usize = 7;

/// A revision in the form in which it is declared.
pub(super) async fn args(aws: &Aws, was: &Was, one: &Description) -> CallResult<TaskDefinition> {
    let number = |text: Option<&str>| text.and_then(|text| text.parse().ok()).unwrap_or_default();
    let mut containers = Vec::new();
    for live in one.container_definitions() {
        containers.push(container(aws, was, live).await?);
    }
    let platform = one.runtime_platform().and_then(|platform| platform.cpu_architecture());
    let role = |arn: Option<&str>| RoleArn::new(arn.unwrap_or_default()).into();
    let gib = |gib: i32| u32::try_from(gib).unwrap_or_default();
    Ok(TaskDefinition {
        family: one.family().unwrap_or_default().to_owned(),
        cpu: number(one.cpu()),
        memory_mib: number(one.memory()),
        architecture: match platform {
            Some(CpuArchitecture::Arm64) => Architecture::Arm64,
            _ => Architecture::X86_64,
        },
        ephemeral_storage_gib: one.ephemeral_storage().map(|storage| gib(storage.size_in_gib())),
        execution_role: role(one.execution_role_arn()),
        task_role: role(one.task_role_arn()),
        containers,
        volumes: one.volumes().iter().map(volume).collect(),
    })
}

async fn container(aws: &Aws, was: &Was, live: &ContainerDefinition) -> CallResult<Container> {
    let name = live.name().unwrap_or_default();
    let image = live.image().unwrap_or_default();
    let known = was.args.containers.iter().find(|one| one.name == name);
    let image = match known {
        Some(known) => known.image.described(aws, image).await?,
        None => Image::Digest(image.to_owned()),
    };
    let linux = live.linux_parameters();
    let dropped = linux.and_then(|linux| linux.capabilities()).map(KernelCapabilities::drop);
    let pair = |one: &aws_sdk_ecs::types::KeyValuePair| {
        Some((one.name()?.to_owned(), one.value().unwrap_or_default().to_owned().into()))
    };
    Ok(Container {
        name: name.to_owned(),
        image,
        ports: live.port_mappings().iter().filter_map(port).collect(),
        environment: live.environment().iter().filter_map(pair).collect(),
        secrets: live.secrets().iter().map(secret).collect(),
        essential: live.essential().unwrap_or(true),
        command: live.command().to_vec(),
        user: live.user().unwrap_or_default().to_owned(),
        read_only: live.readonly_root_filesystem().unwrap_or_default(),
        drop_capabilities: dropped.unwrap_or_default().iter().cloned().collect(),
        init: linux.and_then(LinuxParameters::init_process_enabled).unwrap_or_default(),
        mounts: live.mount_points().iter().map(mount).collect(),
        health_check: live.health_check().map(health_check),
        logs: live.log_configuration().and_then(logs),
        stop_timeout_secs: live.stop_timeout().map_or(30, number),
    })
}

fn number(number: i32) -> u16 {
    u16::try_from(number).unwrap_or_default()
}

fn port(of: &PortMapping) -> Option<u16> {
    of.container_port().map(number)
}

fn secret(of: &Secret) -> (String, SecretReference) {
    let parts: Vec<&str> = of.value_from().split(':').collect();
    let arn = parts.iter().take(SECRET_PARTS).copied().collect::<Vec<_>>().join(":");
    let key = parts.get(SECRET_PARTS).filter(|key| !key.is_empty());
    let secret = SecretArn::new(arn).into();
    let key = key.map(|key| (*key).to_owned());
    (of.name().to_owned(), SecretReference { secret, key })
}

fn mount(of: &ApiMountPoint) -> MountPoint {
    MountPoint {
        volume: of.source_volume().unwrap_or_default().to_owned(),
        path: of.container_path().unwrap_or_default().to_owned(),
        read_only: of.read_only().unwrap_or_default(),
    }
}

fn health_check(of: &ApiHealthCheck) -> ContainerHealthCheck {
    ContainerHealthCheck {
        command: of.command().to_vec(),
        interval_secs: of.interval().map_or(30, number),
        timeout_secs: of.timeout().map_or(5, number),
        retries: of.retries().map_or(3, number),
        start_secs: of.start_period().map_or(0, number),
    }
}

fn logs(of: &LogConfiguration) -> Option<ContainerLogs> {
    let options = of.options()?;
    let option = |name: &str| options.get(name).cloned().unwrap_or_default();
    Some(ContainerLogs {
        group: LogGroupName::new(option("awslogs-group")).into(),
        prefix: option("awslogs-stream-prefix"),
        blocking: option("mode") == "blocking",
    })
}

fn volume(of: &ApiVolume) -> Volume {
    let name = of.name().unwrap_or_default().to_owned();
    let kind = match of.efs_volume_configuration() {
        None => VolumeKind::Scratch,
        Some(efs) => {
            let point = efs.authorization_config().and_then(|config| config.access_point_id());
            VolumeKind::Efs {
                file_system: FileSystemId::new(efs.file_system_id()).into(),
                access_point: AccessPointId::new(point.unwrap_or_default()).into(),
            }
        }
    };
    Volume { name, kind }
}
