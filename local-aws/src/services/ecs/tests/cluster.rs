//! Clusters and their capacity.

use super::Ground;
use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::json;

#[test]
fn a_cluster_is_described_with_what_is_asked_for() {
    let cloud = Probe::new();
    let made = json!({
        "clusterName": "shop", "settings": [{"name": "containerInsights", "value": "enhanced"}],
        "tags": [{"key": "a", "value": "b"}],
    });
    cloud.ok("ecs", "CreateCluster", made);
    let bare = cloud.ok("ecs", "DescribeClusters", json!({"clusters": ["shop", "none"]}));
    assert_eq!(bare["failures"][0]["reason"], "MISSING");
    assert_eq!(bare["clusters"][0]["settings"], json!([]));
    let include = json!({"clusters": ["shop"], "include": ["SETTINGS", "TAGS"]});
    let whole = cloud.ok("ecs", "DescribeClusters", include)["clusters"][0].clone();
    assert_eq!(whole["settings"], json!([{"name": "containerInsights", "value": "enhanced"}]));
    assert_eq!(whole["tags"], json!([{"key": "a", "value": "b"}]));
    assert_eq!(whole["status"], "ACTIVE");
}

#[test]
fn providers_are_put_once_the_last_change_is_over() {
    let cloud = Probe::new();
    cloud.ok("ecs", "CreateCluster", json!({"clusterName": "shop"}));
    let put = json!({
        "cluster": "shop", "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
        "defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE", "base": 2, "weight": 1}],
    });
    let cluster = cloud.ok("ecs", "PutClusterCapacityProviders", put.clone())["cluster"].clone();
    assert_eq!(cluster["attachmentsStatus"], "UPDATE_IN_PROGRESS");
    assert_eq!(cloud.err("ecs", "PutClusterCapacityProviders", put), "UpdateInProgressException");
    cloud.pass(5.0);
    let unknown = json!({"cluster": "shop", "capacityProviders": ["LAPTOP"], "defaultCapacityProviderStrategy": []});
    assert_eq!(
        cloud.err("ecs", "PutClusterCapacityProviders", unknown),
        "InvalidParameterException"
    );
}

#[test]
fn a_cluster_goes_after_its_services_and_is_remembered() {
    let ground = Ground::new();
    ground.running(json!({}));
    let (code, _) = ground.refused("DeleteCluster", json!({"cluster": "shop"}));
    assert_eq!(code, "ClusterContainsServicesException");
    ground.ask("DeleteService", json!({"cluster": "shop", "service": "web", "force": true}));
    ground.cloud.pass(60.0);
    ground.ask("DeleteCluster", json!({"cluster": "shop"}));
    ground.cloud.pass(10.0);
    let seen = ground.ask("DescribeClusters", json!({"clusters": ["shop"]}));
    assert_eq!(seen["clusters"][0].text("status"), "INACTIVE");
    let (code, _) = ground.refused("ListTasks", json!({"cluster": "shop"}));
    assert_eq!(code, "ClusterNotFoundException");
    ground.cloud.pass(3600.0);
    let seen = ground.ask("DescribeClusters", json!({"clusters": ["shop"]}));
    assert_eq!(seen["clusters"], json!([]));
}
