//! Changes of clusters and instances.

use super::Ground;
use crate::fields::Fields;
use serde_json::{Value, json};

fn change(more: Value) -> Value {
    let mut input = json!({"DBClusterIdentifier": "shop", "ApplyImmediately": true});
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    input
}

#[test]
fn capacity_is_in_half_steps_and_pauses_only_from_zero() {
    let ground = Ground::new();
    ground.made(json!({}));
    let capacity = |value: Value| change(json!({"ServerlessV2ScalingConfiguration": value}));
    for (bad, code) in [
        (json!({"MinCapacity": 0.3}), "InvalidParameterValue"),
        (json!({"MaxCapacity": 300}), "InvalidParameterValue"),
        (json!({"MinCapacity": 32}), "InvalidParameterCombination"),
        (json!({"SecondsUntilAutoPause": 600}), "InvalidParameterCombination"),
        (json!({"MinCapacity": 0, "SecondsUntilAutoPause": 60}), "InvalidParameterValue"),
    ] {
        assert_eq!(ground.refused("ModifyDBCluster", capacity(bad)), code);
    }
    let seen = |ground: &Ground| {
        ground.cloud.pass(41.0);
        ground.seen()["ServerlessV2ScalingConfiguration"].clone()
    };
    ground
        .ask("ModifyDBCluster", capacity(json!({"MinCapacity": 0, "SecondsUntilAutoPause": 600})));
    assert_eq!(ground.seen()["Status"], "modifying");
    assert_eq!(
        seen(&ground),
        json!({"MinCapacity": 0.0, "MaxCapacity": 16.0, "SecondsUntilAutoPause": 600})
    );
    ground.ask("ModifyDBCluster", capacity(json!({"MinCapacity": 1})));
    assert_eq!(seen(&ground), json!({"MinCapacity": 1.0, "MaxCapacity": 16.0}));
}

#[test]
fn what_waits_for_the_window_is_pending_until_then() {
    let ground = Ground::new();
    ground.made(
        json!({"EngineVersion": "17.4", "PreferredMaintenanceWindow": "Sun:05:00-Sun:06:00"}),
    );
    let upgrade = json!({"DBClusterIdentifier": "shop", "EngineVersion": "17.7"});
    ground.ask("ModifyDBCluster", upgrade);
    let seen = ground.seen();
    assert_eq!(seen["PendingModifiedValues"]["EngineVersion"], "17.7");
    assert_eq!((&seen["EngineVersion"], &seen["Status"]), (&json!("17.4"), &json!("available")));
    // The clock starts on a Thursday.
    ground.cloud.pass(3.0 * 86_400.0 + 5.0 * 3600.0 - 100.0);
    assert_eq!(ground.seen()["Status"], "available");
    ground.cloud.pass(120.0);
    assert_eq!(ground.seen()["Status"], "upgrading");
    ground.cloud.pass(601.0);
    let seen = ground.seen();
    assert_eq!((&seen["EngineVersion"], &seen["Status"]), (&json!("17.7"), &json!("available")));
    assert!(!seen.has("PendingModifiedValues"));
}

#[test]
fn a_major_upgrade_is_asked_for_by_name_and_brings_its_parameter_groups() {
    let ground = Ground::new();
    let group = |family: &str, name: &str| json!({"DBClusterParameterGroupName": name, "DBParameterGroupFamily": family, "Description": "x"});
    ground.ask("CreateDBClusterParameterGroup", group("aurora-postgresql16", "old"));
    ground.ask("CreateDBClusterParameterGroup", group("aurora-postgresql17", "new"));
    ground.made(json!({"EngineVersion": "16.10", "DBClusterParameterGroupName": "old"}));
    ground.instance("w", json!({}));
    ground.cloud.pass(400.0);
    let upgrade = |more: Value| {
        let mut input = change(json!({"EngineVersion": "17.7"}));
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        input
    };
    for bad in [
        json!({}),
        json!({"AllowMajorVersionUpgrade": true}),
        json!({"AllowMajorVersionUpgrade": true, "DBClusterParameterGroupName": "old"}),
    ] {
        assert_eq!(ground.refused("ModifyDBCluster", upgrade(bad)), "InvalidParameterCombination");
    }
    let right = json!({"AllowMajorVersionUpgrade": true, "DBClusterParameterGroupName": "new"});
    ground.ask("ModifyDBCluster", upgrade(right));
    assert_eq!(ground.instance_seen("w")["DBInstanceStatus"], "upgrading");
    ground.cloud.pass(601.0);
    let (cluster, writer) = (ground.seen(), ground.instance_seen("w"));
    assert_eq!(cluster["DBClusterParameterGroup"], "new");
    assert_eq!(writer["EngineVersion"], "17.7");
    assert_eq!(
        writer["DBParameterGroups"][0]["DBParameterGroupName"],
        "default.aurora-postgresql17"
    );
    let back = change(json!({"EngineVersion": "16.10", "AllowMajorVersionUpgrade": true}));
    assert_eq!(ground.refused("ModifyDBCluster", back), "InvalidParameterCombination");
}

#[test]
fn a_class_is_pending_until_the_window_or_applied_now() {
    let ground = Ground::new();
    ground.running();
    let class = |now: bool| json!({"DBInstanceIdentifier": "r1", "DBInstanceClass": "db.r7g.large", "ApplyImmediately": now});
    ground.ask("ModifyDBInstance", class(false));
    let seen = ground.instance_seen("r1");
    assert_eq!(seen["PendingModifiedValues"]["DBInstanceClass"], "db.r7g.large");
    assert_eq!(seen["DBInstanceStatus"], "available");
    ground.ask("ModifyDBInstance", class(true));
    assert_eq!(ground.instance_seen("r1")["DBInstanceStatus"], "modifying");
    ground.cloud.pass(121.0);
    let seen = ground.instance_seen("r1");
    assert_eq!(seen["DBInstanceClass"], "db.r7g.large");
    assert!(!seen.has("PendingModifiedValues"));
    let odd = json!({"DBInstanceIdentifier": "r1", "DBInstanceClass": "db.x9.large"});
    assert_eq!(ground.refused("ModifyDBInstance", odd), "InvalidParameterCombination");
    let of_cluster = json!({"DBInstanceIdentifier": "r1", "BackupRetentionPeriod": 3});
    assert_eq!(ground.refused("ModifyDBInstance", of_cluster), "InvalidParameterCombination");
}

#[test]
fn monitoring_needs_a_role_and_advanced_insights_their_retention() {
    let ground = Ground::new();
    ground.made(json!({}));
    ground.instance("w", json!({}));
    ground.cloud.pass(400.0);
    let without = json!({"DBInstanceIdentifier": "w", "MonitoringInterval": 60});
    assert_eq!(ground.refused("ModifyDBInstance", without), "InvalidParameterCombination");
    let monitor = |role: Value| json!({"DBInstanceIdentifier": "w", "MonitoringInterval": 60, "MonitoringRoleArn": role});
    let unknown = monitor(json!("arn:aws:iam::123456789012:role/none"));
    assert_eq!(ground.refused("ModifyDBInstance", unknown), "InvalidParameterValue");
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "monitoring.rds.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let role = json!({"RoleName": "monitor", "AssumeRolePolicyDocument": trust.to_string()});
    let role = ground.cloud.ok("iam", "CreateRole", role)["Role"]["Arn"].clone();
    ground.cloud.pass(30.0);
    ground.ask("ModifyDBInstance", monitor(role));
    let seen = ground.instance_seen("w");
    assert!(seen.text("EnhancedMonitoringResourceArn").contains(":log-group:RDSOSMetrics:"));

    let insights = |days: Value| {
        change(json!({
            "DatabaseInsightsMode": "advanced", "EnablePerformanceInsights": true, "PerformanceInsightsRetentionPeriod": days,
        }))
    };
    assert_eq!(
        ground.refused("ModifyDBCluster", insights(json!(7))),
        "InvalidParameterCombination"
    );
    ground.ask("ModifyDBCluster", insights(json!(465)));
    assert_eq!(ground.instance_seen("w")["PerformanceInsightsRetentionPeriod"], 465);
}

#[test]
fn other_security_groups_reach_the_interfaces() {
    let ground = Ground::new();
    ground.running();
    let vpc = ground.instance_seen("w")["DBSubnetGroup"].text("VpcId").to_owned();
    let other = json!({"GroupName": "other", "Description": "x", "VpcId": vpc});
    let other = ground.cloud.ok("ec2", "CreateSecurityGroup", other)["GroupId"].clone();
    ground.ask("ModifyDBCluster", change(json!({"VpcSecurityGroupIds": [other]})));
    let interfaces = ground.cloud.ok("ec2", "DescribeNetworkInterfaces", json!({}));
    for interface in interfaces.items("NetworkInterfaces") {
        assert_eq!(interface["Groups"][0]["GroupId"], other);
        assert_eq!(interface["RequesterId"], "amazon-rds");
    }
    ground.cloud.pass(41.0);
    let unknown = change(json!({"VpcSecurityGroupIds": ["sg-00000000000000000"]}));
    assert_eq!(ground.refused("ModifyDBCluster", unknown), "InvalidParameterValue");
}
