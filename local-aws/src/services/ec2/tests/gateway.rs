//! Internet gateways, addresses, NAT gateways and interfaces.

use super::{address, attached_gateway, found, id, route_table, subnet, vpc};
use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

fn nat(cloud: &Probe, subnet: &str, address: &str) -> Value {
    let input = json!({"SubnetId": subnet, "AllocationId": address, "ClientToken": address});
    cloud.ok("ec2", "CreateNatGateway", input)["NatGateway"].clone()
}

#[test]
fn a_nat_gateway_takes_its_time_and_holds_subnet_address_and_gateway() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let subnet = subnet(&cloud, &vpc, "10.0.0.0/24");
    let gateway = attached_gateway(&cloud, &vpc);
    let address = address(&cloud);
    let made = nat(&cloud, &subnet, &address);
    let nat = id(&made, "NatGatewayId");
    let table = route_table(&cloud, &vpc);
    let route =
        json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": nat});
    cloud.ok("ec2", "CreateRoute", route);
    let seen = || found(&cloud, "NatGateways", "nat-gateway-id", &nat)[0].clone();
    let route_state =
        || found(&cloud, "RouteTables", "route-table-id", &table)[0]["Routes"][1]["State"].clone();

    assert_eq!(
        (made["State"].as_str(), seen()["State"].as_str()),
        (Some("pending"), Some("pending"))
    );
    assert_eq!(route_state(), "active", "a route may lead to a gateway that is still pending");
    cloud.pass(115.0);
    assert_eq!(seen()["State"], "available");
    let held = &seen()["NatGatewayAddresses"][0];
    assert_eq!(held["Status"], "succeeded");
    let interface = &found(&cloud, "NetworkInterfaces", "interface-type", "nat_gateway")[0];
    assert_eq!(interface["Association"]["PublicIp"], held["PublicIp"]);
    assert_eq!(found(&cloud, "Subnets", "subnet-id", &subnet)[0]["AvailableIpAddressCount"], 250);

    let refused = [
        ("DeleteSubnet", json!({"SubnetId": subnet}), "DependencyViolation"),
        ("ReleaseAddress", json!({"AllocationId": address}), "InvalidIPAddress.InUse"),
        ("DisassociateAddress", json!({"AssociationId": held["AssociationId"]}), "AuthFailure"),
        (
            "DeleteNetworkInterface",
            json!({"NetworkInterfaceId": held["NetworkInterfaceId"]}),
            "InvalidParameterValue",
        ),
        (
            "DetachInternetGateway",
            json!({"InternetGatewayId": gateway, "VpcId": vpc}),
            "DependencyViolation",
        ),
    ];
    for (operation, input, code) in &refused {
        assert_eq!(cloud.err("ec2", operation, input.clone()), *code, "{operation}");
    }
    cloud.ok("ec2", "DeleteNatGateway", json!({"NatGatewayId": nat}));
    assert_eq!(seen()["State"], "deleting");
    assert_eq!(
        cloud.err("ec2", "DeleteSubnet", json!({"SubnetId": subnet})),
        "DependencyViolation"
    );
    cloud.pass(56.0);
    assert_eq!((seen()["State"].clone(), route_state()), (json!("deleted"), json!("blackhole")));
    for (operation, input) in [
        ("ReleaseAddress", json!({"AllocationId": address})),
        ("DetachInternetGateway", json!({"InternetGatewayId": gateway, "VpcId": vpc})),
        ("DeleteInternetGateway", json!({"InternetGatewayId": gateway})),
        ("DeleteSubnet", json!({"SubnetId": subnet})),
        ("DeleteRouteTable", json!({"RouteTableId": table})),
        ("DeleteVpc", json!({"VpcId": vpc})),
    ] {
        cloud.ok("ec2", operation, input);
    }
    cloud.pass(3600.0);
    let ids = json!({"NatGatewayIds": [nat]});
    assert_eq!(cloud.err("ec2", "DescribeNatGateways", ids), "NatGatewayNotFound");
}

#[test]
fn a_nat_gateway_that_cannot_work_fails_later() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let subnet = subnet(&cloud, &vpc, "10.0.0.0/24");
    let address = address(&cloud);
    let failure = |nat: &Value| {
        cloud.pass(5.0);
        let seen = &found(&cloud, "NatGateways", "nat-gateway-id", nat.text("NatGatewayId"))[0];
        (seen.text("State").to_owned(), seen.text("FailureCode").to_owned())
    };
    let early = nat(&cloud, &subnet, &address);
    assert_eq!(failure(&early), ("failed".to_owned(), "Gateway.NotAttached".to_owned()));
    attached_gateway(&cloud, &vpc);
    let input = json!({"SubnetId": subnet, "AllocationId": address});
    cloud.ok("ec2", "CreateNatGateway", input.clone());
    let second = cloud.ok("ec2", "CreateNatGateway", input)["NatGateway"].clone();
    assert_eq!(failure(&second), ("failed".to_owned(), "Resource.AlreadyAssociated".to_owned()));
    let cases = [
        (json!({"SubnetId": subnet}), "MissingParameter"),
        (
            json!({"SubnetId": subnet, "AllocationId": "eipalloc-0123456789abcdef0"}),
            "InvalidAllocationID.NotFound",
        ),
        (
            json!({"SubnetId": "subnet-0123456789abcdef0", "AllocationId": address}),
            "InvalidSubnetID.NotFound",
        ),
        (
            json!({"SubnetId": subnet, "AllocationId": address, "ConnectivityType": "private"}),
            "InvalidParameterCombination",
        ),
        (json!({"AvailabilityMode": "regional", "AllocationId": address}), "NotImplemented"),
    ];
    for (input, code) in cases {
        assert_eq!(cloud.err("ec2", "CreateNatGateway", input), code);
    }
}

#[test]
fn a_nat_gateway_can_have_a_second_address() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let subnet = subnet(&cloud, &vpc, "10.0.0.0/24");
    attached_gateway(&cloud, &vpc);
    let nat = id(&nat(&cloud, &subnet, &address(&cloud)), "NatGatewayId");
    let second = address(&cloud);
    let add = json!({"NatGatewayId": nat, "AllocationIds": [second]});
    assert_eq!(cloud.err("ec2", "AssociateNatGatewayAddress", add.clone()), "IncorrectState");
    cloud.pass(115.0);
    let added = cloud.ok("ec2", "AssociateNatGatewayAddress", add);
    assert_eq!(added["NatGatewayAddresses"][0]["Status"], "associating");
    cloud.pass(10.0);
    let addresses =
        || found(&cloud, "NatGateways", "nat-gateway-id", &nat)[0]["NatGatewayAddresses"].clone();
    assert_eq!(addresses()[1]["Status"], "succeeded");
    let remove = |at: usize| json!({"NatGatewayId": nat, "AssociationIds": [addresses()[at]["AssociationId"]]});
    assert_eq!(
        cloud.err("ec2", "DisassociateNatGatewayAddress", remove(0)),
        "InvalidParameterValue"
    );
    cloud.ok("ec2", "DisassociateNatGatewayAddress", remove(1));
    cloud.pass(10.0);
    assert_eq!(addresses().as_array().unwrap().len(), 1);
    cloud.ok("ec2", "ReleaseAddress", json!({"AllocationId": second}));
}

#[test]
fn a_private_nat_gateway_needs_no_address() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let subnet = subnet(&cloud, &vpc, "10.0.0.0/24");
    let input =
        json!({"SubnetId": subnet, "ConnectivityType": "private", "PrivateIpAddress": "10.0.0.9"});
    let nat = id(&cloud.ok("ec2", "CreateNatGateway", input)["NatGateway"], "NatGatewayId");
    cloud.pass(115.0);
    cloud.ok(
        "ec2",
        "AssignPrivateNatGatewayAddress",
        json!({"NatGatewayId": nat, "PrivateIpAddressCount": 1}),
    );
    cloud.pass(10.0);
    let seen =
        &found(&cloud, "NatGateways", "connectivity-type", "private")[0]["NatGatewayAddresses"];
    assert_eq!((seen[0].text("PrivateIp"), seen[1].text("PrivateIp")), ("10.0.0.9", "10.0.0.4"));
    let remove = json!({"NatGatewayId": nat, "PrivateIpAddresses": ["10.0.0.4"]});
    cloud.ok("ec2", "UnassignPrivateNatGatewayAddress", remove);
}

#[test]
fn quotas_are_those_of_a_new_account() {
    let cloud = Probe::new();
    for _ in 0..5 {
        vpc(&cloud);
        address(&cloud);
        cloud.ok("ec2", "CreateInternetGateway", json!({}));
    }
    let cases = [
        ("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}), "VpcLimitExceeded"),
        ("AllocateAddress", json!({}), "AddressLimitExceeded"),
        ("CreateInternetGateway", json!({}), "InternetGatewayLimitExceeded"),
    ];
    for (operation, input, code) in cases {
        assert_eq!(cloud.err("ec2", operation, input), code);
    }
}

#[test]
fn interfaces_have_addresses_groups_and_attributes() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let subnet = subnet(&cloud, &vpc, "10.0.0.0/28");
    let group = super::group(&cloud, &vpc, "web");
    let input =
        json!({"SubnetId": subnet, "Description": "mine", "SecondaryPrivateIpAddressCount": 1});
    let made = cloud.ok("ec2", "CreateNetworkInterface", input)["NetworkInterface"].clone();
    let interface = id(&made, "NetworkInterfaceId");
    assert_eq!(made["Groups"][0]["GroupName"], "default");
    assert_eq!(made["PrivateIpAddresses"][1]["PrivateIpAddress"], "10.0.0.5");
    let change = json!({"NetworkInterfaceId": interface, "Groups": [group]});
    cloud.ok("ec2", "ModifyNetworkInterfaceAttribute", change);
    let check = json!({"NetworkInterfaceId": interface, "SourceDestCheck": {"Value": false}});
    cloud.ok("ec2", "ModifyNetworkInterfaceAttribute", check);
    let read = |attribute: &str| {
        let input = json!({"NetworkInterfaceId": interface, "Attribute": attribute});
        cloud.ok("ec2", "DescribeNetworkInterfaceAttribute", input)
    };
    assert_eq!(read("groupSet")["Groups"][0]["GroupId"], json!(group));
    assert_eq!(read("sourceDestCheck")["SourceDestCheck"]["Value"], false);
    cloud.ok(
        "ec2",
        "ResetNetworkInterfaceAttribute",
        json!({"NetworkInterfaceId": interface, "SourceDestCheck": "true"}),
    );
    assert_eq!(read("sourceDestCheck")["SourceDestCheck"]["Value"], true);
    cloud.pass(1.0);
    assert_eq!(found(&cloud, "NetworkInterfaces", "group-name", "web")[0]["Status"], "available");
    cloud.ok(
        "ec2",
        "AssignPrivateIpAddresses",
        json!({"NetworkInterfaceId": interface, "PrivateIpAddresses": ["10.0.0.10"]}),
    );
    cloud.ok(
        "ec2",
        "UnassignPrivateIpAddresses",
        json!({"NetworkInterfaceId": interface, "PrivateIpAddresses": ["10.0.0.5"]}),
    );
    let cases = [
        (
            "AssignPrivateIpAddresses",
            json!({"PrivateIpAddresses": ["10.0.0.10"]}),
            "InvalidIPAddress.InUse",
        ),
        (
            "AssignPrivateIpAddresses",
            json!({"PrivateIpAddresses": ["10.0.0.3"]}),
            "InvalidParameterValue",
        ),
        (
            "AssignPrivateIpAddresses",
            json!({"SecondaryPrivateIpAddressCount": 10}),
            "InsufficientFreeAddressesInSubnet",
        ),
        (
            "UnassignPrivateIpAddresses",
            json!({"PrivateIpAddresses": ["10.0.0.4"]}),
            "InvalidParameterValue",
        ),
    ];
    for (operation, mut input, code) in cases {
        input["NetworkInterfaceId"] = json!(interface);
        assert_eq!(cloud.err("ec2", operation, input), code);
    }
    let address = address(&cloud);
    let input = json!({"AllocationId": address, "NetworkInterfaceId": interface});
    assert_eq!(cloud.err("ec2", "AssociateAddress", input.clone()), "Gateway.NotAttached");
    attached_gateway(&cloud, &vpc);
    let association = cloud.ok("ec2", "AssociateAddress", input.clone());
    assert_eq!(cloud.err("ec2", "AssociateAddress", input), "Resource.AlreadyAssociated");
    assert_eq!(found(&cloud, "Addresses", "network-interface-id", &interface).len(), 1);
    let named = json!({"AllocationIds": [address]});
    let named = cloud.ok("ec2", "DescribeAddressesAttribute", named);
    assert_eq!(named["Addresses"][0]["AllocationId"], json!(address));
    cloud.ok("ec2", "DisassociateAddress", association);
    cloud.ok("ec2", "DeleteNetworkInterface", json!({"NetworkInterfaceId": interface}));
    cloud.ok("ec2", "ReleaseAddress", json!({"AllocationId": address}));
}
