//! Changes of an endpoint: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html>

use super::network::{self, DnsNames};
use super::{VPC_ENDPOINT, create, latency_kind};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::interface::{INTERFACE, groups};
use crate::services::ec2::kind::refuse_unsupported;
use crate::services::ec2::route_table;
use crate::services::ec2::vpc::VPC;
use serde_json::{Value, json};

/// `ModifyVpcEndpoint`.
pub(in crate::services::ec2) fn modify(call: &mut Call) -> Result<Value, Fault> {
    refuse_unsupported(call, &["SubnetConfigurations"])?;
    let input = call.input();
    let id = input.text("VpcEndpointId");
    let mut row = VPC_ENDPOINT.row(call, id)?;
    if row.text("State") != "available" {
        return Err(Fault::new(
            "IncorrectState",
            format!("The VPC endpoint {id} is in the state {}", row.text("State")),
        ));
    }
    let is_gateway = row.text("VpcEndpointType") == "Gateway";
    let of_other_type: &[&str] = if is_gateway {
        &[
            "AddSubnetIds",
            "RemoveSubnetIds",
            "AddSecurityGroupIds",
            "RemoveSecurityGroupIds",
            "PrivateDnsEnabled",
            "DnsOptions",
        ]
    } else {
        &["AddRouteTableIds", "RemoveRouteTableIds"]
    };
    if let Some(member) = of_other_type.iter().find(|member| input.has(member)) {
        let message = format!(
            "{member} cannot be used with endpoints of the type {}",
            row.text("VpcEndpointType")
        );
        return Err(Fault::new("InvalidParameter", message));
    }
    if input.opt("IpAddressType").is_some_and(|kind| kind != "ipv4") {
        return Err(Fault::new(
            "InvalidParameter",
            format!("{} has no IPv6 addresses", row.text("VpcId")),
        ));
    }
    if input.flag("ResetPolicy") || input.has("PolicyDocument") {
        let document = input.opt("PolicyDocument").filter(|_| !input.flag("ResetPolicy"));
        row["PolicyDocument"] = json!(create::policy(document)?);
    }
    if is_gateway {
        routes(call, &input, &mut row)?;
    } else {
        interfaces(call, &input, &mut row)?;
    }
    let moves = ["AddSubnetIds", "RemoveSubnetIds", "PrivateDnsEnabled"]
        .iter()
        .any(|member| input.has(member));
    if moves {
        row["State"] = json!("pending");
        let ready = call.latency(latency_kind(&row), "update");
        call.schedule(ready, VPC_ENDPOINT.table, id, Step::Merge(json!({"State": "available"})));
    }
    call.put(VPC_ENDPOINT.table, id, row);
    Ok(json!({"Return": true}))
}

fn routes(call: &mut Call, input: &Value, row: &mut Value) -> Result<(), Fault> {
    let id = row.text("VpcEndpointId").to_owned();
    let gone = input.texts("RemoveRouteTableIds");
    for table in &gone {
        if !row.texts("RouteTableIds").contains(table) {
            return Err(Fault::new(
                "InvalidRouteTableId.NotFound",
                format!("The route table {table} has no route to {id}"),
            ));
        }
        route_table::remove_prefix_list(call, table, &id);
    }
    let fresh = input.texts("AddRouteTableIds");
    create::add_routes(call, &fresh, row)?;
    let kept: Vec<String> =
        (row.texts("RouteTableIds").into_iter().filter(|table| !gone.contains(table)))
            .chain(fresh)
            .map(str::to_owned)
            .collect();
    row["RouteTableIds"] = json!(kept);
    Ok(())
}

fn interfaces(call: &mut Call, input: &Value, row: &mut Value) -> Result<(), Fault> {
    let vpc = VPC.row(call, row.text("VpcId"))?;
    let gone = input.texts("RemoveSecurityGroupIds");
    let mut wanted: Vec<&str> =
        row.texts("_groups").into_iter().filter(|group| !gone.contains(group)).collect();
    let fresh = input.texts("AddSecurityGroupIds");
    wanted.extend(fresh.into_iter().filter(|group| !row.texts("_groups").contains(group)));
    if wanted.is_empty() {
        let message = format!("{} needs at least one security group", row.text("VpcEndpointId"));
        return Err(Fault::new("InvalidParameter", message));
    }
    let groups = groups(call, &wanted, vpc.text("VpcId"))?;
    row["_groups"] = json!(groups);
    network::remove_subnets(call, row, &input.texts("RemoveSubnetIds"));
    network::add_subnets(call, row, &input.texts("AddSubnetIds"))?;
    for id in row.texts("NetworkInterfaceIds") {
        call.merge(INTERFACE.table, id, json!({"_groups": groups}));
    }
    if let Some(on) = input.opt_flag("PrivateDnsEnabled") {
        row["PrivateDnsEnabled"] = json!(on);
        if on {
            network::check_private_dns(call, &vpc, row)?;
        }
    }
    for (name, value) in input["DnsOptions"].as_object().into_iter().flatten() {
        row["DnsOptions"][name] = value.clone();
    }
    row["DnsEntries"] = network::dns_entries(call, row, DnsNames::Kept);
    Ok(())
}
