//! Private addresses of interfaces.

use super::{INTERFACE, addresses_in};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::cidr::Block;
use crate::services::ec2::kind::{invalid_value, missing_parameter, refuse_unsupported};
use crate::services::ec2::subnet::SUBNET;
use serde_json::{Value, json};
use std::net::Ipv4Addr;

fn block(call: &Call, subnet: &str) -> Result<Block, Fault> {
    let row = SUBNET.row(call, subnet)?;
    Block::parse(row.text("CidrBlock"))
        .ok_or_else(|| invalid_value(format!("{subnet} has no IPv4 block")))
}

/// The lowest address of a subnet that is free.
pub(super) fn free_address(call: &Call, subnet: &str) -> Result<String, Fault> {
    free_addresses(call, subnet, &[], 1).map(|mut found| found.remove(0))
}

fn free_addresses(
    call: &Call,
    subnet: &str,
    besides: &[String],
    count: usize,
) -> Result<Vec<String>, Fault> {
    let taken = addresses_in(call, subnet);
    let free = block(call, subnet)?.usable().map(|ip| ip.to_string());
    let found: Vec<String> =
        free.filter(|ip| !taken.contains(ip) && !besides.contains(ip)).take(count).collect();
    if found.len() < count {
        let message = format!(
            "The specified subnet does not have enough free addresses to satisfy the request: {subnet}"
        );
        return Err(Fault::new("InsufficientFreeAddressesInSubnet", message));
    }
    Ok(found)
}

/// An address that the request names, if it is in the subnet and free.
pub(super) fn wanted_address(call: &Call, subnet: &str, wanted: &str) -> Result<String, Fault> {
    let ip: Ipv4Addr = wanted.parse().map_err(|_| {
        invalid_value(format!("Value ({wanted}) for parameter privateIpAddress is invalid."))
    })?;
    let block = block(call, subnet)?;
    if !block.holds(ip) || !block.usable().any(|usable| usable == ip) {
        return Err(invalid_value("Address does not fall within the subnet's address range"));
    }
    if addresses_in(call, subnet).contains(&wanted.to_owned()) {
        return Err(Fault::new(
            "InvalidIPAddress.InUse",
            format!("The specified address is already in use: {wanted}"),
        ));
    }
    Ok(wanted.to_owned())
}

/// The addresses of a new interface, the primary one first.
pub(super) fn of_request(call: &Call, input: &Value, subnet: &str) -> Result<Vec<String>, Fault> {
    let named = input.items("PrivateIpAddresses");
    let is_primary = |address: &&Value| address.flag("Primary");
    let primary = input
        .opt("PrivateIpAddress")
        .or_else(|| named.iter().find(is_primary)?.opt("PrivateIpAddress"));
    let mut addresses = match primary {
        Some(wanted) => vec![wanted_address(call, subnet, wanted)?],
        None => free_addresses(call, subnet, &[], 1)?,
    };
    for address in named.iter().filter(|address| !address.flag("Primary")) {
        addresses.push(wanted_address(call, subnet, address.text("PrivateIpAddress"))?);
    }
    let more = input
        .int("SecondaryPrivateIpAddressCount")
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or(0);
    addresses.extend(free_addresses(call, subnet, &addresses, more)?);
    Ok(addresses)
}

/// `AssignPrivateIpAddresses`.
pub(in crate::services::ec2) fn assign(call: &mut Call) -> Result<Value, Fault> {
    refuse_unsupported(call, &["Ipv4PrefixCount", "Ipv4Prefixes"])?;
    let input = call.input();
    let id = input.text("NetworkInterfaceId");
    INTERFACE.row(call, id)?;
    let count =
        input.int("SecondaryPrivateIpAddressCount").and_then(|count| usize::try_from(count).ok());
    let named = input.texts("PrivateIpAddresses");
    if named.is_empty() && count.is_none() {
        return Err(missing_parameter("PrivateIpAddresses"));
    }
    let fresh = assign_to(call, id, &named, count.unwrap_or(0))?;
    let assigned: Vec<Value> = fresh.iter().map(|ip| json!({"PrivateIpAddress": ip})).collect();
    Ok(json!({"NetworkInterfaceId": id, "AssignedPrivateIpAddresses": assigned}))
}

/// Gives an interface further addresses: those named, or that many free ones.
pub(in crate::services::ec2) fn assign_to(
    call: &mut Call,
    id: &str,
    named: &[&str],
    count: usize,
) -> Result<Vec<String>, Fault> {
    let row = INTERFACE.row(call, id)?;
    let subnet = row.text("SubnetId");
    let fresh = match named {
        [] => free_addresses(call, subnet, &[], count)?,
        named => named
            .iter()
            .map(|wanted| wanted_address(call, subnet, wanted))
            .collect::<Result<_, _>>()?,
    };
    let all: Vec<&str> =
        row.texts("_private_ips").into_iter().chain(fresh.iter().map(String::as_str)).collect();
    call.merge(INTERFACE.table, id, json!({"_private_ips": all}));
    Ok(fresh)
}

/// `UnassignPrivateIpAddresses`: never the primary one.
pub(in crate::services::ec2) fn unassign(call: &mut Call) -> Result<Value, Fault> {
    refuse_unsupported(call, &["Ipv4Prefixes"])?;
    let input = call.input();
    let id = input.text("NetworkInterfaceId");
    let row = INTERFACE.row(call, id)?;
    let gone = input.texts("PrivateIpAddresses");
    let secondary: Vec<&str> = row.texts("_private_ips").into_iter().skip(1).collect();
    if let Some(wrong) = gone.iter().find(|ip| !secondary.contains(ip)) {
        return Err(invalid_value(format!(
            "{wrong} is not a secondary private IP address of {id}"
        )));
    }
    let kept: Vec<&str> =
        row.texts("_private_ips").into_iter().filter(|ip| !gone.contains(ip)).collect();
    call.merge(INTERFACE.table, id, json!({"_private_ips": kept}));
    Ok(json!({}))
}
