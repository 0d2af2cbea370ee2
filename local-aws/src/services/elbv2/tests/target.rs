use super::{balancer, group, http, network, target_group};
use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

/// A load balancer in use: the VPC, its subnets, the target group, and the group of what it may reach.
struct Used {
    cloud: Probe,
    subnets: Vec<String>,
    group: String,
    tasks: String,
    balancer: String,
}

fn used() -> Used {
    let cloud = Probe::new();
    let (vpc, subnets) = network(&cloud, &["us-east-1a", "us-east-1b", "us-east-1c"]);
    let (front, tasks) = (group(&cloud, &vpc, "front"), group(&cloud, &vpc, "tasks"));
    let from = json!([{
        "IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "UserIdGroupPairs": [{"GroupId": front}],
    }]);
    let input = json!({"GroupId": tasks, "IpPermissions": from});
    cloud.ok("ec2", "AuthorizeSecurityGroupIngress", input);
    let balancer = balancer(&cloud, "shop", &subnets[..2], &[&front]);
    let group = target_group(&cloud, "web", &vpc);
    Used { cloud, subnets, group, tasks, balancer }
}

impl Used {
    fn interface(&self, subnet: usize) -> String {
        let input = json!({"SubnetId": self.subnets[subnet], "Groups": [self.tasks]});
        let made = self.cloud.ok("ec2", "CreateNetworkInterface", input);
        made["NetworkInterface"].text("PrivateIpAddress").to_owned()
    }

    fn register(&self, ip: &str) {
        let input = json!({"TargetGroupArn": self.group, "Targets": [{"Id": ip}]});
        self.cloud.ok("elbv2", "RegisterTargets", input);
    }

    fn health(&self) -> Vec<Value> {
        let one = json!({"TargetGroupArn": self.group});
        let seen = self.cloud.ok("elbv2", "DescribeTargetHealth", one);
        let states = seen.items("TargetHealthDescriptions").iter();
        states
            .map(|it| json!([it["TargetHealth"]["State"], it["TargetHealth"]["Reason"]]))
            .collect()
    }
}

#[test]
fn targets_become_healthy_once_a_listener_uses_their_group_and_drain_when_deregistered() {
    let used = used();
    let ip = used.interface(0);
    used.register(&ip);
    used.register(&ip);
    used.cloud.pass(200.0);
    assert_eq!(used.health(), [json!(["unused", "Target.NotInUse"])]);
    http(&used.cloud, &used.balancer, 80, &used.group);
    assert_eq!(used.health(), [json!(["initial", "Elb.RegistrationInProgress"])]);
    used.cloud.pass(3.0);
    assert_eq!(used.health(), [json!(["initial", "Elb.InitialHealthChecking"])]);
    used.cloud.pass(15.0);
    assert_eq!(used.health(), [json!(["healthy", null])]);
    let deregister = json!({"TargetGroupArn": used.group, "Targets": [{"Id": ip}]});
    used.cloud.ok("elbv2", "DeregisterTargets", deregister);
    assert_eq!(used.health(), [json!(["draining", "Target.DeregistrationInProgress"])]);
    used.cloud.pass(299.0);
    assert_eq!(used.health().len(), 1);
    used.cloud.pass(1.0);
    assert_eq!(used.health().len(), 0);
    let one = json!({"TargetGroupArn": used.group, "Targets": [{"Id": ip}]});
    let seen = used.cloud.ok("elbv2", "DescribeTargetHealth", one);
    let reason = &seen["TargetHealthDescriptions"][0]["TargetHealth"]["Reason"];
    assert_eq!(reason, "Target.NotRegistered");
}

#[test]
fn what_nobody_has_what_is_shut_off_and_what_is_in_another_zone_is_not_healthy() {
    let used = used();
    http(&used.cloud, &used.balancer, 80, &used.group);
    used.register("10.0.0.250");
    used.register(&used.interface(2));
    let shut = used.interface(1);
    used.register(&shut);
    used.cloud.pass(200.0);
    assert_eq!(
        used.health(),
        [
            json!(["unhealthy", "Target.Timeout"]),
            json!(["healthy", null]),
            json!(["unused", "Target.NotInUse"]),
        ]
    );
    let rule = json!([{
        "IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443,
        "UserIdGroupPairs": [{"GroupId": front_of(&used)}],
    }]);
    let input = json!({"GroupId": used.tasks, "IpPermissions": rule});
    used.cloud.ok("ec2", "RevokeSecurityGroupIngress", input);
    assert_eq!(used.health()[1], json!(["unhealthy", "Target.Timeout"]));
}

fn front_of(used: &Used) -> String {
    super::described(&used.cloud, &used.balancer)["SecurityGroups"][0].as_str().unwrap().to_owned()
}

#[test]
fn a_failed_zone_makes_its_targets_unhealthy_after_the_threshold() {
    let used = used();
    http(&used.cloud, &used.balancer, 80, &used.group);
    used.register(&used.interface(0));
    used.register(&used.interface(1));
    used.cloud.pass(200.0);
    assert_eq!(used.health(), [json!(["healthy", null]), json!(["healthy", null])]);
    used.cloud.in_cloud(|cloud| cloud.fail_zone("use1-az1")).unwrap();
    used.cloud.pass(29.0);
    assert_eq!(used.health(), [json!(["healthy", null]), json!(["healthy", null])]);
    used.cloud.pass(1.0);
    assert_eq!(used.health()[0], json!(["unhealthy", "Target.Timeout"]));
    assert_eq!(used.health()[1], json!(["healthy", null]));
    used.cloud.in_cloud(|cloud| cloud.restore_zone("use1-az1")).unwrap();
    used.cloud.pass(74.0);
    assert_eq!(used.health()[0], json!(["unhealthy", "Target.Timeout"]));
    used.cloud.pass(1.0);
    assert_eq!(used.health()[0], json!(["healthy", null]));
}

#[test]
fn only_private_addresses_are_targets() {
    let used = used();
    let refused = |target: Value| {
        let input = json!({"TargetGroupArn": used.group, "Targets": [target]});
        used.cloud.err("elbv2", "RegisterTargets", input)
    };
    assert_eq!(refused(json!({"Id": "8.8.8.8"})), "InvalidTarget");
    assert_eq!(refused(json!({"Id": "i-0123456789abcdef0"})), "InvalidTarget");
    assert_eq!(refused(json!({"Id": "192.168.0.9"})), "InvalidTarget");
    let outside = json!({"Id": "192.168.0.9", "AvailabilityZone": "all"});
    let input = json!({"TargetGroupArn": used.group, "Targets": [outside]});
    used.cloud.ok("elbv2", "RegisterTargets", input);
    let gone = json!({"TargetGroupArn": used.group.replace("web", "gone")});
    assert_eq!(used.cloud.err("elbv2", "DescribeTargetHealth", gone), "TargetGroupNotFound");
}

#[test]
fn a_target_group_is_held_by_what_uses_it() {
    let used = used();
    let one = json!({"TargetGroupArn": used.group});
    let listener = http(&used.cloud, &used.balancer, 80, &used.group);
    let seen = used.cloud.ok("elbv2", "DescribeTargetGroups", json!({"Names": ["web"]}));
    assert_eq!(seen["TargetGroups"][0]["LoadBalancerArns"], json!([used.balancer]));
    assert_eq!(used.cloud.err("elbv2", "DeleteTargetGroup", one.clone()), "ResourceInUse");
    let second = balancer(&used.cloud, "second", &used.subnets[..2], &[]);
    let forward = json!([{"Type": "forward", "TargetGroupArn": used.group}]);
    let input = json!({
        "LoadBalancerArn": second, "Protocol": "HTTP", "Port": 80, "DefaultActions": forward,
    });
    assert_eq!(used.cloud.err("elbv2", "CreateListener", input), "TargetGroupAssociationLimit");
    used.cloud.ok("elbv2", "DeleteListener", json!({"ListenerArn": listener}));
    used.cloud.ok("elbv2", "DeleteTargetGroup", one.clone());
    used.cloud.ok("elbv2", "DeleteTargetGroup", one);
}

#[test]
fn target_groups_are_checked_and_changed() {
    let used = used();
    let vpc = super::described(&used.cloud, &used.balancer).text("VpcId").to_owned();
    let base = json!({
        "Name": "api", "Protocol": "HTTPS", "Port": 8443, "VpcId": vpc, "TargetType": "ip",
    });
    let with = |more: Value| {
        let mut input = base.clone();
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let made = used.cloud.ok("elbv2", "CreateTargetGroup", base.clone());
    let made = made["TargetGroups"][0].clone();
    assert_eq!(made["HealthCheckTimeoutSeconds"], 5);
    assert_eq!(made["Matcher"], json!({"HttpCode": "200"}));
    let again = used.cloud.ok("elbv2", "CreateTargetGroup", base.clone());
    assert_eq!(again["TargetGroups"][0]["TargetGroupArn"], made["TargetGroupArn"]);
    let refused = |more: Value| used.cloud.err("elbv2", "CreateTargetGroup", with(more));
    assert_eq!(refused(json!({"Port": 1})), "DuplicateTargetGroupName");
    assert_eq!(refused(json!({"Protocol": "TCP"})), "NotImplemented");
    assert_eq!(refused(json!({"VpcId": "vpc-0123456789abcdef0"})), "ValidationError");
    assert_eq!(refused(json!({"HealthCheckPath": "x"})), "ValidationError");
    assert_eq!(refused(json!({"Matcher": {"HttpCode": "200-700"}})), "ValidationError");
    let timeout = json!({"HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 5});
    assert_eq!(refused(timeout), "ValidationError");
    let arn = made.text("TargetGroupArn");
    let change = json!({"TargetGroupArn": arn, "HealthCheckPath": "/ready", "Matcher": {"HttpCode": "200-299"}});
    let changed = used.cloud.ok("elbv2", "ModifyTargetGroup", change);
    assert_eq!(changed["TargetGroups"][0]["HealthCheckPath"], "/ready");
    let set = |key: &str, value: &str| {
        let attributes = json!([{"Key": key, "Value": value}]);
        let input = json!({"TargetGroupArn": arn, "Attributes": attributes});
        used.cloud.call("elbv2", "ModifyTargetGroupAttributes", &input).map_err(|(code, _)| code)
    };
    set("deregistration_delay.timeout_seconds", "30").unwrap();
    set("load_balancing.algorithm.type", "least_outstanding_requests").unwrap();
    let slow = set("slow_start.duration_seconds", "60");
    assert_eq!(slow.unwrap_err(), "InvalidConfigurationRequest");
    assert_eq!(set("slow_start.duration_seconds", "5").unwrap_err(), "ValidationError");
}
