//! From creating to gone.

use super::Ground;
use crate::fields::Fields;
use serde_json::json;

#[test]
fn a_cluster_becomes_available_and_describes_what_it_was_given() {
    let ground = Ground::new();
    ground.ask("CreateDBCluster", ground.cluster());
    assert_eq!(ground.seen()["Status"], "creating");
    assert_eq!(ground.seen()["MasterUserSecret"]["SecretStatus"], "creating");
    let early = json!({
        "DBInstanceIdentifier": "w", "DBClusterIdentifier": "shop", "Engine": "aurora-postgresql", "DBInstanceClass": "db.serverless",
    });
    assert_eq!(ground.refused("CreateDBInstance", early), "InvalidDBClusterStateFault");
    ground.cloud.pass(50.0);
    let seen = ground.seen();
    assert_eq!((&seen["Status"], &seen["EngineVersion"]), (&json!("available"), &json!("17.7")));
    assert_eq!(
        seen["ServerlessV2ScalingConfiguration"],
        json!({"MinCapacity": 0.5, "MaxCapacity": 16.0})
    );
    let (writer, reader) = (seen.text("Endpoint"), seen.text("ReaderEndpoint"));
    assert!(writer.starts_with("shop.cluster-c") && reader.starts_with("shop.cluster-ro-c"));
    assert_eq!(seen["DBSubnetGroup"], "data");
    assert_eq!(seen["MasterUserSecret"]["SecretStatus"], "active");
    assert_eq!(seen["DBClusterParameterGroup"], "default.aurora-postgresql17");
    assert_eq!(ground.refused("CreateDBCluster", ground.cluster()), "DBClusterAlreadyExistsFault");
    let roles = ground.cloud.ok("iam", "GetRole", json!({"RoleName": "AWSServiceRoleForRDS"}));
    assert_eq!(roles["Role"]["Path"], "/aws-service-role/rds.amazonaws.com/");
}

#[test]
fn the_master_password_is_in_a_secret_that_rds_alone_changes_every_week() {
    let ground = Ground::new();
    let arn = ground.made(json!({}))["MasterUserSecret"].text("SecretArn").to_owned();
    let read = || {
        let value = ground.cloud.ok("secretsmanager", "GetSecretValue", json!({"SecretId": arn}));
        let value: serde_json::Value = serde_json::from_str(value.text("SecretString")).unwrap();
        assert_eq!(value["username"], "globecart");
        value.text("password").to_owned()
    };
    let first = read();
    assert_eq!(first.len(), 32);
    let described = ground.cloud.ok("secretsmanager", "DescribeSecret", json!({"SecretId": arn}));
    assert_eq!(described["OwningService"], "rds");
    assert_eq!(described["RotationRules"]["AutomaticallyAfterDays"], 7);
    let by_hand =
        json!({"SecretId": arn, "SecretString": "x", "ClientRequestToken": "0".repeat(32)});
    assert_eq!(
        ground.cloud.err("secretsmanager", "PutSecretValue", by_hand),
        "InvalidRequestException"
    );
    let token = "0".repeat(32);
    let rotate = json!({"SecretId": arn, "ClientRequestToken": token});
    ground.cloud.ok("secretsmanager", "RotateSecret", rotate);
    let second = read();
    assert_ne!(second, first);
    let function = "arn:aws:lambda:us-east-1:123456789012:function:f";
    let own = json!({"SecretId": arn, "ClientRequestToken": token, "RotationLambdaARN": function});
    assert_eq!(ground.cloud.err("secretsmanager", "RotateSecret", own), "InvalidRequestException");
    ground.cloud.pass(7.0 * 86_400.0);
    assert_ne!(read(), second);
    let rows = ground.cloud.cloud.rows();
    assert!(rows.iter().all(|row| !row.value.to_string().contains(&first)));
}

#[test]
fn instances_take_an_interface_each_and_the_first_one_writes() {
    let ground = Ground::new();
    ground.running();
    assert_eq!((ground.writer().as_str(), ground.interfaces()), ("w", 3));
    assert!(ground.seen().flag("MultiAZ"));
    let writer = ground.instance_seen("w");
    assert_eq!(
        (&writer["DBInstanceStatus"], &writer["AvailabilityZone"], &writer["MasterUsername"]),
        (&json!("available"), &json!("us-east-1a"), &json!("globecart"))
    );
    let subnet = json!({"SubnetId": ground.subnets[0]});
    assert_eq!(ground.cloud.err("ec2", "DeleteSubnet", subnet), "DependencyViolation");
    let group = json!({"GroupId": ground.security_group});
    assert_eq!(ground.cloud.err("ec2", "DeleteSecurityGroup", group), "DependencyViolation");
    let logs = json!({"logGroupNamePrefix": "/aws/rds/cluster/shop/"});
    let logs = ground.cloud.ok("logs", "DescribeLogGroups", logs);
    assert_eq!(logs["logGroups"][0]["logGroupName"], "/aws/rds/cluster/shop/postgresql");
    assert!(!logs["logGroups"][0].has("retentionInDays"));
}

#[test]
fn a_cluster_goes_only_after_its_instances_and_with_a_word_on_its_last_snapshot() {
    let ground = Ground::new();
    ground.running();
    let delete = |more: &[(&str, serde_json::Value)]| {
        let mut input = json!({"DBClusterIdentifier": "shop"});
        for (name, value) in more {
            input[*name] = value.clone();
        }
        input
    };
    assert_eq!(ground.refused("DeleteDBCluster", delete(&[])), "InvalidParameterCombination");
    let last = delete(&[("FinalDBSnapshotIdentifier", json!("shop-last"))]);
    assert_eq!(ground.refused("DeleteDBCluster", last.clone()), "InvalidDBClusterStateFault");
    for id in ["w", "r1", "r2"] {
        ground.ask("DeleteDBInstance", json!({"DBInstanceIdentifier": id}));
    }
    let group = json!({"DBSubnetGroupName": "data"});
    ground.ask("DeleteDBCluster", last);
    assert_eq!(
        ground.refused("DeleteDBSubnetGroup", group.clone()),
        "InvalidDBSubnetGroupStateFault"
    );
    ground.cloud.pass(481.0);
    assert_eq!(ground.seen()["Status"], "deleting");
    assert_eq!(ground.interfaces(), 0);
    ground.cloud.pass(64.0);
    let gone = json!({"DBClusterIdentifier": "shop"});
    assert_eq!(ground.refused("DescribeDBClusters", gone), "DBClusterNotFoundFault");
    ground.ask("DeleteDBSubnetGroup", group);
    let secrets = ground.cloud.ok("secretsmanager", "ListSecrets", json!({}));
    assert_eq!(secrets["SecretList"], json!([]));
    let snapshots = ground.ask("DescribeDBClusterSnapshots", json!({}));
    assert_eq!(snapshots["DBClusterSnapshots"][0]["Status"], "available");
}

#[test]
fn deletion_protection_holds_until_it_is_lifted() {
    let ground = Ground::new();
    ground.made(json!({"DeletionProtection": true}));
    let delete = json!({"DBClusterIdentifier": "shop", "SkipFinalSnapshot": true});
    assert_eq!(ground.refused("DeleteDBCluster", delete.clone()), "InvalidParameterCombination");
    let lift = json!({"DBClusterIdentifier": "shop", "DeletionProtection": false, "ApplyImmediately": true});
    ground.ask("ModifyDBCluster", lift);
    ground.ask("DeleteDBCluster", delete);
}
