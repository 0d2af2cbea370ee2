//! Shards and replicas come and go; primaries change places.

use super::{CACHE, Net, net};
use crate::fields::Fields;
use crate::services::elasticache::slots;
use serde_json::{Value, json};

fn reshard(more: Value) -> Value {
    let mut input = json!({"ReplicationGroupId": "shop", "ApplyImmediately": true});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

/// How many slots each shard has, after checking that every slot has one owner.
#[track_caller]
fn counts(net: &Net) -> Vec<usize> {
    let shop = net.shop();
    let shards: Vec<String> =
        shop.items("NodeGroups").iter().map(|shard| shard.text("Slots").to_owned()).collect();
    let owners = slots::read(&shards).unwrap_or_else(|| panic!("{shards:?}"));
    (0..shards.len()).map(|at| owners.iter().filter(|owner| **owner == at).count()).collect()
}

#[test]
fn shards_are_added_while_slots_move() {
    let net = net();
    net.make(json!({}));
    let before = counts(&net);
    let input = reshard(json!({"NodeGroupCount": 5}));
    let begun = net.cloud.ok(CACHE, "ModifyReplicationGroupShardConfiguration", input);
    let progress =
        &begun["ReplicationGroup"]["PendingModifiedValues"]["Resharding"]["SlotMigration"];
    assert_eq!(progress["ProgressPercentage"], 0.0);
    assert_eq!(counts(&net), [before[0], before[1], before[2], 0, 0]);
    net.cloud.pass(400.0);
    let under_way = counts(&net);
    let moved = under_way[3] + under_way[4];
    assert!(moved > 0 && moved < 6553, "{under_way:?}");
    let progress =
        &net.shop()["PendingModifiedValues"]["Resharding"]["SlotMigration"]["ProgressPercentage"];
    assert!(
        progress.as_f64().is_some_and(|percent| percent > 0.0 && percent < 100.0),
        "{progress}"
    );
    net.cloud.pass(200.0);
    assert_eq!(net.shop()["Status"], "available");
    assert!(counts(&net).iter().all(|count| [3276, 3277].contains(count)), "{:?}", counts(&net));
    assert_eq!(net.nodes().len(), 10);
    assert_eq!(net.shop()["PendingModifiedValues"], json!({}));
}

#[test]
fn shards_are_removed_once_their_slots_are_elsewhere() {
    let net = net();
    net.make(json!({}));
    let operation = "ModifyReplicationGroupShardConfiguration";
    for (more, code) in [
        (json!({"NodeGroupCount": 2}), "InvalidParameterCombination"),
        (json!({"NodeGroupCount": 2, "NodeGroupsToRemove": ["0009"]}), "InvalidParameterValue"),
        (
            json!({"NodeGroupCount": 1, "NodeGroupsToRemove": ["0002"]}),
            "InvalidParameterCombination",
        ),
        (json!({"NodeGroupCount": 3}), "InvalidParameterValue"),
        (json!({"NodeGroupCount": 0}), "InvalidParameterValue"),
        (
            json!({"NodeGroupCount": 4, "NodeGroupsToRemove": ["0002"]}),
            "InvalidParameterCombination",
        ),
        (json!({"NodeGroupCount": 4, "ApplyImmediately": false}), "InvalidParameterValue"),
    ] {
        net.refused(operation, reshard(more), code);
    }
    let input = reshard(json!({"NodeGroupCount": 2, "NodeGroupsToRemove": ["0002"]}));
    net.cloud.ok(CACHE, operation, input);
    net.cloud.pass(600.0);
    let shop = net.shop();
    let ids: Vec<&str> =
        shop.items("NodeGroups").iter().map(|shard| shard.text("NodeGroupId")).collect();
    assert_eq!(ids, ["0001", "0003"]);
    assert_eq!(counts(&net), [8192, 8192]);
    assert_eq!(net.interfaces().len(), 4);
    let input = reshard(json!({"NodeGroupCount": 3}));
    net.cloud.ok(CACHE, operation, input);
    net.cloud.pass(600.0);
    assert!(
        net.shop().texts("MemberClusters").contains(&"shop-0002-001"),
        "the free id is used again"
    );
}

#[test]
fn replicas_are_added_and_removed() {
    let net = net();
    net.make(json!({}));
    let count = |count: i64| json!({"ReplicationGroupId": "shop", "NewReplicaCount": count, "ApplyImmediately": true});
    net.refused("IncreaseReplicaCount", count(1), "NoOperationFault");
    net.refused("IncreaseReplicaCount", count(0), "InvalidParameterValue");
    net.refused("IncreaseReplicaCount", count(6), "InvalidParameterValue");
    let begun = net.cloud.ok(CACHE, "IncreaseReplicaCount", count(2));
    assert_eq!(begun["ReplicationGroup"]["Status"], "modifying");
    net.cloud.pass(600.0);
    assert_eq!(net.nodes().len(), 9);
    assert_eq!(net.shop()["Status"], "available");
    let zones: Vec<Value> = net.shop()["NodeGroups"][0]
        .items("NodeGroupMembers")
        .iter()
        .map(|node| node["PreferredAvailabilityZone"].clone())
        .collect();
    assert_eq!(zones, ["us-east-1a", "us-east-1b", "us-east-1c"]);
    net.refused("DecreaseReplicaCount", count(0), "InvalidParameterCombination");
    net.cloud.ok(CACHE, "DecreaseReplicaCount", count(1));
    net.cloud.pass(600.0);
    assert_eq!(net.nodes().len(), 6);
    let one = json!({"ReplicationGroupId": "shop", "ApplyImmediately": true, "ReplicaConfiguration": [{"NodeGroupId": "0002", "NewReplicaCount": 3}]});
    net.cloud.ok(CACHE, "IncreaseReplicaCount", one);
    net.cloud.pass(600.0);
    assert_eq!(net.shop()["NodeGroups"][1].items("NodeGroupMembers").len(), 4);
    let named = |node: &str| json!({"ReplicationGroupId": "shop", "ApplyImmediately": true, "ReplicasToRemove": [node]});
    net.refused("DecreaseReplicaCount", named("shop-0002-001"), "InvalidParameterValue");
    net.refused("DecreaseReplicaCount", named("shop-0009-001"), "InvalidParameterValue");
    net.cloud.ok(CACHE, "DecreaseReplicaCount", named("shop-0002-003"));
    net.cloud.pass(600.0);
    assert!(!net.shop().texts("MemberClusters").contains(&"shop-0002-003"));
}

fn primary(net: &Net, shard: usize) -> String {
    let rows = net.cloud.cloud.rows();
    let row = rows.iter().find(|row| row.table == "elasticache.replication_group").unwrap();
    row.value["_shards"][shard]["primary"].as_str().unwrap().to_owned()
}

#[test]
fn a_failover_is_tested_on_one_shard() {
    let net = net();
    net.make(json!({}));
    let test = |shard: &str| json!({"ReplicationGroupId": "shop", "NodeGroupId": shard});
    net.refused("TestFailover", test("0009"), "NodeGroupNotFoundFault");
    let endpoint = net.shop()["ConfigurationEndpoint"].clone();
    net.cloud.ok(CACHE, "TestFailover", test("0002"));
    assert_eq!(net.shop()["Status"], "modifying");
    net.cloud.pass(60.0);
    assert_eq!(net.shop()["Status"], "available");
    assert_eq!(primary(&net, 1), "shop-0002-002");
    assert_eq!(primary(&net, 0), "shop-0001-001");
    assert_eq!(net.shop()["ConfigurationEndpoint"], endpoint);
    let events = net.cloud.ok(
        CACHE,
        "DescribeEvents",
        json!({"SourceType": "replication-group", "SourceIdentifier": "shop"}),
    );
    let told: Vec<&str> =
        events.items("Events").iter().map(|event| event.text("Message")).collect();
    assert!(
        told.contains(
            &"Failover from primary node shop-0002-001 to replica node shop-0002-002 completed"
        ),
        "{told:?}"
    );
    for _ in 1..15 {
        net.cloud.ok(CACHE, "TestFailover", test("0001"));
        net.cloud.pass(60.0);
    }
    net.refused("TestFailover", test("0001"), "APICallRateForCustomerExceeded");
    net.cloud.pass(86_400.0);
    net.cloud.ok(CACHE, "TestFailover", test("0001"));
}

#[test]
fn without_replica_there_is_no_failover() {
    let net = net();
    net.make(json!({"ReplicasPerNodeGroup": 0, "MultiAZEnabled": false}));
    let test = json!({"ReplicationGroupId": "shop", "NodeGroupId": "0001"});
    net.refused("TestFailover", test, "TestFailoverNotAvailableFault");
}

#[test]
fn shards_are_served_from_other_zones_when_one_is_lost() {
    let net = net();
    net.make(json!({}));
    let before = net.shop();
    net.cloud.in_cloud(|cloud| cloud.fail_zone("use1-az1")).unwrap();
    assert_eq!(net.shop()["Status"], "modifying");
    net.cloud.pass(60.0);
    let after = net.shop();
    assert_eq!(after["Status"], "available");
    assert_eq!(after["ConfigurationEndpoint"], before["ConfigurationEndpoint"]);
    let zones: Vec<Value> =
        net.nodes().iter().map(|node| node["PreferredAvailabilityZone"].clone()).collect();
    for shard in 0..3 {
        let serving = primary(&net, shard);
        let at =
            net.nodes().iter().position(|node| node.text("CacheClusterId") == serving).unwrap();
        assert_ne!(zones[at], "us-east-1a", "{serving} serves from the lost zone");
    }
    net.cloud.in_cloud(|cloud| cloud.restore_zone("use1-az1")).unwrap();
    net.cloud.pass(60.0);
    assert!(net.nodes().iter().all(|node| node.text("CacheClusterStatus") == "available"));
}
