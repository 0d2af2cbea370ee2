//! Route tables, routes and prefix lists.

use super::{attached_gateway, found, group, id, route_table, subnet, vpc};
use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

#[test]
fn routes_have_one_destination_and_one_target() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let gateway = attached_gateway(&cloud, &vpc);
    let stray = cloud.ok("ec2", "CreateInternetGateway", json!({}));
    let stray = id(&stray["InternetGateway"], "InternetGatewayId");
    let table = route_table(&cloud, &vpc);
    let route = |more: &Value| {
        let mut route = json!({"RouteTableId": table});
        for (name, value) in more.as_object().unwrap() {
            route[name] = value.clone();
        }
        route
    };
    let anywhere = route(&json!({"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway}));
    cloud.ok("ec2", "CreateRoute", anywhere.clone());
    let cases = [
        ("CreateRoute", anywhere.clone(), "RouteAlreadyExists"),
        (
            "CreateRoute",
            route(&json!({"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": gateway})),
            "RouteAlreadyExists",
        ),
        (
            "CreateRoute",
            route(&json!({"DestinationCidrBlock": "10.0.9.0/24", "GatewayId": gateway})),
            "InvalidParameterValue",
        ),
        (
            "CreateRoute",
            route(&json!({"DestinationCidrBlock": "1.0.0.0/8", "GatewayId": stray})),
            "InvalidParameterValue",
        ),
        (
            "CreateRoute",
            route(&json!({"DestinationCidrBlock": "1.0.0.0/8", "NatGatewayId": "nat-12345678"})),
            "NatGatewayNotFound",
        ),
        (
            "CreateRoute",
            route(&json!({"DestinationCidrBlock": "1.0.0.0/8", "InstanceId": "i-12345678"})),
            "InvalidInstanceID.NotFound",
        ),
        ("CreateRoute", route(&json!({"DestinationCidrBlock": "1.0.0.0/8"})), "MissingParameter"),
        ("CreateRoute", route(&json!({"GatewayId": gateway})), "MissingParameter"),
        (
            "ReplaceRoute",
            route(&json!({"DestinationCidrBlock": "1.0.0.0/8", "GatewayId": gateway})),
            "InvalidParameterValue",
        ),
        (
            "DeleteRoute",
            route(&json!({"DestinationCidrBlock": "1.0.0.0/8"})),
            "InvalidRoute.NotFound",
        ),
        (
            "DeleteRoute",
            route(&json!({"DestinationCidrBlock": "10.0.0.0/16"})),
            "InvalidParameterValue",
        ),
    ];
    for (operation, input, code) in cases {
        assert_eq!(cloud.err("ec2", operation, input.clone()), code, "{operation} {input}");
    }
    cloud.ok("ec2", "ReplaceRoute", anywhere);
    let state =
        || found(&cloud, "RouteTables", "route-table-id", &table)[0]["Routes"][1]["State"].clone();
    assert_eq!(state(), "active");
    cloud.ok("ec2", "DetachInternetGateway", json!({"InternetGatewayId": gateway, "VpcId": vpc}));
    assert_eq!(state(), "blackhole");
    assert_eq!(found(&cloud, "RouteTables", "route.state", "blackhole").len(), 1);
    cloud.ok("ec2", "DeleteRoute", route(&json!({"DestinationCidrBlock": "0.0.0.0/0"})));
}

#[test]
fn a_subnet_has_one_table_and_a_vpc_one_main_table() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let subnet = subnet(&cloud, &vpc, "10.0.0.0/24");
    let (first, second) = (route_table(&cloud, &vpc), route_table(&cloud, &vpc));
    let made =
        cloud.ok("ec2", "AssociateRouteTable", json!({"RouteTableId": first, "SubnetId": subnet}));
    assert_eq!(made["AssociationState"]["State"], "associating");
    let of_subnet = || found(&cloud, "RouteTables", "association.subnet-id", &subnet)[0].clone();
    cloud.pass(1.0);
    assert_eq!(of_subnet()["Associations"][0]["AssociationState"]["State"], "associated");
    let again = json!({"RouteTableId": second, "SubnetId": subnet});
    assert_eq!(cloud.err("ec2", "AssociateRouteTable", again), "Resource.AlreadyAssociated");
    let replace = json!({"RouteTableId": second, "AssociationId": made["AssociationId"]});
    let replaced = cloud.ok("ec2", "ReplaceRouteTableAssociation", replace);
    assert_ne!(replaced["NewAssociationId"], made["AssociationId"]);
    assert_eq!(of_subnet()["RouteTableId"], json!(second));

    let main =
        found(&cloud, "RouteTables", "association.main", "true")[0]["Associations"][0].clone();
    let association = json!({"AssociationId": main["RouteTableAssociationId"]});
    assert_eq!(cloud.err("ec2", "DisassociateRouteTable", association), "InvalidParameterValue");
    let replace = json!({"RouteTableId": first, "AssociationId": main["RouteTableAssociationId"]});
    cloud.ok("ec2", "ReplaceRouteTableAssociation", replace);
    assert_eq!(
        found(&cloud, "RouteTables", "association.main", "true")[0]["RouteTableId"],
        json!(first)
    );
    cloud.ok("ec2", "DeleteRouteTable", json!({"RouteTableId": main["RouteTableId"]}));
    cloud.ok(
        "ec2",
        "DisassociateRouteTable",
        json!({"AssociationId": replaced["NewAssociationId"]}),
    );
    cloud.ok("ec2", "DeleteRouteTable", json!({"RouteTableId": second}));
}

#[test]
fn a_prefix_list_has_versions_and_users() {
    let cloud = Probe::new();
    let entries = json!([{"Cidr": "10.0.0.0/8", "Description": "inside"}]);
    let input = json!({"PrefixListName": "office", "MaxEntries": 2, "AddressFamily": "IPv4", "Entries": entries});
    let list = id(&cloud.ok("ec2", "CreateManagedPrefixList", input)["PrefixList"], "PrefixListId");
    let change = json!({"PrefixListId": list, "CurrentVersion": 1, "AddEntries": [{"Cidr": "192.0.2.0/24"}]});
    assert_eq!(cloud.err("ec2", "ModifyManagedPrefixList", change.clone()), "IncorrectState");
    cloud.pass(2.0);
    cloud.ok("ec2", "ModifyManagedPrefixList", change.clone());
    cloud.pass(2.0);
    assert_eq!(cloud.err("ec2", "ModifyManagedPrefixList", change), "PrefixListVersionMismatch");
    let third = json!({"PrefixListId": list, "CurrentVersion": 2, "AddEntries": [{"Cidr": "198.51.100.0/24"}]});
    assert_eq!(cloud.err("ec2", "ModifyManagedPrefixList", third), "PrefixListMaxEntriesExceeded");
    let read = |version: Option<i64>| {
        let mut input = json!({"PrefixListId": list});
        if let Some(version) = version {
            input["TargetVersion"] = json!(version);
        }
        cloud.ok("ec2", "GetManagedPrefixListEntries", input).items("Entries").len()
    };
    assert_eq!((read(None), read(Some(1))), (2, 1));
    let vpc = vpc(&cloud);
    let web = group(&cloud, &vpc, "web");
    let permission = json!({"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": list}]});
    let rule = json!({"GroupId": web, "IpPermissions": [permission]});
    cloud.ok("ec2", "AuthorizeSecurityGroupIngress", rule.clone());
    let users = cloud.ok("ec2", "GetManagedPrefixListAssociations", json!({"PrefixListId": list}));
    assert_eq!(users["PrefixListAssociations"][0]["ResourceId"], json!(web));
    let delete = json!({"PrefixListId": list});
    assert_eq!(cloud.err("ec2", "DeleteManagedPrefixList", delete.clone()), "DependencyViolation");
    cloud.ok("ec2", "RevokeSecurityGroupIngress", rule);
    cloud.ok("ec2", "DeleteManagedPrefixList", delete);
    cloud.pass(2.0);
    let own = cloud.ok("ec2", "DescribeManagedPrefixLists", json!({}));
    let names: Vec<&str> =
        own.items("PrefixLists").iter().map(|list| list.text("OwnerId")).collect();
    assert_eq!(names, ["AWS", "AWS"]);
    let s3 = &found(&cloud, "PrefixLists", "prefix-list-name", "com.amazonaws.us-east-1.s3")[0];
    assert_eq!(s3.texts("Cidrs").len(), 2);
    let change = json!({"PrefixListId": s3["PrefixListId"], "PrefixListName": "mine"});
    assert_eq!(cloud.err("ec2", "ModifyManagedPrefixList", change), "UnauthorizedOperation");
}
