//! Failover: a replica becomes the primary of its shard, when asked for a test or when a zone has failed.
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html>

use super::shard::Shard;
use super::{REPLICATION_GROUP, answer, available, modify, shard, shards};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::region;
use crate::services::elasticache::cache_cluster::{self, CACHE_CLUSTER};
use crate::services::elasticache::event;
use crate::store::Table;
use serde_json::{Value, json};

/// The task that ends a failover; the arguments are the group's id and the shard's.
pub(in super::super) const FAILED_OVER: &str = "failed_over";

/// The task that ends the recovery of a node; the arguments are the group's id and the node's.
pub(in super::super) const RECOVERED: &str = "node_recovered";

/// Tests of the last day by time: no members.
const TEST: Table = Table::regional("elasticache.failover_test");

/// Tests in any 24 hours.
const TESTS_QUOTA: usize = 15;

const DAY_SECONDS: f64 = 86_400.0;

/// `TestFailover`.
pub(in super::super) fn test(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = available(call, input.text("ReplicationGroupId"))?;
    let id = row.text("ReplicationGroupId").to_owned();
    let wanted = format!("{:0>4}", input.text("NodeGroupId"));
    let found = shards(&row).into_iter().find(|shard| shard.id == wanted);
    let shard = found.ok_or_else(|| {
        Fault::new("NodeGroupNotFoundFault", format!("Node group {wanted} not found."))
    })?;
    if row.text("AutomaticFailover") != "enabled" || replica(call, &shard).is_none() {
        let message = "A failover needs automatic failover to be enabled and a replica that works.";
        return Err(Fault::new("TestFailoverNotAvailableFault", message));
    }
    if call.rows(TEST).count() >= call.quota("elasticache.failover_tests", TESTS_QUOTA) {
        let message = "Automatic failover was tested as often as is allowed in 24 hours.";
        return Err(Fault::new("APICallRateForCustomerExceeded", message));
    }
    let test = format!("{:012}", call.count("elasticache.failover_test"));
    call.put(TEST, &test, json!({}));
    call.schedule(DAY_SECONDS, TEST, &test, Step::Remove);
    let message = format!("Test Failover API called for node group {}", shard.id);
    event::note(call, ("replication-group", &id), &message);
    call.merge(REPLICATION_GROUP.table, &id, json!({"Status": "modifying"}));
    cache_cluster::set_status(call, &shard.nodes, "modifying");
    begin(call, &id, &shard.id);
    answer(call, &id)
}

/// The first replica of a shard in a zone that works.
fn replica(call: &Call, shard: &Shard) -> Option<String> {
    let works = |node: &&String| {
        **node != shard.primary
            && call.get(CACHE_CLUSTER.table, node).is_some_and(|row| {
                row.text("CacheClusterStatus") != "creating"
                    && !call.zone_failed(row.text("PreferredAvailabilityZone"))
            })
    };
    shard.nodes.iter().find(works).cloned()
}

fn begin(call: &mut Call, id: &str, shard: &str) {
    let seconds = call.latency("elasticache.replication_group", "failover");
    let end = Step::Run(FAILED_OVER, json!([id, shard]));
    call.schedule(seconds, REPLICATION_GROUP.table, id, end);
}

/// The end of a failover: the replica is the primary, and the old primary recovers as a replica.
pub(in super::super) fn failed_over(call: &mut Call, arguments: &Value) {
    let id = arguments[0].as_str().unwrap_or_default();
    let wanted = arguments[1].as_str().unwrap_or_default();
    let Some(row) = call.get(REPLICATION_GROUP.table, id).cloned() else { return };
    let mut all = shards(&row);
    let Some(found) = all.iter().find(|shard| shard.id == wanted).cloned() else { return };
    if let Some(next) = replica(call, &found) {
        let message = format!(
            "Failover from primary node {} to replica node {next} completed",
            found.primary
        );
        event::note(call, ("replication-group", id), &message);
        shard::change(&mut all, wanted, |shard| shard.primary.clone_from(&next));
        call.merge(REPLICATION_GROUP.table, id, json!({"_shards": shard::written(&all)}));
    }
    if !failing(call, id) && row.text("Status") == "modifying" {
        modify::finish(call, id);
    } else {
        settle(call, id);
    }
}

/// Whether another shard of the group still has its primary in a zone that has failed, and a replica to take over.
fn failing(call: &Call, id: &str) -> bool {
    let Some(row) = call.get(REPLICATION_GROUP.table, id) else { return false };
    shards(row).iter().any(|shard| is_lost(call, &shard.primary) && replica(call, shard).is_some())
}

fn is_lost(call: &Call, node: &str) -> bool {
    call.get(CACHE_CLUSTER.table, node)
        .is_some_and(|row| call.zone_failed(row.text("PreferredAvailabilityZone")))
}

/// Makes a group available whose shards are all served, though nodes are missing.
fn settle(call: &mut Call, id: &str) {
    if failing(call, id) {
        return;
    }
    let Some(row) = call.get(REPLICATION_GROUP.table, id) else { return };
    if row.text("Status") == "modifying" && row.flag("_failing") {
        let free = json!({"Status": "available", "_failing": null});
        call.merge(REPLICATION_GROUP.table, id, free);
    }
}

/// A zone has failed or is back: primaries there fail over, and nodes there recover once it is back.
pub(in super::super) fn zone_changed(call: &mut Call, zone: &Value) {
    let id = zone.as_str().unwrap_or_default();
    let zones = region::zones(call.region());
    let Some((name, _)) = zones.into_iter().find(|(_, known)| known == id) else { return };
    let here = |row: &Value| row.text("PreferredAvailabilityZone") == name;
    let nodes: Vec<(String, String)> = call
        .rows(CACHE_CLUSTER.table)
        .filter(|(_, row)| here(row) && row.text("CacheClusterStatus") != "creating")
        .map(|(node, row)| (node.to_owned(), row.text("_group").to_owned()))
        .collect();
    for (node, group) in nodes {
        if call.zone_failed(&name) {
            lose(call, &node, &group);
        } else {
            let seconds = call.latency("elasticache.replication_group", "failover");
            let end = Step::Run(RECOVERED, json!([group, node]));
            call.schedule(seconds, CACHE_CLUSTER.table, &node, end);
        }
    }
}

/// A node is gone with its zone.
fn lose(call: &mut Call, node: &str, group: &str) {
    call.merge(CACHE_CLUSTER.table, node, json!({"CacheClusterStatus": "modifying"}));
    event::note(call, ("cache-cluster", node), "Cache node is not reachable and will be recovered");
    let Some(row) = call.get(REPLICATION_GROUP.table, group).cloned() else { return };
    let primary_of = shards(&row).into_iter().find(|shard| shard.primary == node);
    let Some(shard) = primary_of else { return };
    if row.text("AutomaticFailover") == "enabled" && replica(call, &shard).is_some() {
        if row.text("Status") == "available" {
            let members = json!({"Status": "modifying", "_failing": true});
            call.merge(REPLICATION_GROUP.table, group, members);
        }
        begin(call, group, &shard.id);
    }
}

/// A node is back.
pub(in super::super) fn recovered(call: &mut Call, arguments: &Value) {
    let node = arguments[1].as_str().unwrap_or_default();
    if !is_lost(call, node) {
        call.merge(CACHE_CLUSTER.table, node, json!({"CacheClusterStatus": "available"}));
        event::note(call, ("cache-cluster", node), "Finished recovery for cache nodes 0001");
    }
}
