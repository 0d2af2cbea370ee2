//! Modifying a group: some settings change at once, some over time, and some wait for the maintenance window unless
//! they are to be applied immediately.

use super::{REPLICATION_GROUP, access, answer, available, settings, shards};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2;
use crate::services::elasticache::engine::{self, Version};
use crate::services::elasticache::kind::{invalid_combination, refuse_unsupported};
use crate::services::elasticache::subnet_group::SUBNET_GROUP;
use crate::services::elasticache::{
    cache_cluster, event, log_delivery, node_type, parameter_group, snapshot, window,
};
use serde_json::{Value, json};

/// The task that ends a modification; the argument is the group's id.
pub(in super::super) const MODIFIED: &str = "replication_group_modified";

/// The task that starts what waits for the maintenance window; the argument is the group's id.
pub(in super::super) const MAINTENANCE: &str = "replication_group_maintenance";

/// What a request comes to.
#[derive(Default)]
struct Changes {
    /// Members that change at once.
    now: Value,
    /// Members that change when the modification is through.
    later: Value,
    /// Members that wait for the maintenance window.
    waiting: Value,
    /// What is described as pending meanwhile.
    pending: Value,
    /// Whether nodes are replaced or upgraded, which takes longest.
    heavy: bool,
}

/// `ModifyReplicationGroup`.
pub(in super::super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    const UNSUPPORTED: [&str; 3] =
        ["CacheSecurityGroupNames", "PrimaryClusterId", "SnapshottingClusterId"];
    refuse_unsupported(call, &UNSUPPORTED)?;
    let input = call.input();
    settings::refuse_absent(call, &input)?;
    let row = available(call, input.text("ReplicationGroupId"))?;
    let id = row.text("ReplicationGroupId").to_owned();
    check_mode(&row, &input)?;
    let changes = changes(call, &row, &input)?;
    start(call, &id, changes);
    snapshot::schedule_daily(call, &id);
    answer(call, &id)
}

fn check_mode(row: &Value, input: &Value) -> Result<(), Fault> {
    if input.opt("ClusterMode").is_some_and(|mode| mode != row.text("ClusterMode")) {
        return Err(Fault::not_implemented("elasticache with a change of ClusterMode"));
    }
    Ok(())
}

fn changes(call: &Call, row: &Value, input: &Value) -> Result<Changes, Fault> {
    let mut changes = Changes {
        now: settings::simple(call, input)?,
        later: json!({}),
        waiting: json!({}),
        pending: json!({}),
        heavy: false,
    };
    topic_status(row, input, &mut changes)?;
    failover(row, input, &mut changes)?;
    let version = version(row, input)?;
    nodes(call, row, input, version, &mut changes)?;
    network(call, row, input, &mut changes)?;
    entrance(call, row, input, version, &mut changes)?;
    logs(call, row, input, &mut changes)?;
    if input.flag("ApplyImmediately") {
        let mut due = row["_pending"].as_object().cloned().unwrap_or_default();
        due.extend(changes.waiting.as_object().cloned().unwrap_or_default());
        changes.heavy |= !due.is_empty();
        for (member, value) in due {
            changes.later[member] = value;
        }
        changes.waiting = json!({});
    }
    Ok(changes)
}

/// Switches the messages to a topic on and off.
fn topic_status(row: &Value, input: &Value, changes: &mut Changes) -> Result<(), Fault> {
    let Some(status) = input.opt("NotificationTopicStatus") else { return Ok(()) };
    if input.has("NotificationTopicArn") {
        return Ok(());
    }
    let Some(topic) = row["_topic"].opt("TopicArn") else {
        return Err(invalid_combination("The replication group has no notification topic."));
    };
    changes.now["_topic"] = json!({"TopicArn": topic, "TopicStatus": status});
    Ok(())
}

fn failover(row: &Value, input: &Value, changes: &mut Changes) -> Result<(), Fault> {
    let on = |member: &str| row.text(member) == "enabled";
    let automatic =
        input.opt_flag("AutomaticFailoverEnabled").unwrap_or_else(|| on("AutomaticFailover"));
    let multi_az = input.opt_flag("MultiAZEnabled").unwrap_or_else(|| on("MultiAZ"));
    let replicas = shards(row).iter().map(|shard| shard.nodes.len().saturating_sub(1)).min();
    settings::check_failover(
        row.flag("ClusterEnabled"),
        (automatic, multi_az),
        replicas.unwrap_or(0),
    )?;
    let word = |on: bool| if on { "enabled" } else { "disabled" };
    if automatic != on("AutomaticFailover") {
        changes.later["AutomaticFailover"] = json!(word(automatic));
        changes.pending["AutomaticFailoverStatus"] = json!(word(automatic));
    }
    if multi_az != on("MultiAZ") {
        changes.later["MultiAZ"] = json!(word(multi_az));
    }
    Ok(())
}

/// The version after a request: never an older one.
fn version(row: &Value, input: &Value) -> Result<Version, Fault> {
    let current = engine::version(row.text("Engine"), row.opt("_version"))?;
    let engine = input.opt("Engine").unwrap_or(current.engine);
    let asked = match input.opt("EngineVersion") {
        Some(name) => engine::version(engine, Some(name))?,
        None if engine == current.engine => current,
        None => {
            let message = "A change of Engine needs EngineVersion to be given.";
            return Err(invalid_combination(message));
        }
    };
    engine::check_upgrade(current, asked)?;
    Ok(asked)
}

/// Node type, engine and parameters.
fn nodes(
    call: &Call,
    row: &Value,
    input: &Value,
    version: Version,
    changes: &mut Changes,
) -> Result<(), Fault> {
    if let Some(name) = input.opt("CacheNodeType").filter(|name| *name != row.text("CacheNodeType"))
    {
        node_type::named(name)?;
        changes.waiting["CacheNodeType"] = json!(name);
    }
    let current = engine::version(row.text("Engine"), row.opt("_version"))?;
    let on = row.flag("ClusterEnabled");
    let default = || {
        let kept = row.text("_parameter_group");
        let of_aws = kept == parameter_group::default_name(current.family, on);
        if of_aws { parameter_group::default_name(version.family, on) } else { kept.to_owned() }
    };
    let name = input.opt("CacheParameterGroupName").map_or_else(default, str::to_ascii_lowercase);
    let (name, cluster_enabled) = settings::parameter_group(call, &name, version)?;
    if cluster_enabled != on {
        return Err(invalid_combination(format!(
            "The parameter group {name} has another cluster-enabled than the cluster."
        )));
    }
    if version != current {
        changes.waiting["Engine"] = json!(version.engine);
        changes.waiting["_version"] = json!(version.patch);
        changes.waiting["_parameter_group"] = json!(name);
    } else if name != row.text("_parameter_group") {
        changes.later["_parameter_group"] = json!(name);
    }
    Ok(())
}

fn network(call: &Call, row: &Value, input: &Value, changes: &mut Changes) -> Result<(), Fault> {
    if !input.has("SecurityGroupIds") {
        return Ok(());
    }
    let vpc = SUBNET_GROUP.row(call, row.text("_subnet_group"))?.text("VpcId").to_owned();
    let ids = input.texts("SecurityGroupIds");
    let mut groups = settings::security_groups(call, &ids, &vpc)?;
    if groups.is_empty() {
        groups.extend(ec2::default_group(call, &vpc));
    }
    if json!(groups) != row["_security_groups"] {
        changes.later["_security_groups"] = json!(groups);
    }
    Ok(())
}

/// Encryption in transit, tokens and user groups.
fn entrance(
    call: &Call,
    row: &Value,
    input: &Value,
    version: Version,
    changes: &mut Changes,
) -> Result<(), Fault> {
    let transit = access::transit_change(row, input)?;
    let after = transit.as_ref().and_then(|change| change.opt_flag("TransitEncryptionEnabled"));
    let encrypted = after.unwrap_or_else(|| row.flag("TransitEncryptionEnabled"));
    if let Some(change) = transit {
        for (member, value) in change.as_object().into_iter().flatten() {
            changes.later[member] = value.clone();
            if !value.is_null() {
                changes.pending[member] = value.clone();
            }
        }
    }
    if let Some((change, status)) = access::token_change(row, input)? {
        for (member, value) in change.as_object().into_iter().flatten() {
            changes.later[member] = value.clone();
        }
        changes.later["AuthTokenLastModifiedDate"] = json!(call.now());
        changes.pending["AuthTokenStatus"] = json!(status);
    }
    let asked = access::user_group_change(call, row, input, (version.engine, encrypted))?;
    if let Some((groups, pending)) = asked {
        changes.later["UserGroupIds"] = json!(groups);
        changes.pending["UserGroups"] = pending;
    }
    let left = changes.later.get("UserGroupIds").unwrap_or(&row["UserGroupIds"]);
    if !encrypted && left.as_array().is_some_and(|groups| !groups.is_empty()) {
        return Err(invalid_combination("User groups need encryption in transit to be enabled."));
    }
    Ok(())
}

fn logs(call: &Call, row: &Value, input: &Value, changes: &mut Changes) -> Result<(), Fault> {
    let asked = input.items("LogDeliveryConfigurations");
    if asked.is_empty() {
        return Ok(());
    }
    let old = row.items("LogDeliveryConfigurations");
    let (all, pending) = log_delivery::changed(call, old, asked)?;
    changes.later["LogDeliveryConfigurations"] = json!(log_delivery::active(&all));
    changes.pending["LogDeliveryConfigurations"] = json!(pending);
    Ok(())
}

/// Lets the changes happen.
fn start(call: &mut Call, id: &str, changes: Changes) {
    call.merge(REPLICATION_GROUP.table, id, changes.now);
    if changes.waiting != json!({}) {
        wait(call, id, changes.waiting);
    }
    if changes.later != json!({}) {
        run(call, id, changes.later, changes.pending, changes.heavy);
    }
}

/// Keeps changes for the maintenance window.
fn wait(call: &mut Call, id: &str, waiting: Value) {
    let Some(row) = call.get(REPLICATION_GROUP.table, id).cloned() else { return };
    let mut pending = row["_pending"].as_object().cloned().unwrap_or_default();
    pending.extend(waiting.as_object().cloned().unwrap_or_default());
    call.merge(REPLICATION_GROUP.table, id, json!({"_pending": pending}));
    let seconds = window::until_weekly(row.text("_window"), call.now());
    call.schedule(seconds, REPLICATION_GROUP.table, id, Step::Run(MAINTENANCE, json!(id)));
}

/// Makes changes over time: the group is modifying meanwhile.
fn run(call: &mut Call, id: &str, later: Value, pending: Value, heavy: bool) {
    let phase = if heavy { "update" } else { "update_settings" };
    let seconds = call.latency("elasticache.replication_group", phase);
    let members = json!({"Status": "modifying", "PendingModifiedValues": pending, "_later": later});
    call.merge(REPLICATION_GROUP.table, id, members);
    let nodes = cache_cluster::of_group(call, id);
    cache_cluster::set_status(call, &nodes, "modifying");
    call.schedule(seconds, REPLICATION_GROUP.table, id, Step::Run(MODIFIED, json!(id)));
}

/// The maintenance window: what waits for it is made, if the group is free.
pub(in super::super) fn maintain(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    let Ok(row) = available(call, id) else { return };
    if row.has("_pending") {
        run(call, id, row["_pending"].clone(), json!({}), true);
    }
}

/// The end of a modification.
pub(in super::super) fn modified(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    let Some(row) = call.get(REPLICATION_GROUP.table, id).cloned() else { return };
    let later = row["_later"].clone();
    let left: Value = row["_pending"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(member, _)| !later.has(member))
        .map(|(member, value)| (member.clone(), value.clone()))
        .collect();
    let left = if left == json!({}) { Value::Null } else { left };
    if later.has("_security_groups") {
        let groups: Vec<String> =
            later.texts("_security_groups").into_iter().map(str::to_owned).collect();
        cache_cluster::set_groups(call, id, &groups);
    }
    call.merge(REPLICATION_GROUP.table, id, later);
    finish(call, id);
    call.merge(REPLICATION_GROUP.table, id, json!({"_pending": left}));
    event::note(call, ("replication-group", id), "Replication group modification completed");
}

/// Makes a group available again after whatever was under way.
pub(super) fn finish(call: &mut Call, id: &str) {
    let free = json!({"Status": "available", "PendingModifiedValues": {}, "_later": null});
    call.merge(REPLICATION_GROUP.table, id, free);
    let nodes = cache_cluster::of_group(call, id);
    cache_cluster::set_status(call, &nodes, "available");
}
