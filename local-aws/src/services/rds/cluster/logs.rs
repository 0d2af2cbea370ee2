//! The log groups that RDS writes to, and makes by itself when they are not there:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.CloudWatch.html>

use super::super::reference::{CLUSTER, members};
use crate::call::Call;
use crate::fields::Fields;
use crate::services::logs;

/// Lets the instances of a cluster write to its exported logs: they do while there is one that has started.
pub(in super::super) fn ensure_log_groups(call: &mut Call, cluster: &str) {
    let Some(row) = call.get(CLUSTER, cluster) else { return };
    let names: Vec<String> = row
        .texts("EnabledCloudwatchLogsExports")
        .into_iter()
        .map(|log| format!("/aws/rds/cluster/{cluster}/{log}"))
        .collect();
    let started = |status: &str| status != "creating" && status != "stopped";
    if members(call, cluster).any(|(_, row)| started(row.text("DBInstanceStatus"))) {
        for name in names {
            logs::ensure_log_group(call, &name);
        }
    }
}
