//! Shards, which the API calls node groups.

use super::endpoint;
use crate::call::Call;
use crate::fields::Fields;
use crate::services::elasticache::cache_cluster::CACHE_CLUSTER;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A shard of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Shard {
    /// Four digits.
    pub(in super::super) id: String,
    pub(in super::super) status: String,
    /// Such as `0-5460`; nothing where there is only one shard.
    pub(in super::super) slots: String,
    /// The id of the node that takes writes.
    pub(in super::super) primary: String,
    /// The ids of all its nodes.
    pub(in super::super) nodes: Vec<String>,
}

/// The shards of a group.
pub(in super::super) fn shards(row: &Value) -> Vec<Shard> {
    serde_json::from_value(row["_shards"].clone()).unwrap_or_default()
}

/// The shards as a row has them.
pub(super) fn written(shards: &[Shard]) -> Value {
    serde_json::to_value(shards).unwrap_or_default()
}

/// Changes the shard with an id.
pub(super) fn change(shards: &mut [Shard], id: &str, change: impl FnOnce(&mut Shard)) {
    if let Some(shard) = shards.iter_mut().find(|shard| shard.id == id) {
        change(shard);
    }
}

/// A shard as it is described. With cluster mode on, the API tells neither roles nor the endpoints of shards.
pub(super) fn view(call: &Call, group: &Value, shard: &Shard, reachable: bool) -> Value {
    let whole = !group.flag("ClusterEnabled");
    let member = |id: &String| {
        let zone =
            call.get(CACHE_CLUSTER.table, id).map(|row| row["PreferredAvailabilityZone"].clone());
        let mut member =
            json!({"CacheClusterId": id, "CacheNodeId": "0001", "PreferredAvailabilityZone": zone});
        if whole && reachable {
            member["CurrentRole"] = json!(if *id == shard.primary { "primary" } else { "replica" });
            member["ReadEndpoint"] = endpoint::node(call, group, id);
        }
        member
    };
    let members: Vec<Value> = shard.nodes.iter().map(member).collect();
    let mut seen =
        json!({"NodeGroupId": shard.id, "Status": shard.status, "NodeGroupMembers": members});
    if !whole {
        seen["Slots"] = json!(shard.slots);
    } else if reachable {
        seen["PrimaryEndpoint"] = endpoint::primary(call, group);
        seen["ReaderEndpoint"] = endpoint::reader(call, group);
    }
    seen
}
