//! How many shards a new group has, and with which replicas, slots and zones.

use super::layout;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elasticache::kind::{invalid_combination, invalid_value};
use crate::services::elasticache::slots;
use serde_json::Value;

/// Replicas of a shard with cluster mode where a request says nothing.
const USUAL_REPLICAS: i64 = 1;

/// The shards of a new group.
pub(super) struct Plan {
    pub(super) shards: Vec<Planned>,
}

/// One of them.
pub(super) struct Planned {
    pub(super) id: String,
    pub(super) replicas: usize,
    pub(super) slots: String,
    /// Zones of its nodes, the primary's first; none where ElastiCache chooses.
    pub(super) zones: Vec<String>,
}

impl Plan {
    /// The shards that a request, or the snapshot that it restores, asks for.
    pub(super) fn of_request(
        input: &Value,
        source: Option<&Value>,
        cluster_enabled: bool,
    ) -> Result<Self, Fault> {
        let configured = input.items("NodeGroupConfiguration");
        let count = count(input, source, configured)?;
        if !configured.is_empty() && configured.len() != count {
            return Err(invalid_combination(format!(
                "NodeGroupConfiguration has {} node groups and NumNodeGroups is {count}.",
                configured.len()
            )));
        }
        let replicas = replicas(input, cluster_enabled)?;
        let slots = slots_of(configured, source, count, cluster_enabled)?;
        let mut shards = Vec::new();
        for (at, slots) in slots.into_iter().enumerate() {
            shards.push(planned(configured.get(at), at, replicas, slots)?);
        }
        if let [only] = shards.as_mut_slice() {
            let zones = input.texts("PreferredCacheClusterAZs");
            if !zones.is_empty() && zones.len() != only.replicas + 1 {
                return Err(invalid_combination(
                    "PreferredCacheClusterAZs must name as many zones as there are nodes.",
                ));
            }
            only.zones.extend(zones.into_iter().map(str::to_owned));
        }
        Ok(Self { shards })
    }

    /// How many nodes there are in all.
    pub(super) fn nodes(&self) -> usize {
        self.shards.iter().map(|shard| shard.replicas + 1).sum()
    }

    /// The least number of replicas of a shard.
    pub(super) fn least_replicas(&self) -> usize {
        self.shards.iter().map(|shard| shard.replicas).min().unwrap_or(0)
    }
}

fn count(input: &Value, source: Option<&Value>, configured: &[Value]) -> Result<usize, Fault> {
    let of_snapshot = source.and_then(|snapshot| snapshot.int("NumNodeGroups"));
    let given = input.int("NumNodeGroups").or(of_snapshot);
    let count = match given {
        None if !configured.is_empty() => Some(configured.len()),
        None => Some(1),
        Some(count) => usize::try_from(count).ok().filter(|count| *count > 0),
    };
    let count =
        count.ok_or_else(|| invalid_value("The parameter NumNodeGroups must be at least 1."))?;
    if of_snapshot.is_some_and(|shards| usize::try_from(shards) != Ok(count)) {
        return Err(invalid_combination("The number of node groups must be that of the snapshot."));
    }
    Ok(count)
}

fn replicas(input: &Value, cluster_enabled: bool) -> Result<usize, Fault> {
    let (replicas, clusters) = (input.int("ReplicasPerNodeGroup"), input.int("NumCacheClusters"));
    match (replicas, clusters) {
        (Some(_), Some(_)) => Err(invalid_combination(
            "ReplicasPerNodeGroup and NumCacheClusters cannot be used together.",
        )),
        (Some(replicas), None) => layout::replicas("ReplicasPerNodeGroup", replicas),
        (None, Some(_)) if cluster_enabled => Err(invalid_combination(
            "NumCacheClusters cannot be used with cluster mode; ReplicasPerNodeGroup can.",
        )),
        (None, Some(clusters)) => layout::replicas("NumCacheClusters", clusters - 1),
        (None, None) => layout::replicas(
            "ReplicasPerNodeGroup",
            if cluster_enabled { USUAL_REPLICAS } else { 0 },
        ),
    }
}

/// The slots of each shard: as configured, as in the snapshot, or equal parts.
fn slots_of(
    configured: &[Value],
    source: Option<&Value>,
    count: usize,
    cluster_enabled: bool,
) -> Result<Vec<String>, Fault> {
    if !cluster_enabled {
        return Ok(vec![String::new(); count]);
    }
    let given: Vec<String> =
        configured.iter().filter_map(|one| one.opt("Slots")).map(str::to_owned).collect();
    if given.is_empty() {
        if let Some(snapshot) = source {
            let slots = snapshot
                .items("NodeSnapshots")
                .iter()
                .map(|one| one["NodeGroupConfiguration"].text("Slots").to_owned());
            return Ok(slots.collect());
        }
        let owners = slots::even(count);
        return Ok((0..count).map(|shard| slots::written(&owners, shard)).collect());
    }
    if given.len() != configured.len() || slots::read(&given).is_none() {
        return Err(invalid_value(
            "The slots of the node groups must cover 0 to 16383, each of them once.",
        ));
    }
    Ok(given)
}

fn planned(
    configured: Option<&Value>,
    at: usize,
    replicas: usize,
    slots: String,
) -> Result<Planned, Fault> {
    let id = format!("{:04}", at + 1);
    let Some(one) = configured else {
        return Ok(Planned { id, replicas, slots, zones: Vec::new() });
    };
    let replicas = match one.int("ReplicaCount") {
        Some(count) => layout::replicas("ReplicaCount", count)?,
        None => replicas,
    };
    let of_replicas = one.texts("ReplicaAvailabilityZones");
    if !of_replicas.is_empty() && of_replicas.len() != replicas {
        return Err(invalid_combination(
            "ReplicaAvailabilityZones must name as many zones as there are replicas.",
        ));
    }
    let zones = one.opt("PrimaryAvailabilityZone").into_iter().chain(of_replicas);
    let id = one.opt("NodeGroupId").map_or(id, |given| format!("{given:0>4}"));
    Ok(Planned { id, replicas, slots, zones: zones.map(str::to_owned).collect() })
}
