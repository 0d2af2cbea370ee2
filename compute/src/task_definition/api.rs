//! Task definitions as ECS takes them.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::{
    ContainerDefinition, EfsAuthorizationConfig, EfsAuthorizationConfigIam, EfsTransitEncryption,
    EfsVolumeConfiguration, EphemeralStorage, HealthCheck as ApiHealthCheck, KernelCapabilities,
    KeyValuePair, LinuxParameters, LogConfiguration, LogDriver, MountPoint as ApiMountPoint,
    PortMapping, RuntimePlatform, Secret, TransportProtocol, Volume as ApiVolume,
};

use super::{Architecture, OS, Volume, VolumeKind};
use crate::container::{
    Container, ContainerHealthCheck, ContainerLogs, MountPoint, SecretReference,
};

/// How much output is held back while CloudWatch Logs does not keep up.
const LOG_BUFFER: &str = "25m";

pub(super) fn platform(architecture: Architecture) -> RuntimePlatform {
    RuntimePlatform::builder()
        .cpu_architecture(architecture.to_api())
        .operating_system_family(OS)
        .build()
}

pub(super) fn storage(gib: u32) -> EphemeralStorage {
    EphemeralStorage::builder().size_in_gib(number(gib)).build()
}

fn number(number: impl Into<u32>) -> i32 {
    i32::try_from(number.into()).unwrap_or(i32::MAX)
}

pub(super) fn volume(volume: &Volume) -> ApiVolume {
    let builder = ApiVolume::builder().name(&volume.name);
    match &volume.kind {
        VolumeKind::Scratch => builder.build(),
        VolumeKind::Efs { file_system, access_point } => {
            let authorization = EfsAuthorizationConfig::builder()
                .access_point_id(access_point.known().as_str())
                .iam(EfsAuthorizationConfigIam::Enabled)
                .build();
            let efs = EfsVolumeConfiguration::builder()
                .file_system_id(file_system.known().as_str())
                .transit_encryption(EfsTransitEncryption::Enabled)
                .authorization_config(authorization)
                .build()
                .expect("the file system is set");
            builder.efs_volume_configuration(efs).build()
        }
    }
}

pub(super) fn container(of: &Container, image: String, region: &str) -> ContainerDefinition {
    let linux = LinuxParameters::builder()
        .init_process_enabled(of.init)
        .capabilities(capabilities(of))
        .build();
    ContainerDefinition::builder()
        .name(&of.name)
        .image(image)
        .essential(of.essential)
        .user(&of.user)
        .readonly_root_filesystem(of.read_only)
        .linux_parameters(linux)
        .stop_timeout(number(of.stop_timeout_secs))
        .set_command((!of.command.is_empty()).then(|| of.command.clone()))
        .set_port_mappings(Some(of.ports.iter().map(|port| self::port(*port)).collect()))
        .set_environment(Some(environment(of)))
        .set_secrets(Some(secrets(of)))
        .set_mount_points(Some(of.mounts.iter().map(mount).collect()))
        .set_health_check(of.health_check.as_ref().map(health_check))
        .set_log_configuration(of.logs.as_ref().map(|logs| log(logs, region)))
        .build()
}

fn capabilities(of: &Container) -> KernelCapabilities {
    let drop = of.drop_capabilities.iter().cloned().collect();
    KernelCapabilities::builder().set_drop(Some(drop)).build()
}

fn port(port: u16) -> PortMapping {
    let port = number(port);
    PortMapping::builder()
        .container_port(port)
        .host_port(port)
        .protocol(TransportProtocol::Tcp)
        .build()
}

fn environment(of: &Container) -> Vec<KeyValuePair> {
    let pairs = of.environment.iter();
    pairs
        .map(|(name, value)| KeyValuePair::builder().name(name).value(value.known()).build())
        .collect()
}

fn secrets(of: &Container) -> Vec<Secret> {
    let secret = |(name, of): (&String, &SecretReference)| {
        let built = Secret::builder().name(name).value_from(value_from(of)).build();
        built.expect("name and source are set")
    };
    of.secrets.iter().map(secret).collect()
}

/// `ARN`, or `ARN:KEY::` for the current version of one key.
pub(super) fn value_from(of: &SecretReference) -> String {
    let arn = of.secret.known();
    of.key.as_ref().map_or_else(|| arn.to_string(), |key| format!("{arn}:{key}::"))
}

fn mount(of: &MountPoint) -> ApiMountPoint {
    ApiMountPoint::builder()
        .source_volume(&of.volume)
        .container_path(&of.path)
        .read_only(of.read_only)
        .build()
}

fn health_check(of: &ContainerHealthCheck) -> ApiHealthCheck {
    ApiHealthCheck::builder()
        .set_command(Some(of.command.clone()))
        .interval(number(of.interval_secs))
        .timeout(number(of.timeout_secs))
        .retries(number(of.retries))
        .start_period(number(of.start_secs))
        .build()
        .expect("the command is set")
}

fn log(of: &ContainerLogs, region: &str) -> LogConfiguration {
    let mut options = BTreeMap::from([
        ("awslogs-group".to_owned(), of.group.known().to_string()),
        ("awslogs-region".to_owned(), region.to_owned()),
        ("awslogs-stream-prefix".to_owned(), of.prefix.clone()),
        ("mode".to_owned(), if of.blocking { "blocking" } else { "non-blocking" }.to_owned()),
    ]);
    if !of.blocking {
        options.insert("max-buffer-size".to_owned(), LOG_BUFFER.to_owned());
    }
    LogConfiguration::builder()
        .log_driver(LogDriver::Awslogs)
        .set_options(Some(options.into_iter().collect()))
        .build()
        .expect("the driver is set")
}
