//! Making a cluster: empty, from a snapshot, or as it was at some time.

use aws_sdk_rds::primitives::DateTime;
use aws_sdk_rds::types::DbCluster as Description;
use globecart_aws::engine::{CallResult, Intent, Made};
use globecart_aws::{Aws, Doing};

use super::{DbCluster, DbClusterOutputs, described};
use crate::api;
use crate::{Original, RestoreTime, Source};

/// The engine.
const ENGINE: &str = "aurora-postgresql";

/// Sets on one of the three create calls what all of them take.
macro_rules! common {
    ($cluster:expr, $call:expr, $intent:expr) => {
        $call
            .db_cluster_identifier($cluster.id($intent))
            .db_subnet_group_name($cluster.subnet_group.known().as_str())
            .set_vpc_security_group_ids(Some($cluster.groups()))
            .db_cluster_parameter_group_name($cluster.parameter_group.known().as_str())
            .set_kms_key_id($cluster.kms_key.as_ref().map(|key| key.known().to_string()))
            .port($cluster.port.into())
            .enable_iam_database_authentication($cluster.iam_authentication)
            .set_enable_cloudwatch_logs_exports($cluster.exports())
            .deletion_protection($cluster.deletion_protection)
            .copy_tags_to_snapshot($cluster.copy_tags_to_snapshot)
            .serverless_v2_scaling_configuration($cluster.capacity.in_api())
            .backup_retention_period($cluster.backup_retention_days.into())
            .preferred_backup_window(&$cluster.backup_window)
            .engine_lifecycle_support($cluster.lifecycle())
            .set_tags(Some(api::tags($intent.tags())))
    };
}

impl DbCluster {
    pub(super) async fn make(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Made<DbClusterOutputs>> {
        let doing = "creating the cluster";
        let made = match &self.source {
            Source::New => self.new_one(aws, intent).await?,
            Source::Snapshot(snapshot) => self.of_snapshot(aws, intent, snapshot).await?,
            Source::PointInTime { of, at } => self.of_time(aws, intent, of, at).await?,
            Source::Clone(of) => self.clone_of(aws, intent, of).await?,
        };
        let outputs = made.as_ref().and_then(described::outputs);
        let outputs = outputs.ok_or_else(|| api::incomplete(doing))?;
        // What a restore does not take, such as the managed password, is set once the cluster is there.
        Ok(if self.source.is_restored() { Made::step(outputs) } else { Made::pending(outputs) })
    }

    async fn new_one(&self, aws: &Aws, intent: &Intent) -> CallResult<Option<Description>> {
        let call = common!(self, aws.rds().create_db_cluster(), intent)
            .engine(ENGINE)
            .engine_version(&self.engine_version)
            .set_database_name(self.database_name.clone())
            .master_username(&self.master_username)
            .manage_master_user_password(true)
            .set_master_user_secret_kms_key_id(
                self.secret_key.as_ref().map(|key| key.known().to_string()),
            )
            .storage_encrypted(true)
            .preferred_maintenance_window(&self.maintenance_window)
            .database_insights_mode(self.insights.mode())
            .enable_performance_insights(true)
            .performance_insights_retention_period(self.insights.days().into())
            .set_performance_insights_kms_key_id(
                self.kms_key.as_ref().map(|key| key.known().to_string()),
            );
        Ok(call.send().await.doing("creating the cluster")?.db_cluster)
    }

    async fn of_snapshot(
        &self,
        aws: &Aws,
        intent: &Intent,
        snapshot: &str,
    ) -> CallResult<Option<Description>> {
        let call = common!(self, aws.rds().restore_db_cluster_from_snapshot(), intent)
            .snapshot_identifier(snapshot)
            .engine(ENGINE)
            // A major version alone is what the snapshot has, or what the next step upgrades to.
            .set_engine_version(
                self.engine_version.contains('.').then(|| self.engine_version.clone()),
            );
        Ok(call.send().await.doing("restoring the cluster from its snapshot")?.db_cluster)
    }

    async fn of_time(
        &self,
        aws: &Aws,
        intent: &Intent,
        of: &Original,
        at: &RestoreTime,
    ) -> CallResult<Option<Description>> {
        let call = common!(self, aws.rds().restore_db_cluster_to_point_in_time(), intent);
        let call = match of {
            Original::Cluster(id) => call.source_db_cluster_identifier(id),
            Original::Kept(id) => call.source_db_cluster_resource_id(id),
        };
        let call = match at {
            RestoreTime::Latest => call.use_latest_restorable_time(true),
            RestoreTime::Epoch(seconds) => call.restore_to_time(DateTime::from_secs(*seconds)),
        };
        Ok(call.send().await.doing("restoring the cluster to a point in time")?.db_cluster)
    }

    async fn clone_of(
        &self,
        aws: &Aws,
        intent: &Intent,
        of: &str,
    ) -> CallResult<Option<Description>> {
        let call = common!(self, aws.rds().restore_db_cluster_to_point_in_time(), intent)
            .source_db_cluster_identifier(of)
            .restore_type("copy-on-write")
            .use_latest_restorable_time(true);
        Ok(call.send().await.doing("cloning the cluster")?.db_cluster)
    }

    pub(super) fn groups(&self) -> Vec<String> {
        self.security_groups.iter().map(|group| group.known().to_string()).collect()
    }

    fn exports(&self) -> Option<Vec<String>> {
        let names = self.log_exports.iter().map(|log| log.name().to_owned());
        (!self.log_exports.is_empty()).then(|| names.collect())
    }

    pub(super) fn lifecycle(&self) -> &'static str {
        if self.extended_support {
            "open-source-rds-extended-support"
        } else {
            "open-source-rds-extended-support-disabled"
        }
    }
}
