//! Task definitions.

use super::{Ground, merge};
use crate::fields::Fields;
use serde_json::{Value, json};

#[test]
fn every_registration_is_a_revision_with_its_defaults() {
    let ground = Ground::new();
    let health = json!({"healthCheck": {"command": ["CMD", "true"]}});
    assert!(ground.registered(json!({})).ends_with(":task-definition/web:1"));
    assert!(ground.registered(health).ends_with(":task-definition/web:2"));
    let seen = ground.ask("DescribeTaskDefinition", json!({"taskDefinition": "web"}));
    let container = &seen["taskDefinition"]["containerDefinitions"][0];
    assert_eq!(seen["taskDefinition"]["revision"], 2);
    assert_eq!(
        container["portMappings"],
        json!([{"containerPort": 8443, "hostPort": 8443, "protocol": "tcp"}])
    );
    assert_eq!(
        container["healthCheck"],
        json!({"command": ["CMD", "true"], "interval": 30, "timeout": 5, "retries": 3})
    );
    assert_eq!(container["essential"], true);
    assert_eq!(container["environment"], json!([]));
}

#[test]
fn a_revision_is_deregistered_and_then_deleted_when_nobody_uses_it() {
    let ground = Ground::new();
    ground.running(json!({}));
    let delete = json!({"taskDefinitions": ["web:1"]});
    let failed = ground.ask("DeleteTaskDefinitions", delete.clone());
    assert!(failed["failures"][0].text("reason").contains("still in ACTIVE status"));
    ground.ask("DeregisterTaskDefinition", json!({"taskDefinition": "web:1"}));
    let (code, _) = ground.refused("RunTask", json!({"cluster": "shop", "taskDefinition": "web:1", "networkConfiguration": ground.network()}));
    assert_eq!(code, "ClientException");
    ground.ask("DeleteTaskDefinitions", delete);
    ground.cloud.pass(60.0);
    let status = |ground: &Ground| {
        let seen =
            ground.cloud.call("ecs", "DescribeTaskDefinition", &json!({"taskDefinition": "web:1"}));
        seen.map(|seen| seen["taskDefinition"].text("status").to_owned()).unwrap_or_default()
    };
    assert_eq!(status(&ground), "DELETE_IN_PROGRESS");
    ground.ask("DeleteService", json!({"cluster": "shop", "service": "web", "force": true}));
    ground.cloud.pass(60.0);
    assert_eq!(status(&ground), "");
    let again = ground.registered(json!({}));
    assert!(again.ends_with(":2"), "numbers are never used again");
}

#[test]
fn fargate_takes_only_what_it_can_run() {
    let ground = Ground::new();
    let refused = |more: Value| {
        let mut input = ground.definition(json!({}));
        merge(&mut input, more);
        ground.refused("RegisterTaskDefinition", input)
    };
    let mounts = |volume: Value| {
        let mut container = Ground::container();
        container["mountPoints"] = json!([{"sourceVolume": "v", "containerPath": "/v"}]);
        json!({"volumes": [volume], "containerDefinitions": [container]})
    };
    for (more, says) in [
        (json!({"memory": "4096"}), "No Fargate configuration exists"),
        (json!({"networkMode": "bridge"}), "awsvpc"),
        (json!({"executionRoleArn": null}), "execution role ARN to support log driver awslogs"),
        (json!({"family": "a b"}), "family"),
        (mounts(json!({"name": "w"})), "Unknown volume 'v'"),
        (
            mounts(json!({"name": "v", "efsVolumeConfiguration": {
                "fileSystemId": "fs-1", "authorizationConfig": {"accessPointId": "fsap-1"},
            }})),
            "transitEncryption must be ENABLED",
        ),
    ] {
        let mut more = more;
        if more["executionRoleArn"].is_null() && more.get("executionRoleArn").is_some() {
            let mut input = ground.definition(json!({}));
            input.as_object_mut().unwrap().remove("executionRoleArn");
            let (code, message) = ground.refused("RegisterTaskDefinition", input);
            assert_eq!((code.as_str(), message.contains(says)), ("ClientException", true));
            continue;
        }
        let (code, message) = refused(more.take());
        assert_eq!(code, "ClientException");
        assert!(message.contains(says), "{message}");
    }
}
