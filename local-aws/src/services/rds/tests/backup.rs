//! Snapshots, backups and what is restored of them.

use super::Ground;
use crate::fields::Fields;
use serde_json::{Value, json};

/// Deletes the instances and then the cluster, with these settings, and waits until it is gone.
fn delete(ground: &Ground, more: Value) {
    let mut input = json!({"DBClusterIdentifier": "shop"});
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    ground.ask("DeleteDBCluster", input);
    ground.cloud.pass(64.0);
}

fn restore(ground: &Ground, more: Value) -> Value {
    let mut input = json!({
        "DBClusterIdentifier": "again", "Engine": "aurora-postgresql", "DBSubnetGroupName": "data",
        "VpcSecurityGroupIds": [ground.security_group],
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    input
}

#[test]
fn a_final_snapshot_is_restored_after_its_cluster_while_its_key_can_be_used() {
    let ground = Ground::new();
    let key = ground.cloud.ok("kms", "CreateKey", json!({}))["KeyMetadata"].text("Arn").to_owned();
    ground.made(json!({
        "KmsKeyId": key, "DatabaseName": "orders", "CopyTagsToSnapshot": true, "Tags": [{"Key": "a", "Value": "1"}],
    }));
    delete(&ground, json!({"FinalDBSnapshotIdentifier": "Last"}));
    let snapshot =
        ground.ask("DescribeDBClusterSnapshots", json!({"DBClusterSnapshotIdentifier": "last"}));
    let snapshot = &snapshot["DBClusterSnapshots"][0];
    assert_eq!((&snapshot["KmsKeyId"], &snapshot["TagList"][0]["Key"]), (&json!(key), &json!("a")));

    ground.cloud.ok("kms", "DisableKey", json!({"KeyId": key}));
    let input = restore(&ground, json!({"SnapshotIdentifier": "last"}));
    assert_eq!(
        ground.refused("RestoreDBClusterFromSnapshot", input.clone()),
        "KMSKeyNotAccessibleFault"
    );
    ground.cloud.ok("kms", "EnableKey", json!({"KeyId": key}));
    let made = ground.ask("RestoreDBClusterFromSnapshot", input);
    let made = &made["DBCluster"];
    assert_eq!(
        (&made["DatabaseName"], &made["MasterUsername"], &made["KmsKeyId"]),
        (&json!("orders"), &json!("globecart"), &json!(key))
    );
    assert!(!made.has("MasterUserSecret"));
}

#[test]
fn without_its_key_a_cluster_cannot_be_used() {
    let ground = Ground::new();
    let key = ground.cloud.ok("kms", "CreateKey", json!({}))["KeyMetadata"].text("Arn").to_owned();
    ground.made(json!({"KmsKeyId": key}));
    ground.cloud.ok("kms", "ScheduleKeyDeletion", json!({"KeyId": key}));
    assert_eq!(ground.seen()["Status"], "inaccessible-encryption-credentials-recoverable");
}

#[test]
fn a_manual_snapshot_takes_its_time_and_its_name() {
    let ground = Ground::new();
    ground.made(json!({}));
    let input = json!({"DBClusterIdentifier": "shop", "DBClusterSnapshotIdentifier": "s"});
    ground.ask("CreateDBClusterSnapshot", input.clone());
    assert_eq!(ground.seen()["Status"], "backing-up");
    ground.cloud.pass(121.0);
    assert_eq!(
        ground.refused("CreateDBClusterSnapshot", input),
        "DBClusterSnapshotAlreadyExistsFault"
    );
    let public = json!({"DBClusterSnapshotIdentifier": "s", "AttributeName": "restore", "ValuesToAdd": ["all"]});
    assert_eq!(ground.refused("ModifyDBClusterSnapshotAttribute", public), "InvalidParameterValue");
    ground.ask("DeleteDBClusterSnapshot", json!({"DBClusterSnapshotIdentifier": "s"}));
    let gone = json!({"DBClusterSnapshotIdentifier": "s"});
    assert_eq!(
        ground.refused("DescribeDBClusterSnapshots", gone),
        "DBClusterSnapshotNotFoundFault"
    );
}

#[test]
fn every_day_has_a_snapshot_until_the_retention_is_over() {
    let ground = Ground::new();
    ground.made(json!({"BackupRetentionPeriod": 3}));
    ground.cloud.pass(10.0 * 86_400.0);
    let automated = json!({"SnapshotType": "automated"});
    let found = ground.ask("DescribeDBClusterSnapshots", automated.clone());
    assert_eq!(found.items("DBClusterSnapshots").len(), 4);
    assert!(
        found["DBClusterSnapshots"][0]
            .text("DBClusterSnapshotIdentifier")
            .starts_with("rds:shop-2026-01-")
    );
    delete(&ground, json!({"SkipFinalSnapshot": true}));
    let found = ground.ask("DescribeDBClusterSnapshots", automated);
    assert_eq!(found["DBClusterSnapshots"], json!([]));
}

#[test]
fn backups_that_were_kept_restore_to_any_time_of_theirs() {
    let ground = Ground::new();
    let cluster = ground.made(json!({"BackupRetentionPeriod": 7}));
    ground.cloud.pass(86_400.0);
    delete(&ground, json!({"SkipFinalSnapshot": true, "DeleteAutomatedBackups": false}));
    let resource = cluster["DbClusterResourceId"].clone();
    let kept =
        ground.ask("DescribeDBClusterAutomatedBackups", json!({"DbClusterResourceId": resource}));
    let kept = &kept["DBClusterAutomatedBackups"][0];
    assert_eq!(kept["Status"], "retained");
    let latest = kept["RestoreWindow"].number("LatestTime").unwrap();
    let early =
        json!({"SourceDbClusterResourceId": resource, "RestoreToTime": latest - 10.0 * 86_400.0});
    assert_eq!(
        ground.refused("RestoreDBClusterToPointInTime", restore(&ground, early)),
        "InvalidParameterValue"
    );
    let mut input =
        restore(&ground, json!({"SourceDbClusterResourceId": resource, "RestoreToTime": latest}));
    input.as_object_mut().unwrap().remove("Engine");
    ground.ask("RestoreDBClusterToPointInTime", input);
    ground.ask("DeleteDBClusterAutomatedBackup", json!({"DbClusterResourceId": resource}));
    let gone = json!({"DbClusterResourceId": resource});
    assert_eq!(
        ground.refused("DeleteDBClusterAutomatedBackup", gone),
        "DBClusterAutomatedBackupNotFoundFault"
    );
}
