//! VPC endpoints and flow logs.

use super::{found, group, id, route_table, subnet, vpc};
use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

const S3: &str = "com.amazonaws.us-east-1.s3";
const LOGS: &str = "com.amazonaws.us-east-1.logs";

fn endpoint(cloud: &Probe, id: &str) -> Value {
    found(cloud, "VpcEndpoints", "vpc-endpoint-id", id)[0].clone()
}

#[test]
fn a_gateway_endpoint_has_routes() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let (first, second) = (route_table(&cloud, &vpc), route_table(&cloud, &vpc));
    let input = json!({"VpcId": vpc, "ServiceName": S3, "RouteTableIds": [first]});
    let made = cloud.ok("ec2", "CreateVpcEndpoint", input.clone())["VpcEndpoint"].clone();
    let gateway = id(&made, "VpcEndpointId");
    assert_eq!((made.text("VpcEndpointType"), made.text("State")), ("Gateway", "pending"));
    assert_eq!(cloud.err("ec2", "CreateVpcEndpoint", input), "RouteAlreadyExists");
    cloud.pass(6.0);
    assert_eq!(endpoint(&cloud, &gateway)["State"], "available");
    let route =
        |table: &str| found(&cloud, "RouteTables", "route-table-id", table)[0]["Routes"][1].clone();
    assert_eq!(
        (route(&first).text("GatewayId"), route(&first).text("State")),
        (gateway.as_str(), "active")
    );
    let list = route(&first)["DestinationPrefixListId"].clone();
    let by_hand = json!({"RouteTableId": first, "DestinationPrefixListId": list});
    assert_eq!(cloud.err("ec2", "DeleteRoute", by_hand), "InvalidParameterValue");
    let moved = json!({"VpcEndpointId": gateway, "AddRouteTableIds": [second], "RemoveRouteTableIds": [first]});
    cloud.ok("ec2", "ModifyVpcEndpoint", moved);
    assert_eq!(endpoint(&cloud, &gateway)["RouteTableIds"], json!([second]));
    assert!(route(&first).is_null());
    cloud.ok("ec2", "DeleteVpcEndpoints", json!({"VpcEndpointIds": [gateway]}));
    assert!(route(&second).is_null(), "routes leave at once");
    assert_eq!(endpoint(&cloud, &gateway)["State"], "deleting");
    cloud.pass(6.0);
    let again = cloud.ok("ec2", "DeleteVpcEndpoints", json!({"VpcEndpointIds": [gateway]}));
    assert_eq!(again["Unsuccessful"][0]["Error"]["Code"], "InvalidVpcEndpoint.NotFound");
}

#[test]
fn an_interface_endpoint_is_in_subnets_and_leaves_late() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let subnet_a = subnet(&cloud, &vpc, "10.0.0.0/24");
    let web = group(&cloud, &vpc, "endpoints");
    let input = json!({
        "VpcId": vpc, "ServiceName": LOGS, "VpcEndpointType": "Interface", "SubnetIds": [subnet_a], "SecurityGroupIds": [web],
    });
    assert_eq!(
        cloud.err("ec2", "CreateVpcEndpoint", input.clone()),
        "InvalidParameter",
        "no DNS host names"
    );
    let on = json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": true}});
    cloud.ok("ec2", "ModifyVpcAttribute", on);
    let made = cloud.ok("ec2", "CreateVpcEndpoint", input.clone())["VpcEndpoint"].clone();
    let first = id(&made, "VpcEndpointId");
    assert_eq!(made["Groups"], json!([{"GroupId": web, "GroupName": "endpoints"}]));
    assert_eq!(made["DnsEntries"][2]["DnsName"], "logs.us-east-1.amazonaws.com");
    assert_eq!(
        cloud.err("ec2", "CreateVpcEndpoint", input),
        "InvalidParameter",
        "the name is taken"
    );
    let same_zone = subnet(&cloud, &vpc, "10.0.1.0/24");
    let zone_b =
        json!({"VpcId": vpc, "CidrBlock": "10.0.2.0/24", "AvailabilityZone": "us-east-1b"});
    let subnet_b = id(&cloud.ok("ec2", "CreateSubnet", zone_b)["Subnet"], "SubnetId");
    cloud.pass(75.0);
    let add = |subnet: &str| json!({"VpcEndpointId": first, "AddSubnetIds": [subnet]});
    assert_eq!(
        cloud.err("ec2", "ModifyVpcEndpoint", add(&same_zone)),
        "DuplicateSubnetsInSameZone"
    );
    cloud.ok("ec2", "ModifyVpcEndpoint", add(&subnet_b));
    assert_eq!(endpoint(&cloud, &first)["State"], "pending");
    assert_eq!(endpoint(&cloud, &first).texts("NetworkInterfaceIds").len(), 2);
    cloud.pass(40.0);
    assert_eq!(endpoint(&cloud, &first)["State"], "available");

    cloud.ok("ec2", "DeleteVpcEndpoints", json!({"VpcEndpointIds": [first]}));
    cloud.pass(60.0);
    let ids = json!({"VpcEndpointIds": [first]});
    assert_eq!(cloud.err("ec2", "DescribeVpcEndpoints", ids), "InvalidVpcEndpointId.NotFound");
    for (operation, input) in [
        ("DeleteSubnet", json!({"SubnetId": subnet_a})),
        ("DeleteSecurityGroup", json!({"GroupId": web})),
    ] {
        assert_eq!(
            cloud.err("ec2", operation, input),
            "DependencyViolation",
            "interfaces are still there"
        );
    }
    cloud.pass(5.0);
    cloud.ok("ec2", "DeleteSubnet", json!({"SubnetId": subnet_a}));
    cloud.ok("ec2", "DeleteSecurityGroup", json!({"GroupId": web}));
}

#[test]
fn endpoints_lead_to_services_that_have_them() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let cases = [
        (json!({"ServiceName": "com.amazonaws.us-east-1.nonsense"}), "InvalidServiceName"),
        (json!({"ServiceName": LOGS}), "InvalidServiceName"),
        (json!({"ServiceName": "com.amazonaws.eu-west-1.s3"}), "InvalidServiceName"),
        (json!({}), "MissingParameter"),
        (json!({"ServiceName": S3, "PolicyDocument": "{}"}), "InvalidPolicyDocument"),
        (json!({"ServiceName": S3, "SubnetIds": ["subnet-12345678"]}), "InvalidParameter"),
        (json!({"ServiceName": S3, "VpcEndpointType": "GatewayLoadBalancer"}), "NotImplemented"),
    ];
    for (mut input, code) in cases {
        input["VpcId"] = json!(vpc);
        assert_eq!(cloud.err("ec2", "CreateVpcEndpoint", input.clone()), code, "{input}");
    }
    let filters = json!([{"Name": "service-type", "Values": ["Gateway"]}]);
    let gateways = cloud.ok("ec2", "DescribeVpcEndpointServices", json!({"Filters": filters}));
    assert_eq!(gateways["ServiceNames"], json!(["com.amazonaws.us-east-1.dynamodb", S3]));
    let named = cloud.ok("ec2", "DescribeVpcEndpointServices", json!({"ServiceNames": [LOGS]}));
    assert_eq!(named["ServiceDetails"][0]["PrivateDnsName"], "logs.us-east-1.amazonaws.com");
}

#[test]
fn a_flow_log_needs_a_role_that_has_arrived() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    });
    let role = json!({"RoleName": "flow", "AssumeRolePolicyDocument": trust.to_string()});
    let role = cloud.ok("iam", "CreateRole", role)["Role"]["Arn"].clone();
    let input = json!({
        "ResourceIds": [vpc, "vpc-12345678"], "ResourceType": "VPC", "TrafficType": "ALL", "LogGroupName": "/vpc/flow",
        "DeliverLogsPermissionArn": role, "MaxAggregationInterval": 60,
    });
    assert_eq!(
        cloud.err("ec2", "CreateFlowLogs", input.clone()),
        "InvalidParameterValue",
        "a fresh role"
    );
    cloud.pass(8.0);
    let made = cloud.ok("ec2", "CreateFlowLogs", input.clone());
    assert_eq!(made.texts("FlowLogIds").len(), 1);
    assert_eq!(made["Unsuccessful"][0]["ResourceId"], "vpc-12345678");
    let again = cloud.ok("ec2", "CreateFlowLogs", input.clone());
    assert_eq!(again["Unsuccessful"][0]["Error"]["Code"], "FlowLogAlreadyExists");
    let log = made["FlowLogIds"][0].clone();
    let seen =
        cloud.ok("ec2", "DescribeFlowLogs", json!({"FlowLogIds": [log]}))["FlowLogs"][0].clone();
    assert_eq!((seen.text("FlowLogStatus"), seen.text("LogGroupName")), ("ACTIVE", "/vpc/flow"));
    let cases = [
        (json!({"TrafficType": null}), "MissingParameter"),
        (json!({"MaxAggregationInterval": 61}), "InvalidParameterValue"),
        (json!({"DeliverLogsPermissionArn": null}), "MissingParameter"),
        (json!({"LogDestinationType": "s3"}), "MissingParameter"),
    ];
    for (change, code) in cases {
        let mut wrong = input.clone();
        for (name, value) in change.as_object().unwrap() {
            wrong[name] = value.clone();
        }
        wrong.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        assert_eq!(cloud.err("ec2", "CreateFlowLogs", wrong), code, "{change}");
    }
    cloud.ok("ec2", "DeleteFlowLogs", json!({"FlowLogIds": [log]}));
    let gone = cloud.ok("ec2", "DeleteFlowLogs", json!({"FlowLogIds": [log]}));
    assert_eq!(gone["Unsuccessful"][0]["Error"]["Code"], "InvalidFlowLogId.NotFound");
}
