//! The tables of RDS, and rows by the names that requests give.

use super::name;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::Value;

/// Clusters by identifier: a `DBCluster` without members and what is computed, with `_groups` (ids of security groups),
/// `_pending` (changes for the window) and `_secret` (the ARN of the managed secret).
pub(super) const CLUSTER: Table = Table::regional("rds.db_cluster");

/// Instances by identifier: what a `DBInstance` has of its own, with `_writer`, `_interface`, `_pending` and `_down`.
pub(super) const INSTANCE: Table = Table::regional("rds.db_instance");

/// Subnet groups by name: a `DBSubnetGroup`.
pub(super) const SUBNET_GROUP: Table = Table::regional("rds.db_subnet_group");

/// Manual and automated snapshots of clusters by identifier: a `DBClusterSnapshot` with `_cluster`, the cluster's row.
pub(super) const SNAPSHOT: Table = Table::regional("rds.db_cluster_snapshot");

/// Automated backups kept of deleted clusters, by the cluster's resource id: a `DBClusterAutomatedBackup` with `_cluster`.
pub(super) const RETAINED: Table = Table::regional("rds.db_cluster_automated_backup");

/// A cluster by name or ARN.
pub(super) fn cluster(call: &Call, text: &str) -> Result<(String, Value), Fault> {
    let id = name::of(call, "cluster", text);
    let row = call.get(CLUSTER, &id).cloned().ok_or_else(|| no_cluster(text))?;
    Ok((id, row))
}

/// A cluster that is available; others refuse changes.
pub(super) fn available_cluster(call: &Call, text: &str) -> Result<(String, Value), Fault> {
    let (id, row) = cluster(call, text)?;
    let status = super::cluster::status(call, &row);
    if status == "available" {
        return Ok((id, row));
    }
    Err(Fault::new(
        "InvalidDBClusterStateFault",
        format!("The DB cluster {id} isn't in the available state, it is in the {status} state."),
    ))
}

/// An instance by name or ARN.
pub(super) fn instance(call: &Call, text: &str) -> Result<(String, Value), Fault> {
    let id = name::of(call, "db", text);
    let row = call.get(INSTANCE, &id).cloned().ok_or_else(|| no_instance(text))?;
    Ok((id, row))
}

/// An instance that is available; others refuse changes.
pub(super) fn available_instance(call: &Call, text: &str) -> Result<(String, Value), Fault> {
    let (id, row) = instance(call, text)?;
    match row.text("DBInstanceStatus") {
        "available" => Ok((id, row)),
        status => Err(Fault::new(
            "InvalidDBInstanceState",
            format!("Database instance is not in available state. It is in the {status} state."),
        )),
    }
}

/// The instances of a cluster, by identifier.
pub(super) fn members<'c>(
    call: &'c Call,
    cluster: &str,
) -> impl Iterator<Item = (&'c str, &'c Value)> {
    call.rows(INSTANCE).filter(move |(_, row)| row.text("DBClusterIdentifier") == cluster)
}

pub(super) fn no_cluster(name: &str) -> Fault {
    Fault::new("DBClusterNotFoundFault", format!("DBCluster {name} not found."))
}

pub(super) fn no_instance(name: &str) -> Fault {
    Fault::new("DBInstanceNotFound", format!("DBInstance {name} not found."))
}
