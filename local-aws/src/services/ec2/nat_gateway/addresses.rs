//! Further addresses of a NAT gateway: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateNatGatewayAddress.html>

use super::NAT_GATEWAY;
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::address::{self, ADDRESS};
use crate::services::ec2::interface::{INTERFACE, assign_to};
use crate::services::ec2::kind::{invalid_value, refuse_unsupported};
use serde_json::{Value, json};

/// AWS's default quota of public addresses per NAT gateway.
const QUOTA: usize = 2;

/// Seconds that adding or removing an address takes.
const CHANGE_SECONDS: f64 = 10.0;

fn available(call: &Call, id: &str) -> Result<Value, Fault> {
    let row = NAT_GATEWAY.row(call, id)?;
    if row.text("State") == "available" {
        return Ok(row);
    }
    Err(Fault::new(
        "IncorrectState",
        format!("NAT gateway {id} is in the state {}", row.text("State")),
    ))
}

fn interface_of(row: &Value) -> &str {
    row.items("NatGatewayAddresses")
        .first()
        .map_or("", |address| address.text("NetworkInterfaceId"))
}

/// `AssociateNatGatewayAddress`.
pub(in crate::services::ec2) fn associate(call: &mut Call) -> Result<Value, Fault> {
    refuse_unsupported(call, &["AvailabilityZone", "AvailabilityZoneId"])?;
    let input = call.input();
    let row = available(call, input.text("NatGatewayId"))?;
    let allocations = input.texts("AllocationIds");
    if row.text("ConnectivityType") == "private" {
        return Err(invalid_value("A private NAT gateway takes no Elastic IP addresses"));
    }
    if row.items("NatGatewayAddresses").len() + allocations.len()
        > call.quota("ec2.addresses_per_nat_gateway", QUOTA)
    {
        return Err(Fault::new(
            "NatGatewayLimitExceeded",
            "The maximum number of addresses of the NAT gateway has been reached.",
        ));
    }
    for allocation in &allocations {
        if ADDRESS.row(call, allocation)?.has("AssociationId") {
            let message = format!("Elastic IP address [{allocation}] is already associated");
            return Err(Fault::new("Resource.AlreadyAssociated", message));
        }
    }
    let privates =
        assign_to(call, interface_of(&row), &input.texts("PrivateIpAddresses"), allocations.len())?;
    let fresh = allocations.iter().zip(privates).map(|(allocation, private)| {
        let association = address::connect(call, allocation, interface_of(&row), &private);
        let public = call.get(ADDRESS.table, allocation).map_or(Value::Null, |row| row["PublicIp"].clone());
        json!({"AllocationId": allocation, "AssociationId": association, "PublicIp": public, "PrivateIp": private})
    });
    let fresh = fresh.collect::<Vec<_>>();
    Ok(add(call, &row, fresh))
}

/// `AssignPrivateNatGatewayAddress`.
pub(in crate::services::ec2) fn assign(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = available(call, input.text("NatGatewayId"))?;
    if row.text("ConnectivityType") != "private" {
        return Err(invalid_value("Only a private NAT gateway takes private addresses alone"));
    }
    let count = input
        .int("PrivateIpAddressCount")
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or(1);
    let privates = assign_to(call, interface_of(&row), &input.texts("PrivateIpAddresses"), count)?;
    let fresh = privates.into_iter().map(|private| json!({"PrivateIp": private})).collect();
    Ok(add(call, &row, fresh))
}

/// Adds addresses, which are in use some seconds later.
fn add(call: &mut Call, row: &Value, fresh: Vec<Value>) -> Value {
    let (id, old) = (row.text("NatGatewayId"), row.items("NatGatewayAddresses"));
    let with_status = |status: &str| -> Vec<Value> {
        let fresh = fresh.iter().map(|address| {
            let mut address = address.clone();
            address["NetworkInterfaceId"] = json!(interface_of(row));
            address["IsPrimary"] = json!(false);
            address["Status"] = json!(status);
            address
        });
        old.iter().cloned().chain(fresh).collect()
    };
    let (now, later) = (
        with_status(if fresh.iter().any(|address| address.has("AllocationId")) {
            "associating"
        } else {
            "assigning"
        }),
        with_status("succeeded"),
    );
    call.merge(NAT_GATEWAY.table, id, json!({"NatGatewayAddresses": now}));
    call.schedule(
        CHANGE_SECONDS,
        NAT_GATEWAY.table,
        id,
        Step::Merge(json!({"NatGatewayAddresses": later})),
    );
    json!({"NatGatewayId": id, "NatGatewayAddresses": now[old.len()..]})
}

/// `DisassociateNatGatewayAddress`: never the primary one.
pub(in crate::services::ec2) fn disassociate(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let wanted = input.texts("AssociationIds");
    take(call, input.text("NatGatewayId"), &wanted, "AssociationId", "disassociating")
}

/// `UnassignPrivateNatGatewayAddress`: never the primary one.
pub(in crate::services::ec2) fn unassign(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let wanted = input.texts("PrivateIpAddresses");
    take(call, input.text("NatGatewayId"), &wanted, "PrivateIp", "unassigning")
}

fn take(
    call: &mut Call,
    id: &str,
    wanted: &[&str],
    member: &str,
    status: &str,
) -> Result<Value, Fault> {
    let row = available(call, id)?;
    let meant = |address: &&Value| wanted.contains(&address.text(member));
    let all = row.items("NatGatewayAddresses");
    if all.iter().filter(meant).any(|address| address.flag("IsPrimary")) {
        return Err(invalid_value("The primary address of a NAT gateway cannot be removed"));
    }
    if let Some(missing) =
        wanted.iter().find(|wanted| all.iter().all(|address| address.text(member) != **wanted))
    {
        return Err(Fault::new(
            "InvalidAssociationID.NotFound",
            format!("The association ID '{missing}' does not exist"),
        ));
    }
    let going: Vec<Value> = all.iter().filter(meant).cloned().collect();
    let staying: Vec<Value> = all.iter().filter(|address| !meant(address)).cloned().collect();
    let gone: Vec<&str> = going.iter().map(|address| address.text("PrivateIp")).collect();
    for address in &going {
        address::free(call, address.text("AllocationId"));
    }
    call.update(INTERFACE.table, interface_of(&row), |interface| {
        let kept: Vec<String> = interface
            .texts("_private_ips")
            .into_iter()
            .filter(|ip| !gone.contains(ip))
            .map(str::to_owned)
            .collect();
        interface["_private_ips"] = json!(kept);
    });
    let leaving = going.iter().map(|address| {
        let mut address = address.clone();
        address["Status"] = json!(status);
        address
    });
    let leaving: Vec<Value> = leaving.collect();
    let shown: Vec<Value> = staying.iter().chain(&leaving).cloned().collect();
    call.merge(NAT_GATEWAY.table, id, json!({"NatGatewayAddresses": shown}));
    call.schedule(
        CHANGE_SECONDS,
        NAT_GATEWAY.table,
        id,
        Step::Merge(json!({"NatGatewayAddresses": staying})),
    );
    Ok(json!({"NatGatewayId": id, "NatGatewayAddresses": leaving}))
}
