//! What routes lead to.

use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::interface::INTERFACE;
use crate::services::ec2::internet_gateway::{self, INTERNET_GATEWAY};
use crate::services::ec2::kind::{invalid_value, missing_parameter, only_one};
use crate::services::ec2::nat_gateway::{self, NAT_GATEWAY};
use crate::services::ec2::vpc_endpoint::VPC_ENDPOINT;
use serde_json::{Value, json};

/// Every target that a request can name, with the code for one that does not exist, of the kinds that this cloud
/// has none of.
const TARGETS: [(&str, &str); 12] = [
    ("GatewayId", ""),
    ("NatGatewayId", ""),
    ("NetworkInterfaceId", ""),
    ("CarrierGatewayId", "InvalidCarrierGatewayID.NotFound"),
    ("CoreNetworkArn", "InvalidCoreNetworkArn.NotFound"),
    ("EgressOnlyInternetGatewayId", "InvalidEgressOnlyInternetGatewayId.NotFound"),
    ("InstanceId", "InvalidInstanceID.NotFound"),
    ("LocalGatewayId", "InvalidLocalGatewayID.NotFound"),
    ("OdbNetworkArn", "InvalidOdbNetworkArn.NotFound"),
    ("TransitGatewayId", "InvalidTransitGatewayID.NotFound"),
    ("VpcEndpointId", "InvalidVpcEndpointId.NotFound"),
    ("VpcPeeringConnectionId", "InvalidVpcPeeringConnectionID.NotFound"),
];

/// The one target of a request, as members of the route.
pub(super) fn of_request(call: &Call, input: &Value, table: &Value) -> Result<Value, Fault> {
    let members = TARGETS.map(|(member, _)| member);
    let member = only_one(input, &members)?.ok_or_else(|| missing_parameter("GatewayId"))?;
    let (id, vpc) = (input.text(member), table.text("VpcId"));
    let in_vpc = match member {
        "GatewayId" if id.starts_with("vpce-") => {
            VPC_ENDPOINT.row(call, id)?;
            return Err(invalid_value(format!("Routes to {id} are made by the endpoint itself")));
        }
        "GatewayId" => internet_gateway::is_attached_to(&INTERNET_GATEWAY.row(call, id)?, vpc),
        "NatGatewayId" if nat_gateway::takes_routes(call, id) => {
            NAT_GATEWAY.row(call, id)?.text("VpcId") == vpc
        }
        "NatGatewayId" => return Err(NAT_GATEWAY.missing(id)),
        "NetworkInterfaceId" => INTERFACE.row(call, id)?.text("VpcId") == vpc,
        _ => {
            let code = TARGETS
                .iter()
                .find(|(known, _)| *known == member)
                .map_or("InvalidParameterValue", |(_, code)| code);
            return Err(Fault::new(code, format!("The target '{id}' does not exist")));
        }
    };
    if in_vpc {
        return Ok(json!({member: id}));
    }
    let noun = if member == "GatewayId" { "network gateway" } else { "target" };
    Err(invalid_value(format!(
        "route table {} and {noun} {id} belong to different networks",
        table.text("RouteTableId")
    )))
}

/// Whether the target of a route is there to take traffic.
pub(in crate::services::ec2) fn works(call: &Call, vpc: &str, route: &Value) -> bool {
    if let Some(id) = route.opt("GatewayId") {
        let attached = |gateway: &Value| internet_gateway::is_attached_to(gateway, vpc);
        return call.get(VPC_ENDPOINT.table, id).is_some()
            || call.get(INTERNET_GATEWAY.table, id).is_some_and(attached);
    }
    if let Some(id) = route.opt("NatGatewayId") {
        return nat_gateway::takes_routes(call, id);
    }
    let interface = route.opt("NetworkInterfaceId").and_then(|id| call.get(INTERFACE.table, id));
    interface.is_some_and(|interface| interface.has("Attachment"))
}
