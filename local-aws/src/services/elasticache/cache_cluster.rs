//! Cache clusters, which are the nodes of replication groups.
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeCacheClusters.html>

use super::kind::Kind;
use super::replication_group::{REPLICATION_GROUP, node_endpoint};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::{self, Placed};
use crate::store::Table;
use serde_json::{Value, json};

/// Rows have what is a node's own: its id, state, zone, `_group`, `_subnet` and `_interface`. The rest is its group's.
pub(super) const CACHE_CLUSTER: Kind = Kind {
    table: Table::regional("elasticache.cache_cluster"),
    name: "CacheClusterId",
    arn: "cluster",
    noun: "CacheCluster",
    not_found: "CacheClusterNotFound",
};

/// What a node has of its group under the same name.
const OF_GROUP: [&str; 14] = [
    "CacheNodeType",
    "Engine",
    "AutoMinorVersionUpgrade",
    "SnapshotRetentionLimit",
    "SnapshotWindow",
    "AuthTokenEnabled",
    "AuthTokenLastModifiedDate",
    "TransitEncryptionEnabled",
    "TransitEncryptionMode",
    "AtRestEncryptionEnabled",
    "LogDeliveryConfigurations",
    "NetworkType",
    "IpDiscovery",
    "ReplicationGroupId",
];

/// Puts a node into a zone of the group's subnets.
pub(super) fn add(call: &mut Call, group: &Value, id: &str, zone: &str) -> Result<(), Fault> {
    let subnets = super::subnet_group::SUBNET_GROUP.row(call, group.text("_subnet_group"))?;
    let in_zone = |subnet: &&Value| subnet["SubnetAvailabilityZone"].text("Name") == zone;
    let subnet = subnets.items("Subnets").iter().find(in_zone);
    let subnet = subnet.map(|subnet| subnet.text("SubnetIdentifier")).unwrap_or_default();
    let groups: Vec<String> =
        group.texts("_security_groups").into_iter().map(str::to_owned).collect();
    let placed = Placed {
        subnet,
        groups: &groups,
        private_ip: None,
        description: &format!("ElastiCache {id}"),
        requester: "amazon-elasticache",
    };
    let (interface, _) = ec2::place(call, &placed)
        .map_err(|fault| Fault::new("InvalidVPCNetworkStateFault", fault.message))?;
    let row = json!({
        "CacheClusterId": id, "CacheClusterStatus": "creating", "CacheClusterCreateTime": call.now(), "PreferredAvailabilityZone": zone,
        "Tags": group["Tags"], "_group": group["ReplicationGroupId"], "_subnet": subnet, "_interface": interface,
        "ARN": CACHE_CLUSTER.arn_of(call, id), "_arn": CACHE_CLUSTER.arn_of(call, id), "_key": id,
    });
    call.put(CACHE_CLUSTER.table, id, row);
    Ok(())
}

/// Takes a node away.
pub(super) fn remove(call: &mut Call, id: &str) {
    if let Some(row) = call.remove(CACHE_CLUSTER.table, id) {
        ec2::withdraw(call, row.text("_interface"));
    }
}

/// Sets the state of nodes.
pub(super) fn set_status(call: &mut Call, ids: &[String], status: &str) {
    for id in ids {
        call.merge(CACHE_CLUSTER.table, id, json!({"CacheClusterStatus": status}));
    }
}

/// Gives the nodes of a group other security groups.
pub(super) fn set_groups(call: &mut Call, group: &str, groups: &[String]) {
    for id in of_group(call, group) {
        let interface =
            call.get(CACHE_CLUSTER.table, &id).map(|row| row.text("_interface").to_owned());
        ec2::regroup(call, &interface.unwrap_or_default(), groups);
    }
}

/// The nodes of a replication group.
pub(super) fn of_group(call: &Call, group: &str) -> Vec<String> {
    let nodes = call.rows(CACHE_CLUSTER.table).filter(|(_, row)| row.text("_group") == group);
    nodes.map(|(id, _)| id.to_owned()).collect()
}

/// The replication group of a node.
pub(super) fn group_of(call: &Call, node: &str) -> Result<String, Fault> {
    Ok(CACHE_CLUSTER.row(call, node)?.text("_group").to_owned())
}

/// Whether a node is in a subnet.
pub(super) fn is_in_subnet(call: &Call, subnet: &str) -> bool {
    call.rows(CACHE_CLUSTER.table).any(|(_, row)| row.text("_subnet") == subnet)
}

/// `DescribeCacheClusters`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut clusters = CACHE_CLUSTER
        .describe(call, |call, row| view(call, row, input.flag("ShowCacheNodeInfo")))?;
    if input.flag("ShowCacheClustersNotInReplicationGroups") {
        clusters.clear();
    }
    Ok(json!({"CacheClusters": clusters}))
}

fn view(call: &Call, row: &Value, with_nodes: bool) -> Value {
    let mut seen = row.clone();
    let Some(group) = call.get(REPLICATION_GROUP.table, row.text("_group")) else { return seen };
    for member in OF_GROUP {
        if group.has(member) {
            seen[member] = group[member].clone();
        }
    }
    seen["EngineVersion"] = group["_version"].clone();
    seen["NumCacheNodes"] = json!(1);
    seen["PreferredMaintenanceWindow"] = group["_window"].clone();
    seen["CacheSubnetGroupName"] = group["_subnet_group"].clone();
    seen["CacheSecurityGroups"] = json!([]);
    seen["CacheParameterGroup"] = json!({"CacheParameterGroupName": group["_parameter_group"], "ParameterApplyStatus": "in-sync", "CacheNodeIdsToReboot": []});
    let security_group = |id: &&str| json!({"SecurityGroupId": id, "Status": "active"});
    seen["SecurityGroups"] = group.texts("_security_groups").iter().map(security_group).collect();
    seen["ReplicationGroupLogDeliveryEnabled"] =
        json!(!group.items("LogDeliveryConfigurations").is_empty());
    if group.has("_topic") {
        seen["NotificationConfiguration"] = group["_topic"].clone();
    }
    seen["PendingModifiedValues"] = pending(group);
    if with_nodes {
        seen["CacheNodes"] = json!([node(call, group, row)]);
    }
    seen
}

/// What will change at the next maintenance, or is changing.
fn pending(group: &Value) -> Value {
    let mut pending = json!({});
    let next = &group["_pending"];
    for (member, name) in [("CacheNodeType", "CacheNodeType"), ("_version", "EngineVersion")] {
        if next.has(member) {
            pending[name] = next[member].clone();
        }
    }
    for member in [
        "AuthTokenStatus",
        "LogDeliveryConfigurations",
        "TransitEncryptionEnabled",
        "TransitEncryptionMode",
    ] {
        if group["PendingModifiedValues"].has(member) {
            pending[member] = group["PendingModifiedValues"][member].clone();
        }
    }
    pending
}

fn node(call: &Call, group: &Value, row: &Value) -> Value {
    let mut node = json!({
        "CacheNodeId": "0001", "CacheNodeStatus": row["CacheClusterStatus"], "CacheNodeCreateTime": row["CacheClusterCreateTime"],
        "ParameterGroupStatus": "in-sync", "CustomerAvailabilityZone": row["PreferredAvailabilityZone"],
    });
    if row.text("CacheClusterStatus") != "creating" {
        node["Endpoint"] = node_endpoint(call, group, row.text("CacheClusterId"));
    }
    node
}
