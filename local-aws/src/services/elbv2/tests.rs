mod listener;
mod load_balancer;
mod rule;
mod target;

use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

/// A VPC with an internet gateway and a /24 in each zone.
fn network(cloud: &Probe, zones: &[&str]) -> (String, Vec<String>) {
    let vpc = cloud.ok("ec2", "CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    let vpc = vpc["Vpc"].text("VpcId").to_owned();
    let gateway = cloud.ok("ec2", "CreateInternetGateway", json!({}));
    let gateway = &gateway["InternetGateway"]["InternetGatewayId"];
    let attach = json!({"InternetGatewayId": gateway, "VpcId": vpc});
    cloud.ok("ec2", "AttachInternetGateway", attach);
    let subnets =
        zones.iter().enumerate().map(|(at, zone)| subnet(cloud, &vpc, at, zone)).collect();
    (vpc, subnets)
}

fn subnet(cloud: &Probe, vpc: &str, at: usize, zone: &str) -> String {
    let block = format!("10.0.{at}.0/24");
    let input = json!({"VpcId": vpc, "CidrBlock": block, "AvailabilityZone": zone});
    cloud.ok("ec2", "CreateSubnet", input)["Subnet"].text("SubnetId").to_owned()
}

fn group(cloud: &Probe, vpc: &str, name: &str) -> String {
    let input = json!({"VpcId": vpc, "GroupName": name, "Description": name});
    cloud.ok("ec2", "CreateSecurityGroup", input).text("GroupId").to_owned()
}

/// A load balancer of these subnets, provisioning.
fn balancer(cloud: &Probe, name: &str, subnets: &[String], groups: &[&str]) -> String {
    let input = json!({"Name": name, "Subnets": subnets, "SecurityGroups": groups});
    let made = cloud.ok("elbv2", "CreateLoadBalancer", input);
    made["LoadBalancers"][0].text("LoadBalancerArn").to_owned()
}

fn target_group(cloud: &Probe, name: &str, vpc: &str) -> String {
    let input = json!({
        "Name": name, "Protocol": "HTTPS", "Port": 8443, "VpcId": vpc, "TargetType": "ip",
        "HealthCheckProtocol": "HTTPS", "HealthCheckPath": "/healthz", "HealthCheckIntervalSeconds": 15,
    });
    let made = cloud.ok("elbv2", "CreateTargetGroup", input);
    made["TargetGroups"][0].text("TargetGroupArn").to_owned()
}

/// An HTTP listener that forwards to a target group.
fn http(cloud: &Probe, balancer: &str, port: u16, group: &str) -> String {
    let input = json!({
        "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": port,
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}],
    });
    let made = cloud.ok("elbv2", "CreateListener", input);
    made["Listeners"][0].text("ListenerArn").to_owned()
}

fn described(cloud: &Probe, balancer: &str) -> Value {
    let one = json!({"LoadBalancerArns": [balancer]});
    cloud.ok("elbv2", "DescribeLoadBalancers", one)["LoadBalancers"][0].clone()
}
