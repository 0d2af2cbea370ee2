//! Where nodes go: zones of the subnet group, one node after the other, so that a shard's nodes are in different ones.

use super::shard::Shard;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elasticache::cache_cluster::{self, CACHE_CLUSTER};
use crate::services::elasticache::kind::invalid_value;
use crate::services::elasticache::subnet_group::SUBNET_GROUP;
use serde_json::Value;

/// Nodes of an account and region.
const NODES_QUOTA: usize = 300;

/// Nodes of one group with cluster mode.
const NODES_PER_GROUP_QUOTA: usize = 90;

/// Shards of one group.
const SHARDS_QUOTA: usize = 90;

/// Most replicas of a shard.
pub(super) const MOST_REPLICAS: usize = 5;

/// Refuses more shards or nodes than AWS allows: `shards` and `nodes` in all, of which so many are `new`.
pub(super) fn check_quotas(
    call: &Call,
    shards: usize,
    nodes: usize,
    new: usize,
) -> Result<(), Fault> {
    let exceeded = |code: &str, what: &str| {
        Err(Fault::new(code, format!("The quota of {what} would be exceeded.")))
    };
    if shards > call.quota("elasticache.shards_per_group", SHARDS_QUOTA) {
        return exceeded(
            "NodeGroupsPerReplicationGroupQuotaExceeded",
            "shards in a replication group",
        );
    }
    if nodes > call.quota("elasticache.nodes_per_group", NODES_PER_GROUP_QUOTA) {
        return exceeded("NodeQuotaForClusterExceeded", "nodes in a cluster");
    }
    if call.rows(CACHE_CLUSTER.table).count() + new > call.quota("elasticache.nodes", NODES_QUOTA) {
        return exceeded("NodeQuotaForCustomerExceeded", "nodes of this account and region");
    }
    Ok(())
}

/// Refuses a number of replicas that no shard can have.
pub(super) fn replicas(member: &str, count: i64) -> Result<usize, Fault> {
    usize::try_from(count).ok().filter(|count| *count <= MOST_REPLICAS).ok_or_else(|| {
        invalid_value(format!("The parameter {member} must be between 0 and {MOST_REPLICAS}."))
    })
}

/// The zones of a subnet group that work, in order.
fn zones(call: &Call, subnet_group: &str) -> Result<Vec<String>, Fault> {
    let group = SUBNET_GROUP.row(call, subnet_group)?;
    let all = group.items("Subnets").iter().map(zone_of);
    let mut zones: Vec<String> =
        all.filter(|zone| !call.zone_failed(zone)).map(str::to_owned).collect();
    zones.sort();
    zones.dedup();
    if zones.is_empty() {
        let message = "There is no capacity for cache clusters in the zones of the subnet group.";
        return Err(Fault::new("InsufficientCacheClusterCapacity", message));
    }
    Ok(zones)
}

fn zone_of(subnet: &Value) -> &str {
    subnet["SubnetAvailabilityZone"].text("Name")
}

/// Refuses a zone that the subnet group has no subnet in.
pub(super) fn check_zone(call: &Call, subnet_group: &str, zone: &str) -> Result<(), Fault> {
    let group = SUBNET_GROUP.row(call, subnet_group)?;
    if group.items("Subnets").iter().any(|subnet| zone_of(subnet) == zone) {
        return Ok(());
    }
    Err(invalid_value(format!(
        "The availability zone {zone} has no subnet in the subnet group {subnet_group}."
    )))
}

/// Adds nodes to a shard, in zones that are asked for, or where its next ones are due.
pub(super) fn add_nodes(
    call: &mut Call,
    group: &Value,
    shard: &mut Shard,
    count: usize,
    asked: &[&str],
) -> Result<(), Fault> {
    let zones = zones(call, group.text("_subnet_group"))?;
    let first: usize = shard.id.parse::<usize>().unwrap_or(1).saturating_sub(1);
    for at in 0..count {
        let number = free_number(group, shard);
        let due = &zones[(first + number - 1) % zones.len()];
        let zone = asked.get(at).map_or(due.as_str(), |zone| *zone);
        let id = node_id(group, &shard.id, number);
        cache_cluster::add(call, group, &id, zone)?;
        if shard.primary.is_empty() {
            shard.primary.clone_from(&id);
        }
        shard.nodes.push(id);
    }
    Ok(())
}

/// The first number, from 1, that no node of the shard has.
fn free_number(group: &Value, shard: &Shard) -> usize {
    let taken = |number: &usize| shard.nodes.contains(&node_id(group, &shard.id, *number));
    (1..=shard.nodes.len() + 1).find(|number| !taken(number)).unwrap_or(1)
}

/// `GROUP-SHARD-NODE`, without the shard where there is no cluster mode.
fn node_id(group: &Value, shard: &str, number: usize) -> String {
    let id = group.text("ReplicationGroupId");
    if group.flag("ClusterEnabled") {
        format!("{id}-{shard}-{number:03}")
    } else {
        format!("{id}-{number:03}")
    }
}
