//! The behaviour of the networks, as a client sees it.

mod endpoint;
mod gateway;
mod guard;
mod rule;
mod table;

use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

/// A VPC, whose id is answered.
fn vpc(cloud: &Probe) -> String {
    id(&cloud.ok("ec2", "CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}))["Vpc"], "VpcId")
}

fn subnet(cloud: &Probe, vpc: &str, cidr: &str) -> String {
    let input = json!({"VpcId": vpc, "CidrBlock": cidr});
    id(&cloud.ok("ec2", "CreateSubnet", input)["Subnet"], "SubnetId")
}

fn attached_gateway(cloud: &Probe, vpc: &str) -> String {
    let made = cloud.ok("ec2", "CreateInternetGateway", json!({}));
    let gateway = id(&made["InternetGateway"], "InternetGatewayId");
    let input = json!({"InternetGatewayId": gateway, "VpcId": vpc});
    cloud.ok("ec2", "AttachInternetGateway", input);
    gateway
}

fn address(cloud: &Probe) -> String {
    id(&cloud.ok("ec2", "AllocateAddress", json!({"Domain": "vpc"})), "AllocationId")
}

fn group(cloud: &Probe, vpc: &str, name: &str) -> String {
    let input = json!({"VpcId": vpc, "GroupName": name, "Description": name});
    id(&cloud.ok("ec2", "CreateSecurityGroup", input), "GroupId")
}

fn route_table(cloud: &Probe, vpc: &str) -> String {
    id(&cloud.ok("ec2", "CreateRouteTable", json!({"VpcId": vpc}))["RouteTable"], "RouteTableId")
}

#[track_caller]
fn id(value: &Value, member: &str) -> String {
    value.opt(member).unwrap_or_else(|| panic!("no {member} in {value}")).to_owned()
}

/// What a Describe operation finds with one filter.
fn found(cloud: &Probe, what: &str, filter: &str, value: &str) -> Vec<Value> {
    let filters = json!([{"Name": filter, "Values": [value]}]);
    let member = if what == "NatGateways" { "Filter" } else { "Filters" };
    cloud.ok("ec2", &format!("Describe{what}"), json!({member: filters})).items(what).to_vec()
}

#[test]
fn a_vpc_comes_with_its_defaults_and_takes_them_along() {
    let cloud = Probe::new();
    let id = vpc(&cloud);
    let of_vpc = |what| found(&cloud, what, "vpc-id", &id);
    assert_eq!(of_vpc("Vpcs")[0]["State"], "pending");
    cloud.pass(2.0);
    assert_eq!(of_vpc("Vpcs")[0]["State"], "available");
    assert_eq!(of_vpc("RouteTables")[0]["Associations"][0]["Main"], true);
    assert_eq!(of_vpc("RouteTables")[0]["Routes"][0]["GatewayId"], "local");
    assert_eq!(of_vpc("NetworkAcls")[0]["Entries"].as_array().unwrap().len(), 4);
    let group = &of_vpc("SecurityGroups")[0];
    assert_eq!(group["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"], group["GroupId"]);
    assert_eq!(group["IpPermissionsEgress"][0]["IpRanges"][0]["CidrIp"], "0.0.0.0/0");
    cloud.ok("ec2", "DeleteVpc", json!({"VpcId": id}));
    for what in ["Vpcs", "RouteTables", "NetworkAcls", "SecurityGroups"] {
        assert!(of_vpc(what).is_empty(), "{what} of the deleted VPC are left");
    }
    let rules = cloud.ok("ec2", "DescribeSecurityGroupRules", json!({}));
    assert_eq!(rules["SecurityGroupRules"], json!([]));
}

#[test]
fn attributes_are_set_one_at_a_time() {
    let cloud = Probe::new();
    let id = vpc(&cloud);
    let on = json!({"Value": true});
    cloud.ok("ec2", "ModifyVpcAttribute", json!({"VpcId": id, "EnableDnsHostnames": on}));
    let read = json!({"VpcId": id, "Attribute": "enableDnsHostnames"});
    assert_eq!(cloud.ok("ec2", "DescribeVpcAttribute", read)["EnableDnsHostnames"], on);
    let both = json!({"VpcId": id, "EnableDnsHostnames": on, "EnableDnsSupport": on});
    assert_eq!(cloud.err("ec2", "ModifyVpcAttribute", both), "InvalidParameterCombination");
    let subnet = subnet(&cloud, &id, "10.0.0.0/24");
    cloud.ok(
        "ec2",
        "ModifySubnetAttribute",
        json!({"SubnetId": subnet, "MapPublicIpOnLaunch": on}),
    );
    let name = json!({"SubnetId": subnet, "PrivateDnsHostnameTypeOnLaunch": "resource-name"});
    cloud.ok("ec2", "ModifySubnetAttribute", name);
    let seen = &found(&cloud, "Subnets", "subnet-id", &subnet)[0];
    assert_eq!(seen["MapPublicIpOnLaunch"], true);
    assert_eq!(seen["PrivateDnsNameOptionsOnLaunch"]["HostnameType"], "resource-name");
}

#[test]
fn subnets_keep_to_their_vpc_and_apart() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let made = cloud.ok(
        "ec2",
        "CreateSubnet",
        json!({"VpcId": vpc, "CidrBlock": "10.0.1.7/28", "AvailabilityZoneId": "use1-az2"}),
    );
    assert_eq!(made["Subnet"]["CidrBlock"], "10.0.1.0/28", "host bits are cleared");
    assert_eq!(made["Subnet"]["AvailabilityZone"], "us-east-1b");
    assert_eq!(made["Subnet"]["AvailableIpAddressCount"], 11);
    let cases = [
        ("10.0.1.8/29", json!({}), "InvalidSubnet.Range"),
        ("10.0.0.0/23", json!({}), "InvalidSubnet.Conflict"),
        ("10.1.0.0/24", json!({}), "InvalidSubnet.Range"),
        ("ten", json!({}), "InvalidParameterValue"),
        ("10.0.2.0/24", json!({"AvailabilityZone": "us-east-1z"}), "InvalidParameterValue"),
        ("10.0.2.0/24", json!({"VpcId": "vpc-0123456789abcdef0"}), "InvalidVpcID.NotFound"),
        ("10.0.2.0/24", json!({"Ipv6CidrBlock": "2001:db8::/64"}), "NotImplemented"),
    ];
    for (cidr, more, code) in cases {
        let mut input = json!({"VpcId": vpc, "CidrBlock": cidr});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        assert_eq!(cloud.err("ec2", "CreateSubnet", input.clone()), code, "{input}");
    }
}

#[test]
fn tags_travel_with_the_create_and_are_found() {
    let cloud = Probe::new();
    let tags = json!([{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "a"}]}]);
    let input = json!({"CidrBlock": "10.0.0.0/16", "TagSpecifications": tags});
    let made = id(&cloud.ok("ec2", "CreateVpc", input)["Vpc"], "VpcId");
    vpc(&cloud);
    let more = json!([{"Key": "Name", "Value": "b"}, {"Key": "team", "Value": ""}]);
    cloud.ok("ec2", "CreateTags", json!({"Resources": [made], "Tags": more}));
    assert_eq!(found(&cloud, "Vpcs", "tag:Name", "b").len(), 1);
    assert_eq!(found(&cloud, "Vpcs", "tag-key", "te*").len(), 1);
    assert_eq!(found(&cloud, "Tags", "resource-id", &made).len(), 2);
    assert_eq!(found(&cloud, "Tags", "tag:Name", "b")[0]["ResourceType"], "vpc");
    let gone = json!([{"Key": "Name", "Value": "other"}, {"Key": "team"}]);
    cloud.ok("ec2", "DeleteTags", json!({"Resources": [made], "Tags": gone}));
    let left = json!([{"Key": "Name", "ResourceId": made, "ResourceType": "vpc", "Value": "b"}]);
    assert_eq!(cloud.ok("ec2", "DescribeTags", json!({}))["Tags"], left);
    let wrong = json!([{"ResourceType": "subnet", "Tags": [{"Key": "a", "Value": "b"}]}]);
    let input = json!({"CidrBlock": "10.0.0.0/16", "TagSpecifications": wrong});
    assert_eq!(cloud.err("ec2", "CreateVpc", input), "InvalidParameterValue");
    let system = json!({"Resources": [made], "Tags": [{"Key": "aws:x", "Value": "y"}]});
    assert_eq!(cloud.err("ec2", "CreateTags", system), "InvalidParameterValue");
}

#[test]
fn pages_follow_each_other_and_stay_right_when_something_vanishes() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    for at in 0..7 {
        subnet(&cloud, &vpc, &format!("10.0.{at}.0/24"));
    }
    let page = |token: Option<&Value>| {
        let input = json!({"MaxResults": 5, "NextToken": token});
        let input = if token.is_some() { input } else { json!({"MaxResults": 5}) };
        cloud.ok("ec2", "DescribeSubnets", input)
    };
    let first = page(None);
    assert_eq!(first.items("Subnets").len(), 5);
    let gone = id(&first["Subnets"][0], "SubnetId");
    cloud.ok("ec2", "DeleteSubnet", json!({"SubnetId": gone}));
    let second = page(Some(&first["NextToken"]));
    assert_eq!(second.items("Subnets").len(), 2);
    assert!(!second.has("NextToken"));
    let ids = json!({"MaxResults": 5, "SubnetIds": [id(&second["Subnets"][0], "SubnetId")]});
    assert_eq!(cloud.err("ec2", "DescribeSubnets", ids), "InvalidParameterCombination");
    let foreign = json!({"MaxResults": 5, "NextToken": "bm8"});
    assert_eq!(cloud.err("ec2", "DescribeSubnets", foreign), "InvalidNextToken");
}

#[test]
fn a_token_answers_as_before_for_a_day() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let input = json!({"VpcId": vpc, "ClientToken": "once"});
    let first = cloud.ok("ec2", "CreateRouteTable", input.clone());
    assert_eq!(cloud.ok("ec2", "CreateRouteTable", input.clone()), first);
    let table = id(&first["RouteTable"], "RouteTableId");
    cloud.ok("ec2", "DeleteRouteTable", json!({"RouteTableId": table}));
    assert_eq!(cloud.ok("ec2", "CreateRouteTable", input.clone()), first, "even when it is gone");
    let other = json!({"VpcId": "vpc-0123456789abcdef0", "ClientToken": "once"});
    assert_eq!(cloud.err("ec2", "CreateRouteTable", other), "IdempotentParameterMismatch");
    cloud.pass(86_401.0);
    assert_ne!(cloud.ok("ec2", "CreateRouteTable", input), first);
}

#[test]
fn regions_are_separate_and_know_their_zones() {
    let cloud = Probe::in_region("eu-west-1");
    let zones = cloud.ok("ec2", "DescribeAvailabilityZones", json!({}));
    assert_eq!(zones.items("AvailabilityZones").len(), 3);
    assert_eq!(zones["AvailabilityZones"][2]["ZoneId"], "euw1-az3");
    let wrong = json!({"ZoneNames": ["us-east-1a"]});
    assert_eq!(cloud.err("ec2", "DescribeAvailabilityZones", wrong), "InvalidParameterValue");
    let regions = cloud.ok("ec2", "DescribeRegions", json!({}));
    assert_eq!(regions.items("Regions").len(), 17);
    let attributes = json!({"AttributeNames": ["default-vpc"]});
    let attributes = cloud.ok("ec2", "DescribeAccountAttributes", attributes);
    let value = &attributes["AccountAttributes"][0]["AttributeValues"][0]["AttributeValue"];
    assert_eq!(value, "none");
}

#[test]
fn options_sets_are_used_by_vpcs() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let input =
        json!({"DhcpConfigurations": [{"Key": "domain-name", "Values": ["shop.internal"]}]});
    let made = cloud.ok("ec2", "CreateDhcpOptions", input);
    let set = id(&made["DhcpOptions"], "DhcpOptionsId");
    let associate = |set: &str| json!({"DhcpOptionsId": set, "VpcId": vpc});
    cloud.ok("ec2", "AssociateDhcpOptions", associate(&set));
    assert_eq!(found(&cloud, "Vpcs", "dhcp-options-id", &set).len(), 1);
    let delete = json!({"DhcpOptionsId": set});
    assert_eq!(cloud.err("ec2", "DeleteDhcpOptions", delete.clone()), "DependencyViolation");
    cloud.ok("ec2", "AssociateDhcpOptions", associate("default"));
    assert_eq!(found(&cloud, "Vpcs", "dhcp-options-id", "default").len(), 1);
    cloud.ok("ec2", "DeleteDhcpOptions", delete);
    assert_eq!(found(&cloud, "DhcpOptions", "value", "AmazonProvidedDNS").len(), 1);
    let listed = json!({"DhcpConfigurations": [
        {"Key": "domain-name-servers", "Values": ["10.0.0.2, 10.0.0.3"]},
    ]});
    cloud.ok("ec2", "CreateDhcpOptions", listed);
    assert_eq!(found(&cloud, "DhcpOptions", "value", "10.0.0.3").len(), 1);
    let wrong = json!({"DhcpConfigurations": [{"Key": "domain-name-servers", "Values": ["x"]}]});
    assert_eq!(cloud.err("ec2", "CreateDhcpOptions", wrong), "InvalidParameterValue");
}

#[test]
fn a_vpc_can_have_further_blocks() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let add = |cidr: &str| json!({"VpcId": vpc, "CidrBlock": cidr});
    let added = cloud.ok("ec2", "AssociateVpcCidrBlock", add("10.1.0.0/16"));
    let association = id(&added["CidrBlockAssociation"], "AssociationId");
    assert_eq!(cloud.err("ec2", "AssociateVpcCidrBlock", add("10.1.128.0/17")), "CidrConflict");
    let subnet = subnet(&cloud, &vpc, "10.1.0.0/24");
    let remove = json!({"AssociationId": association});
    assert_eq!(cloud.err("ec2", "DisassociateVpcCidrBlock", remove.clone()), "DependencyViolation");
    cloud.ok("ec2", "DeleteSubnet", json!({"SubnetId": subnet}));
    cloud.ok("ec2", "DisassociateVpcCidrBlock", remove);
    let vpcs = found(&cloud, "Vpcs", "vpc-id", &vpc);
    let first = vpcs[0]["CidrBlockAssociationSet"][0]["AssociationId"].clone();
    let primary = json!({"AssociationId": first});
    assert_eq!(cloud.err("ec2", "DisassociateVpcCidrBlock", primary), "OperationNotPermitted");
}
