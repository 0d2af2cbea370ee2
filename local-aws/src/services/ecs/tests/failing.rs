//! Why tasks stop, in AWS's words.

use super::Ground;
use crate::cloud::Cloud;
use crate::fields::Fields;
use crate::services::ecs::ContainerFailure;
use serde_json::{Value, json};

/// Runs a task of a container with these members; why it stopped.
fn reason(ground: &Ground, more: Value) -> String {
    ground.registered(more);
    let run = json!({"cluster": "shop", "taskDefinition": "web", "networkConfiguration": ground.network()});
    let arn = ground.ask("RunTask", run)["tasks"][0].text("taskArn").to_owned();
    ground.cloud.pass(60.0);
    let seen = ground.ask("DescribeTasks", json!({"cluster": "shop", "tasks": [arn]}));
    let task = &seen["tasks"][0];
    assert_eq!(task.text("lastStatus"), "STOPPED");
    assert_eq!(task.text("stopCode"), "TaskFailedToStart");
    task.text("stoppedReason").to_owned()
}

const OWN: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:1";

const PULL: [&str; 5] = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchGetImage",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];

#[test]
fn an_image_must_be_there_and_allowed() {
    let ground = Ground::new();
    let why = reason(&ground, json!({"image": OWN}));
    assert!(why.contains("not authorized to perform: ecr:GetAuthorizationToken"), "{why}");
    ground.allow(json!(["ecr:GetAuthorizationToken"]));
    let why = reason(&ground, json!({"image": OWN}));
    assert!(why.starts_with("CannotPullContainerError") && why.contains("403"), "{why}");
    let mut all = PULL.to_vec();
    all.push("ecr:GetAuthorizationToken");
    ground.allow(json!(all));
    let why = reason(&ground, json!({"image": OWN}));
    assert!(why.ends_with("not found"), "{why}");
    ground.cloud.ok("ecr", "CreateRepository", json!({"repositoryName": "shop"}));
    let image =
        json!({"repositoryName": "shop", "imageManifest": "{\"layers\": []}", "imageTag": "1"});
    let put = ground.cloud.ok("ecr", "PutImage", image);
    let digest = put["image"]["imageId"]["imageDigest"].clone();
    ground.registered(json!({"image": OWN}));
    let run = json!({"cluster": "shop", "taskDefinition": "web", "networkConfiguration": ground.network()});
    ground.ask("RunTask", run);
    ground.cloud.pass(60.0);
    let task = &ground.tasks()[0];
    assert_eq!(task.text("lastStatus"), "RUNNING");
    assert_eq!(task["containers"][0]["imageDigest"], digest);
}

#[test]
fn a_log_group_must_be_there_and_allowed() {
    let ground = Ground::new();
    ground.cloud.ok("logs", "DeleteLogGroup", json!({"logGroupName": "/shop/web"}));
    let why = reason(&ground, json!({}));
    assert!(why.contains("The specified log group does not exist"), "{why}");
    ground.cloud.ok("logs", "CreateLogGroup", json!({"logGroupName": "/shop/web"}));
    ground.allow(json!(["s3:GetObject"]));
    let why = reason(&ground, json!({}));
    assert!(why.contains("not authorized to perform: logs:CreateLogStream"), "{why}");
}

#[test]
fn a_secret_must_be_there_and_allowed_and_have_the_key() {
    let ground = Ground::new();
    let made = json!({
        "Name": "db", "SecretString": "{\"password\": \"p\"}", "ClientRequestToken": "0123456789abcdef0123456789abcdef",
    });
    let arn = ground.cloud.ok("secretsmanager", "CreateSecret", made).text("ARN").to_owned();
    let with =
        |key: &str| json!({"secrets": [{"name": "P", "valueFrom": format!("{arn}:{key}::")}]});
    let why = reason(&ground, with("password"));
    assert!(why.contains("not authorized to perform: secretsmanager:GetSecretValue"), "{why}");
    ground.allow(json!(["secretsmanager:GetSecretValue", "logs:*"]));
    let why = reason(&ground, with("user"));
    assert!(why.ends_with("did not contain json key user"), "{why}");
    assert!(!why.contains("\"p\""), "a value is never told");
    let deny = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": {"AWS": ground.role}, "Action": "secretsmanager:GetSecretValue", "Resource": "*",
    }]});
    let deny = json!({"SecretId": arn, "ResourcePolicy": deny.to_string()});
    ground.cloud.ok("secretsmanager", "PutResourcePolicy", deny);
    let why = reason(&ground, with("password"));
    assert!(why.contains("not authorized to perform: secretsmanager:GetSecretValue"), "{why}");
    let gone = json!({"SecretId": arn, "ForceDeleteWithoutRecovery": true});
    ground.cloud.ok("secretsmanager", "DeleteSecret", gone);
    let why = reason(&ground, with("password"));
    assert!(why.contains("ResourceNotFoundException"), "{why}");
}

#[test]
fn there_must_be_a_way_out() {
    let mut ground = Ground::new();
    let shut = json!({"GroupId": ground.security_group, "IpPermissions": [
        {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
    ]});
    ground.cloud.ok("ec2", "RevokeSecurityGroupEgress", shut);
    let why = reason(&ground, json!({}));
    assert!(why.starts_with("CannotPullContainerError") && why.contains("i/o timeout"), "{why}");
    ground = Ground::new();
    ground.allow(json!(["ecr:*"]));
    let tables = ground.cloud.ok("ec2", "DescribeRouteTables", json!({}));
    let table = tables["RouteTables"][0]["RouteTableId"].clone();
    let route = json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"});
    ground.cloud.ok("ec2", "DeleteRoute", route);
    let why = reason(&ground, json!({"image": OWN}));
    assert!(why.contains("Please check your task network configuration"), "{why}");
}

#[test]
fn a_task_that_dies_or_is_unhealthy_is_replaced() {
    let ground = Ground::new();
    ground.registered(json!({"healthCheck": {"command": ["CMD", "true"], "interval": 5}}));
    ground.ask("CreateService", ground.service(json!({})));
    ground.cloud.pass(75.0);
    let fail = |failure| {
        let arn = ground.tasks()[0].text("taskArn").to_owned();
        ground.cloud.within(|cloud: &Cloud| cloud.fail_task(&arn, failure)).unwrap();
    };
    fail(ContainerFailure::Exits(137));
    ground.cloud.pass(80.0);
    assert_eq!(ground.seen()["runningCount"], 3);
    let dead = &ground.stopped()[0];
    assert_eq!(dead.text("stoppedReason"), "Essential container in task exited");
    assert_eq!(dead["containers"][0]["exitCode"], 137);
    fail(ContainerFailure::Unhealthy);
    ground.cloud.pass(120.0);
    assert_eq!(ground.seen()["runningCount"], 3);
    let reasons = ground.stopped();
    let unhealthy = |task: &&Value| task.text("stoppedReason").contains("health checks");
    assert_eq!(reasons.iter().filter(unhealthy).count(), 1);
}
