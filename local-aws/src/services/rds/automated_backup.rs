//! Continuous backups, of clusters and of what was kept of deleted ones:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusterAutomatedBackups.html>

use super::query::{page_size, passes};
use super::reference::{CLUSTER, RETAINED};
use super::{cluster, name};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// Keeps the backups of a cluster that is gone, for as long as their retention says.
pub(super) fn retain(call: &mut Call, of: &Value) {
    let resource = of.text("DbClusterResourceId");
    let mut row = described(call, of, "retained");
    row["_cluster"] = of.clone();
    row["_arn"] = row["DBClusterAutomatedBackupsArn"].clone();
    row["Tags"] = of["Tags"].clone();
    call.put(RETAINED, resource, row);
    let days = of.number("BackupRetentionPeriod").unwrap_or(1.0);
    call.schedule(days * 86_400.0, RETAINED, resource, Step::Remove);
}

fn described(call: &Call, of: &Value, status: &str) -> Value {
    let copied = [
        "Engine",
        "DBClusterIdentifier",
        "MasterUsername",
        "DbClusterResourceId",
        "IAMDatabaseAuthenticationEnabled",
        "ClusterCreateTime",
        "StorageEncrypted",
        "AllocatedStorage",
        "EngineVersion",
        "DBClusterArn",
        "BackupRetentionPeriod",
        "PreferredBackupWindow",
        "EngineMode",
        "AvailabilityZones",
        "Port",
        "KmsKeyId",
        "StorageType",
    ];
    let id = of.text("DbClusterResourceId").replace("cluster-", "ab-").to_lowercase();
    let seen = cluster::view(call, of);
    let mut row = json!({
        "DBClusterAutomatedBackupsArn": call.arn("rds", &format!("cluster-auto-backup:{id}")), "Status": status,
        "VpcId": of["_vpc"], "Region": call.region(), "LicenseModel": "postgresql-license", "TagList": of["Tags"],
        "RestoreWindow": {"EarliestTime": seen["EarliestRestorableTime"], "LatestTime": seen["LatestRestorableTime"]},
    });
    for member in copied {
        row[member] = of[member].clone();
    }
    row
}

/// `DescribeDBClusterAutomatedBackups`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    page_size(&input)?;
    let active = call.rows(CLUSTER).map(|(_, row)| described(call, row, "active"));
    let kept = call.rows(RETAINED).map(|(_, row)| row.clone());
    let wanted = |row: &Value| {
        let resource = input.opt("DbClusterResourceId");
        let cluster = input.opt("DBClusterIdentifier");
        resource.is_none_or(|id| id == row.text("DbClusterResourceId"))
            && cluster
                .is_none_or(|id| name::of(call, "cluster", id) == row.text("DBClusterIdentifier"))
    };
    let fields = [
        ("status", "Status"),
        ("db-cluster-id", "DBClusterIdentifier"),
        ("db-cluster-resource-id", "DbClusterResourceId"),
    ];
    let mut found = Vec::new();
    for row in active.chain(kept).filter(wanted) {
        if passes(&row, input.items("Filters"), &fields)? {
            found.push(row);
        }
    }
    match input.opt("DbClusterResourceId") {
        Some(id) if found.is_empty() => Err(not_found(id)),
        _ => Ok(json!({"DBClusterAutomatedBackups": found})),
    }
}

/// `DeleteDBClusterAutomatedBackup`: what is retained, for good.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("DbClusterResourceId");
    let live = call.rows(CLUSTER).any(|(_, row)| row.text("DbClusterResourceId") == id);
    if live {
        let message =
            format!("The automated backup of {id} is of a DB cluster that is not deleted.");
        return Err(Fault::new("InvalidDBClusterAutomatedBackupStateFault", message));
    }
    let row = call.remove(RETAINED, id).ok_or_else(|| not_found(id))?;
    Ok(json!({"DBClusterAutomatedBackup": row}))
}

fn not_found(id: &str) -> Fault {
    let message = format!("The automated backup of {id} was not found.");
    Fault::new("DBClusterAutomatedBackupNotFoundFault", message)
}
