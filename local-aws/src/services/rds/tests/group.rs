//! Parameter groups, subnet groups, subscriptions and tags.

use super::Ground;
use crate::fields::Fields;
use serde_json::{Value, json};

fn parameter(ground: &Ground, name: &str) -> Value {
    let input = json!({"DBClusterParameterGroupName": "own", "Filters": [{"Name": "parameter-name", "Values": [name]}]});
    ground.ask("DescribeDBClusterParameters", input)["Parameters"][0].clone()
}

#[test]
fn parameters_are_set_checked_and_reset() {
    let ground = Ground::new();
    let group = json!({"DBClusterParameterGroupName": "Own", "DBParameterGroupFamily": "aurora-postgresql16", "Description": "x"});
    ground.ask("CreateDBClusterParameterGroup", group.clone());
    assert_eq!(
        ground.refused("CreateDBClusterParameterGroup", group),
        "DBParameterGroupAlreadyExists"
    );
    assert_eq!(parameter(&ground, "rds.force_ssl")["ParameterValue"], "0");
    let set = |name: &str, value: &str, method: &str| {
        json!({
            "DBClusterParameterGroupName": "own",
            "Parameters": [{"ParameterName": name, "ParameterValue": value, "ApplyMethod": method}],
        })
    };
    ground.ask("ModifyDBClusterParameterGroup", set("rds.force_ssl", "1", "immediate"));
    let seen = parameter(&ground, "rds.force_ssl");
    assert_eq!((&seen["ParameterValue"], &seen["Source"]), (&json!("1"), &json!("user")));
    for (name, value, method, code) in [
        ("rds.force_ssl", "2", "immediate", "InvalidParameterValue"),
        ("rds.no_such", "1", "immediate", "InvalidParameterValue"),
        ("shared_preload_libraries", "pgaudit", "immediate", "InvalidParameterCombination"),
        ("shared_preload_libraries", "evil", "pending-reboot", "InvalidParameterValue"),
    ] {
        let refused = ground.refused("ModifyDBClusterParameterGroup", set(name, value, method));
        assert_eq!(refused, code, "{name}");
    }
    ground.ask(
        "ResetDBClusterParameterGroup",
        json!({"DBClusterParameterGroupName": "own", "ResetAllParameters": true}),
    );
    assert_eq!(parameter(&ground, "rds.force_ssl")["Source"], "system");
}

#[test]
fn a_static_parameter_waits_for_each_members_reboot_and_a_used_group_stays() {
    let ground = Ground::new();
    let group = json!({"DBClusterParameterGroupName": "own", "DBParameterGroupFamily": "aurora-postgresql17", "Description": "x"});
    ground.ask("CreateDBClusterParameterGroup", group);
    ground.made(json!({"DBClusterParameterGroupName": "own"}));
    ground.instance("w", json!({}));
    ground.cloud.pass(400.0);
    let set = json!({
        "DBClusterParameterGroupName": "own",
        "Parameters": [{"ParameterName": "shared_preload_libraries", "ParameterValue": "pg_stat_statements,pgaudit", "ApplyMethod": "pending-reboot"}],
    });
    ground.ask("ModifyDBClusterParameterGroup", set);
    let status = || ground.seen()["DBClusterMembers"][0]["DBClusterParameterGroupStatus"].clone();
    assert_eq!(status(), "pending-reboot");
    ground.ask("RebootDBInstance", json!({"DBInstanceIdentifier": "w"}));
    ground.cloud.pass(61.0);
    assert_eq!(status(), "in-sync");
    let delete = json!({"DBClusterParameterGroupName": "own"});
    assert_eq!(
        ground.refused("DeleteDBClusterParameterGroup", delete),
        "InvalidDBParameterGroupState"
    );
}

#[test]
fn a_subnet_group_covers_two_zones_and_keeps_what_is_used() {
    let ground = Ground::new();
    let one = json!({"DBSubnetGroupName": "one", "DBSubnetGroupDescription": "x", "SubnetIds": [ground.subnets[0]]});
    assert_eq!(ground.refused("CreateDBSubnetGroup", one), "DBSubnetGroupDoesNotCoverEnoughAZs");
    let odd = json!({"DBSubnetGroupName": "odd", "DBSubnetGroupDescription": "x", "SubnetIds": ["subnet-0"]});
    assert_eq!(ground.refused("CreateDBSubnetGroup", odd), "InvalidSubnet");
    ground.running();
    let fewer = |subnets: &[String]| json!({"DBSubnetGroupName": "data", "SubnetIds": subnets});
    assert_eq!(
        ground.refused("ModifyDBSubnetGroup", fewer(&ground.subnets[1..])),
        "SubnetAlreadyInUse"
    );
    ground.ask("DeleteDBInstance", json!({"DBInstanceIdentifier": "w"}));
    ground.cloud.pass(500.0);
    ground.ask("ModifyDBSubnetGroup", fewer(&ground.subnets[1..]));
}

#[test]
fn a_subscription_hears_of_its_events() {
    let ground = Ground::new();
    let topic =
        ground.cloud.ok("sns", "CreateTopic", json!({"Name": "alerts"}))["TopicArn"].clone();
    let subscription = |topic: &Value, categories: Value| {
        json!({
            "SubscriptionName": "db", "SnsTopicArn": topic, "SourceType": "db-cluster", "EventCategories": categories,
        })
    };
    let nowhere = subscription(&json!("arn:aws:sns:us-east-1:123456789012:none"), json!([]));
    assert_eq!(ground.refused("CreateEventSubscription", nowhere), "SNSTopicArnNotFound");
    let odd = subscription(&topic, json!(["weather"]));
    assert_eq!(ground.refused("CreateEventSubscription", odd), "SubscriptionCategoryNotFound");
    let made = ground.ask("CreateEventSubscription", subscription(&topic, json!(["creation"])));
    assert_eq!(made["EventSubscription"]["Status"], "creating");
    ground.cloud.pass(31.0);
    ground.made(json!({}));
    let messages: Vec<String> = ground
        .cloud
        .cloud
        .rows()
        .into_iter()
        .filter(|row| {
            row.table.starts_with("sns.") && row.value.to_string().contains("DB cluster created")
        })
        .map(|row| row.id)
        .collect();
    assert_eq!(messages.len(), 1);
    ground.ask("DeleteEventSubscription", json!({"SubscriptionName": "db"}));
    ground.cloud.pass(31.0);
    let gone = json!({"SubscriptionName": "db"});
    assert_eq!(ground.refused("DescribeEventSubscriptions", gone), "SubscriptionNotFound");
}

#[test]
fn tags_are_kept_by_arn_and_versions_come_in_pages() {
    let ground = Ground::new();
    let seen = ground.made(json!({"Tags": [{"Key": "a", "Value": "1"}]}));
    let arn = seen["DBClusterArn"].clone();
    assert_eq!(seen["TagList"], json!([{"Key": "a", "Value": "1"}]));
    ground.ask(
        "AddTagsToResource",
        json!({"ResourceName": arn, "Tags": [{"Key": "b", "Value": "2"}]}),
    );
    ground.ask("RemoveTagsFromResource", json!({"ResourceName": arn, "TagKeys": ["a"]}));
    let tags = ground.ask("ListTagsForResource", json!({"ResourceName": arn}));
    assert_eq!(tags["TagList"], json!([{"Key": "b", "Value": "2"}]));
    let none = json!({"ResourceName": "arn:aws:rds:us-east-1:123456789012:db:none"});
    assert_eq!(ground.refused("ListTagsForResource", none), "DBInstanceNotFound");

    let page = ground
        .ask("DescribeDBEngineVersions", json!({"Engine": "aurora-postgresql", "MaxRecords": 20}));
    assert_eq!(page.items("DBEngineVersions").len(), 20);
    assert!(page.has("Marker"));
    let small = json!({"MaxRecords": 5});
    assert_eq!(ground.refused("DescribeDBEngineVersions", small), "InvalidParameterValue");
    let default =
        json!({"Engine": "aurora-postgresql", "EngineVersion": "16", "DefaultOnly": true});
    let default = ground.ask("DescribeDBEngineVersions", default);
    assert_eq!(default["DBEngineVersions"][0]["EngineVersion"], "16.10");
}
