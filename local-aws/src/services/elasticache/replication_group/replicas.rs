//! Changing how many replicas shards have.
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_IncreaseReplicaCount.html>

use super::{REPLICATION_GROUP, answer, available, layout, modify, shard, shards};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elasticache::kind::{invalid_combination, invalid_value};
use crate::services::elasticache::{cache_cluster, event};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The task that ends the change; the arguments are the group's id and the nodes that go.
pub(in super::super) const CHANGED: &str = "replicas_changed";

/// Which way a request wants the number to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// `IncreaseReplicaCount`.
pub(in super::super) fn increase(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = ready(call, &input)?;
    let id = row.text("ReplicationGroupId").to_owned();
    let wanted = wanted(&row, &input, Way::Up)?;
    let mut all = shards(&row);
    let nodes: usize = all.iter().map(|shard| shard.nodes.len()).sum();
    let new: usize = all
        .iter()
        .filter_map(|shard| Some(wanted.get(&shard.id)?.saturating_sub(shard.nodes.len() - 1)))
        .sum();
    layout::check_quotas(call, all.len(), nodes + new, new)?;
    for one in &mut all {
        let Some(replicas) = wanted.get(&one.id) else { continue };
        let zones = asked_zones(&input, &one.id, one.nodes.len(), *replicas)?;
        let zones: Vec<&str> = zones.iter().map(String::as_str).collect();
        let missing = replicas.saturating_sub(one.nodes.len() - 1);
        layout::add_nodes(call, &row, one, missing, &zones)?;
        "modifying".clone_into(&mut one.status);
    }
    start(call, &id, &all, &[])
}

/// The zones of the new nodes: those that are named beyond the nodes that are there.
fn asked_zones(
    input: &Value,
    shard: &str,
    there: usize,
    replicas: usize,
) -> Result<Vec<String>, Fault> {
    let of_shard = |one: &&Value| format!("{:0>4}", one.text("NodeGroupId")) == shard;
    let Some(one) = input.items("ReplicaConfiguration").iter().find(of_shard) else {
        return Ok(Vec::new());
    };
    let zones = one.texts("PreferredAvailabilityZones");
    if !zones.is_empty() && zones.len() != replicas + 1 {
        return Err(invalid_combination(
            "PreferredAvailabilityZones must name a zone for the primary and for every replica.",
        ));
    }
    Ok(zones.into_iter().skip(there).map(str::to_owned).collect())
}

/// `DecreaseReplicaCount`.
pub(in super::super) fn decrease(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = ready(call, &input)?;
    let id = row.text("ReplicationGroupId").to_owned();
    let mut all = shards(&row);
    let named = input.texts("ReplicasToRemove");
    let gone = if named.is_empty() {
        let wanted = wanted(&row, &input, Way::Down)?;
        surplus(&all, &wanted)
    } else {
        chosen(&all, &named)?
    };
    for one in &mut all {
        if one.nodes.iter().any(|node| gone.contains(node)) {
            "modifying".clone_into(&mut one.status);
        }
    }
    let least = all.iter().map(|shard| {
        shard.nodes.iter().filter(|node| !gone.contains(node)).count().saturating_sub(1)
    });
    if least.min() == Some(0) && row.text("MultiAZ") == "enabled" {
        return Err(invalid_combination("Multi-AZ needs at least one replica in every shard."));
    }
    cache_cluster::set_status(call, &gone, "deleting");
    start(call, &id, &all, &gone)
}

/// The replicas beyond the number that is wanted, the last ones first, never the primary.
fn surplus(all: &[shard::Shard], wanted: &BTreeMap<String, usize>) -> Vec<String> {
    let of_shard = |shard: &shard::Shard| {
        let Some(replicas) = wanted.get(&shard.id) else { return Vec::new() };
        let replaceable = shard.nodes.iter().rev().filter(|node| **node != shard.primary);
        replaceable.take((shard.nodes.len() - 1).saturating_sub(*replicas)).cloned().collect()
    };
    all.iter().flat_map(of_shard).collect()
}

fn chosen(all: &[shard::Shard], named: &[&str]) -> Result<Vec<String>, Fault> {
    for node in named {
        let Some(shard) = all.iter().find(|shard| shard.nodes.iter().any(|known| known == node))
        else {
            return Err(invalid_value(format!("{node} is not a node of the replication group.")));
        };
        if shard.primary == *node {
            return Err(invalid_value(format!("{node} is a primary and cannot be removed.")));
        }
    }
    Ok(named.iter().map(|node| (*node).to_owned()).collect())
}

fn ready(call: &Call, input: &Value) -> Result<Value, Fault> {
    if !input.flag("ApplyImmediately") {
        return Err(invalid_value(
            "ApplyImmediately must be true: the number of replicas changes at once.",
        ));
    }
    available(call, input.text("ReplicationGroupId"))
}

/// How many replicas each shard gets; all must go the way of the request, and one at least must change.
fn wanted(row: &Value, input: &Value, way: Way) -> Result<BTreeMap<String, usize>, Fault> {
    let configured = input.items("ReplicaConfiguration");
    let mut wanted = BTreeMap::new();
    match (input.int("NewReplicaCount"), configured.is_empty()) {
        (Some(_), false) | (None, true) => {
            return Err(invalid_combination(
                "Either NewReplicaCount or ReplicaConfiguration must be given.",
            ));
        }
        (Some(count), true) => {
            let count = layout::replicas("NewReplicaCount", count)?;
            wanted.extend(shards(row).into_iter().map(|shard| (shard.id, count)));
        }
        (None, false) => {
            for one in configured {
                let count = layout::replicas(
                    "NewReplicaCount",
                    one.int("NewReplicaCount").unwrap_or_default(),
                )?;
                wanted.insert(format!("{:0>4}", one.text("NodeGroupId")), count);
            }
        }
    }
    let mut changes = false;
    for shard in shards(row) {
        let Some(count) = wanted.get(&shard.id) else { continue };
        let there = shard.nodes.len() - 1;
        let wrong = if way == Way::Up { *count < there } else { *count > there };
        if wrong {
            return Err(invalid_value(format!(
                "The shard {} has {there} replicas, and {count} are asked for.",
                shard.id
            )));
        }
        changes |= *count != there;
    }
    if let Some(unknown) =
        wanted.keys().find(|id| !shards(row).iter().any(|shard| shard.id == **id))
    {
        return Err(invalid_value(format!("There is no shard {unknown}.")));
    }
    if changes {
        return Ok(wanted);
    }
    Err(Fault::new(
        "NoOperationFault",
        "The operation was not performed because no changes were required.",
    ))
}

fn start(call: &mut Call, id: &str, all: &[shard::Shard], gone: &[String]) -> Result<Value, Fault> {
    let members = json!({"Status": "modifying", "_shards": shard::written(all)});
    call.merge(REPLICATION_GROUP.table, id, members);
    let seconds = call.latency("elasticache.replication_group", "update");
    call.schedule(seconds, REPLICATION_GROUP.table, id, Step::Run(CHANGED, json!([id, gone])));
    answer(call, id)
}

/// The end of the change.
pub(in super::super) fn changed(call: &mut Call, arguments: &Value) {
    let id = arguments[0].as_str().unwrap_or_default();
    let Some(row) = call.get(REPLICATION_GROUP.table, id).cloned() else { return };
    let gone: Vec<&str> =
        arguments[1].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut all = shards(&row);
    for one in &mut all {
        one.nodes.retain(|node| !gone.contains(&node.as_str()));
        "available".clone_into(&mut one.status);
    }
    for node in &gone {
        cache_cluster::remove(call, node);
        event::note(call, ("cache-cluster", node), "Cache cluster deleted");
    }
    call.merge(REPLICATION_GROUP.table, id, json!({"_shards": shard::written(&all)}));
    modify::finish(call, id);
}
