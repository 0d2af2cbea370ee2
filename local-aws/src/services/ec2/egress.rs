//! Whether what is placed into a subnet reaches AWS's services and the internet.

use super::internet_gateway::INTERNET_GATEWAY;
use super::nat_gateway::NAT_GATEWAY;
use super::reach::reaches;
use super::route_table::{self, ASSOCIATION, ROUTE_TABLE};
use super::security_group::RULE;
use super::subnet::SUBNET;
use super::vpc_endpoint::VPC_ENDPOINT;
use crate::call::Call;
use crate::fields::Fields;
use serde_json::Value;

/// The port that all of AWS's services answer on.
const HTTPS: i64 = 443;

/// What connects out of a subnet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct From<'a> {
    /// The subnet that it is in.
    pub(crate) subnet: &'a str,
    /// Its security groups.
    pub(crate) groups: &'a [String],
    /// Whether it has a public address.
    pub(crate) public: bool,
}

/// Whether connections to a service of this region, such as `ecr.api`, get out: through an interface endpoint with the
/// service's own name, a gateway endpoint, or the internet.
pub(crate) fn reaches_service(call: &Call, from: From, service: &str) -> bool {
    through_interface(call, from, service)
        || through_gateway(call, from, service)
        || reaches_internet(call, from)
}

/// Whether HTTPS to the internet gets out: by a NAT gateway that works or, with a public address, an internet gateway.
pub(crate) fn reaches_internet(call: &Call, from: From) -> bool {
    let Some(table) = table_of(call, from.subnet) else { return false };
    let leads_out = |route: &Value| {
        let vpc = table.text("VpcId");
        route.text("DestinationCidrBlock") == "0.0.0.0/0"
            && route_table::works(call, vpc, route)
            && (is_nat(call, route) || from.public && is_internet_gateway(call, route))
    };
    table.items("_routes").iter().any(leads_out)
        && groups_allow(call, from, "CidrIpv4", "0.0.0.0/0")
}

fn is_nat(call: &Call, route: &Value) -> bool {
    route.opt("NatGatewayId").is_some_and(|id| {
        call.get(NAT_GATEWAY.table, id).is_some_and(|nat| nat.text("State") == "available")
    })
}

fn is_internet_gateway(call: &Call, route: &Value) -> bool {
    route.opt("GatewayId").is_some_and(|id| call.get(INTERNET_GATEWAY.table, id).is_some())
}

fn through_interface(call: &Call, from: From, service: &str) -> bool {
    let groups = |endpoint: &Value| {
        let to = endpoint.texts("_groups");
        from.groups.iter().any(|group| reaches(call, group, &to, HTTPS))
    };
    endpoints(call, from, service)
        .any(|endpoint| endpoint.flag("PrivateDnsEnabled") && groups(endpoint))
}

fn through_gateway(call: &Call, from: From, service: &str) -> bool {
    let Some(table) = table_of(call, from.subnet).map(|table| table.text("RouteTableId")) else {
        return false;
    };
    endpoints(call, from, service).any(|endpoint| {
        endpoint.texts("RouteTableIds").contains(&table)
            && (groups_allow(call, from, "CidrIpv4", "0.0.0.0/0")
                || groups_allow_prefix_list(call, from))
    })
}

/// The endpoints of a service in the subnet's VPC that can be used.
fn endpoints<'c>(call: &'c Call, from: From, service: &str) -> impl Iterator<Item = &'c Value> {
    let vpc = call.get(SUBNET.table, from.subnet).map(|subnet| subnet.text("VpcId").to_owned());
    let name = format!("com.amazonaws.{}.{service}", call.region());
    call.rows(VPC_ENDPOINT.table).map(|(_, row)| row).filter(move |row| {
        Some(row.text("VpcId")) == vpc.as_deref()
            && row.text("ServiceName") == name
            && row.text("State") == "available"
    })
}

fn groups_allow(call: &Call, from: From, member: &str, peer: &str) -> bool {
    egress(call, from).any(|rule| rule.text(member) == peer)
}

fn groups_allow_prefix_list(call: &Call, from: From) -> bool {
    egress(call, from).any(|rule| rule.has("PrefixListId"))
}

/// The rules that let HTTPS out.
fn egress<'c>(call: &'c Call, from: From<'c>) -> impl Iterator<Item = &'c Value> {
    call.rows(RULE.table).map(|(_, rule)| rule).filter(move |rule| {
        let port = |name: &str| rule.int(name).unwrap_or(HTTPS);
        rule.flag("IsEgress")
            && from.groups.iter().any(|group| group == rule.text("GroupId"))
            && (rule.text("IpProtocol") == "-1"
                || (port("FromPort")..=port("ToPort")).contains(&HTTPS))
    })
}

/// The route table of a subnet, which may be its VPC's main one.
fn table_of<'c>(call: &'c Call, subnet: &str) -> Option<&'c Value> {
    let vpc = call.get(SUBNET.table, subnet)?.text("VpcId");
    let own = call.rows(ASSOCIATION).find(|(_, row)| row.text("SubnetId") == subnet);
    if let Some((_, row)) = own {
        return call.get(ROUTE_TABLE.table, row.text("RouteTableId"));
    }
    let is_main = |table: &Value| {
        table.text("VpcId") == vpc && route_table::is_main(call, table.text("RouteTableId"))
    };
    call.rows(ROUTE_TABLE.table).map(|(_, table)| table).find(|table| is_main(table))
}
