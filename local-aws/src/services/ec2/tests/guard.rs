//! What refuses to be deleted, and what refuses to be made.

use super::{attached_gateway, found, group, id, route_table, subnet, vpc};
use crate::testing::Probe;
use serde_json::{Value, json};

/// Makes something in a VPC, and answers the operation and the members that end it.
type Make = fn(&Probe, &str) -> (&'static str, Value);

#[test]
fn a_vpc_stays_while_anything_of_its_own_is_in_it() {
    let makers: [(&str, Make); 6] = [
        ("subnet", |cloud, vpc| {
            ("DeleteSubnet", json!({"SubnetId": subnet(cloud, vpc, "10.0.0.0/24")}))
        }),
        ("group", |cloud, vpc| {
            ("DeleteSecurityGroup", json!({"GroupId": group(cloud, vpc, "web")}))
        }),
        ("table", |cloud, vpc| {
            ("DeleteRouteTable", json!({"RouteTableId": route_table(cloud, vpc)}))
        }),
        ("gateway", |cloud, vpc| {
            let gateway = attached_gateway(cloud, vpc);
            ("DetachInternetGateway", json!({"InternetGatewayId": gateway, "VpcId": vpc}))
        }),
        ("acl", |cloud, vpc| {
            let made = cloud.ok("ec2", "CreateNetworkAcl", json!({"VpcId": vpc}));
            ("DeleteNetworkAcl", json!({"NetworkAclId": made["NetworkAcl"]["NetworkAclId"]}))
        }),
        ("endpoint", |cloud, vpc| {
            let input = json!({"VpcId": vpc, "ServiceName": "com.amazonaws.us-east-1.s3"});
            let made = cloud.ok("ec2", "CreateVpcEndpoint", input);
            (
                "DeleteVpcEndpoints",
                json!({"VpcEndpointIds": [made["VpcEndpoint"]["VpcEndpointId"]]}),
            )
        }),
    ];
    for (what, make) in makers {
        let cloud = Probe::new();
        let vpc = vpc(&cloud);
        let (delete, input) = make(&cloud, &vpc);
        assert_eq!(
            cloud.err("ec2", "DeleteVpc", json!({"VpcId": vpc})),
            "DependencyViolation",
            "{what}"
        );
        cloud.ok("ec2", delete, input);
        cloud.pass(60.0);
        cloud.ok("ec2", "DeleteVpc", json!({"VpcId": vpc}));
    }
}

#[test]
fn what_is_in_use_is_not_deleted() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let subnet = subnet(&cloud, &vpc, "10.0.0.0/24");
    let table = route_table(&cloud, &vpc);
    cloud.ok("ec2", "AssociateRouteTable", json!({"RouteTableId": table, "SubnetId": subnet}));
    let acl = cloud.ok("ec2", "CreateNetworkAcl", json!({"VpcId": vpc}));
    let acl = id(&acl["NetworkAcl"], "NetworkAclId");
    let default_acl = found(&cloud, "NetworkAcls", "default", "true")[0].clone();
    let replace = json!({
        "AssociationId": default_acl["Associations"][0]["NetworkAclAssociationId"], "NetworkAclId": acl,
    });
    cloud.ok("ec2", "ReplaceNetworkAclAssociation", replace);
    let web = group(&cloud, &vpc, "web");
    let input = json!({"SubnetId": subnet, "Groups": [web]});
    let interface = cloud.ok("ec2", "CreateNetworkInterface", input);
    let interface = id(&interface["NetworkInterface"], "NetworkInterfaceId");
    let gateway = attached_gateway(&cloud, &vpc);
    let main = found(&cloud, "RouteTables", "association.main", "true")[0].clone();
    let default_group = found(&cloud, "SecurityGroups", "group-name", "default")[0].clone();
    let cases = [
        ("DeleteSubnet", json!({"SubnetId": subnet}), "DependencyViolation"),
        ("DeleteRouteTable", json!({"RouteTableId": table}), "DependencyViolation"),
        ("DeleteRouteTable", json!({"RouteTableId": main["RouteTableId"]}), "DependencyViolation"),
        ("DeleteNetworkAcl", json!({"NetworkAclId": acl}), "DependencyViolation"),
        (
            "DeleteNetworkAcl",
            json!({"NetworkAclId": default_acl["NetworkAclId"]}),
            "InvalidParameterValue",
        ),
        ("DeleteSecurityGroup", json!({"GroupId": web}), "DependencyViolation"),
        ("DeleteSecurityGroup", json!({"GroupId": default_group["GroupId"]}), "CannotDelete"),
        ("DeleteInternetGateway", json!({"InternetGatewayId": gateway}), "DependencyViolation"),
    ];
    for (operation, input, code) in cases {
        assert_eq!(cloud.err("ec2", operation, input.clone()), code, "{operation} {input}");
    }
    cloud.ok("ec2", "DeleteNetworkInterface", json!({"NetworkInterfaceId": interface}));
    cloud.ok("ec2", "DeleteSubnet", json!({"SubnetId": subnet}));
    cloud.ok("ec2", "DeleteRouteTable", json!({"RouteTableId": table}));
    cloud.ok("ec2", "DeleteNetworkAcl", json!({"NetworkAclId": acl}));
}

#[test]
fn ids_that_do_not_exist_have_the_code_of_their_kind() {
    let cloud = Probe::new();
    let cases = [
        ("DeleteVpc", json!({"VpcId": "vpc-0123456789abcdef0"}), "InvalidVpcID.NotFound"),
        ("DeleteSubnet", json!({"SubnetId": "subnet-12345678"}), "InvalidSubnetID.NotFound"),
        (
            "DeleteRouteTable",
            json!({"RouteTableId": "rtb-12345678"}),
            "InvalidRouteTableID.NotFound",
        ),
        ("DeleteRouteTable", json!({"RouteTableId": "table"}), "InvalidRouteTableId.Malformed"),
        ("DeleteSecurityGroup", json!({"GroupId": "sg-12345678"}), "InvalidGroup.NotFound"),
        ("DeleteSecurityGroup", json!({"GroupId": "web"}), "InvalidGroupId.Malformed"),
        ("DeleteSecurityGroup", json!({}), "MissingParameter"),
        (
            "DeleteInternetGateway",
            json!({"InternetGatewayId": "igw-12345678"}),
            "InvalidInternetGatewayID.NotFound",
        ),
        (
            "DeleteNetworkAcl",
            json!({"NetworkAclId": "acl-12345678"}),
            "InvalidNetworkAclID.NotFound",
        ),
        ("DeleteNatGateway", json!({"NatGatewayId": "nat-12345678"}), "NatGatewayNotFound"),
        (
            "DeleteNetworkInterface",
            json!({"NetworkInterfaceId": "eni-12345678"}),
            "InvalidNetworkInterfaceID.NotFound",
        ),
        (
            "DeleteDhcpOptions",
            json!({"DhcpOptionsId": "dopt-12345678"}),
            "InvalidDhcpOptionID.NotFound",
        ),
        (
            "ReleaseAddress",
            json!({"AllocationId": "eipalloc-12345678"}),
            "InvalidAllocationID.NotFound",
        ),
        ("ReleaseAddress", json!({"PublicIp": "192.0.2.1"}), "InvalidAddress.NotFound"),
        (
            "DisassociateRouteTable",
            json!({"AssociationId": "rtbassoc-1"}),
            "InvalidAssociationID.NotFound",
        ),
        (
            "DescribeVpcEndpoints",
            json!({"VpcEndpointIds": ["vpce-12345678"]}),
            "InvalidVpcEndpointId.NotFound",
        ),
        ("DescribeFlowLogs", json!({"FlowLogIds": ["fl-12345678"]}), "InvalidFlowLogId.NotFound"),
        ("CreateTags", json!({"Resources": ["x"], "Tags": [{"Key": "a"}]}), "InvalidID"),
        (
            "DescribeVpcs",
            json!({"Filters": [{"Name": "nonsense", "Values": ["x"]}]}),
            "InvalidParameterValue",
        ),
        ("DescribeVpcs", json!({"Nonsense": "x"}), "UnknownParameter"),
        ("DescribeVpcs", json!({"MaxResults": 4}), "InvalidParameterValue"),
        (
            "DescribeVpcAttribute",
            json!({"VpcId": "vpc-12345678", "Attribute": "x"}),
            "InvalidParameterValue",
        ),
        ("CreateSubnet", json!({"CidrBlock": "10.0.0.0/24"}), "MissingParameter"),
        ("CreateVpc", json!({"CidrBlock": "10.0.0.0/16", "DryRun": true}), "DryRunOperation"),
        ("CreateVpc", json!({"CidrBlock": "10.0.0.0/15"}), "InvalidVpc.Range"),
    ];
    vpc(&cloud);
    for (operation, input, code) in cases {
        assert_eq!(cloud.err("ec2", operation, input.clone()), code, "{operation} {input}");
    }
}

#[test]
fn an_internet_gateway_is_for_one_vpc_and_a_vpc_for_one_gateway() {
    let cloud = Probe::new();
    let (first, second) = (vpc(&cloud), vpc(&cloud));
    let gateway = attached_gateway(&cloud, &first);
    let attach = |gateway: &str, vpc: &str| json!({"InternetGatewayId": gateway, "VpcId": vpc});
    assert_eq!(
        cloud.err("ec2", "AttachInternetGateway", attach(&gateway, &second)),
        "Resource.AlreadyAssociated"
    );
    let other = cloud.ok("ec2", "CreateInternetGateway", json!({}));
    let other = id(&other["InternetGateway"], "InternetGatewayId");
    assert_eq!(
        cloud.err("ec2", "AttachInternetGateway", attach(&other, &first)),
        "InvalidParameterValue"
    );
    assert_eq!(
        cloud.err("ec2", "DetachInternetGateway", attach(&other, &first)),
        "Gateway.NotAttached"
    );
    assert_eq!(found(&cloud, "InternetGateways", "attachment.vpc-id", &first).len(), 1);
}
