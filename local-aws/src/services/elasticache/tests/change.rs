//! Modifications: at once, over time, in the maintenance window.

use super::{CACHE, net};
use crate::fields::Fields;
use serde_json::json;

#[test]
fn settings_change_at_once_and_others_over_time() {
    let net = net();
    net.make(json!({}));
    let changed = net.modify(json!({
        "ReplicationGroupDescription": "carts", "SnapshotRetentionLimit": 7, "SnapshotWindow": "01:00-02:00",
        "PreferredMaintenanceWindow": "tue:03:00-tue:04:00", "AutoMinorVersionUpgrade": false,
    }));
    assert_eq!(changed["Status"], "available");
    assert_eq!(changed["Description"], "carts");
    assert_eq!(changed["SnapshotRetentionLimit"], 7);
    assert_eq!(net.nodes()[0]["PreferredMaintenanceWindow"], "tue:03:00-tue:04:00");
    let input = json!({"VpcId": net.vpc, "GroupName": "other", "Description": "other"});
    let other = net.cloud.ok("ec2", "CreateSecurityGroup", input).text("GroupId").to_owned();
    let changing = net.modify(json!({"SecurityGroupIds": [other]}));
    assert_eq!(changing["Status"], "modifying");
    let again = json!({"ReplicationGroupId": "shop", "SnapshotRetentionLimit": 3});
    net.refused("ModifyReplicationGroup", again, "InvalidReplicationGroupState");
    net.cloud.pass(120.0);
    assert_eq!(net.shop()["Status"], "available");
    assert!(
        net.interfaces()
            .iter()
            .all(|interface| interface["Groups"][0]["GroupId"] == other.as_str())
    );
    net.cloud.ok("ec2", "DeleteSecurityGroup", json!({"GroupId": net.group}));
}

#[test]
fn nodes_grow_at_once_or_in_the_maintenance_window() {
    let net = net();
    // 2026-01-01 is a Thursday.
    net.make(json!({"PreferredMaintenanceWindow": "fri:03:00-fri:04:00"}));
    net.modify(json!({"CacheNodeType": "cache.r7g.large"}));
    net.cloud.pass(600.0);
    assert_eq!(net.shop()["CacheNodeType"], "cache.r7g.large");
    let later = json!({"ReplicationGroupId": "shop", "CacheNodeType": "cache.r7g.xlarge"});
    net.cloud.ok(CACHE, "ModifyReplicationGroup", later);
    assert_eq!(net.shop()["Status"], "available");
    assert_eq!(net.shop()["CacheNodeType"], "cache.r7g.large");
    assert_eq!(net.nodes()[0]["PendingModifiedValues"]["CacheNodeType"], "cache.r7g.xlarge");
    net.cloud.pass(27.0 * 3600.0);
    assert_eq!(net.shop()["CacheNodeType"], "cache.r7g.xlarge");
    assert_eq!(net.nodes()[0]["PendingModifiedValues"], json!({}));
    let types = net.cloud.ok(
        CACHE,
        "ListAllowedNodeTypeModifications",
        json!({"ReplicationGroupId": "shop"}),
    );
    assert!(types.texts("ScaleUpModifications").contains(&"cache.r7g.2xlarge"));
    assert!(types.texts("ScaleDownModifications").contains(&"cache.r7g.large"));
}

#[test]
fn engines_are_upgraded_and_never_back() {
    let net = net();
    net.make(json!({"EngineVersion": "7.0"}));
    net.modify(json!({"EngineVersion": "7.1"}));
    net.cloud.pass(600.0);
    assert_eq!(net.nodes()[0]["EngineVersion"], "7.1.0");
    let modify = |version: &str| json!({"ReplicationGroupId": "shop", "ApplyImmediately": true, "EngineVersion": version});
    net.refused("ModifyReplicationGroup", modify("7.0"), "InvalidParameterCombination");
    net.refused("ModifyReplicationGroup", modify("7.9"), "InvalidParameterValue");
    net.refused("ModifyReplicationGroup", modify("6.2"), "NotImplemented");
    net.modify(json!({"Engine": "valkey", "EngineVersion": "8.0"}));
    net.cloud.pass(600.0);
    assert_eq!(net.shop()["Engine"], "valkey");
    assert_eq!(
        net.nodes()[0]["CacheParameterGroup"]["CacheParameterGroupName"],
        "default.valkey8.cluster.on"
    );
    let back = json!({"ReplicationGroupId": "shop", "Engine": "redis", "EngineVersion": "7.1"});
    net.refused("ModifyReplicationGroup", back, "InvalidParameterCombination");
}

#[test]
fn logs_go_to_groups_that_are_there() {
    let net = net();
    let slow = |group: &str| json!([{"LogType": "slow-log", "DestinationType": "cloudwatch-logs", "LogFormat": "json", "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": group}}}]);
    let nowhere = net.asked(json!({"LogDeliveryConfigurations": slow("nowhere")}));
    net.refused("CreateReplicationGroup", nowhere, "InvalidParameterValue");
    net.cloud.ok("logs", "CreateLogGroup", json!({"logGroupName": "slow"}));
    let shop = net.make(json!({"LogDeliveryConfigurations": slow("slow")}));
    let logs = &shop["LogDeliveryConfigurations"][0];
    assert_eq!(logs["Status"], "active");
    assert_eq!(logs["DestinationDetails"]["CloudWatchLogsDetails"]["LogGroup"], "slow");
    net.modify(json!({"LogDeliveryConfigurations": [{"LogType": "slow-log", "Enabled": false}]}));
    net.cloud.pass(120.0);
    assert_eq!(net.shop()["LogDeliveryConfigurations"], json!([]));
}

#[test]
fn tags_are_the_nodes_too_and_wait_for_the_group() {
    let net = net();
    net.make(json!({}));
    let arn = net.shop().text("ARN").to_owned();
    let tag =
        json!({"ResourceName": arn, "Tags": [{"Key": "team", "Value": "shop"}, {"Key": "empty"}]});
    let all = net.cloud.ok(CACHE, "AddTagsToResource", tag.clone());
    assert_eq!(all["TagList"][1], json!({"Key": "empty", "Value": ""}));
    let node =
        json!({"ResourceName": arn.replace("replicationgroup:shop", "cluster:shop-0002-001")});
    assert_eq!(net.cloud.ok(CACHE, "ListTagsForResource", node.clone()).items("TagList").len(), 2);
    net.cloud.ok(
        CACHE,
        "RemoveTagsFromResource",
        json!({"ResourceName": arn, "TagKeys": ["empty"]}),
    );
    assert_eq!(net.cloud.ok(CACHE, "ListTagsForResource", node).items("TagList").len(), 1);
    net.modify(json!({"CacheNodeType": "cache.t4g.medium"}));
    net.refused("AddTagsToResource", tag, "InvalidReplicationGroupState");
    net.refused(
        "ListTagsForResource",
        json!({"ResourceName": "arn:aws:elasticache:us-east-1:123456789012:thing:x"}),
        "InvalidARN",
    );
    net.refused(
        "ListTagsForResource",
        json!({"ResourceName": "arn:aws:elasticache:us-east-1:123456789012:user:x"}),
        "UserNotFound",
    );
}

#[test]
fn messages_go_to_a_topic_that_is_there() {
    let net = net();
    let none = net.asked(json!({"NotificationTopicArn": "arn:aws:sns:us-east-1:123456789012:t"}));
    net.refused("CreateReplicationGroup", none, "InvalidParameterValue");
    net.cloud.ok("sns", "CreateTopic", json!({"Name": "t"}));
    net.make(json!({"NotificationTopicArn": "arn:aws:sns:us-east-1:123456789012:t"}));
    assert_eq!(net.nodes()[0]["NotificationConfiguration"]["TopicStatus"], "active");
    net.modify(json!({"NotificationTopicStatus": "inactive"}));
    assert_eq!(net.nodes()[0]["NotificationConfiguration"]["TopicStatus"], "inactive");
    assert_eq!(net.shop()["PendingModifiedValues"], json!({}));
    let events = net.cloud.ok(
        CACHE,
        "DescribeEvents",
        json!({"SourceType": "replication-group", "Duration": 60}),
    );
    assert_eq!(events["Events"][0]["Message"], "Replication group created");
    net.cloud.pass(7200.0);
    assert_eq!(net.cloud.ok(CACHE, "DescribeEvents", json!({}))["Events"], json!([]));
}
