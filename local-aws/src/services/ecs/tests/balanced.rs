//! Services behind load balancers.

use super::{Ground, merge};
use crate::cloud::Cloud;
use crate::fields::Fields;
use crate::services::ecs::ContainerFailure;
use serde_json::{Value, json};

/// A load balancer whose security group reaches the tasks, and a target group; the group's ARN.
fn target_group(ground: &Ground, listens: bool) -> String {
    let subnet = ground.cloud.ok("ec2", "DescribeSubnets", json!({}))["Subnets"][0].clone();
    let vpc = subnet.text("VpcId").to_owned();
    let group = json!({"GroupName": "front", "Description": "front", "VpcId": vpc});
    let group = ground.cloud.ok("ec2", "CreateSecurityGroup", group)["GroupId"].clone();
    let rule = json!({"GroupId": ground.security_group, "IpPermissions": [
        {"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "UserIdGroupPairs": [{"GroupId": group}]},
    ]});
    ground.cloud.ok("ec2", "AuthorizeSecurityGroupIngress", rule);
    let balancer = json!({"Name": "front", "Subnets": ground.subnets, "SecurityGroups": [group]});
    let balancer = ground.cloud.ok("elbv2", "CreateLoadBalancer", balancer);
    let targets = json!({
        "Name": "web", "Protocol": "HTTPS", "Port": 8443, "VpcId": vpc, "TargetType": "ip", "HealthCheckProtocol": "HTTPS",
        "HealthCheckIntervalSeconds": 10, "UnhealthyThresholdCount": 2,
    });
    let targets = ground.cloud.ok("elbv2", "CreateTargetGroup", targets);
    let arn = targets["TargetGroups"][0].text("TargetGroupArn").to_owned();
    let delay = json!({"TargetGroupArn": arn, "Attributes": [
        {"Key": "deregistration_delay.timeout_seconds", "Value": "30"},
    ]});
    ground.cloud.ok("elbv2", "ModifyTargetGroupAttributes", delay);
    if listens {
        let listener = json!({
            "LoadBalancerArn": balancer["LoadBalancers"][0]["LoadBalancerArn"], "Protocol": "HTTP", "Port": 80,
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": arn}],
        });
        ground.cloud.ok("elbv2", "CreateListener", listener);
        ground.cloud.pass(200.0);
    }
    arn
}

fn service(ground: &Ground, group: &str, more: Value) -> Value {
    let mut input = ground.service(json!({
        "loadBalancers": [{"targetGroupArn": group, "containerName": "web", "containerPort": 8443}],
        "healthCheckGracePeriodSeconds": 30,
    }));
    merge(&mut input, more);
    input
}

fn states(ground: &Ground, group: &str) -> Vec<String> {
    let seen = ground.cloud.ok("elbv2", "DescribeTargetHealth", json!({"TargetGroupArn": group}));
    let all = seen.items("TargetHealthDescriptions").iter();
    let mut states: Vec<String> =
        all.map(|one| one["TargetHealth"].text("State").to_owned()).collect();
    states.sort();
    states
}

#[test]
fn a_service_waits_for_a_listener_and_for_healthy_targets() {
    let ground = Ground::new();
    ground.registered(json!({}));
    let group = target_group(&ground, false);
    let (code, message) = ground.refused("CreateService", service(&ground, &group, json!({})));
    assert_eq!(code, "InvalidParameterException");
    assert!(message.contains("does not have an associated load balancer"), "{message}");

    let ground = Ground::new();
    ground.registered(json!({}));
    let group = target_group(&ground, true);
    ground.ask("CreateService", service(&ground, &group, json!({})));
    ground.cloud.pass(40.0);
    assert_eq!(states(&ground, &group), ["initial"; 3]);
    assert_eq!(ground.seen()["deployments"][0]["rolloutState"], "IN_PROGRESS");
    ground.cloud.pass(35.0);
    assert_eq!(states(&ground, &group), ["healthy"; 3]);
    assert_eq!(ground.seen()["deployments"][0]["rolloutState"], "COMPLETED");
}

#[test]
fn targets_drain_before_their_tasks_stop() {
    let ground = Ground::new();
    ground.registered(json!({}));
    let group = target_group(&ground, true);
    ground.ask("CreateService", service(&ground, &group, json!({})));
    ground.cloud.pass(80.0);
    ground.ask("DeleteService", json!({"cluster": "shop", "service": "web", "force": true}));
    ground.cloud.pass(10.0);
    assert_eq!(states(&ground, &group), ["draining"; 3]);
    let statuses: Vec<Value> =
        ground.stopped().iter().map(|task| task["lastStatus"].clone()).collect();
    assert_eq!(statuses, ["DEACTIVATING"; 3]);
    ground.cloud.pass(60.0);
    assert_eq!(ground.seen().text("status"), "INACTIVE");
    assert!(states(&ground, &group).is_empty());
}

#[test]
fn a_task_that_does_not_answer_is_replaced() {
    let ground = Ground::new();
    ground.registered(json!({}));
    let group = target_group(&ground, true);
    ground.ask("CreateService", service(&ground, &group, json!({})));
    ground.cloud.pass(90.0);
    let arn = ground.tasks()[0].text("taskArn").to_owned();
    let fail = |cloud: &Cloud| cloud.fail_task(&arn, ContainerFailure::Unhealthy);
    ground.cloud.within(fail).unwrap();
    ground.cloud.pass(120.0);
    assert_eq!(states(&ground, &group), ["healthy"; 3]);
    let stopped = ground.stopped();
    assert!(stopped[0].text("stoppedReason").starts_with("Task failed ELB health checks in"));
}

#[test]
fn a_rollout_whose_tasks_do_not_answer_is_rolled_back() {
    let ground = Ground::new();
    ground.registered(json!({}));
    let group = target_group(&ground, true);
    ground.ask("CreateService", service(&ground, &group, json!({})));
    ground.cloud.pass(90.0);
    let good = ground.seen().text("taskDefinition").to_owned();
    let bad = "public.ecr.aws/shop/web:bad";
    let fail = |cloud: &Cloud| cloud.fail_image(bad, Some(ContainerFailure::Unhealthy));
    ground.cloud.within(fail).unwrap();
    let fresh = ground.registered(json!({"image": bad}));
    let update = json!({"cluster": "shop", "service": "web", "taskDefinition": fresh});
    ground.ask("UpdateService", update);
    for _ in 0..60 {
        ground.cloud.pass(5.0);
        let healthy = states(&ground, &group).iter().filter(|state| *state == "healthy").count();
        assert!(healthy >= 3, "only {healthy} were healthy");
    }
    assert_eq!(ground.seen().text("taskDefinition"), good);
    assert_eq!(ground.seen()["deployments"][0]["rolloutState"], "COMPLETED");
}
