//! Clusters: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html>

mod backups;
mod create;
mod delete;
mod failover;
mod logs;
mod modify;
mod power;
mod restore;
mod roles;
mod secret;
mod setting;

pub(super) use self::backups::backup;
pub(super) use self::create::{create, ready};
pub(super) use self::delete::{delete, gone, without_members};
pub(super) use self::failover::{fail_over, failed_over, promote};
pub(super) use self::logs::ensure_log_groups;
pub(super) use self::modify::{apply_pending, modify};
pub(super) use self::power::{start, stop};
pub(super) use self::restore::{restore_from_snapshot, restore_to_point_in_time};
pub(super) use self::roles::{add as add_role, remove as remove_role};
pub(super) use self::secret::rotate;
pub(crate) use self::secret::rotate_master;
pub(super) use self::setting::{insights, key, monitoring};

use super::query::Query;
use super::reference::{CLUSTER, members, no_cluster};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::KMS_KEY;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The tasks of clusters: a daily backup, the end, what waited for the window, being ready, a new password, a failover.
pub(super) const BACKUP: &str = "cluster_backup";
pub(super) const GONE: &str = "cluster_gone";
pub(super) const PENDING: &str = "cluster_pending";
pub(super) const READY: &str = "cluster_ready";
pub(super) const ROTATE: &str = "cluster_rotate";
pub(super) const FAILED_OVER: &str = "cluster_failed_over";

/// How far the latest restorable time is behind, in seconds: Aurora says typically five minutes.
const BEHIND_SECONDS: f64 = 300.0;

const DAY_SECONDS: f64 = 24.0 * 3600.0;

const QUERY: Query = Query {
    table: CLUSTER,
    id: "DBClusterIdentifier",
    kind: "cluster",
    missing: no_cluster,
    filters: &[
        ("db-cluster-id", "DBClusterIdentifier"),
        ("db-cluster-resource-id", "DbClusterResourceId"),
        ("engine", "Engine"),
        ("clone-group-id", "CloneGroupId"),
        ("domain", "DomainMemberships[].Domain"),
    ],
};

/// `DescribeDBClusters`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"DBClusters": QUERY.run(call, view)?}))
}

/// The state of a cluster: without its key it cannot be used.
pub(super) fn status<'r>(call: &Call, row: &'r Value) -> &'r str {
    let key = row.text("KmsKeyId").rsplit('/').next().unwrap_or_default();
    let usable = call.get(KMS_KEY, key).is_some_and(|key| key.text("KeyState") == "Enabled");
    match row.text("Status") {
        "available" if row.flag("StorageEncrypted") && !usable => {
            "inaccessible-encryption-credentials-recoverable"
        }
        status => status,
    }
}

/// A cluster as it is described, with its members and what follows from them.
pub(super) fn view(call: &Call, row: &Value) -> Value {
    let id = row.text("DBClusterIdentifier");
    let mut seen = row.clone();
    let all: Vec<&Value> = members(call, id).map(|(_, row)| row).collect();
    let zones: BTreeSet<&str> = all.iter().map(|row| row.text("AvailabilityZone")).collect();
    seen["MultiAZ"] = json!(zones.len() > 1);
    seen["DBClusterMembers"] = all.iter().map(|row| member(row)).collect();
    seen["Status"] = json!(status(call, row));
    seen["TagList"] = row["Tags"].clone();
    let groups = row.texts("_groups");
    seen["VpcSecurityGroups"] =
        groups.iter().map(|id| json!({"VpcSecurityGroupId": id, "Status": "active"})).collect();
    if row.has("_pending") {
        seen["PendingModifiedValues"] = pending(&row["_pending"]);
    }
    restorable(call, row, &mut seen);
    seen
}

fn member(row: &Value) -> Value {
    let waits = row.flag("_cluster_parameters_pending");
    json!({
        "DBInstanceIdentifier": row["DBInstanceIdentifier"], "IsClusterWriter": row.flag("_writer"),
        "DBClusterParameterGroupStatus": if waits { "pending-reboot" } else { "in-sync" },
        "PromotionTier": row["PromotionTier"],
    })
}

/// What waits for the window, without secrets.
fn pending(changes: &Value) -> Value {
    let mut shown = changes.clone();
    if let Some(shown) = shown.as_object_mut() {
        // It comes with a major version, which is told of.
        shown.remove("DBClusterParameterGroup");
    }
    if changes.has("MasterUserPassword") {
        shown["MasterUserPassword"] = json!("****");
    }
    shown
}

fn restorable(call: &Call, row: &Value, seen: &mut Value) {
    let Some(ready) = row.number("_ready_at") else { return };
    let days = row.number("BackupRetentionPeriod").unwrap_or(1.0);
    let now = call.now();
    let latest = ((now - BEHIND_SECONDS) / 60.0).floor() * 60.0;
    seen["EarliestRestorableTime"] = json!(ready.max(now - days * DAY_SECONDS));
    seen["LatestRestorableTime"] = json!(latest.max(ready));
}

/// The ends of the time to which a cluster can be restored.
fn restore_window(call: &Call, row: &Value) -> Option<(f64, f64)> {
    let mut seen = json!({});
    restorable(call, row, &mut seen);
    Some((seen.number("EarliestRestorableTime")?, seen.number("LatestRestorableTime")?))
}

/// The answer of operations that change a cluster.
fn answer(call: &Call, id: &str) -> Value {
    json!({"DBCluster": call.get(CLUSTER, id).map(|row| view(call, row))})
}
