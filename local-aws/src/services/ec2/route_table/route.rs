//! Routes: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html>

use super::{ROUTE_TABLE, target};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::cidr::{Block, canonical_v6};
use crate::services::ec2::kind::{invalid_value, missing_parameter, only_one, refuse_unsupported};
use crate::services::ec2::prefix_list;
use crate::services::ec2::subnet::SUBNET;
use crate::services::ec2::vpc::{self, VPC};
use serde_json::{Value, json};

/// AWS's default quota per table.
const QUOTA: usize = 500;

/// The members that say where a route leads from.
const DESTINATIONS: [&str; 3] =
    ["DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"];

/// A destination: the member, and its value as AWS keeps it.
struct Destination(&'static str, String);

impl Destination {
    fn of_request(call: &Call, input: &Value) -> Result<Self, Fault> {
        let member =
            only_one(input, &DESTINATIONS)?.ok_or_else(|| missing_parameter(DESTINATIONS[0]))?;
        let text = input.text(member);
        let malformed = || {
            invalid_value(format!(
                "Value ({text}) for parameter {member} is invalid. This is not a valid CIDR block."
            ))
        };
        let value = match member {
            "DestinationCidrBlock" => Block::parse(text).ok_or_else(malformed)?.to_string(),
            "DestinationIpv6CidrBlock" => canonical_v6(text).ok_or_else(malformed)?,
            _ => prefix_list::existing(call, text)?.text("PrefixListId").to_owned(),
        };
        Ok(Self(member, value))
    }

    fn is_of(&self, route: &Value) -> bool {
        route.opt(self.0) == Some(&self.1)
    }

    /// Whether this is within what the VPC routes to itself, and whether it is exactly that.
    fn local(&self, call: &Call, table: &Value) -> Option<bool> {
        let block = Block::parse(&self.1)?;
        let vpc = call.get(VPC.table, table.text("VpcId"))?;
        vpc::blocks(vpc).into_iter().find(|whole| whole.contains(block)).map(|whole| whole == block)
    }
}

/// `CreateRoute`.
pub(in crate::services::ec2) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let table = ROUTE_TABLE.row(call, input.text("RouteTableId"))?;
    let destination = Destination::of_request(call, &input)?;
    let known = table.items("_routes").iter().any(|route| destination.is_of(route));
    match destination.local(call, &table) {
        Some(false) if !known => within_vpc(call, &table, &destination)?,
        Some(true) => return Err(already_exists(&destination.1)),
        _ if known => return Err(already_exists(&destination.1)),
        _ => {}
    }
    if table.items("_routes").len() >= call.quota("ec2.routes_per_table", QUOTA) {
        return Err(Fault::new(
            "RouteLimitExceeded",
            "The maximum number of routes has been reached.",
        ));
    }
    let mut route = target::of_request(call, &input, &table)?;
    route[destination.0] = json!(destination.1);
    route["Origin"] = json!("CreateRoute");
    add(call, table.text("RouteTableId"), route);
    Ok(json!({"Return": true}))
}

/// Inside the VPC, a route leads from a whole subnet.
fn within_vpc(call: &Call, table: &Value, destination: &Destination) -> Result<(), Fault> {
    let of_vpc = |subnet: &Value| {
        subnet.text("VpcId") == table.text("VpcId") && subnet.text("CidrBlock") == destination.1
    };
    if call.rows(SUBNET.table).any(|(_, subnet)| of_vpc(subnet)) {
        return Ok(());
    }
    Err(invalid_value("Route destination doesn't match any subnet CIDR blocks."))
}

fn already_exists(destination: &str) -> Fault {
    Fault::new(
        "RouteAlreadyExists",
        format!("The route identified by {destination} already exists."),
    )
}

fn add(call: &mut Call, table: &str, route: Value) {
    call.update(ROUTE_TABLE.table, table, |row| {
        row["_routes"] = row.items("_routes").iter().cloned().chain([route]).collect();
    });
}

fn remove(call: &mut Call, table: &str, meant: impl Fn(&Value) -> bool) {
    call.update(ROUTE_TABLE.table, table, |row| {
        row["_routes"] =
            row.items("_routes").iter().filter(|route| !meant(route)).cloned().collect();
    });
}

/// `ReplaceRoute`.
pub(in crate::services::ec2) fn replace(call: &mut Call) -> Result<Value, Fault> {
    refuse_unsupported(call, &["LocalTarget"])?;
    let input = call.input();
    let table = ROUTE_TABLE.row(call, input.text("RouteTableId"))?;
    let destination = Destination::of_request(call, &input)?;
    if !table.items("_routes").iter().any(|route| destination.is_of(route)) {
        let message = format!(
            "There is no route defined for '{}' in the route table. Use CreateRoute instead.",
            destination.1
        );
        return Err(invalid_value(message));
    }
    let mut route = target::of_request(call, &input, &table)?;
    route[destination.0] = json!(destination.1);
    route["Origin"] = json!("CreateRoute");
    remove(call, table.text("RouteTableId"), |route| destination.is_of(route));
    add(call, table.text("RouteTableId"), route);
    Ok(json!({}))
}

/// `DeleteRoute`: neither the VPC's own routes nor those of an endpoint.
pub(in crate::services::ec2) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("RouteTableId");
    let table = ROUTE_TABLE.row(call, id)?;
    let destination = Destination::of_request(call, &input)?;
    if destination.local(call, &table) == Some(true) {
        return Err(invalid_value(format!(
            "cannot remove local route {} in route table {id}",
            destination.1
        )));
    }
    let route = table.items("_routes").iter().find(|route| destination.is_of(route));
    let missing = || {
        Fault::new(
            "InvalidRoute.NotFound",
            format!("no route with destination {} in route table {id}", destination.1),
        )
    };
    if let Some(endpoint) =
        route.ok_or_else(missing)?.opt("GatewayId").filter(|gateway| gateway.starts_with("vpce-"))
    {
        return Err(invalid_value(format!(
            "cannot remove VPC endpoint route {endpoint} in route table {id}"
        )));
    }
    remove(call, id, |route| destination.is_of(route));
    Ok(json!({}))
}

/// Adds the route of a gateway endpoint.
pub(in crate::services::ec2) fn add_prefix_list(
    call: &mut Call,
    table: &str,
    list: &str,
    endpoint: &str,
) -> Result<(), Fault> {
    let row = ROUTE_TABLE.row(call, table)?;
    if row.items("_routes").iter().any(|route| route.text("DestinationPrefixListId") == list) {
        let message = format!(
            "route table {table} already has a route with destination-prefix-list-id {list}"
        );
        return Err(Fault::new("RouteAlreadyExists", message));
    }
    add(
        call,
        table,
        json!({"DestinationPrefixListId": list, "GatewayId": endpoint, "Origin": "CreateRoute"}),
    );
    Ok(())
}

/// Removes the route of a gateway endpoint.
pub(in crate::services::ec2) fn remove_prefix_list(call: &mut Call, table: &str, endpoint: &str) {
    remove(call, table, |route| route.text("GatewayId") == endpoint);
}
