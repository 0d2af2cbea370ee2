//! Snapshots: by hand, every day, the last one, and what is restored from them.

use super::{CACHE, Net, net};
use crate::fields::Fields;
use serde_json::{Value, json};

fn snapshots(net: &Net, more: Value) -> Vec<Value> {
    net.cloud.ok(CACHE, "DescribeSnapshots", more).items("Snapshots").to_vec()
}

/// What tells the data of one group from that of another.
fn data(net: &Net, id: &str) -> Value {
    let rows = net.cloud.cloud.rows();
    let row = rows
        .iter()
        .find(|row| row.table == "elasticache.replication_group" && row.id == id)
        .unwrap();
    row.value["_data"].clone()
}

#[test]
fn a_final_snapshot_outlives_its_group_and_brings_it_back() {
    let net = net();
    net.make(json!({}));
    let before = data(&net, "shop");
    let delete = json!({"ReplicationGroupId": "shop", "FinalSnapshotIdentifier": "last"});
    net.cloud.ok(CACHE, "DeleteReplicationGroup", delete);
    net.cloud.pass(540.0);
    net.refused(
        "DescribeReplicationGroups",
        json!({"ReplicationGroupId": "shop"}),
        "ReplicationGroupNotFoundFault",
    );
    let kept = &snapshots(&net, json!({"ShowNodeGroupConfig": true}))[0];
    assert_eq!(kept["SnapshotName"], "last");
    assert_eq!(kept["SnapshotStatus"], "available");
    assert_eq!(kept["SnapshotSource"], "manual");
    assert_eq!(kept["NumNodeGroups"], 3);
    assert_eq!(kept["NodeSnapshots"][2]["NodeGroupConfiguration"]["Slots"], "10923-16383");
    let fewer = net.asked(json!({"SnapshotName": "last", "NumNodeGroups": 2}));
    net.refused("CreateReplicationGroup", fewer, "InvalidParameterCombination");
    let again =
        net.asked(json!({"SnapshotName": "last", "NumNodeGroups": null, "CacheNodeType": null}));
    net.cloud.ok(CACHE, "CreateReplicationGroup", again);
    assert_eq!(snapshots(&net, json!({}))[0]["SnapshotStatus"], "restoring");
    net.refused("DeleteSnapshot", json!({"SnapshotName": "last"}), "InvalidSnapshotState");
    net.cloud.pass(780.0);
    assert_eq!(data(&net, "shop"), before);
    assert_eq!(net.shop()["CacheNodeType"], "cache.t4g.small");
    net.cloud.ok(CACHE, "DeleteSnapshot", json!({"SnapshotName": "last"}));
    net.cloud.pass(20.0);
    net.refused("DeleteSnapshot", json!({"SnapshotName": "last"}), "SnapshotNotFoundFault");
}

#[test]
fn a_snapshot_by_hand_has_its_time_and_a_name_of_its_own() {
    let net = net();
    net.make(json!({}));
    let take = |name: &str| json!({"ReplicationGroupId": "shop", "SnapshotName": name, "Tags": [{"Key": "why", "Value": "test"}]});
    let begun = net.cloud.ok(CACHE, "CreateSnapshot", take("one"));
    assert_eq!(begun["Snapshot"]["SnapshotStatus"], "creating");
    assert_eq!(net.shop()["Status"], "snapshotting");
    net.refused("CreateSnapshot", take("two"), "InvalidReplicationGroupState");
    net.cloud.pass(180.0);
    assert_eq!(net.shop()["Status"], "available");
    net.refused("CreateSnapshot", take("one"), "SnapshotAlreadyExistsFault");
    let delete = json!({"ReplicationGroupId": "shop", "FinalSnapshotIdentifier": "one"});
    net.refused("DeleteReplicationGroup", delete, "SnapshotAlreadyExistsFault");
    let copy = json!({"SourceSnapshotName": "one", "TargetSnapshotName": "copy"});
    net.cloud.ok(CACHE, "CopySnapshot", copy);
    net.cloud.pass(180.0);
    assert_eq!(snapshots(&net, json!({"ReplicationGroupId": "shop"})).len(), 2);
    assert_eq!(snapshots(&net, json!({"SnapshotSource": "system"})).len(), 0);
    net.refused("DescribeSnapshots", json!({"SnapshotName": "none"}), "SnapshotNotFoundFault");
    net.refused("DescribeSnapshots", json!({"MaxRecords": 51}), "InvalidParameterValue");
    let export =
        json!({"SourceSnapshotName": "one", "TargetSnapshotName": "x", "TargetBucket": "b"});
    net.refused("CopySnapshot", export, "NotImplemented");
}

#[test]
fn automatic_snapshots_come_daily_are_kept_for_a_while_and_go_with_the_group() {
    let net = net();
    // The cloud starts at midnight.
    net.make(json!({"SnapshotRetentionLimit": 2, "SnapshotWindow": "03:00-04:00"}));
    net.cloud.pass(3.0 * 3600.0);
    let first = snapshots(&net, json!({"SnapshotSource": "system"}));
    assert_eq!(first[0]["SnapshotName"], "automatic.shop-2026-01-01-03-00");
    assert_eq!(first[0]["SnapshotSource"], "automated");
    for days in [2, 2, 2] {
        net.cloud.pass(86_400.0);
        assert_eq!(snapshots(&net, json!({})).len(), days);
    }
    net.modify(json!({"SnapshotRetentionLimit": 0}));
    net.cloud.pass(86_400.0);
    let left = snapshots(&net, json!({}));
    assert_eq!(left.len(), 1, "no more is taken");
    net.cloud.ok(CACHE, "DeleteReplicationGroup", json!({"ReplicationGroupId": "shop"}));
    net.cloud.pass(360.0);
    assert!(snapshots(&net, json!({})).is_empty());
}
