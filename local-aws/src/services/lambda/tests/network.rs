//! Functions in a VPC.

use super::{SETTLED, ask, request, role};
use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

/// Longer than Lambda keeps interfaces that nobody uses.
const RELEASED: f64 = 2200.0;

/// The ids of a VPC, a subnet and a security group in it.
fn network(cloud: &Probe) -> (String, String, String) {
    let vpc = cloud.ok("ec2", "CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    let vpc = vpc["Vpc"].text("VpcId").to_owned();
    let subnet = cloud.ok("ec2", "CreateSubnet", json!({"VpcId": vpc, "CidrBlock": "10.0.0.0/24"}));
    let group = json!({"GroupName": "f", "Description": "f", "VpcId": vpc});
    let group = cloud.ok("ec2", "CreateSecurityGroup", group).text("GroupId").to_owned();
    (vpc, subnet["Subnet"].text("SubnetId").to_owned(), group)
}

fn interfaces(cloud: &Probe, subnet: &str) -> Vec<Value> {
    let filter = json!({"Filters": [{"Name": "subnet-id", "Values": [subnet]}]});
    cloud.ok("ec2", "DescribeNetworkInterfaces", filter).items("NetworkInterfaces").to_vec()
}

fn placed(cloud: &Probe, name: &str, role: &str, subnet: &str, group: &str) -> Value {
    let mut input = request(role);
    input["FunctionName"] = json!(name);
    input["VpcConfig"] = json!({"SubnetIds": [subnet], "SecurityGroupIds": [group]});
    ask(cloud, "CreateFunction", input)
}

#[test]
fn functions_with_the_same_subnet_and_groups_share_an_interface_that_outlives_them() {
    let cloud = Probe::new();
    let (role, (vpc, subnet, group)) = (role(&cloud), network(&cloud));
    let made = placed(&cloud, "f", &role, &subnet, &group);
    assert_eq!(made["VpcConfig"]["VpcId"], vpc);
    cloud.pass(SETTLED);
    let of = json!({"FunctionName": "f"});
    assert_eq!(
        ask(&cloud, "GetFunctionConfiguration", of)["State"],
        "Pending",
        "its interface takes longer"
    );
    cloud.pass(200.0);
    placed(&cloud, "g", &role, &subnet, &group);
    let there = interfaces(&cloud, &subnet);
    assert_eq!(there.len(), 1);
    assert!(there[0].text("Description").starts_with("AWS Lambda VPC ENI-f-"), "{}", there[0]);
    assert_eq!(there[0]["InterfaceType"], "lambda");
    for name in ["f", "g"] {
        assert_eq!(interfaces(&cloud, &subnet).len(), 1);
        ask(&cloud, "DeleteFunction", json!({"FunctionName": name}));
    }
    let (in_subnet, of_group) = (json!({"SubnetId": subnet}), json!({"GroupId": group}));
    assert_eq!(cloud.err("ec2", "DeleteSubnet", in_subnet.clone()), "DependencyViolation");
    assert_eq!(cloud.err("ec2", "DeleteSecurityGroup", of_group.clone()), "DependencyViolation");
    cloud.pass(RELEASED);
    cloud.ok("ec2", "DeleteSubnet", in_subnet);
    cloud.ok("ec2", "DeleteSecurityGroup", of_group);
}

#[test]
fn a_function_can_leave_its_vpc() {
    let cloud = Probe::new();
    let (role, (_, subnet, group)) = (role(&cloud), network(&cloud));
    placed(&cloud, "f", &role, &subnet, &group);
    cloud.pass(300.0);
    let leave =
        json!({"FunctionName": "f", "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []}});
    ask(&cloud, "UpdateFunctionConfiguration", leave);
    assert_eq!(interfaces(&cloud, &subnet).len(), 1);
    cloud.pass(RELEASED);
    assert_eq!(interfaces(&cloud, &subnet).len(), 0);
    let found = ask(&cloud, "GetFunctionConfiguration", json!({"FunctionName": "f"}));
    assert_eq!(found["VpcConfig"]["SubnetIds"], json!([]));
}

#[test]
fn the_role_must_let_lambda_make_interfaces() {
    let cloud = Probe::new();
    let (role, (_, subnet, group)) = (role(&cloud), network(&cloud));
    let policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole";
    cloud.ok("iam", "DetachRolePolicy", json!({"RoleName": "f", "PolicyArn": policy}));
    let mut input = request(&role);
    input["VpcConfig"] = json!({"SubnetIds": [subnet], "SecurityGroupIds": [group]});
    let (code, message) = cloud.call("lambda", "CreateFunction", &input).unwrap_err();
    assert_eq!(code, "InvalidParameterValueException");
    assert!(message.contains("CreateNetworkInterface on EC2"), "{message}");
    input["VpcConfig"]["SubnetIds"] = json!(["subnet-0123456789abcdef0"]);
    let (_, message) = cloud.call("lambda", "CreateFunction", &input).unwrap_err();
    assert!(message.contains("InvalidSubnetID.NotFound"), "{message}");
}

#[test]
fn the_roles_policy_may_be_limited_to_the_region() {
    let cloud = Probe::new();
    let (role, (_, subnet, group)) = (role(&cloud), network(&cloud));
    let policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole";
    cloud.ok("iam", "DetachRolePolicy", json!({"RoleName": "f", "PolicyArn": policy}));
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
    }]});
    let trust = json!({"RoleName": "f", "PolicyDocument": trust.to_string()});
    cloud.ok("iam", "UpdateAssumeRolePolicy", trust);
    let may = json!({"Version": "2012-10-17", "Statement": [
        {
            "Effect": "Allow", "Action": ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"],
            "Resource": "arn:aws:ec2:us-east-1:123456789012:*/*",
        },
        {"Effect": "Allow", "Action": "ec2:DescribeNetworkInterfaces", "Resource": "*"},
    ]});
    let inline = json!({"RoleName": "f", "PolicyName": "may", "PolicyDocument": may.to_string()});
    cloud.ok("iam", "PutRolePolicy", inline);
    placed(&cloud, "f", &role, &subnet, &group);
}
