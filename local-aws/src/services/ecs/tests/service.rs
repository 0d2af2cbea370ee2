//! Services and their deployments.

use super::{Ground, sorted};
use crate::cloud::Cloud;
use crate::fields::Fields;
use crate::services::ecs::ContainerFailure;
use serde_json::{Value, json};

#[test]
fn a_service_becomes_steady_over_all_zones() {
    let ground = Ground::new();
    let service = ground.running(json!({
        "tags": [{"key": "a", "value": "b"}], "propagateTags": "SERVICE", "enableECSManagedTags": true,
    }));
    assert_eq!((service.int("runningCount"), service.int("pendingCount")), (Some(3), Some(0)));
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    assert_eq!(service.items("deployments").len(), 1);
    let tasks = ground.tasks();
    let zones = sorted(tasks.iter().map(|task| task.text("availabilityZone").to_owned()));
    assert_eq!(zones, ["us-east-1a", "us-east-1b", "us-east-1c"]);
    assert_eq!(tasks[0].text("group"), "service:web");
    assert!(tasks[0].items("tags").contains(&json!({"key": "a", "value": "b"})));
    assert!(
        tasks[0].items("tags").contains(&json!({"key": "aws:ecs:serviceName", "value": "web"}))
    );
    assert!(ground.events()[0].contains("steady state"), "{:?}", ground.events());
    let history =
        ground.ask("ListServiceDeployments", json!({"cluster": "shop", "service": "web"}));
    assert_eq!(history["serviceDeployments"][0].text("status"), "SUCCESSFUL");
}

#[test]
fn a_deployment_replaces_tasks_while_enough_are_well() {
    let ground = Ground::new();
    ground.running(json!({}));
    let fresh = ground.registered(json!({"image": "public.ecr.aws/shop/web:2"}));
    let update = json!({"cluster": "shop", "service": "web", "taskDefinition": fresh});
    ground.ask("UpdateService", update);
    for _ in 0..30 {
        ground.cloud.pass(4.0);
        let running = ground.seen().int("runningCount").unwrap();
        assert!(running >= 3, "{running} were running");
    }
    let service = ground.seen();
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    assert_eq!(service.text("taskDefinition"), fresh);
    assert!(ground.tasks().iter().all(|task| task.text("taskDefinitionArn") == fresh));
}

#[test]
fn a_deployment_that_fails_is_rolled_back() {
    let ground = Ground::new();
    let good = ground.running(json!({})).text("taskDefinition").to_owned();
    let bad = "public.ecr.aws/shop/web:bad";
    ground
        .cloud
        .within(|cloud: &Cloud| cloud.fail_image(bad, Some(ContainerFailure::Exits(1))))
        .unwrap();
    let health = json!({"command": ["CMD", "true"], "interval": 5});
    let fresh = ground.registered(json!({"image": bad, "healthCheck": health}));
    ground.ask(
        "UpdateService",
        json!({"cluster": "shop", "service": "web", "taskDefinition": fresh}),
    );
    ground.cloud.pass(60.0);
    let failed = ground.seen();
    assert_eq!(failed["deployments"][0]["taskDefinition"], json!(good));
    assert!(failed["deployments"][0].text("rolloutStateReason").contains("rolling back"));
    ground.cloud.pass(120.0);
    let service = ground.seen();
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    assert_eq!(service.text("taskDefinition"), good);
    assert_eq!(service["runningCount"], 3);
    let history =
        ground.ask("ListServiceDeployments", json!({"cluster": "shop", "service": "web"}));
    let statuses: Vec<&str> =
        history.items("serviceDeployments").iter().map(|one| one.text("status")).collect();
    assert!(statuses.contains(&"ROLLBACK_SUCCESSFUL"), "{statuses:?}");
}

#[test]
fn an_alarm_fails_a_deployment_until_it_has_baked() {
    let ground = Ground::new();
    let alarm = json!({
        "AlarmName": "errors", "Namespace": "Shop", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 2, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold",
    });
    ground.cloud.ok("cloudwatch", "PutMetricAlarm", alarm);
    let configuration = json!({"deploymentConfiguration": {"alarms": {"alarmNames": ["errors"], "enable": true, "rollback": true}}});
    let service = ground.running(configuration);
    assert_eq!(service["deployments"][0]["rolloutState"], "IN_PROGRESS", "it bakes");
    ground.cloud.pass(120.0);
    let good = ground.seen();
    assert_eq!(good["deployments"][0]["rolloutState"], "COMPLETED");
    let fresh = ground.registered(json!({}));
    ground.ask(
        "UpdateService",
        json!({"cluster": "shop", "service": "web", "taskDefinition": fresh}),
    );
    ground.cloud.pass(100.0);
    let ring = json!({"AlarmName": "errors", "StateValue": "ALARM", "StateReason": "by hand"});
    ground.cloud.ok("cloudwatch", "SetAlarmState", ring);
    ground.cloud.pass(2.0);
    let failed = ground.seen();
    assert!(ground.events().iter().any(|event| event.contains("alarm detected")));
    assert_eq!(failed["taskDefinition"], good["taskDefinition"]);
}

#[test]
fn a_lost_zone_is_replaced_and_balanced_again_when_it_is_back() {
    let ground = Ground::new();
    ground.running(json!({"availabilityZoneRebalancing": "ENABLED"}));
    ground.cloud.within(|cloud: &Cloud| cloud.fail_zone("use1-az1")).unwrap();
    ground.cloud.pass(60.0);
    let zones =
        || sorted(ground.tasks().iter().map(|task| task.text("availabilityZone").to_owned()));
    assert_eq!(ground.seen()["runningCount"], 3);
    assert!(!zones().contains(&"us-east-1a".to_owned()));
    ground.cloud.within(|cloud: &Cloud| cloud.restore_zone("use1-az1")).unwrap();
    ground.cloud.pass(120.0);
    assert_eq!(zones(), ["us-east-1a", "us-east-1b", "us-east-1c"]);
    assert_eq!(ground.seen()["runningCount"], 3);
}

#[test]
fn a_service_drains_before_it_is_gone() {
    let ground = Ground::new();
    ground.running(json!({}));
    let delete = json!({"cluster": "shop", "service": "web"});
    let (code, message) = ground.refused("DeleteService", delete.clone());
    assert_eq!(code, "InvalidParameterException");
    assert!(message.contains("scaled above 0"));
    ground.ask("UpdateService", json!({"cluster": "shop", "service": "web", "desiredCount": 0}));
    ground.ask("DeleteService", delete);
    assert_eq!(ground.seen().text("status"), "DRAINING");
    let (_, message) = ground.refused("CreateService", ground.service(json!({})));
    assert_eq!(message, "Unable to Start a service that is still Draining.");
    ground.cloud.pass(60.0);
    assert_eq!(ground.seen().text("status"), "INACTIVE");
    assert_eq!(ground.interfaces(), 0);
    let (code, _) = ground
        .refused("UpdateService", json!({"cluster": "shop", "service": "web", "desiredCount": 1}));
    assert_eq!(code, "ServiceNotActiveException");
    ground.ask("CreateService", ground.service(json!({})));
}

#[test]
fn a_service_scales_and_refuses_what_it_cannot_be() {
    let ground = Ground::new();
    ground.running(json!({}));
    ground.ask("UpdateService", json!({"cluster": "shop", "service": "web", "desiredCount": 5}));
    ground.cloud.pass(60.0);
    assert_eq!(ground.seen()["runningCount"], 5);
    ground.ask("UpdateService", json!({"cluster": "shop", "service": "web", "desiredCount": 2}));
    ground.cloud.pass(60.0);
    let zones = sorted(ground.tasks().iter().map(|task| task.text("availabilityZone").to_owned()));
    assert_eq!(zones.len(), 2);
    assert_ne!(zones[0], zones[1]);
    let refused = |more: Value| ground.refused("CreateService", ground.service(more));
    for (more, code, says) in [
        (json!({}), "InvalidParameterException", "not idempotent"),
        (json!({"cluster": "none"}), "ClusterNotFoundException", "Cluster not found"),
        (
            json!({"serviceName": "b", "taskDefinition": "none"}),
            "ClientException",
            "TaskDefinition not found",
        ),
        (
            json!({"serviceName": "b", "launchType": "FARGATE", "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}]}),
            "InvalidParameterException",
            "both a launch type",
        ),
        (
            json!({"serviceName": "b", "healthCheckGracePeriodSeconds": 10}),
            "InvalidParameterException",
            "grace period",
        ),
        (
            json!({"serviceName": "b", "loadBalancers": [{"containerName": "db", "containerPort": 1}]}),
            "InvalidParameterException",
            "does not exist in the task definition",
        ),
    ] {
        let (found, message) = refused(more);
        assert_eq!(found, code, "{message}");
        assert!(message.contains(says), "{message}");
    }
}
