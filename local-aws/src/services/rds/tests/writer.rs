//! Who writes, and what happens when a zone fails.

use super::Ground;
use crate::fields::Fields;
use serde_json::json;

#[test]
fn a_failover_moves_the_writer_and_leaves_the_endpoints() {
    let ground = Ground::new();
    ground.running();
    let before = ground.seen();
    ground.ask(
        "FailoverDBCluster",
        json!({"DBClusterIdentifier": "shop", "TargetDBInstanceIdentifier": "r2"}),
    );
    assert_eq!(ground.seen()["Status"], "failing-over");
    let again = json!({"DBClusterIdentifier": "shop"});
    assert_eq!(ground.refused("FailoverDBCluster", again.clone()), "InvalidDBClusterStateFault");
    ground.cloud.pass(31.0);
    assert_eq!(ground.writer(), "r2");
    ground.ask("FailoverDBCluster", again);
    ground.cloud.pass(31.0);
    assert_eq!(ground.writer(), "r1", "the first tier goes first");
    let after = ground.seen();
    assert_eq!(before["Endpoint"], after["Endpoint"]);
    assert_eq!(before["ReaderEndpoint"], after["ReaderEndpoint"]);
    let events = ground.ask("DescribeEvents", json!({"EventCategories": ["failover"]}));
    assert_eq!(events.items("Events").len(), 4);
}

#[test]
fn a_lone_instance_has_nobody_to_fail_over_to() {
    let ground = Ground::new();
    ground.made(json!({}));
    ground.instance("w", json!({}));
    ground.cloud.pass(400.0);
    let input = json!({"DBClusterIdentifier": "shop"});
    assert_eq!(ground.refused("FailoverDBCluster", input), "InvalidDBClusterStateFault");
}

#[test]
fn a_reader_is_promoted_when_the_writer_is_deleted() {
    let ground = Ground::new();
    ground.running();
    ground.ask("DeleteDBInstance", json!({"DBInstanceIdentifier": "w"}));
    ground.cloud.pass(31.0);
    assert_eq!(ground.writer(), "r1");
}

#[test]
fn a_zone_that_fails_takes_no_instance_and_the_others_serve() {
    let ground = Ground::new();
    ground.running();
    let before = ground.seen();
    ground.cloud.in_cloud(|cloud| cloud.fail_zone("use1-az1").unwrap());
    assert_eq!(ground.cloud.cloud.failed_zones(), ["use1-az1"]);
    ground.cloud.pass(31.0);
    assert_eq!(ground.writer(), "r1");
    assert_eq!(ground.seen()["Endpoint"], before["Endpoint"]);
    let there = json!({
        "DBInstanceIdentifier": "x", "DBClusterIdentifier": "shop", "Engine": "aurora-postgresql", "DBInstanceClass": "db.serverless",
        "AvailabilityZone": "us-east-1a",
    });
    assert_eq!(ground.refused("CreateDBInstance", there), "InsufficientDBInstanceCapacity");
    ground.instance("y", json!({}));
    assert_ne!(ground.instance_seen("y")["AvailabilityZone"], "us-east-1a");
    ground.cloud.in_cloud(|cloud| cloud.restore_zone("use1-az1").unwrap());
    ground.cloud.pass(31.0);
    assert_eq!(ground.writer(), "r1", "who writes goes on");
    assert!(ground.cloud.in_cloud(|cloud| cloud.fail_zone("moon-az1")).is_err());
}
