//! NAT gateways: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html>

mod addresses;
mod create;

pub(super) use self::addresses::{
    assign as assign_private_address, associate as associate_address,
    disassociate as disassociate_address, unassign as unassign_private_address,
};
pub(super) use self::create::create;

use super::interface;
use super::kind::Kind;
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `NatGateway`.
pub(super) const NAT_GATEWAY: Kind = Kind {
    table: Table::regional("ec2.nat_gateway"),
    prefix: "nat",
    resource_type: "natgateway",
    noun: "NAT gateway",
    not_found: "NatGatewayNotFound",
    malformed: Some("NatGatewayMalformed"),
    filters: &[
        ("connectivity-type", "ConnectivityType"),
        ("nat-gateway-id", "NatGatewayId"),
        ("state", "State"),
        ("subnet-id", "SubnetId"),
        ("vpc-id", "VpcId"),
    ],
};

/// The task that ends a NAT gateway.
pub(super) const DELETED: &str = "nat_gateway_deleted";

/// AWS describes a deleted or failed NAT gateway for about an hour.
const REMEMBERED_SECONDS: f64 = 3600.0;

/// `DescribeNatGateways`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(
        json!({"NatGateways": NAT_GATEWAY.describe(call, "NatGatewayIds", "Filter", |_, row| row.clone())?}),
    )
}

/// `DeleteNatGateway`: answers at once; interface and address are free when it is `deleted`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("NatGatewayId");
    let row = NAT_GATEWAY.row(call, id)?;
    match row.text("State") {
        "deleted" => return Err(NAT_GATEWAY.missing(id)),
        "deleting" => {}
        _ => {
            call.unschedule(NAT_GATEWAY.table, id);
            call.merge(NAT_GATEWAY.table, id, json!({"State": "deleting"}));
            let seconds = call.latency("ec2.nat_gateway", "delete");
            call.schedule(seconds, NAT_GATEWAY.table, id, Step::Run(DELETED, json!(id)));
        }
    }
    Ok(json!({"NatGatewayId": id}))
}

/// Ends a NAT gateway: its interface leaves, its addresses are free, its row stays for a while.
pub(super) fn deleted(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    let Some(row) = call.get(NAT_GATEWAY.table, id).cloned() else { return };
    let mut held = row.items("NatGatewayAddresses").iter();
    if let Some(interface) = held.find_map(|held| held.opt("NetworkInterfaceId")) {
        interface::remove(call, interface);
    }
    call.merge(NAT_GATEWAY.table, id, json!({"State": "deleted", "DeleteTime": call.now()}));
    call.schedule(REMEMBERED_SECONDS, NAT_GATEWAY.table, id, Step::Remove);
}

/// Whether a subnet has a NAT gateway that is not gone.
pub(super) fn is_in_subnet(call: &Call, subnet: &str) -> bool {
    let lives = |row: &Value| ["pending", "available", "deleting"].contains(&row.text("State"));
    call.rows(NAT_GATEWAY.table).any(|(_, row)| row.text("SubnetId") == subnet && lives(row))
}

/// Whether routes to a NAT gateway work, or will once it is available.
pub(super) fn takes_routes(call: &Call, id: &str) -> bool {
    call.get(NAT_GATEWAY.table, id)
        .is_some_and(|row| ["pending", "available"].contains(&row.text("State")))
}
