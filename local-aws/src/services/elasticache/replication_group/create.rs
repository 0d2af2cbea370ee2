//! Creating a group, from nothing or from a snapshot.

mod plan;

use self::plan::Plan;
use super::{REPLICATION_GROUP, Shard, access, answer, layout, settings, shard, shards};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elasticache::engine::{self, Version};
use crate::services::elasticache::kind::{
    checked_name, invalid_combination, invalid_value, refuse_unsupported,
};
use crate::services::elasticache::subnet_group::SUBNET_GROUP;
use crate::services::elasticache::{
    cache_cluster, event, log_delivery, node_type, parameter_group, snapshot, window,
};
use crate::services::{ec2, iam, kms};
use serde_json::{Value, json};

/// The task that ends a creation; the argument is the group's id.
pub(in super::super) const CREATED: &str = "replication_group_created";

/// From how many nodes on a creation takes as long as one of three shards with a replica each.
const MANY_NODES: usize = 6;

const PORT: i64 = 6379;

/// `CreateReplicationGroup`.
pub(in super::super) fn create(call: &mut Call) -> Result<Value, Fault> {
    const UNSUPPORTED: [&str; 6] = [
        "CacheSecurityGroupNames",
        "DataTieringEnabled",
        "GlobalReplicationGroupId",
        "PrimaryClusterId",
        "ServerlessCacheSnapshotName",
        "SnapshotArns",
    ];
    refuse_unsupported(call, &UNSUPPORTED)?;
    let input = call.input();
    settings::refuse_absent(call, &input)?;
    let id = checked_name("ReplicationGroupId", input.text("ReplicationGroupId"), 40)?;
    if call.get(REPLICATION_GROUP.table, &id).is_some() {
        let message = format!("Replication group {id} already exists.");
        return Err(Fault::new("ReplicationGroupAlreadyExists", message));
    }
    let source = snapshot::source(call, &input)?;
    let version = version(&input, source.as_ref())?;
    let mode = cluster_mode(call, &input, version)?;
    let plan = Plan::of_request(&input, source.as_ref(), mode.on)?;
    let nodes = plan.nodes();
    layout::check_quotas(call, plan.shards.len(), nodes, nodes)?;
    let mut row = base(&input, source.as_ref(), &plan, &mode)?;
    row["Engine"] = json!(version.engine);
    row["_version"] = json!(version.patch);
    merge(&mut row, chosen(&id));
    merge(&mut row, settings::simple(call, &input)?);
    merge(&mut row, network(call, &input)?);
    merge(&mut row, encryption(call, &input, version)?);
    let (logs, pending) =
        log_delivery::changed(call, &[], input.items("LogDeliveryConfigurations"))?;
    row["LogDeliveryConfigurations"] = json!(logs);
    row["PendingModifiedValues"] =
        if pending.is_empty() { json!({}) } else { json!({"LogDeliveryConfigurations": pending}) };
    row["_suffix"] = json!(call.new_hex("elasticache.endpoint", 6));
    row["_data"] = match &source {
        Some(snapshot) => snapshot["_data"].clone(),
        None => json!(call.new_hex("elasticache.data", 16)),
    };
    iam::ensure_linked_role(call, "elasticache.amazonaws.com");
    let row = REPLICATION_GROUP.create(call, &id, row)?;
    build(call, &id, &row, &plan)?;
    let phase = if nodes >= MANY_NODES { "create_cluster_mode_3x2" } else { "create" };
    let seconds = call.latency("elasticache.replication_group", phase);
    if let Some(snapshot) = &source {
        snapshot::restoring(call, snapshot.text("SnapshotName"), seconds);
    }
    call.schedule(seconds, REPLICATION_GROUP.table, &id, Step::Run(CREATED, json!(id)));
    answer(call, &id)
}

/// The end of a creation.
pub(in super::super) fn created(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    let Some(row) = call.get(REPLICATION_GROUP.table, id).cloned() else { return };
    let mut all = shards(&row);
    for one in &mut all {
        "available".clone_into(&mut one.status);
        cache_cluster::set_status(call, &one.nodes, "available");
    }
    let logs = log_delivery::active(row.items("LogDeliveryConfigurations"));
    let ready = json!({
        "Status": "available", "_shards": shard::written(&all), "PendingModifiedValues": {}, "LogDeliveryConfigurations": logs,
    });
    call.merge(REPLICATION_GROUP.table, id, ready);
    event::note(call, ("replication-group", id), "Replication group created");
    snapshot::schedule_daily(call, id);
}

fn merge(row: &mut Value, members: Value) {
    if let (Value::Object(row), Value::Object(members)) = (row, members) {
        row.extend(members);
    }
}

/// The version that is asked for, or the snapshot's, or the newest of the engine.
fn version(input: &Value, source: Option<&Value>) -> Result<Version, Fault> {
    let Some(source) = source else {
        return engine::version(input.opt("Engine").unwrap_or("redis"), input.opt("EngineVersion"));
    };
    let of_snapshot = engine::version(source.text("Engine"), source.opt("EngineVersion"))?;
    let engine = input.opt("Engine").unwrap_or(of_snapshot.engine);
    let asked = match input.opt("EngineVersion") {
        Some(name) => engine::version(engine, Some(name))?,
        None if engine == of_snapshot.engine => of_snapshot,
        None => engine::version(engine, None)?,
    };
    engine::check_upgrade(of_snapshot, asked)?;
    Ok(asked)
}

/// The parameter group of a new group, and whether it switches cluster mode on.
struct ClusterMode {
    parameter_group: String,
    on: bool,
}

fn cluster_mode(call: &Call, input: &Value, version: Version) -> Result<ClusterMode, Fault> {
    let shards = input.int("NumNodeGroups").unwrap_or(0);
    let several = shards > 1 || input.items("NodeGroupConfiguration").len() > 1;
    let default = || {
        let on = several || input.opt("ClusterMode") == Some("enabled");
        parameter_group::default_name(version.family, on)
    };
    let name = input.opt("CacheParameterGroupName").map_or_else(default, str::to_owned);
    let (parameter_group, on) = settings::parameter_group(call, &name, version)?;
    if several && !on {
        return Err(invalid_combination(format!(
            "More than one shard needs a parameter group with cluster-enabled yes, which {name} has not."
        )));
    }
    if input.opt("ClusterMode").is_some_and(|mode| (mode == "enabled") != on) {
        return Err(invalid_combination(format!(
            "ClusterMode is not what cluster-enabled of the parameter group {name} says."
        )));
    }
    Ok(ClusterMode { parameter_group, on })
}

/// What does not depend on the network or on others.
fn base(
    input: &Value,
    source: Option<&Value>,
    plan: &Plan,
    mode: &ClusterMode,
) -> Result<Value, Fault> {
    let node_type = input
        .opt("CacheNodeType")
        .or_else(|| source.map(|snapshot| snapshot.text("CacheNodeType")))
        .ok_or_else(|| invalid_value("The parameter CacheNodeType must be provided."))?;
    node_type::named(node_type)?;
    let (automatic, multi_az) =
        (input.flag("AutomaticFailoverEnabled"), input.flag("MultiAZEnabled"));
    settings::check_failover(mode.on, (automatic, multi_az), plan.least_replicas())?;
    let port = input.int("Port").unwrap_or(PORT);
    if !(1..=65_535).contains(&port) {
        return Err(invalid_value("The parameter Port must be between 1 and 65535."));
    }
    let word = |on: bool| if on { "enabled" } else { "disabled" };
    Ok(json!({
        "Status": "creating", "ClusterEnabled": mode.on, "ClusterMode": word(mode.on), "CacheNodeType": node_type,
        "AutomaticFailover": word(automatic), "MultiAZ": word(multi_az), "DataTiering": "disabled", "NetworkType": "ipv4", "IpDiscovery": "ipv4",
        "AutoMinorVersionUpgrade": true, "SnapshotRetentionLimit": 0, "_parameter_group": mode.parameter_group, "_port": port,
    }))
}

/// The windows of a group that names none.
fn chosen(id: &str) -> Value {
    let (maintenance, snapshot) = window::chosen(id);
    json!({"_window": maintenance, "SnapshotWindow": snapshot})
}

fn network(call: &Call, input: &Value) -> Result<Value, Fault> {
    let group = SUBNET_GROUP.row(call, input.opt("CacheSubnetGroupName").unwrap_or("default"))?;
    let vpc = group.text("VpcId");
    let mut groups = settings::security_groups(call, &input.texts("SecurityGroupIds"), vpc)?;
    if groups.is_empty() {
        groups.extend(ec2::default_group(call, vpc));
    }
    Ok(json!({"_subnet_group": group["CacheSubnetGroupName"], "_security_groups": groups}))
}

fn encryption(call: &mut Call, input: &Value, version: Version) -> Result<Value, Fault> {
    let at_rest = input.opt_flag("AtRestEncryptionEnabled").unwrap_or(version.engine == "valkey");
    let key = match input.opt("KmsKeyId") {
        None => None,
        Some(_) if !at_rest => {
            return Err(invalid_combination("KmsKeyId needs AtRestEncryptionEnabled to be true."));
        }
        Some(key) => Some(usable_key(call, key)?),
    };
    let (in_transit, transit_mode) = access::transit_of_new(input)?;
    let users = input.texts("UserGroupIds");
    let users = access::user_groups(call, &users, version.engine, in_transit)?;
    if let Some(token) = input.opt("AuthToken") {
        access::check_token(token)?;
        if !in_transit {
            return Err(invalid_combination(
                "AuthToken needs TransitEncryptionEnabled to be true.",
            ));
        }
        if !users.is_empty() {
            return Err(invalid_combination("AuthToken and UserGroupIds cannot be used together."));
        }
    }
    let kind = match (at_rest, &key) {
        (false, _) => "none",
        (true, None) => "sse-elasticache",
        (true, Some(_)) => "sse-kms",
    };
    let mut row = json!({
        "AtRestEncryptionEnabled": at_rest, "StorageEncryptionType": kind, "TransitEncryptionEnabled": in_transit, "_tls_names": in_transit,
        "UserGroupIds": users, "AuthTokenEnabled": input.has("AuthToken"),
    });
    if let Some(key) = key {
        row["KmsKeyId"] = json!(key);
    }
    if let Some(mode) = transit_mode {
        row["TransitEncryptionMode"] = json!(mode);
    }
    if input.has("AuthToken") {
        row["AuthTokenLastModifiedDate"] = json!(call.now());
    }
    Ok(row)
}

/// The ARN of a key that ElastiCache can use in its caller's name.
fn usable_key(call: &mut Call, key: &str) -> Result<String, Fault> {
    let actions = ["kms:DescribeKey", "kms:CreateGrant", "kms:GenerateDataKey", "kms:Decrypt"];
    kms::usable_via(call, key, "elasticache", &actions).map_err(|_| {
        invalid_value(format!(
            "The KMS key {key} does not exist, is not enabled, or you are not allowed to use it."
        ))
    })
}

/// Puts the nodes into the network.
fn build(call: &mut Call, id: &str, row: &Value, plan: &Plan) -> Result<(), Fault> {
    let mut all = Vec::new();
    for planned in &plan.shards {
        let mut shard = Shard {
            id: planned.id.clone(),
            status: "creating".to_owned(),
            slots: planned.slots.clone(),
            primary: String::new(),
            nodes: Vec::new(),
        };
        let zones: Vec<&str> = planned.zones.iter().map(String::as_str).collect();
        for zone in &zones {
            layout::check_zone(call, row.text("_subnet_group"), zone)?;
        }
        layout::add_nodes(call, row, &mut shard, planned.replicas + 1, &zones)?;
        all.push(shard);
    }
    let now = call.now();
    let members = json!({"_shards": shard::written(&all), "ReplicationGroupCreateTime": now});
    call.merge(REPLICATION_GROUP.table, id, members);
    Ok(())
}
