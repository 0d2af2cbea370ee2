//! Online resharding: shards come and go while slots move between them.
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroupShardConfiguration.html>

use super::shard::Shard;
use super::{REPLICATION_GROUP, answer, available, layout, modify, shard, shards};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elasticache::kind::{invalid_combination, invalid_value};
use crate::services::elasticache::{cache_cluster, event, slots};
use serde_json::{Value, json};

/// The task that moves some slots; the arguments are the group's id, the shards that keep slots, and the steps left.
pub(in super::super) const MOVED: &str = "slots_moved";

/// The task that ends resharding; the arguments are the group's id and the shards that keep slots.
pub(in super::super) const FINISHED: &str = "resharded";

/// In how many steps the slots move.
const STEPS: usize = 10;

/// Which part of the time goes by before slots move, while nodes are made.
const BUILDING: f64 = 0.4;

/// Which part of the time goes by until all slots have moved.
const MOVING: f64 = 0.9;

/// `ModifyReplicationGroupShardConfiguration`.
pub(in super::super) fn reshard(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if !input.flag("ApplyImmediately") {
        return Err(invalid_value("ApplyImmediately must be true: resharding begins at once."));
    }
    let row = available(call, input.text("ReplicationGroupId"))?;
    let id = row.text("ReplicationGroupId").to_owned();
    if !row.flag("ClusterEnabled") {
        return Err(invalid_combination("Only a group with cluster mode can be resharded."));
    }
    let count = input.int("NodeGroupCount").and_then(|count| usize::try_from(count).ok());
    let count = count.filter(|count| *count > 0);
    let count =
        count.ok_or_else(|| invalid_value("The parameter NodeGroupCount must be at least 1."))?;
    let mut all = shards(&row);
    let keep = if count > all.len() {
        grow(call, &row, &input, &mut all, count)?;
        all.iter().map(|shard| shard.id.clone()).collect()
    } else {
        kept(&input, &all, count)?
    };
    for one in &mut all {
        if one.status == "available" {
            "modifying".clone_into(&mut one.status);
        }
    }
    let pending = json!({"Resharding": {"SlotMigration": {"ProgressPercentage": 0.0}}});
    let members = json!({"Status": "modifying", "PendingModifiedValues": pending, "_shards": shard::written(&all)});
    call.merge(REPLICATION_GROUP.table, &id, members);
    plan(call, &id, &keep);
    answer(call, &id)
}

/// Adds the new shards, still without slots.
fn grow(
    call: &mut Call,
    row: &Value,
    input: &Value,
    all: &mut Vec<Shard>,
    count: usize,
) -> Result<(), Fault> {
    if input.has("NodeGroupsToRemove") || input.has("NodeGroupsToRetain") {
        return Err(invalid_combination(
            "NodeGroupsToRemove and NodeGroupsToRetain go with a smaller NodeGroupCount only.",
        ));
    }
    let configured = input.items("ReshardingConfiguration");
    let new = count - all.len();
    if !configured.is_empty() && configured.len() != new {
        return Err(invalid_combination(format!(
            "ReshardingConfiguration must have the {new} new node groups."
        )));
    }
    let replicas = all.first().map_or(0, |shard| shard.nodes.len() - 1);
    let nodes: usize = all.iter().map(|shard| shard.nodes.len()).sum();
    let added = new * (replicas + 1);
    layout::check_quotas(call, count, nodes + added, added)?;
    for at in 0..new {
        let given = configured.get(at).and_then(|one| one.opt("NodeGroupId"));
        let id = given.map_or_else(|| free_id(all), |id| format!("{id:0>4}"));
        if all.iter().any(|shard| shard.id == id) {
            return Err(invalid_value(format!("There is a shard {id} already.")));
        }
        let mut fresh = Shard {
            id,
            status: "creating".to_owned(),
            slots: String::new(),
            primary: String::new(),
            nodes: Vec::new(),
        };
        let zones = configured.get(at).map(|one| one.texts("PreferredAvailabilityZones"));
        let zones = zones.unwrap_or_default();
        for zone in &zones {
            layout::check_zone(call, row.text("_subnet_group"), zone)?;
        }
        layout::add_nodes(call, row, &mut fresh, replicas + 1, &zones)?;
        all.push(fresh);
    }
    Ok(())
}

/// The first id that no shard has.
fn free_id(all: &[Shard]) -> String {
    let mut ids = (1..=all.len() + 1).map(|number| format!("{number:04}"));
    ids.find(|id| !all.iter().any(|shard| shard.id == *id)).unwrap_or_default()
}

/// The shards that stay of a group that shrinks.
fn kept(input: &Value, all: &[Shard], count: usize) -> Result<Vec<String>, Fault> {
    if count == all.len() {
        return Err(invalid_value(format!(
            "The replication group has {count} node groups already."
        )));
    }
    let whole = |ids: Vec<&str>| ids.into_iter().map(|id| format!("{id:0>4}")).collect::<Vec<_>>();
    let remove = whole(input.texts("NodeGroupsToRemove"));
    let retain = whole(input.texts("NodeGroupsToRetain"));
    if remove.is_empty() == retain.is_empty() {
        return Err(invalid_combination(
            "Either NodeGroupsToRemove or NodeGroupsToRetain must be given for a smaller NodeGroupCount.",
        ));
    }
    if let Some(unknown) =
        remove.iter().chain(&retain).find(|id| !all.iter().any(|shard| shard.id == **id))
    {
        return Err(invalid_value(format!("There is no node group {unknown}.")));
    }
    let stays = |shard: &&Shard| {
        if retain.is_empty() { !remove.contains(&shard.id) } else { retain.contains(&shard.id) }
    };
    let kept: Vec<String> = all.iter().filter(stays).map(|shard| shard.id.clone()).collect();
    if kept.len() != count {
        return Err(invalid_combination(format!(
            "{} node groups would be left, not the {count} of NodeGroupCount.",
            kept.len()
        )));
    }
    Ok(kept)
}

/// Lets time do the rest.
#[expect(clippy::cast_precision_loss, reason = "there are ten steps")]
fn plan(call: &mut Call, id: &str, keep: &[String]) {
    let seconds = call.latency("elasticache.replication_group", "update");
    for done in 1..=STEPS {
        let part = BUILDING + (MOVING - BUILDING) * done as f64 / STEPS as f64;
        let step = Step::Run(MOVED, json!([id, keep, STEPS - done + 1]));
        call.schedule(seconds * part, REPLICATION_GROUP.table, id, step);
    }
    let end = Step::Run(FINISHED, json!([id, keep]));
    call.schedule(seconds, REPLICATION_GROUP.table, id, end);
}

fn kept_of(arguments: &Value) -> Vec<&str> {
    arguments[1].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Moves a part of the slots.
#[expect(clippy::cast_precision_loss, reason = "there are ten steps")]
pub(in super::super) fn moved(call: &mut Call, arguments: &Value) {
    let id = arguments[0].as_str().unwrap_or_default();
    let left = arguments[2].as_u64().and_then(|left| usize::try_from(left).ok()).unwrap_or(1);
    let Some(row) = call.get(REPLICATION_GROUP.table, id).cloned() else { return };
    let mut all = shards(&row);
    let keep = kept_of(arguments);
    let slots_now: Vec<String> = all.iter().map(|shard| shard.slots.clone()).collect();
    let Some(owners) = slots::read(&slots_now) else { return };
    let places: Vec<usize> =
        (0..all.len()).filter(|at| keep.contains(&all[*at].id.as_str())).collect();
    let next = slots::step(&owners, &slots::balanced(&owners, &places), left);
    for (at, one) in all.iter_mut().enumerate() {
        one.slots = slots::written(&next, at);
        if one.status == "creating" {
            "modifying".clone_into(&mut one.status);
            cache_cluster::set_status(call, &one.nodes, "available");
        }
    }
    let progress = 100.0 * (STEPS + 1 - left) as f64 / STEPS as f64;
    let pending = json!({"Resharding": {"SlotMigration": {"ProgressPercentage": progress}}});
    let members = json!({"_shards": shard::written(&all), "PendingModifiedValues": pending});
    call.merge(REPLICATION_GROUP.table, id, members);
}

/// The end: shards without slots are gone.
pub(in super::super) fn finished(call: &mut Call, arguments: &Value) {
    let id = arguments[0].as_str().unwrap_or_default();
    let Some(row) = call.get(REPLICATION_GROUP.table, id).cloned() else { return };
    let keep = kept_of(arguments);
    let (mut stay, gone): (Vec<Shard>, Vec<Shard>) =
        shards(&row).into_iter().partition(|shard| keep.contains(&shard.id.as_str()));
    for node in gone.iter().flat_map(|shard| &shard.nodes) {
        cache_cluster::remove(call, node);
    }
    for one in &mut stay {
        "available".clone_into(&mut one.status);
    }
    call.merge(REPLICATION_GROUP.table, id, json!({"_shards": shard::written(&stay)}));
    modify::finish(call, id);
    event::note(call, ("replication-group", id), "Resharding completed");
}
