//! Route tables: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html>

mod association;
mod route;
mod target;

pub(super) use self::association::{
    ASSOCIATION, associate, disassociate, forget_subnet, is_main, replace as replace_association,
};
pub(super) use self::route::{
    add_prefix_list, create as create_route, delete as delete_route, remove_prefix_list,
    replace as replace_route,
};
pub(super) use self::target::works;

use super::kind::{Kind, has_dependencies};
use super::vpc::{self, VPC};
use super::vpc_endpoint;
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `RouteTable` without associations; `_routes` has its routes without their states.
pub(super) const ROUTE_TABLE: Kind = Kind {
    table: Table::regional("ec2.route_table"),
    prefix: "rtb",
    resource_type: "route-table",
    noun: "routeTable ID",
    not_found: "InvalidRouteTableID.NotFound",
    malformed: Some("InvalidRouteTableId.Malformed"),
    filters: &[
        ("association.gateway-id", "Associations[].GatewayId"),
        ("association.main", "Associations[].Main"),
        ("association.route-table-association-id", "Associations[].RouteTableAssociationId"),
        ("association.route-table-id", "Associations[].RouteTableId"),
        ("association.state", "Associations[].AssociationState.State"),
        ("association.subnet-id", "Associations[].SubnetId"),
        ("owner-id", "OwnerId"),
        ("route-table-id", "RouteTableId"),
        ("route.destination-cidr-block", "Routes[].DestinationCidrBlock"),
        ("route.destination-ipv6-cidr-block", "Routes[].DestinationIpv6CidrBlock"),
        ("route.destination-prefix-list-id", "Routes[].DestinationPrefixListId"),
        ("route.egress-only-internet-gateway-id", "Routes[].EgressOnlyInternetGatewayId"),
        ("route.gateway-id", "Routes[].GatewayId"),
        ("route.instance-id", "Routes[].InstanceId"),
        ("route.nat-gateway-id", "Routes[].NatGatewayId"),
        ("route.transit-gateway-id", "Routes[].TransitGatewayId"),
        ("route.origin", "Routes[].Origin"),
        ("route.state", "Routes[].State"),
        ("route.vpc-peering-connection-id", "Routes[].VpcPeeringConnectionId"),
        ("vpc-id", "VpcId"),
    ],
};

/// AWS's default quota per VPC.
const QUOTA: usize = 200;

/// `CreateRouteTable`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    call.idempotent("ClientToken", create_once)
}

fn create_once(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let vpc = input.text("VpcId");
    VPC.row(call, vpc)?;
    let siblings = call.rows(ROUTE_TABLE.table).filter(|(_, row)| row.text("VpcId") == vpc).count();
    if siblings >= call.quota("ec2.route_tables_per_vpc", QUOTA) {
        let message = format!("The maximum number of route tables of {vpc} has been reached.");
        return Err(Fault::new("RouteTableLimitExceeded", message));
    }
    let id = call.new_id("rtb");
    let row = ROUTE_TABLE.create(call, &id, new_row(&id, vpc))?;
    Ok(json!({"RouteTable": view(call, &row), "ClientToken": input["ClientToken"]}))
}

fn new_row(id: &str, vpc: &str) -> Value {
    json!({"RouteTableId": id, "VpcId": vpc, "OwnerId": ACCOUNT, "PropagatingVgws": [], "_routes": []})
}

/// Makes the main route table of a new VPC.
pub(super) fn create_main(call: &mut Call, vpc: &str) {
    let id = call.new_id("rtb");
    let mut row = new_row(&id, vpc);
    row["_arn"] = json!(ROUTE_TABLE.arn(call, &id));
    row["Tags"] = json!([]);
    call.put(ROUTE_TABLE.table, &id, row);
    association::create_main(call, &id);
}

/// A route table as it is described: the VPC's own routes first, each route with its state.
fn view(call: &Call, row: &Value) -> Value {
    let id = row.text("RouteTableId");
    let vpc = call.get(VPC.table, row.text("VpcId"));
    let local = vpc.map(vpc::blocks).unwrap_or_default().into_iter().map(|block| {
        json!({"DestinationCidrBlock": block.to_string(), "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"})
    });
    let routes = row.items("_routes").iter().map(|route| {
        let mut seen = route.clone();
        let works = target::works(call, row.text("VpcId"), route);
        seen["State"] = json!(if works { "active" } else { "blackhole" });
        seen
    });
    let routes: Vec<Value> = local.chain(routes).collect();
    let associations = call.rows(ASSOCIATION).filter(|(_, row)| row.text("RouteTableId") == id);
    let associations: Vec<Value> = associations.map(|(_, row)| row.clone()).collect();
    let mut seen = row.clone();
    seen["Routes"] = Value::Array(routes);
    seen["Associations"] = Value::Array(associations);
    seen
}

/// `DescribeRouteTables`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"RouteTables": ROUTE_TABLE.describe(call, "RouteTableIds", "Filters", view)?}))
}

/// `DeleteRouteTable`: neither the main one nor one with associations.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("RouteTableId");
    ROUTE_TABLE.row(call, id)?;
    if call.rows(ASSOCIATION).any(|(_, row)| row.text("RouteTableId") == id) {
        return Err(has_dependencies("routeTable", id));
    }
    vpc_endpoint::forget_route_table(call, id);
    call.remove(ROUTE_TABLE.table, id);
    Ok(json!({}))
}

/// Removes the route tables of a VPC that is being deleted.
pub(super) fn delete_all(call: &mut Call, vpc: &str) {
    let tables = call.rows(ROUTE_TABLE.table).filter(|(_, row)| row.text("VpcId") == vpc);
    let tables: Vec<String> = tables.map(|(id, _)| id.to_owned()).collect();
    for table in tables {
        association::remove_all(call, &table);
        call.remove(ROUTE_TABLE.table, &table);
    }
}
