//! A cluster as RDS describes it.

use std::collections::BTreeSet;

use aws_sdk_rds::types::{
    DbCluster as Description, ServerlessV2ScalingConfiguration,
    ServerlessV2ScalingConfigurationInfo,
};
use globecart_aws::engine::{Input, Live};
use globecart_aws::{
    DbClusterArn, DbClusterId, DbClusterParameterGroupName, DbClusterResourceId, DbSubnetGroupName,
    KeyArn, ReaderEndpoint, SecretArn, SecurityGroupId, WriterEndpoint, lists,
};

use super::{DbCluster, DbClusterOutputs, Was, check};
use crate::api;
use crate::{Acu, Capacity, Insights, LogExport};

/// States in which a cluster will never be usable.
const LOST: [&str; 3] = ["failed", "incompatible-restore", "inaccessible-encryption-credentials"];

pub(super) fn live(was: &Was, cluster: &Description) -> Live<DbCluster, DbClusterOutputs> {
    let status = cluster.status().unwrap_or_default();
    if LOST.contains(&status) {
        return Live::Failed(format!("RDS reports `{status}`"));
    }
    if status != "available" {
        return Live::Pending(status.to_owned());
    }
    if let Some(what) = pending(cluster) {
        return Live::Pending(format!("RDS has yet to apply {what}"));
    }
    let Some(outputs) = outputs(cluster) else {
        return Live::Pending("without endpoints yet".to_owned());
    };
    let tags = api::from_tags(cluster.tag_list());
    Live::Ready { args: args(was, cluster), outputs, tags }
}

/// What was asked for and is not there yet.
fn pending(cluster: &Description) -> Option<String> {
    let values = cluster.pending_modified_values()?;
    let mut names = Vec::new();
    for (name, there) in [
        ("the engine version", values.engine_version().is_some()),
        ("IAM authentication", values.iam_database_authentication_enabled().is_some()),
        ("the backup retention", values.backup_retention_period().is_some()),
        ("log exports", values.pending_cloudwatch_logs_exports().is_some()),
        ("a new password", values.master_user_password().is_some()),
        ("a certificate", values.certificate_details().is_some()),
    ] {
        if there {
            names.push(name);
        }
    }
    (!names.is_empty()).then(|| names.join(", "))
}

pub(super) fn outputs(cluster: &Description) -> Option<DbClusterOutputs> {
    Some(DbClusterOutputs {
        id: DbClusterId::new(cluster.db_cluster_identifier()?),
        arn: DbClusterArn::new(cluster.db_cluster_arn()?),
        resource_id: DbClusterResourceId::new(cluster.db_cluster_resource_id()?),
        writer_endpoint: WriterEndpoint::new(cluster.endpoint()?),
        reader_endpoint: ReaderEndpoint::new(cluster.reader_endpoint()?),
        master_secret: cluster
            .master_user_secret()
            .and_then(|secret| secret.secret_arn())
            .map(SecretArn::new),
    })
}

fn args(was: &Was, cluster: &Description) -> DbCluster {
    let recorded = &was.args;
    let groups = cluster.vpc_security_groups().iter().filter_map(|one| one.vpc_security_group_id());
    let known = |key: Option<&str>, was: &Option<Input<KeyArn>>| match (key, was) {
        // The key that AWS manages is what a declaration without a key means.
        (_, None) | (None, _) => None,
        (Some(key), Some(_)) => Some(Input::from(KeyArn::new(key))),
    };
    let secret = cluster.master_user_secret();
    DbCluster {
        identifier: recorded.identifier.clone(),
        source: recorded.source.clone(),
        engine_version: version(&recorded.engine_version, cluster),
        // RDS leaves it out of some answers although it is set.
        database_name: match cluster.database_name() {
            Some(name) if !recorded.source.is_restored() => Some(name.to_owned()),
            _ => recorded.database_name.clone(),
        },
        master_username: match cluster.master_username() {
            Some(name) if !recorded.source.is_restored() => name.to_owned(),
            _ => recorded.master_username.clone(),
        },
        capacity: cluster
            .serverless_v2_scaling_configuration()
            .and_then(capacity)
            .unwrap_or(recorded.capacity),
        subnet_group: cluster.db_subnet_group().map_or_else(
            || recorded.subnet_group.clone(),
            |name| DbSubnetGroupName::new(name).into(),
        ),
        security_groups: lists::in_recorded_order(
            groups.map(SecurityGroupId::new),
            &recorded.security_groups,
        ),
        parameter_group: cluster.db_cluster_parameter_group().map_or_else(
            || recorded.parameter_group.clone(),
            |name| DbClusterParameterGroupName::new(name).into(),
        ),
        instance_parameter_group: recorded.instance_parameter_group.clone(),
        kms_key: known(cluster.kms_key_id(), &recorded.kms_key),
        secret_key: known(secret.and_then(|secret| secret.kms_key_id()), &recorded.secret_key),
        port: number(cluster.port()).unwrap_or(recorded.port),
        backup_retention_days: number(cluster.backup_retention_period()).unwrap_or_default(),
        backup_window: cluster.preferred_backup_window().unwrap_or_default().to_owned(),
        maintenance_window: cluster.preferred_maintenance_window().unwrap_or_default().to_owned(),
        iam_authentication: cluster.iam_database_authentication_enabled().unwrap_or_default(),
        log_exports: exports(cluster),
        insights: Insights::described(cluster),
        deletion_protection: cluster.deletion_protection().unwrap_or_default(),
        copy_tags_to_snapshot: cluster.copy_tags_to_snapshot().unwrap_or_default(),
        extended_support: cluster
            .engine_lifecycle_support()
            .map_or(recorded.extended_support, |text| !text.ends_with("-disabled")),
        final_snapshot: recorded.final_snapshot,
        keep_automated_backups: recorded.keep_automated_backups,
        managed_password: secret.is_some(),
    }
}

fn number<N: TryFrom<i32>>(number: Option<i32>) -> Option<N> {
    number.and_then(|number| N::try_from(number).ok())
}

/// The declared version, where the live one is it: a major version is every one of its minor versions.
fn version(recorded: &str, cluster: &Description) -> String {
    let live = cluster.engine_version().unwrap_or(recorded);
    let same = check::major(live).ok() == check::major(recorded).ok();
    if same && !recorded.contains('.') { recorded.to_owned() } else { live.to_owned() }
}

fn exports(cluster: &Description) -> BTreeSet<LogExport> {
    let names = cluster.enabled_cloudwatch_logs_exports().iter();
    names.filter_map(|name| LogExport::named(name)).collect()
}

fn capacity(info: &ServerlessV2ScalingConfigurationInfo) -> Option<Capacity> {
    let acu = |units: Option<f64>| Acu::try_from(units?).ok();
    let pause = info.seconds_until_auto_pause().and_then(|seconds| u32::try_from(seconds).ok());
    let (min, max) = (acu(info.min_capacity())?, acu(info.max_capacity())?);
    Some(Capacity { min, max, pause_after_secs: pause.filter(|_| min == Acu::ZERO) })
}

impl Capacity {
    /// The range as RDS takes it. The time is left out unless the minimum is 0: RDS then forgets it by itself, and
    /// refuses it otherwise.
    pub(super) fn in_api(self) -> ServerlessV2ScalingConfiguration {
        let pause = self.pause_after_secs.and_then(|seconds| i32::try_from(seconds).ok());
        ServerlessV2ScalingConfiguration::builder()
            .min_capacity(self.min.units())
            .max_capacity(self.max.units())
            .set_seconds_until_auto_pause(pause.filter(|_| self.pauses()))
            .build()
    }
}
