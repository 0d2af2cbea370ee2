//! Clusters from snapshots and from a point in time:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBClusterFromSnapshot.html>

use super::super::engine::{self, Version};
use super::super::query::{combination, invalid};
use super::super::reference::{self, CLUSTER, RETAINED};
use super::super::{event, snapshot};
use super::create::{Origin, checked_id, place};
use super::{answer, restore_window};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `RestoreDBClusterFromSnapshot`.
pub(in super::super) fn restore_from_snapshot(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = checked_id(call, &input)?;
    engine::engine(&input)?;
    let (_, snapshot) = snapshot::available(call, input.text("SnapshotIdentifier"))?;
    let mut origin = origin(&snapshot["_cluster"]);
    if let Some(wanted) = input.opt("EngineVersion") {
        origin.version = origin.version.upgrade(wanted, true)?;
    }
    origin.encrypted = snapshot.flag("StorageEncrypted");
    origin.key = snapshot.opt("KmsKeyId").map(str::to_owned);
    readable(call, &origin)?;
    restore(call, &id, &input, &origin)
}

/// `RestoreDBClusterToPointInTime`: of a cluster, or of the backups that were kept of one.
pub(in super::super) fn restore_to_point_in_time(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = checked_id(call, &input)?;
    let (row, kept) = source(call, &input)?;
    let window = if kept { row_window(&row) } else { restore_window(call, &row) };
    let (time, latest) = (input.number("RestoreToTime"), input.flag("UseLatestRestorableTime"));
    match (time, latest, window) {
        (_, _, None) => {
            return Err(invalid("The source DB cluster has no restorable time yet."));
        }
        (Some(_), true, _) => {
            return Err(combination(
                "RestoreToTime and UseLatestRestorableTime can't be specified together.",
            ));
        }
        (None, false, _) if input.opt("RestoreType") != Some("copy-on-write") => {
            return Err(combination(
                "Either RestoreToTime or UseLatestRestorableTime must be specified.",
            ));
        }
        (Some(time), _, Some((from, until))) if !(from..=until).contains(&time) => {
            return Err(invalid(
                "RestoreToTime must be within the restorable time of the source DB cluster.",
            ));
        }
        _ => {}
    }
    let mut origin = origin(if kept { &row["_cluster"] } else { &row });
    if input.opt("RestoreType") == Some("copy-on-write") {
        if kept {
            return Err(combination("A clone can't be made of retained automated backups."));
        }
        let group = row.opt("CloneGroupId").map(str::to_owned);
        origin.clone_group = Some(group.unwrap_or_else(|| call.new_uuid("rds.clone_group")));
        let clones = json!({"CloneGroupId": origin.clone_group});
        call.merge(CLUSTER, row.text("DBClusterIdentifier"), clones);
    }
    readable(call, &origin)?;
    restore(call, &id, &input, &origin)
}

/// The cluster that is restored, or what is kept of it.
fn source(call: &Call, input: &Value) -> Result<(Value, bool), Fault> {
    match (input.opt("SourceDBClusterIdentifier"), input.opt("SourceDbClusterResourceId")) {
        (Some(name), None) => Ok((reference::cluster(call, name)?.1, false)),
        (None, Some(resource)) => {
            let live = |row: &Value| row.text("DbClusterResourceId") == resource;
            if let Some((_, row)) = call.rows(CLUSTER).find(|(_, row)| live(row)) {
                return Ok((row.clone(), false));
            }
            let kept = call.get(RETAINED, resource).cloned();
            kept.map(|row| (row, true)).ok_or_else(|| {
                let message = format!("The automated backup of {resource} was not found.");
                Fault::new("DBClusterAutomatedBackupNotFoundFault", message)
            })
        }
        _ => Err(combination(
            "Exactly one of SourceDBClusterIdentifier and SourceDbClusterResourceId must be specified.",
        )),
    }
}

fn row_window(row: &Value) -> Option<(f64, f64)> {
    let window = &row["RestoreWindow"];
    Some((window.number("EarliestTime")?, window.number("LatestTime")?))
}

/// What is restored comes with the source's users, database and version.
fn origin(cluster: &Value) -> Origin {
    Origin {
        master: cluster.text("MasterUsername").to_owned(),
        database: cluster.opt("DatabaseName").map(str::to_owned),
        version: Version::of(cluster),
        encrypted: cluster.flag("StorageEncrypted"),
        key: cluster.opt("KmsKeyId").map(str::to_owned),
        clone_group: None,
        port: cluster.int("Port").unwrap_or(5432),
        retention: cluster.int("BackupRetentionPeriod").unwrap_or(1),
    }
}

/// Nothing can be read without the key that it was encrypted with.
fn readable(call: &mut Call, origin: &Origin) -> Result<(), Fault> {
    match &origin.key {
        Some(key) => super::setting::key(call, key).map(drop),
        None => Ok(()),
    }
}

fn restore(call: &mut Call, id: &str, input: &Value, origin: &Origin) -> Result<Value, Fault> {
    place(call, id, input, origin)?;
    event::emit(call, "db-cluster", id, &["creation"], "DB cluster restored");
    Ok(answer(call, id))
}
