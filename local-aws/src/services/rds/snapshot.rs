//! Snapshots of clusters: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterSnapshot.html>

use super::query::{Query, combination, invalid};
use super::reference::{self, CLUSTER, SNAPSHOT};
use super::{cluster, event, name, resource_tags};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::tags;
use jiff::Timestamp;
use serde_json::{Value, json};

const QUOTA: usize = 100;

const QUERY: Query = Query {
    table: SNAPSHOT,
    id: "DBClusterSnapshotIdentifier",
    kind: "cluster-snapshot",
    missing: no_snapshot,
    filters: &[
        ("db-cluster-id", "DBClusterIdentifier"),
        ("db-cluster-snapshot-id", "DBClusterSnapshotIdentifier"),
        ("snapshot-type", "SnapshotType"),
        ("engine", "Engine"),
    ],
};

pub(super) fn no_snapshot(name: &str) -> Fault {
    let message = format!("DBClusterSnapshot not found: {name}");
    Fault::new("DBClusterSnapshotNotFoundFault", message)
}

/// A snapshot by name or ARN, for changes of it.
pub(super) fn known(call: &Call, text: &str) -> Result<(String, Value), Fault> {
    let id = name::of(call, "cluster-snapshot", text);
    let row = call.get(SNAPSHOT, &id).cloned().ok_or_else(|| no_snapshot(text))?;
    Ok((id, row))
}

/// A snapshot that is complete.
pub(super) fn available(call: &Call, text: &str) -> Result<(String, Value), Fault> {
    let (id, row) = known(call, text)?;
    match row.text("Status") {
        "available" => Ok((id, row)),
        status => Err(Fault::new(
            "InvalidDBClusterSnapshotStateFault",
            format!("The DB cluster snapshot {id} is in the {status} state."),
        )),
    }
}

/// `CreateDBClusterSnapshot`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let named = input.text("DBClusterIdentifier");
    let (id, row) = reference::available_cluster(call, named)?;
    let tags = resource_tags::checked(input.items("Tags"))?;
    let made = begin(call, input.text("DBClusterSnapshotIdentifier"), &row, tags)?;
    call.merge(CLUSTER, &id, json!({"Status": "backing-up"}));
    let seconds = call.latency("rds.db_cluster_snapshot", "create");
    call.schedule(seconds, CLUSTER, &id, Step::Merge(json!({"Status": "available"})));
    let done = json!({"Status": "available", "PercentProgress": 100});
    call.schedule(seconds, SNAPSHOT, &made, Step::Merge(done));
    Ok(json!({"DBClusterSnapshot": call.get(SNAPSHOT, &made).map(|row| view(call, row))}))
}

/// Begins a manual snapshot; its identifier.
pub(super) fn begin(
    call: &mut Call,
    text: &str,
    of: &Value,
    own_tags: Vec<Value>,
) -> Result<String, Fault> {
    let id = name::identifier("DBClusterSnapshotIdentifier", text, 255)?;
    if call.get(SNAPSHOT, &id).is_some() {
        let message = format!(
            "Cannot create the snapshot because a snapshot with the identifier {id} already exists."
        );
        return Err(Fault::new("DBClusterSnapshotAlreadyExistsFault", message));
    }
    let manual = call.rows(SNAPSHOT).filter(|(_, row)| row.text("SnapshotType") == "manual");
    if manual.count() >= call.quota("rds.manual_db_cluster_snapshots", QUOTA) {
        let message = "The quota of manual DB cluster snapshots has been reached.";
        return Err(Fault::new("SnapshotQuotaExceeded", message));
    }
    let mut row = new_row(call, &id, of, "manual");
    tags::add(&mut row, &own_tags).map_err(|bad| invalid(bad.message()))?;
    call.put(SNAPSHOT, &id, row);
    event::emit(call, "db-cluster-snapshot", &id, &["backup"], "Creating manual cluster snapshot");
    Ok(id)
}

fn new_row(call: &Call, id: &str, of: &Value, kind: &str) -> Value {
    let arn = call.arn("rds", &format!("cluster-snapshot:{id}"));
    let copied = [
        "AvailabilityZones",
        "DBClusterIdentifier",
        "DbClusterResourceId",
        "Engine",
        "EngineMode",
        "EngineVersion",
        "AllocatedStorage",
        "Port",
        "ClusterCreateTime",
        "MasterUsername",
        "StorageEncrypted",
        "KmsKeyId",
        "IAMDatabaseAuthenticationEnabled",
        "StorageType",
        "BackupRetentionPeriod",
        "PreferredBackupWindow",
    ];
    let mut row = json!({
        "DBClusterSnapshotIdentifier": id, "DBClusterSnapshotArn": arn, "Status": "creating", "PercentProgress": 0,
        "SnapshotType": kind, "SnapshotCreateTime": call.now(), "LicenseModel": "postgresql-license", "VpcId": of["_vpc"],
        "Tags": [], "_arn": arn, "_cluster": of, "_shared": [],
    });
    for member in copied {
        row[member] = of[member].clone();
    }
    if of.flag("CopyTagsToSnapshot") {
        let own = |tag: &&Value| !tag.text("Key").starts_with("aws:");
        row["Tags"] = of.items("Tags").iter().filter(own).cloned().collect();
    }
    row
}

fn view(_: &Call, row: &Value) -> Value {
    let mut seen = row.clone();
    seen["TagList"] = row["Tags"].clone();
    seen
}

/// Ends a snapshot that was begun when its cluster was deleted.
pub(super) fn finish(call: &mut Call, id: &str) {
    call.merge(SNAPSHOT, id, json!({"Status": "available", "PercentProgress": 100}));
}

/// The day's snapshot of a cluster; those older than its retention are forgotten.
pub(super) fn automated(call: &mut Call, of: &Value) {
    let cluster = of.text("DBClusterIdentifier");
    let now = call.now();
    let id = format!("rds:{cluster}-{}", stamp(now));
    let mut row = new_row(call, &id, of, "automated");
    row["Status"] = json!("available");
    row["PercentProgress"] = json!(100);
    call.put(SNAPSHOT, &id, row);
    let days = of.number("BackupRetentionPeriod").unwrap_or(1.0);
    let old: Vec<String> = automated_of(call, cluster)
        .filter(|(_, row)| {
            row.number("SnapshotCreateTime").is_some_and(|made| made < now - days * 86_400.0)
        })
        .map(|(id, _)| id.to_owned())
        .collect();
    for id in old {
        call.remove(SNAPSHOT, &id);
    }
}

/// A time in the names of automated snapshots, such as `2026-01-01-03-30`.
#[expect(clippy::cast_possible_truncation, reason = "seconds of any year AWS knows fit")]
fn stamp(now: f64) -> String {
    let time = Timestamp::from_second(now as i64).unwrap_or_default();
    time.strftime("%Y-%m-%d-%H-%M").to_string()
}

fn automated_of<'c>(call: &'c Call, cluster: &str) -> impl Iterator<Item = (&'c str, &'c Value)> {
    call.rows(SNAPSHOT).filter(move |(_, row)| {
        row.text("SnapshotType") == "automated" && row.text("DBClusterIdentifier") == cluster
    })
}

/// Automated snapshots go with their cluster.
pub(super) fn remove_automated(call: &mut Call, cluster: &str) {
    let ids: Vec<String> = automated_of(call, cluster).map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        call.remove(SNAPSHOT, &id);
    }
}

/// `CopyDBClusterSnapshot`, within the region.
pub(super) fn copy(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    super::query::refuse_unsupported(call, &["PreSignedUrl"])?;
    let (_, source) = available(call, input.text("SourceDBClusterSnapshotIdentifier"))?;
    let own = resource_tags::checked(input.items("Tags"))?;
    let key = match input.opt("KmsKeyId") {
        Some(_) if !source.flag("StorageEncrypted") => {
            return Err(combination(
                "You can't encrypt a copy of an unencrypted DB cluster snapshot.",
            ));
        }
        Some(key) => Some(cluster_key(call, key)?),
        None => None,
    };
    let text = input.text("TargetDBClusterSnapshotIdentifier");
    let id = begin(call, text, &source["_cluster"], own)?;
    let mut members = json!({
        "Status": "copying", "SourceDBClusterSnapshotArn": source["DBClusterSnapshotArn"], "KmsKeyId": source["KmsKeyId"],
    });
    if let Some(key) = key {
        members["KmsKeyId"] = json!(key);
    }
    if input.flag("CopyTags") && input.items("Tags").is_empty() {
        members["Tags"] = source["Tags"].clone();
    }
    call.merge(SNAPSHOT, &id, members);
    let seconds = call.latency("rds.db_cluster_snapshot", "create");
    let done = json!({"Status": "available", "PercentProgress": 100});
    call.schedule(seconds, SNAPSHOT, &id, Step::Merge(done));
    Ok(json!({"DBClusterSnapshot": call.get(SNAPSHOT, &id).map(|row| view(call, row))}))
}

fn cluster_key(call: &mut Call, key: &str) -> Result<String, Fault> {
    cluster::key(call, key)
}

/// `DescribeDBClusterSnapshots`: manual and automated ones, unless the request says which.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let wanted = |row: &Value| {
        input.opt("SnapshotType").is_none_or(|kind| kind == row.text("SnapshotType"))
            && input
                .opt("DbClusterResourceId")
                .is_none_or(|id| id == row.text("DbClusterResourceId"))
            && input
                .opt("DBClusterIdentifier")
                .is_none_or(|id| name::of(call, "cluster", id) == row.text("DBClusterIdentifier"))
    };
    let found = QUERY.run(call, view)?;
    let found: Vec<Value> = found.into_iter().filter(|row| wanted(row)).collect();
    Ok(json!({"DBClusterSnapshots": found}))
}

/// `DeleteDBClusterSnapshot`: automated ones are the service's.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let (id, row) = available(call, call.input().text("DBClusterSnapshotIdentifier"))?;
    if row.text("SnapshotType") != "manual" {
        let message = format!("The snapshot {id} is not a manual snapshot and cannot be deleted.");
        return Err(Fault::new("InvalidDBClusterSnapshotStateFault", message));
    }
    call.remove(SNAPSHOT, &id);
    let mut seen = view(call, &row);
    seen["Status"] = json!("deleted");
    Ok(json!({"DBClusterSnapshot": seen}))
}
