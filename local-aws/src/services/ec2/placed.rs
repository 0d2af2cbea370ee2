//! What other services place into a customer's subnets: interfaces that keep subnets and security groups from being
//! deleted until their service takes them out.

use super::address;
use super::interface::{self, INTERFACE, Managed};
use super::security_group::SECURITY_GROUP;
use super::subnet::SUBNET;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// An interface of another service.
pub(crate) struct Placed<'a> {
    /// The subnet that it takes an address of.
    pub(crate) subnet: &'a str,
    /// Its security groups.
    pub(crate) groups: &'a [String],
    /// The address; without one the subnet's first free one.
    pub(crate) private_ip: Option<&'a str>,
    /// What its description says.
    pub(crate) description: &'a str,
    /// Who asked for it, such as `amazon-rds`.
    pub(crate) requester: &'a str,
}

/// Where a subnet is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    /// Its VPC.
    pub(crate) vpc: String,
    /// The name of its zone.
    pub(crate) zone: String,
    /// The id of its zone.
    pub(crate) zone_id: String,
}

/// Puts an interface into a subnet: its id and its address.
pub(crate) fn place(call: &mut Call, placed: &Placed) -> Result<(String, String), Fault> {
    let managed = Managed {
        subnet: placed.subnet,
        groups: placed.groups,
        private_ip: placed.private_ip,
        description: placed.description,
        interface_type: "interface",
    };
    let made = interface::create_managed(call, &managed)?;
    let id = made.text("NetworkInterfaceId").to_owned();
    call.update(INTERFACE.table, &id, |row| {
        row["RequesterId"] = json!(placed.requester);
        row["Attachment"]["InstanceOwnerId"] = json!(placed.requester);
    });
    Ok((id, made.texts("_private_ips").first().copied().unwrap_or_default().to_owned()))
}

/// Gives an interface another type than `interface`, such as `lambda`.
pub(crate) fn of_type(call: &mut Call, interface: &str, kind: &str) {
    call.merge(INTERFACE.table, interface, json!({"InterfaceType": kind}));
}

/// Puts an interface with a public address into a subnet: its id. The VPC cannot lose its internet gateway meanwhile.
pub(crate) fn place_public(call: &mut Call, placed: &Placed) -> Result<String, Fault> {
    let (id, _) = place(call, placed)?;
    let public = address::public_ip(call);
    call.merge(INTERFACE.table, &id, json!({"_public_ip": public}));
    Ok(id)
}

/// Gives an interface other security groups.
pub(crate) fn regroup(call: &mut Call, interface: &str, groups: &[String]) {
    call.merge(INTERFACE.table, interface, json!({"_groups": groups}));
}

/// Takes an interface out of its subnet.
pub(crate) fn withdraw(call: &mut Call, interface: &str) {
    interface::remove(call, interface);
}

/// Where a subnet is, if there is one with this id.
pub(crate) fn spot(call: &Call, subnet: &str) -> Option<Spot> {
    let row = call.get(SUBNET.table, subnet)?;
    Some(Spot {
        vpc: row.text("VpcId").to_owned(),
        zone: row.text("AvailabilityZone").to_owned(),
        zone_id: row.text("AvailabilityZoneId").to_owned(),
    })
}

/// The VPC of a security group, if there is one with this id.
pub(crate) fn vpc_of_group(call: &Call, group: &str) -> Option<String> {
    call.get(SECURITY_GROUP.table, group).map(|row| row.text("VpcId").to_owned())
}

/// The default security group of a VPC.
pub(crate) fn default_group(call: &Call, vpc: &str) -> Option<String> {
    let default = |row: &Value| row.text("VpcId") == vpc && row.text("GroupName") == "default";
    call.rows(SECURITY_GROUP.table).find(|(_, row)| default(row)).map(|(id, _)| id.to_owned())
}
