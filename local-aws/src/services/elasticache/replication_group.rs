//! Replication groups: <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html>
//!
//! One modification at a time: what starts one makes the group `modifying`, and its end makes it `available`.

mod access;
mod create;
mod delete;
mod endpoint;
mod failover;
mod layout;
mod modify;
mod replicas;
mod reshard;
mod settings;
mod shard;

pub(super) use self::create::{CREATED, create, created};
pub(super) use self::delete::{DELETED, delete, deleted};
pub(super) use self::endpoint::node as node_endpoint;
pub(super) use self::failover::{
    FAILED_OVER, RECOVERED, failed_over, recovered, test as test_failover, zone_changed,
};
pub(super) use self::modify::{MAINTENANCE, MODIFIED, maintain, modified, modify};
pub(super) use self::replicas::{
    CHANGED as REPLICAS_CHANGED, changed as replicas_changed, decrease as decrease_replicas,
    increase as increase_replicas,
};
pub(super) use self::reshard::{
    FINISHED as RESHARDED, MOVED as SLOTS_MOVED, finished as resharded, moved as slots_moved,
    reshard,
};
pub(super) use self::shard::{Shard, shards};

use super::kind::{Kind, invalid_combination};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `ReplicationGroup` without what follows from its shards: `_shards` has a [`Shard`] each, whose nodes are
/// cache clusters; `_version` the engine's version, `_parameter_group`, `_subnet_group`, `_security_groups`, `_window` of
/// maintenance, `_topic`, `_port`, `_suffix` and `_tls_names` of its endpoints, and `_data`, which a restored group has from its snapshot.
pub(super) const REPLICATION_GROUP: Kind = Kind {
    table: Table::regional("elasticache.replication_group"),
    name: "ReplicationGroupId",
    arn: "replicationgroup",
    noun: "ReplicationGroup",
    not_found: "ReplicationGroupNotFoundFault",
};

/// `DescribeReplicationGroups`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"ReplicationGroups": REPLICATION_GROUP.describe(call, view)?}))
}

/// A group as it is described.
fn view(call: &Call, row: &Value) -> Value {
    let mut seen = row.clone();
    let shards = shards(row);
    seen["MemberClusters"] = shards.iter().flat_map(|shard| shard.nodes.iter().cloned()).collect();
    let reachable = row.text("Status") != "creating" && row.text("Status") != "create-failed";
    seen["NodeGroups"] =
        shards.iter().map(|shard| shard::view(call, row, shard, reachable)).collect();
    if reachable && row.flag("ClusterEnabled") {
        seen["ConfigurationEndpoint"] = endpoint::configuration(call, row);
    }
    seen
}

/// A group as an operation answers it.
fn answer(call: &Call, id: &str) -> Result<Value, Fault> {
    let row = REPLICATION_GROUP.row(call, id)?;
    Ok(json!({"ReplicationGroup": view(call, &row)}))
}

/// A group in which nothing is under way.
pub(super) fn available(call: &Call, id: &str) -> Result<Value, Fault> {
    let row = REPLICATION_GROUP.row(call, id)?;
    if row.text("Status") == "available" {
        return Ok(row);
    }
    let message = format!(
        "Replication group must be in available state to be modified or used. {} is {}.",
        row.text("ReplicationGroupId"),
        row.text("Status")
    );
    Err(Fault::new("InvalidReplicationGroupState", message))
}

/// Whether a group has a name in one of its members, such as `_parameter_group`.
pub(super) fn uses(call: &Call, member: &str, name: &str) -> bool {
    let has = |row: &Value| row.text(member) == name;
    call.rows(REPLICATION_GROUP.table)
        .any(|(_, row)| has(row) || has(&row["_later"]) || has(&row["_pending"]))
}

/// The groups that a user group is attached to, or will be.
pub(super) fn of_user_group(call: &Call, group: &str) -> Vec<String> {
    let attached = |row: &Value| {
        row.texts("UserGroupIds").contains(&group)
            || row["_later"].texts("UserGroupIds").contains(&group)
    };
    let groups = call.rows(REPLICATION_GROUP.table).filter(|(_, row)| attached(row));
    groups.map(|(id, _)| id.to_owned()).collect()
}

/// Refuses giving a user group an engine that the groups which use it cannot have.
pub(super) fn check_engine_of_users(call: &Call, group: &str, engine: &str) -> Result<(), Fault> {
    let of_redis = |id: &String| {
        call.get(REPLICATION_GROUP.table, id).is_some_and(|row| row.text("Engine") == "redis")
    };
    if engine == "valkey" && of_user_group(call, group).iter().any(of_redis) {
        return Err(invalid_combination(
            "A user group of the engine valkey cannot be used by a cluster of the engine redis.",
        ));
    }
    Ok(())
}
