//! Making an endpoint.

use super::network::{self, DnsNames};
use super::{VPC_ENDPOINT, latency_kind, service, view};
use crate::call::{ACCOUNT, Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::interface;
use crate::services::ec2::kind::{invalid_value, missing_parameter, refuse_unsupported};
use crate::services::ec2::vpc::VPC;
use crate::services::ec2::{prefix_list, route_table};
use serde_json::{Value, json};

/// AWS's default quotas: gateway endpoints per region, interface endpoints per VPC.
const QUOTAS: (usize, usize) = (20, 50);

/// The policy of an endpoint whose creator gave none.
pub(super) const FULL_ACCESS: &str = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// `CreateVpcEndpoint`.
pub(in crate::services::ec2) fn create(call: &mut Call) -> Result<Value, Fault> {
    call.idempotent("ClientToken", create_once)
}

fn create_once(call: &mut Call) -> Result<Value, Fault> {
    refuse_unsupported(
        call,
        &["ResourceConfigurationArn", "ServiceNetworkArn", "SubnetConfigurations"],
    )?;
    let input = call.input();
    let vpc_id = input.text("VpcId");
    let vpc = VPC.row(call, vpc_id)?;
    let endpoint_type = input.opt("VpcEndpointType").unwrap_or("Gateway");
    if !["Gateway", "Interface"].contains(&endpoint_type) {
        return Err(Fault::not_implemented(&format!(
            "ec2 CreateVpcEndpoint with the VpcEndpointType {endpoint_type}"
        )));
    }
    if input.opt("IpAddressType").is_some_and(|kind| kind != "ipv4") {
        return Err(invalid_value(format!("{vpc_id} has no IPv6 addresses")));
    }
    if input.opt("ServiceRegion").is_some_and(|region| region != call.region()) {
        return Err(Fault::not_implemented("ec2 CreateVpcEndpoint to a service of another region"));
    }
    let name = input.opt("ServiceName").ok_or_else(|| missing_parameter("ServiceName"))?;
    if !service::offers(call, name, endpoint_type) {
        return Err(service::no_service(name));
    }
    within_quota(call, vpc_id, endpoint_type)?;
    let id = call.new_id("vpce");
    let mut row = json!({
        "VpcEndpointId": id, "VpcEndpointType": endpoint_type, "VpcId": vpc_id, "ServiceName": name,
        "ServiceRegion": call.region(), "State": "pending", "OwnerId": ACCOUNT, "RequesterManaged": false,
        "CreationTimestamp": call.now(), "IpAddressType": "ipv4", "PolicyDocument": policy(input.opt("PolicyDocument"))?,
        "RouteTableIds": [], "SubnetIds": [], "_groups": [], "PrivateDnsEnabled": false, "NetworkInterfaceIds": [], "DnsEntries": [],
    });
    if endpoint_type == "Gateway" {
        gateway(call, &input, &mut row)?;
    } else {
        interface(call, &input, &vpc, &mut row)?;
    }
    let row = VPC_ENDPOINT.create(call, &id, row)?;
    let ready = call.latency(latency_kind(&row), "create");
    call.schedule(ready, VPC_ENDPOINT.table, &id, Step::Merge(json!({"State": "available"})));
    Ok(json!({"VpcEndpoint": view(call, &row), "ClientToken": input["ClientToken"]}))
}

fn within_quota(call: &Call, vpc: &str, endpoint_type: &str) -> Result<(), Fault> {
    let rows = call
        .rows(VPC_ENDPOINT.table)
        .map(|(_, row)| row)
        .filter(|row| row.text("VpcEndpointType") == endpoint_type);
    let full = if endpoint_type == "Gateway" {
        rows.count() >= call.quota("ec2.gateway_endpoints", QUOTAS.0)
    } else {
        rows.filter(|row| row.text("VpcId") == vpc).count()
            >= call.quota("ec2.interface_endpoints_per_vpc", QUOTAS.1)
    };
    if full {
        Err(Fault::new(
            "VpcEndpointLimitExceeded",
            "The maximum number of VPC endpoints has been reached.",
        ))
    } else {
        Ok(())
    }
}

/// A policy as it is kept: the text that was sent, if it is JSON with statements.
pub(super) fn policy(given: Option<&str>) -> Result<String, Fault> {
    let Some(text) = given.filter(|text| !text.is_empty()) else {
        return Ok(FULL_ACCESS.to_owned());
    };
    let valid = serde_json::from_str::<Value>(text).is_ok_and(|policy| policy.has("Statement"));
    if valid {
        Ok(text.to_owned())
    } else {
        Err(Fault::new("InvalidPolicyDocument", "Invalid policy document"))
    }
}

fn gateway(call: &mut Call, input: &Value, row: &mut Value) -> Result<(), Fault> {
    let wrong = ["SubnetIds", "SecurityGroupIds"]
        .into_iter()
        .find(|member| !input.items(member).is_empty());
    if let Some(member) =
        wrong.or_else(|| input.flag("PrivateDnsEnabled").then_some("PrivateDnsEnabled"))
    {
        return Err(Fault::new(
            "InvalidParameter",
            format!("{member} cannot be used with endpoints of the type Gateway"),
        ));
    }
    let tables = input.texts("RouteTableIds");
    add_routes(call, &tables, row)?;
    row["RouteTableIds"] = json!(tables);
    Ok(())
}

/// Adds the endpoint's route to route tables of its VPC.
pub(super) fn add_routes(call: &mut Call, tables: &[&str], row: &Value) -> Result<(), Fault> {
    let list = prefix_list::of_service(call, row.text("ServiceName"))
        .ok_or_else(|| service::no_service(row.text("ServiceName")))?;
    for table in tables {
        let of = route_table::ROUTE_TABLE.row(call, table)?;
        if of.text("VpcId") != row.text("VpcId") {
            return Err(Fault::new(
                "InvalidParameter",
                format!("Route table {table} does not belong to {}", row.text("VpcId")),
            ));
        }
        route_table::add_prefix_list(call, table, &list, row.text("VpcEndpointId"))?;
    }
    Ok(())
}

fn interface(call: &mut Call, input: &Value, vpc: &Value, row: &mut Value) -> Result<(), Fault> {
    if !input.items("RouteTableIds").is_empty() {
        return Err(Fault::new(
            "InvalidParameter",
            "RouteTableIds cannot be used with endpoints of the type Interface",
        ));
    }
    let groups = interface::groups(call, &input.texts("SecurityGroupIds"), vpc.text("VpcId"))?;
    row["_groups"] = json!(groups);
    row["PrivateDnsEnabled"] = json!(input.opt_flag("PrivateDnsEnabled").unwrap_or(true));
    if row.flag("PrivateDnsEnabled") {
        network::check_private_dns(call, vpc, row)?;
    }
    let options = &input["DnsOptions"];
    row["DnsOptions"] = json!({
        "DnsRecordIpType": options.opt("DnsRecordIpType").unwrap_or("ipv4"),
        "PrivateDnsOnlyForInboundResolverEndpoint": options.get("PrivateDnsOnlyForInboundResolverEndpoint"),
    });
    let subnets = input.texts("SubnetIds");
    network::add_subnets(call, row, &subnets)?;
    row["DnsEntries"] = network::dns_entries(call, row, DnsNames::New);
    Ok(())
}
