//! Instances of clusters: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html>

mod create;
mod delete;
mod modify;
mod monitoring;

pub(super) use self::create::{create, ready};
pub(super) use self::delete::{delete, gone};
pub(super) use self::modify::{apply_pending, modify, reboot};

use super::query::Query;
use super::reference::{CLUSTER, INSTANCE, SUBNET_GROUP, no_instance};
use super::{certificate, engine, name};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// The tasks of instances: the end, what waited, being ready.
pub(super) const GONE: &str = "instance_gone";
pub(super) const PENDING: &str = "instance_pending";
pub(super) const READY: &str = "instance_ready";

const QUERY: Query = Query {
    table: INSTANCE,
    id: "DBInstanceIdentifier",
    kind: "db",
    missing: no_instance,
    filters: &[
        ("db-cluster-id", "DBClusterIdentifier"),
        ("db-instance-id", "DBInstanceIdentifier"),
        ("dbi-resource-id", "DbiResourceId"),
        ("engine", "Engine"),
        ("domain", "DomainMemberships[].Domain"),
    ],
};

/// What an instance has from its cluster: its own member, and the cluster's.
const INHERITED: [(&str, &str); 15] = [
    ("MasterUsername", "MasterUsername"),
    ("DBName", "DatabaseName"),
    ("EngineVersion", "EngineVersion"),
    ("StorageEncrypted", "StorageEncrypted"),
    ("StorageEncryptionType", "StorageEncryptionType"),
    ("KmsKeyId", "KmsKeyId"),
    ("BackupRetentionPeriod", "BackupRetentionPeriod"),
    ("PreferredBackupWindow", "PreferredBackupWindow"),
    ("IAMDatabaseAuthenticationEnabled", "IAMDatabaseAuthenticationEnabled"),
    ("EnabledCloudwatchLogsExports", "EnabledCloudwatchLogsExports"),
    ("PerformanceInsightsEnabled", "PerformanceInsightsEnabled"),
    ("PerformanceInsightsKMSKeyId", "PerformanceInsightsKMSKeyId"),
    ("PerformanceInsightsRetentionPeriod", "PerformanceInsightsRetentionPeriod"),
    ("DatabaseInsightsMode", "DatabaseInsightsMode"),
    ("EngineLifecycleSupport", "EngineLifecycleSupport"),
];

/// `DescribeDBInstances`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"DBInstances": QUERY.run(call, view)?}))
}

/// An instance as it is described, with what it has from its cluster.
fn view(call: &Call, row: &Value) -> Value {
    let mut seen = row.clone();
    let id = row.text("DBInstanceIdentifier");
    let Some(cluster) = call.get(CLUSTER, row.text("DBClusterIdentifier")) else { return seen };
    for (own, of_cluster) in INHERITED {
        seen[own] = cluster[of_cluster].clone();
    }
    let groups = cluster.texts("_groups").into_iter();
    seen["VpcSecurityGroups"] =
        groups.map(|id| json!({"VpcSecurityGroupId": id, "Status": "active"})).collect();
    seen["DBSubnetGroup"] =
        call.get(SUBNET_GROUP, row.text("_subnet_group")).cloned().unwrap_or_default();
    let waits = row.flag("_parameters_pending");
    seen["DBParameterGroups"] = json!([{
        "DBParameterGroupName": row["_parameter_group"], "ParameterApplyStatus": if waits { "pending-reboot" } else { "in-sync" },
    }]);
    let family = engine::Version::of(cluster).major;
    seen["OptionGroupMemberships"] = json!([{"OptionGroupName": format!("default:{}-{family}", engine::ENGINE), "Status": "in-sync"}]);
    if row.text("DBInstanceStatus") != "creating" {
        seen["Endpoint"] = json!({
            "Address": name::host(call, id, ""), "Port": cluster["Port"], "HostedZoneId": name::hosted_zone(call),
        });
    }
    let made = row.number("InstanceCreateTime").unwrap_or_else(|| call.now());
    let authority = row.text("CACertificateIdentifier");
    seen["CertificateDetails"] = certificate::details(authority, made, call.now());
    if row.has("_pending") {
        seen["PendingModifiedValues"] = row["_pending"].clone();
    }
    seen["TagList"] = row["Tags"].clone();
    seen
}

/// The answer of operations that change an instance.
fn answer(call: &Call, id: &str) -> Value {
    json!({"DBInstance": call.get(INSTANCE, id).map(|row| view(call, row))})
}
