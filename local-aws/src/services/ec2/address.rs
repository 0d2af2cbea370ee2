//! Elastic IP addresses: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html>

use super::interface::{self, INTERFACE};
use super::internet_gateway;
use super::kind::{Kind, invalid_value, missing_parameter, only_one, refuse_unsupported};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};
use std::net::Ipv4Addr;

/// Rows are an `Address`.
pub(super) const ADDRESS: Kind = Kind {
    table: Table::regional("ec2.address"),
    prefix: "eipalloc",
    resource_type: "elastic-ip",
    noun: "allocation ID",
    not_found: "InvalidAllocationID.NotFound",
    malformed: None,
    filters: &[
        ("allocation-id", "AllocationId"),
        ("association-id", "AssociationId"),
        ("domain", "Domain"),
        ("instance-id", "InstanceId"),
        ("network-border-group", "NetworkBorderGroup"),
        ("network-interface-id", "NetworkInterfaceId"),
        ("network-interface-owner-id", "NetworkInterfaceOwnerId"),
        ("private-ip-address", "PrivateIpAddress"),
        ("public-ip", "PublicIp"),
    ],
};

/// AWS's default quota per region.
const QUOTA: usize = 5;

/// The members of an address that an association sets.
const ASSOCIATION: [&str; 4] =
    ["AssociationId", "NetworkInterfaceId", "NetworkInterfaceOwnerId", "PrivateIpAddress"];

/// `AllocateAddress`.
pub(super) fn allocate(call: &mut Call) -> Result<Value, Fault> {
    refuse_unsupported(call, &["Address", "CustomerOwnedIpv4Pool", "IpamPoolId"])?;
    let input = call.input();
    let group = input.opt("NetworkBorderGroup").unwrap_or(call.region()).to_owned();
    if group != call.region() {
        return Err(invalid_value(format!(
            "Value ({group}) for parameter networkBorderGroup is invalid."
        )));
    }
    if input.opt("PublicIpv4Pool").is_some_and(|pool| pool != "amazon") {
        return Err(Fault::new(
            "InvalidPublicIpv4PoolID.NotFound",
            "The public IPv4 pool does not exist",
        ));
    }
    if call.rows(ADDRESS.table).count() >= call.quota("ec2.addresses", QUOTA) {
        return Err(Fault::new(
            "AddressLimitExceeded",
            "The maximum number of addresses has been reached.",
        ));
    }
    let id = call.new_id("eipalloc");
    let ip = public_ip(call);
    let row = json!({
        "AllocationId": id, "PublicIp": ip, "PublicIpv4Pool": "amazon", "NetworkBorderGroup": group, "Domain": "vpc",
    });
    let row = ADDRESS.create(call, &id, row)?;
    let shown = ["AllocationId", "PublicIp", "PublicIpv4Pool", "NetworkBorderGroup", "Domain"];
    Ok(shown.iter().map(|name| ((*name).to_owned(), row[*name].clone())).collect())
}

/// An address of the block that is set aside for benchmarks (RFC 2544), so that it is nobody's.
pub(super) fn public_ip(call: &mut Call) -> String {
    loop {
        let digits = call.new_hex("ec2.public_ip", 8);
        let number = u32::from_str_radix(&digits, 16).unwrap_or_default() & 0x1_ffff;
        let ip = Ipv4Addr::from(u32::from(Ipv4Addr::new(198, 18, 0, 0)) + number).to_string();
        let allocated = call.rows(ADDRESS.table).any(|(_, row)| row.text("PublicIp") == ip);
        let managed = call.rows(INTERFACE.table).any(|(_, row)| row.text("_public_ip") == ip);
        if !allocated && !managed {
            return ip;
        }
    }
}

/// `DescribeAddresses`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let ips = input.texts("PublicIps");
    for ip in &ips {
        by_ip(call, ip)?;
    }
    let mut addresses = ADDRESS.describe(call, "AllocationIds", "Filters", |_, row| row.clone())?;
    if let Some(all) = addresses.as_array_mut() {
        all.retain(|address| ips.is_empty() || ips.contains(&address.text("PublicIp")));
    }
    Ok(json!({"Addresses": addresses}))
}

/// `DescribeAddressesAttribute`: no address has a reverse name here, as none can be set.
pub(super) fn describe_attribute(call: &mut Call) -> Result<Value, Fault> {
    let addresses = ADDRESS.describe(
        call,
        "AllocationIds",
        "Filters",
        |_, row| json!({"PublicIp": row["PublicIp"], "AllocationId": row["AllocationId"]}),
    )?;
    Ok(json!({"Addresses": addresses}))
}

fn by_ip(call: &Call, ip: &str) -> Result<String, Fault> {
    let found = call.rows(ADDRESS.table).find(|(_, row)| row.text("PublicIp") == ip);
    let missing = || Fault::new("InvalidAddress.NotFound", format!("Address '{ip}' not found."));
    found.map(|(id, _)| id.to_owned()).ok_or_else(missing)
}

/// The allocation that `AllocationId` or `PublicIp` names.
fn named(call: &Call, input: &Value) -> Result<String, Fault> {
    match only_one(input, &["AllocationId", "PublicIp"])? {
        Some("AllocationId") => ADDRESS
            .row(call, input.text("AllocationId"))
            .map(|row| row.text("AllocationId").to_owned()),
        Some(_) => by_ip(call, input.text("PublicIp")),
        None => Err(missing_parameter("AllocationId")),
    }
}

/// `ReleaseAddress`: only when nothing uses it.
pub(super) fn release(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = named(call, &input)?;
    let row = ADDRESS.row(call, &id)?;
    if row.has("AssociationId") {
        return Err(Fault::new(
            "InvalidIPAddress.InUse",
            format!("Address {} is in use.", row.text("PublicIp")),
        ));
    }
    call.remove(ADDRESS.table, &id);
    Ok(json!({}))
}

/// `AssociateAddress`, with a network interface; there are no instances.
pub(super) fn associate(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = named(call, &input)?;
    if let Some(instance) = input.opt("InstanceId") {
        return Err(Fault::new(
            "InvalidInstanceID.NotFound",
            format!("The instance ID '{instance}' does not exist"),
        ));
    }
    let interface_id =
        input.opt("NetworkInterfaceId").ok_or_else(|| missing_parameter("NetworkInterfaceId"))?;
    let interface = INTERFACE.row(call, interface_id)?;
    let primary = interface.texts("_private_ips").first().copied().unwrap_or_default();
    let private = input.opt("PrivateIpAddress").unwrap_or(primary);
    if !interface::has_address(&interface, private) {
        return Err(invalid_value(format!("{private} is not an address of {interface_id}")));
    }
    let vpc = interface.text("VpcId");
    if !internet_gateway::is_in_vpc(call, vpc) {
        return Err(Fault::new(
            "Gateway.NotAttached",
            format!("Network {vpc} is not attached to any internet gateway"),
        ));
    }
    let row = ADDRESS.row(call, &id)?;
    if row.has("AssociationId") && !input.flag("AllowReassociation") {
        let message = format!(
            "resource {id} is already associated with associate-id {}",
            row.text("AssociationId")
        );
        return Err(Fault::new("Resource.AlreadyAssociated", message));
    }
    free(call, &id);
    let association = connect(call, &id, interface_id, private);
    Ok(json!({"AssociationId": association}))
}

/// Associates an address with a private address of an interface.
pub(super) fn connect(call: &mut Call, id: &str, interface: &str, private: &str) -> String {
    let association = call.new_id("eipassoc");
    let members = json!({
        "AssociationId": association, "NetworkInterfaceId": interface, "NetworkInterfaceOwnerId": ACCOUNT,
        "PrivateIpAddress": private,
    });
    call.merge(ADDRESS.table, id, members);
    association
}

/// Takes an address from whatever uses it.
pub(super) fn free(call: &mut Call, id: &str) {
    let nothing: Value = ASSOCIATION.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    call.merge(ADDRESS.table, id, nothing);
}

/// `DisassociateAddress`: not from interfaces that AWS manages.
pub(super) fn disassociate(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = match only_one(&input, &["AssociationId", "PublicIp"])? {
        Some("AssociationId") => {
            let association = input.text("AssociationId");
            let found =
                call.rows(ADDRESS.table).find(|(_, row)| row.text("AssociationId") == association);
            let missing = || {
                Fault::new(
                    "InvalidAssociationID.NotFound",
                    format!("The association ID '{association}' does not exist"),
                )
            };
            found.map(|(id, _)| id.to_owned()).ok_or_else(missing)?
        }
        Some(_) => by_ip(call, input.text("PublicIp"))?,
        None => return Err(missing_parameter("AssociationId")),
    };
    let row = ADDRESS.row(call, &id)?;
    let managed = call
        .get(INTERFACE.table, row.text("NetworkInterfaceId"))
        .is_some_and(|row| row.flag("RequesterManaged"));
    if managed {
        return Err(Fault::new(
            "AuthFailure",
            "You do not have permission to access the specified resource.",
        ));
    }
    free(call, &id);
    Ok(json!({}))
}

/// The address that is associated with a private address of an interface.
pub(super) fn of_interface<'c>(
    call: &'c Call,
    interface: &str,
    private: &str,
) -> Option<&'c Value> {
    let theirs = |row: &Value| {
        row.text("NetworkInterfaceId") == interface && row.text("PrivateIpAddress") == private
    };
    call.rows(ADDRESS.table).map(|(_, row)| row).find(|row| theirs(row))
}

/// Whether a VPC has public addresses.
pub(super) fn is_mapped_in(call: &Call, vpc: &str) -> bool {
    let in_vpc = |interface: &str| {
        call.get(INTERFACE.table, interface).is_some_and(|row| row.text("VpcId") == vpc)
    };
    let managed = |row: &Value| row.text("VpcId") == vpc && row.has("_public_ip");
    call.rows(ADDRESS.table).filter_map(|(_, row)| row.opt("NetworkInterfaceId")).any(in_vpc)
        || call.rows(INTERFACE.table).any(|(_, row)| managed(row))
}
