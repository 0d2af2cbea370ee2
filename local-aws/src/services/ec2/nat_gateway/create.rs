//! Making a NAT gateway, and the ways in which that fails later.

use super::{NAT_GATEWAY, REMEMBERED_SECONDS};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::address::{self, ADDRESS};
use crate::services::ec2::interface::{self, Managed};
use crate::services::ec2::internet_gateway;
use crate::services::ec2::kind::{missing_parameter, refuse_unsupported};
use crate::services::ec2::subnet::SUBNET;
use serde_json::{Value, json};

/// AWS's default quota per availability zone.
const QUOTA: usize = 5;

/// Seconds after which a creation that cannot work is `failed`.
const FAILURE_SECONDS: f64 = 5.0;

/// `CreateNatGateway`.
pub(in crate::services::ec2) fn create(call: &mut Call) -> Result<Value, Fault> {
    call.idempotent("ClientToken", create_once)
}

fn create_once(call: &mut Call) -> Result<Value, Fault> {
    const UNSUPPORTED: [&str; 5] = [
        "AvailabilityZoneAddresses",
        "SecondaryAllocationIds",
        "SecondaryPrivateIpAddressCount",
        "SecondaryPrivateIpAddresses",
        "VpcId",
    ];
    refuse_unsupported(call, &UNSUPPORTED)?;
    let input = call.input();
    if input.opt("AvailabilityMode") == Some("regional") {
        return Err(Fault::not_implemented(
            "ec2 CreateNatGateway with the AvailabilityMode regional",
        ));
    }
    let subnet_id = input.opt("SubnetId").ok_or_else(|| missing_parameter("SubnetId"))?;
    let subnet = SUBNET.row(call, subnet_id)?;
    let public = input.opt("ConnectivityType") != Some("private");
    let allocation = allocation(call, &input, public)?;
    within_quota(call, subnet.text("AvailabilityZone"))?;
    let id = call.new_id("nat");
    let mut row = json!({
        "NatGatewayId": id, "SubnetId": subnet_id, "VpcId": subnet["VpcId"], "State": "pending", "CreateTime": call.now(),
        "ConnectivityType": if public { "public" } else { "private" }, "AvailabilityMode": "zonal",
    });
    let built = build(call, &input, &id, &subnet, allocation);
    row["NatGatewayAddresses"] = match &built {
        Ok(address) => json!([address]),
        Err(_) => json!([{"AllocationId": allocation, "IsPrimary": true, "Status": "failed"}]),
    };
    let row = NAT_GATEWAY.create(call, &id, row)?;
    match built {
        Ok(mut address) => {
            address["Status"] = json!("succeeded");
            let ready = call.latency("ec2.nat_gateway", "create");
            let available = json!({"State": "available", "NatGatewayAddresses": [address]});
            call.schedule(ready, NAT_GATEWAY.table, &id, Step::Merge(available));
        }
        Err(fault) => {
            let failed = json!({"State": "failed", "FailureCode": fault.code, "FailureMessage": fault.message});
            call.schedule(FAILURE_SECONDS, NAT_GATEWAY.table, &id, Step::Merge(failed));
            call.schedule(REMEMBERED_SECONDS, NAT_GATEWAY.table, &id, Step::Remove);
        }
    }
    Ok(json!({"NatGateway": row, "ClientToken": input["ClientToken"]}))
}

/// The address of a public gateway; a private one has none.
fn allocation<'i>(call: &Call, input: &'i Value, public: bool) -> Result<Option<&'i str>, Fault> {
    match (input.opt("AllocationId"), public) {
        (Some(id), true) => ADDRESS.row(call, id).map(|_| Some(id)),
        (None, true) => Err(missing_parameter("AllocationId")),
        (Some(_), false) => {
            let message = "The parameter AllocationId cannot be used with a private NAT gateway";
            Err(Fault::new("InvalidParameterCombination", message))
        }
        (None, false) => Ok(None),
    }
}

fn within_quota(call: &Call, zone: &str) -> Result<(), Fault> {
    let in_zone = |row: &Value| {
        let subnet = call.get(SUBNET.table, row.text("SubnetId"));
        subnet.is_some_and(|subnet| subnet.text("AvailabilityZone") == zone)
            && !["deleted", "failed"].contains(&row.text("State"))
    };
    if call.rows(NAT_GATEWAY.table).filter(|(_, row)| in_zone(row)).count()
        < call.quota("ec2.nat_gateways_per_zone", QUOTA)
    {
        return Ok(());
    }
    Err(Fault::new(
        "NatGatewayLimitExceeded",
        format!("The maximum number of NAT gateways in {zone} has been reached."),
    ))
}

/// The gateway's interface and address; an error is what AWS tells only when the gateway has failed.
fn build(
    call: &mut Call,
    input: &Value,
    id: &str,
    subnet: &Value,
    allocation: Option<&str>,
) -> Result<Value, Fault> {
    let vpc = subnet.text("VpcId");
    if let Some(allocation) = allocation {
        if !internet_gateway::is_in_vpc(call, vpc) {
            return Err(Fault::new(
                "Gateway.NotAttached",
                format!("Network {vpc} has no Internet gateway attached"),
            ));
        }
        if call.get(ADDRESS.table, allocation).is_some_and(|row| row.has("AssociationId")) {
            let message = format!("Elastic IP address [{allocation}] is already associated");
            return Err(Fault::new("Resource.AlreadyAssociated", message));
        }
    }
    let managed = Managed {
        subnet: subnet.text("SubnetId"),
        groups: &[],
        private_ip: input.opt("PrivateIpAddress"),
        description: &format!("Interface for NAT Gateway {id}"),
        interface_type: "nat_gateway",
    };
    let interface = interface::create_managed(call, &managed)?;
    let (interface_id, private_ip) =
        (interface.text("NetworkInterfaceId"), interface.texts("_private_ips")[0]);
    let mut address = json!({
        "NetworkInterfaceId": interface_id, "PrivateIp": private_ip, "IsPrimary": true, "Status": "associating",
    });
    if let Some(allocation) = allocation {
        address["AllocationId"] = json!(allocation);
        address["AssociationId"] =
            json!(address::connect(call, allocation, interface_id, private_ip));
        address["PublicIp"] =
            call.get(ADDRESS.table, allocation).map_or(Value::Null, |row| row["PublicIp"].clone());
    }
    Ok(address)
}
