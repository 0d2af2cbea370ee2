//! Snapshots: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups.html>

mod daily;

pub(super) use self::daily::{DAILY, daily, remove_automatic, schedule_daily};

use super::event;
use super::kind::{Kind, check_page, checked_name, invalid_combination, invalid_value};
use super::replication_group::{self, REPLICATION_GROUP, shards};
use super::subnet_group::SUBNET_GROUP;
use super::{cache_cluster, tags};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::kms;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `Snapshot`, with the `_data` of its group.
pub(super) const SNAPSHOT: Kind = Kind {
    table: Table::regional("elasticache.snapshot"),
    name: "SnapshotName",
    arn: "snapshot",
    noun: "Snapshot",
    not_found: "SnapshotNotFoundFault",
};

/// The task that ends the taking of a snapshot; the argument is its name.
pub(super) const TAKEN: &str = "snapshot_taken";

/// Manual snapshots of one group in any 24 hours.
const QUOTA: usize = 20;

const DAY_SECONDS: f64 = 86_400.0;

/// Most snapshots of one page, and as many as there are where a request says nothing.
const PAGE: (i64, usize) = (50, 50);

/// The snapshot that a new group is restored from, if one is named.
pub(super) fn source(call: &Call, input: &Value) -> Result<Option<Value>, Fault> {
    let Some(name) = input.opt("SnapshotName") else { return Ok(None) };
    let row = SNAPSHOT.row(call, name)?;
    if row.text("SnapshotStatus") != "available" {
        return Err(wrong_state(&row));
    }
    Ok(Some(row))
}

fn wrong_state(row: &Value) -> Fault {
    let message =
        format!("Snapshot {} is {}.", row.text("SnapshotName"), row.text("SnapshotStatus"));
    Fault::new("InvalidSnapshotState", message)
}

/// A snapshot is being restored for so many seconds.
pub(super) fn restoring(call: &mut Call, name: &str, seconds: f64) {
    call.merge(SNAPSHOT.table, name, json!({"SnapshotStatus": "restoring"}));
    let done = Step::Merge(json!({"SnapshotStatus": "available"}));
    call.schedule(seconds, SNAPSHOT.table, name, done);
}

/// `CreateSnapshot`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = match (input.opt("ReplicationGroupId"), input.opt("CacheClusterId")) {
        (Some(id), None) => id.to_ascii_lowercase(),
        (None, Some(node)) => cache_cluster::group_of(call, node)?,
        _ => {
            let message = "Either ReplicationGroupId or CacheClusterId must be given.";
            return Err(invalid_combination(message));
        }
    };
    let group = replication_group::available(call, &id)?;
    let name = new_name(call, input.text("SnapshotName"))?;
    within_quota(call, &id)?;
    let key = usable_key(call, &input)?;
    let row = described(call, &group, "manual", key.as_deref());
    SNAPSHOT.create(call, &name, row)?;
    take(call, &id, &name);
    Ok(json!({"Snapshot": call.get(SNAPSHOT.table, &name)}))
}

/// Takes the last snapshot of a group that is being deleted; how many seconds that takes.
pub(super) fn take_final(call: &mut Call, group: &Value, name: &str) -> Result<f64, Fault> {
    let name = new_name(call, name)?;
    let mut row = described(call, group, "manual", None);
    // What deletes the group has no tags: a final snapshot has those of nobody.
    row["Tags"] = json!([]);
    row["ARN"] = json!(SNAPSHOT.arn_of(call, &name));
    row["_arn"] = row["ARN"].clone();
    row["_key"] = json!(name);
    row["SnapshotName"] = json!(name);
    call.put(SNAPSHOT.table, &name, row);
    let seconds = call.latency("elasticache.snapshot", "create");
    call.schedule(seconds, SNAPSHOT.table, &name, Step::Run(TAKEN, json!([name, null])));
    Ok(seconds)
}

fn new_name(call: &Call, name: &str) -> Result<String, Fault> {
    let name = checked_name("SnapshotName", name, 255)?;
    if call.get(SNAPSHOT.table, &name).is_some() {
        let message = format!("Snapshot with specified name {name} already exists.");
        return Err(Fault::new("SnapshotAlreadyExistsFault", message));
    }
    Ok(name)
}

fn within_quota(call: &Call, group: &str) -> Result<(), Fault> {
    let since = call.now() - DAY_SECONDS;
    let counts = |row: &Value| {
        row.text("SnapshotSource") == "manual"
            && row.text("ReplicationGroupId") == group
            && row.number("_taken").unwrap_or_default() > since
    };
    let taken = call.rows(SNAPSHOT.table).filter(|(_, row)| counts(row)).count();
    if taken < call.quota("elasticache.snapshots_per_day", QUOTA) {
        return Ok(());
    }
    let message = "The number of manual snapshots in 24 hours has reached its quota.";
    Err(Fault::new("SnapshotQuotaExceededFault", message))
}

/// The key that a request wants the snapshot to be encrypted with.
fn usable_key(call: &mut Call, input: &Value) -> Result<Option<String>, Fault> {
    let Some(key) = input.opt("KmsKeyId") else { return Ok(None) };
    let actions = ["kms:DescribeKey", "kms:CreateGrant", "kms:GenerateDataKey", "kms:Decrypt"];
    let usable = kms::usable_via(call, key, "elasticache", &actions);
    usable.map(Some).map_err(|_| {
        invalid_value(format!(
            "The KMS key {key} does not exist, is not enabled, or you are not allowed to use it."
        ))
    })
}

/// A group as a snapshot has it, not yet taken.
fn described(call: &Call, group: &Value, source: &str, key: Option<&str>) -> Value {
    let nodes: Vec<Value> = shards(group)
        .into_iter()
        .map(|shard| json!({
            "CacheClusterId": shard.primary, "CacheNodeId": "0001", "NodeGroupId": shard.id, "CacheSize": "", "CacheNodeCreateTime": group["ReplicationGroupCreateTime"],
            "NodeGroupConfiguration": {"NodeGroupId": shard.id, "Slots": shard.slots, "ReplicaCount": shard.nodes.len() - 1},
        }))
        .collect();
    let subnets = call.get(SUBNET_GROUP.table, group.text("_subnet_group"));
    let mut row = json!({
        "ReplicationGroupId": group["ReplicationGroupId"], "ReplicationGroupDescription": group["Description"], "SnapshotStatus": "creating",
        "SnapshotSource": source, "CacheNodeType": group["CacheNodeType"], "Engine": group["Engine"], "EngineVersion": group["_version"],
        "PreferredMaintenanceWindow": group["_window"], "Port": group["_port"], "CacheParameterGroupName": group["_parameter_group"],
        "CacheSubnetGroupName": group["_subnet_group"], "AutoMinorVersionUpgrade": group["AutoMinorVersionUpgrade"],
        "SnapshotRetentionLimit": group["SnapshotRetentionLimit"], "SnapshotWindow": group["SnapshotWindow"], "NumNodeGroups": nodes.len(),
        "AutomaticFailover": group["AutomaticFailover"], "NodeSnapshots": nodes, "DataTiering": "disabled", "_data": group["_data"], "_taken": call.now(),
    });
    if let Some(subnets) = subnets {
        row["VpcId"] = subnets["VpcId"].clone();
    }
    if let Some(key) = key.or(group.opt("KmsKeyId")) {
        row["KmsKeyId"] = json!(key);
    }
    if let Some(topic) = group["_topic"].opt("TopicArn") {
        row["TopicArn"] = json!(topic);
    }
    row
}

/// Takes a snapshot of a group, which is `snapshotting` meanwhile.
fn take(call: &mut Call, group: &str, name: &str) {
    call.merge(REPLICATION_GROUP.table, group, json!({"Status": "snapshotting"}));
    let nodes = cache_cluster::of_group(call, group);
    cache_cluster::set_status(call, &nodes, "snapshotting");
    let seconds = call.latency("elasticache.snapshot", "create");
    call.schedule(seconds, SNAPSHOT.table, name, Step::Run(TAKEN, json!([name, group])));
}

/// The end of the taking of a snapshot; the arguments are its name and its group, unless that is going.
pub(super) fn taken(call: &mut Call, arguments: &Value) {
    let name = arguments[0].as_str().unwrap_or_default();
    let now = call.now();
    call.update(SNAPSHOT.table, name, |row| {
        row["SnapshotStatus"] = json!("available");
        for node in row["NodeSnapshots"].as_array_mut().into_iter().flatten() {
            node["CacheSize"] = json!("3 MB");
            node["SnapshotCreateTime"] = json!(now);
        }
    });
    let Some(group) = arguments[1].as_str() else { return };
    let snapshotting = call
        .get(REPLICATION_GROUP.table, group)
        .is_some_and(|row| row.text("Status") == "snapshotting");
    if snapshotting {
        call.merge(REPLICATION_GROUP.table, group, json!({"Status": "available"}));
        let nodes = cache_cluster::of_group(call, group);
        cache_cluster::set_status(call, &nodes, "available");
    }
    let message = format!("Snapshot succeeded for snapshot with ID '{name}'");
    event::note(call, ("replication-group", group), &message);
}

/// `CopySnapshot`, within ElastiCache.
pub(super) fn copy(call: &mut Call) -> Result<Value, Fault> {
    super::kind::refuse_unsupported(call, &["TargetBucket"])?;
    let input = call.input();
    let source = SNAPSHOT.row(call, input.text("SourceSnapshotName"))?;
    if source.text("SnapshotStatus") != "available" {
        return Err(wrong_state(&source));
    }
    let name = new_name(call, input.text("TargetSnapshotName"))?;
    let key = usable_key(call, &input)?;
    let mut row = source.clone();
    row["SnapshotSource"] = json!("manual");
    row["SnapshotStatus"] = json!("creating");
    row["_taken"] = json!(call.now());
    if let Some(key) = key {
        row["KmsKeyId"] = json!(key);
    }
    let row = SNAPSHOT.create(call, &name, row)?;
    let seconds = call.latency("elasticache.snapshot", "create");
    let done = Step::Merge(json!({"SnapshotStatus": "available"}));
    call.schedule(seconds, SNAPSHOT.table, &name, done);
    Ok(json!({"Snapshot": row}))
}

/// `DeleteSnapshot`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut row = SNAPSHOT.row(call, input.text("SnapshotName"))?;
    if row.text("SnapshotStatus") != "available" {
        return Err(wrong_state(&row));
    }
    row["SnapshotStatus"] = json!("deleting");
    let name = row.text("SnapshotName");
    call.unschedule(SNAPSHOT.table, name);
    call.put(SNAPSHOT.table, name, row.clone());
    let seconds = call.latency("elasticache.snapshot", "delete");
    call.schedule(seconds, SNAPSHOT.table, name, Step::Remove);
    Ok(json!({"Snapshot": row}))
}

/// `DescribeSnapshots`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    call.default_page_size(PAGE.1);
    let input = call.input();
    check_page(&input, PAGE.0)?;
    let source = match input.opt("SnapshotSource") {
        None => None,
        Some("system") => Some("automated"),
        Some("user") => Some("manual"),
        Some(other) => {
            let message =
                format!("The parameter SnapshotSource must be system or user, not {other}.");
            return Err(invalid_value(message));
        }
    };
    if let Some(name) = input.opt("SnapshotName") {
        SNAPSHOT.row(call, name)?;
    }
    let is = |row: &Value, member: &str| {
        input.opt(member).is_none_or(|asked| row.text(member).eq_ignore_ascii_case(asked))
    };
    let of_node = |row: &Value| {
        input.opt("CacheClusterId").is_none_or(|node| {
            row.items("NodeSnapshots").iter().any(|one| one.text("CacheClusterId") == node)
        })
    };
    let snapshots: Vec<Value> = call
        .rows(SNAPSHOT.table)
        .map(|(_, row)| row)
        .filter(|row| {
            is(row, "SnapshotName")
                && is(row, "ReplicationGroupId")
                && of_node(row)
                && source.is_none_or(|source| row.text("SnapshotSource") == source)
        })
        .map(|row| view(row, input.flag("ShowNodeGroupConfig")))
        .collect();
    Ok(json!({"Snapshots": snapshots}))
}

fn view(row: &Value, with_configuration: bool) -> Value {
    let mut seen = row.clone();
    for node in seen["NodeSnapshots"].as_array_mut().into_iter().flatten() {
        if let (false, Some(members)) = (with_configuration, node.as_object_mut()) {
            members.remove("NodeGroupConfiguration");
        }
    }
    seen
}

/// Writes an automatic snapshot, with the tags of its group as AWS copies them.
fn put_automatic(call: &mut Call, group: &Value, name: &str) {
    let mut row = described(call, group, "automated", None);
    row["Tags"] = json!(tags::of_request(group.items("Tags")).unwrap_or_default());
    row["ARN"] = json!(SNAPSHOT.arn_of(call, name));
    row["_arn"] = row["ARN"].clone();
    row["_key"] = json!(name);
    row["SnapshotName"] = json!(name);
    call.put(SNAPSHOT.table, name, row);
}
