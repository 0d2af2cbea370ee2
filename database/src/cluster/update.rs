//! Changing a cluster in place.

use aws_sdk_rds::operation::modify_db_cluster::builders::ModifyDBClusterFluentBuilder;
use aws_sdk_rds::types::CloudwatchLogsExportConfiguration;
use globecart_aws::engine::{Argument, CallResult, Effect, Made};
use globecart_aws::{Aws, Doing};
use serde_json::Value;

use super::{DbCluster, DbClusterOutputs, Was, check, described};
use crate::api;

/// A minor version is AWS's once set; a new major one stops the cluster for some minutes.
pub(super) fn version_argument(old: &Value, new: &Value) -> Argument {
    let major = |value: &Value| check::major(value.as_str().unwrap_or_default()).ok();
    if major(old) == major(new) {
        Argument::Owned(Effect::AtOnce)
    } else {
        Argument::InPlace(Effect::AtOnce)
    }
}

impl DbCluster {
    /// One call with all that differs, applied at once.
    pub(super) async fn change(&self, aws: &Aws, old: &Was) -> CallResult<Made<DbClusterOutputs>> {
        let id = old.outputs.id.as_str();
        let call = aws.rds().modify_db_cluster().db_cluster_identifier(id).apply_immediately(true);
        let call = self.settings(call, &old.args);
        let call = self.password(call, &old.args);
        let call = self.version(call, &old.args);
        let call = self.watching(call, &old.args);
        let answer = call.send().await.doing("changing the cluster")?;
        let outputs = answer.db_cluster.as_ref().and_then(described::outputs);
        Ok(Made::pending(outputs.ok_or_else(|| api::incomplete("changing the cluster"))?))
    }

    fn settings(
        &self,
        call: ModifyDBClusterFluentBuilder,
        old: &Self,
    ) -> ModifyDBClusterFluentBuilder {
        let days = i32::from(self.backup_retention_days);
        let windows = (&self.backup_window, &self.maintenance_window)
            != (&old.backup_window, &old.maintenance_window);
        let groups = self.security_groups != old.security_groups;
        let capacity = (self.capacity != old.capacity).then(|| self.capacity.in_api());
        let authentication =
            (self.iam_authentication != old.iam_authentication).then_some(self.iam_authentication);
        let protection = (self.deletion_protection != old.deletion_protection)
            .then_some(self.deletion_protection);
        let copy = (self.copy_tags_to_snapshot != old.copy_tags_to_snapshot)
            .then_some(self.copy_tags_to_snapshot);
        let lifecycle =
            (self.extended_support != old.extended_support).then(|| self.lifecycle().to_owned());
        let retention = (self.backup_retention_days != old.backup_retention_days).then_some(days);
        call.set_serverless_v2_scaling_configuration(capacity)
            .set_vpc_security_group_ids(groups.then(|| self.groups()))
            .set_backup_retention_period(retention)
            .set_preferred_backup_window(windows.then(|| self.backup_window.clone()))
            .set_preferred_maintenance_window(windows.then(|| self.maintenance_window.clone()))
            .set_enable_iam_database_authentication(authentication)
            .set_deletion_protection(protection)
            .set_copy_tags_to_snapshot(copy)
            .set_engine_lifecycle_support(lifecycle)
    }

    /// A restored cluster has no managed password yet; a key can only be changed where there is one.
    fn password(
        &self,
        call: ModifyDBClusterFluentBuilder,
        old: &Self,
    ) -> ModifyDBClusterFluentBuilder {
        let manage = !old.managed_password;
        let rekey = manage || self.secret_key != old.secret_key;
        let key = self.secret_key.as_ref().map(|key| key.known().to_string());
        // Without a key of one's own, the secret goes back to the key that AWS manages.
        let key = key.unwrap_or_else(|| "alias/aws/secretsmanager".to_owned());
        call.set_manage_master_user_password(manage.then_some(true))
            .set_master_user_secret_kms_key_id(rekey.then_some(key))
    }

    /// A major version comes with its parameter groups, in the same call.
    fn version(
        &self,
        call: ModifyDBClusterFluentBuilder,
        old: &Self,
    ) -> ModifyDBClusterFluentBuilder {
        let group = (self.parameter_group != old.parameter_group)
            .then(|| self.parameter_group.known().to_string());
        let call = call.set_db_cluster_parameter_group_name(group);
        let (wanted, there) = (numbers(&self.engine_version), numbers(&old.engine_version));
        // A newer minor version that AWS installed stays.
        if wanted <= there {
            return call;
        }
        let call = call.engine_version(&self.engine_version);
        if wanted.0 == there.0 {
            return call;
        }
        let instances = self.instance_parameter_group.as_ref();
        call.allow_major_version_upgrade(true)
            .set_db_instance_parameter_group_name(instances.map(|group| group.known().to_string()))
    }

    fn watching(
        &self,
        call: ModifyDBClusterFluentBuilder,
        old: &Self,
    ) -> ModifyDBClusterFluentBuilder {
        let names = |of: &Self, other: &Self| -> Vec<String> {
            let names = of.log_exports.difference(&other.log_exports);
            names.map(|log| log.name().to_owned()).collect()
        };
        let exports = (self.log_exports != old.log_exports).then(|| {
            CloudwatchLogsExportConfiguration::builder()
                .set_enable_log_types(Some(names(self, old)))
                .set_disable_log_types(Some(names(old, self)))
                .build()
        });
        let call = call.set_cloudwatch_logs_export_configuration(exports);
        if self.insights == old.insights {
            return call;
        }
        // A key of insights stays as it was first set.
        let key = self.kms_key.as_ref().filter(|_| !old.insights.is_on());
        call.database_insights_mode(self.insights.mode())
            .enable_performance_insights(true)
            .performance_insights_retention_period(self.insights.days().into())
            .set_performance_insights_kms_key_id(key.map(|key| key.known().to_string()))
    }
}

/// Major and minor version; a version that names none is older than all that do.
fn numbers(version: &str) -> (u16, Option<u16>) {
    let minor = version.split_once('.').and_then(|(_, minor)| minor.parse().ok());
    (check::major(version).unwrap_or_default(), minor)
}
