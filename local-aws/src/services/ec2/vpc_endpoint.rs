//! VPC endpoints: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html>

mod create;
mod modify;
mod network;
mod service;

pub(super) use self::create::create;
pub(super) use self::modify::modify;
pub(super) use self::service::describe as describe_services;

use super::kind::Kind;
use super::security_group::SECURITY_GROUP;
use super::{interface, route_table};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `VpcEndpoint` without the names of its groups, whose ids are in `_groups`.
///
/// AWS answers states in small letters, whatever its model says.
pub(super) const VPC_ENDPOINT: Kind = Kind {
    table: Table::regional("ec2.vpc_endpoint"),
    prefix: "vpce",
    resource_type: "vpc-endpoint",
    noun: "Vpc Endpoint Id",
    not_found: "InvalidVpcEndpointId.NotFound",
    malformed: Some("InvalidVpcEndpointId.Malformed"),
    filters: &[
        ("ip-address-type", "IpAddressType"),
        ("service-name", "ServiceName"),
        ("service-region", "ServiceRegion"),
        ("vpc-endpoint-id", "VpcEndpointId"),
        ("vpc-endpoint-state", "State"),
        ("vpc-endpoint-type", "VpcEndpointType"),
        ("vpc-id", "VpcId"),
    ],
};

/// The task that ends an interface endpoint.
pub(super) const DELETED: &str = "vpc_endpoint_deleted";

/// The task that removes the interfaces of an endpoint that is gone.
pub(super) const INTERFACES_GONE: &str = "vpc_endpoint_interfaces_gone";

/// Seconds for which interfaces stay after their endpoint is gone.
const INTERFACE_SECONDS: f64 = 5.0;

/// The key of a kind in the latencies.
fn latency_kind(row: &Value) -> &'static str {
    if row.text("VpcEndpointType") == "Gateway" {
        "ec2.vpc_endpoint_gateway"
    } else {
        "ec2.vpc_endpoint_interface"
    }
}

/// An endpoint as it is described.
fn view(call: &Call, row: &Value) -> Value {
    let group = |id: &&str| json!({"GroupId": id, "GroupName": call.get(SECURITY_GROUP.table, id).map_or("", |row| row.text("GroupName"))});
    let mut seen = row.clone();
    seen["Groups"] = row.texts("_groups").iter().map(group).collect();
    seen
}

/// `DescribeVpcEndpoints`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"VpcEndpoints": VPC_ENDPOINT.describe(call, "VpcEndpointIds", "Filters", view)?}))
}

/// `DeleteVpcEndpoints`: what cannot be deleted is named in the answer.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut refused = Vec::new();
    for id in input.texts("VpcEndpointIds") {
        match VPC_ENDPOINT.row(call, id) {
            Ok(row) if row.text("State") == "deleting" => {}
            Ok(row) => begin_delete(call, id, &row),
            Err(_) => {
                let message = format!("The Vpc Endpoint Id '{id}' does not exist");
                refused.push(json!({"ResourceId": id, "Error": {"Code": "InvalidVpcEndpoint.NotFound", "Message": message}}));
            }
        }
    }
    Ok(json!({"Unsuccessful": refused}))
}

fn begin_delete(call: &mut Call, id: &str, row: &Value) {
    call.unschedule(VPC_ENDPOINT.table, id);
    call.merge(VPC_ENDPOINT.table, id, json!({"State": "deleting"}));
    for table in row.texts("RouteTableIds") {
        route_table::remove_prefix_list(call, table, id);
    }
    let seconds = call.latency(latency_kind(row), "delete");
    call.schedule(seconds, VPC_ENDPOINT.table, id, Step::Run(DELETED, json!(id)));
}

/// Ends an endpoint; its interfaces stay for some more seconds, as on AWS.
pub(super) fn deleted(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    let Some(row) = call.remove(VPC_ENDPOINT.table, id) else { return };
    let interfaces = row["NetworkInterfaceIds"].clone();
    if let Some(first) = row.texts("NetworkInterfaceIds").first() {
        call.schedule(
            INTERFACE_SECONDS,
            interface::INTERFACE.table,
            first,
            Step::Run(INTERFACES_GONE, interfaces),
        );
    }
}

/// Removes interfaces.
pub(super) fn interfaces_gone(call: &mut Call, ids: &Value) {
    for id in ids.as_array().into_iter().flatten().filter_map(Value::as_str) {
        interface::remove(call, id);
    }
}

/// Takes a route table that is being deleted from the endpoints that have routes in it.
pub(super) fn forget_route_table(call: &mut Call, table: &str) {
    let users = call
        .rows(VPC_ENDPOINT.table)
        .filter(|(_, row)| row.texts("RouteTableIds").contains(&table));
    let users: Vec<String> = users.map(|(id, _)| id.to_owned()).collect();
    for id in users {
        call.update(VPC_ENDPOINT.table, &id, |row| {
            let kept: Vec<String> = row
                .texts("RouteTableIds")
                .into_iter()
                .filter(|id| *id != table)
                .map(str::to_owned)
                .collect();
            row["RouteTableIds"] = json!(kept);
        });
    }
}
