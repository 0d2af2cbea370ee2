//! Network interfaces: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html>

mod attribute;
mod private_ip;

pub(super) use self::attribute::{
    describe as describe_attribute, modify as modify_attribute, reset as reset_attribute,
};
pub(super) use self::private_ip::{assign, assign_to, unassign};

use self::private_ip::{free_address, wanted_address};
use super::kind::{Kind, invalid_value, refuse_unsupported};
use super::security_group::SECURITY_GROUP;
use super::subnet::SUBNET;
use super::{address, vpc};
use crate::call::{ACCOUNT, Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `NetworkInterface` without names of groups and public addresses: `_groups` has the ids of its groups,
/// `_private_ips` its addresses, the primary one first.
pub(super) const INTERFACE: Kind = Kind {
    table: Table::regional("ec2.network_interface"),
    prefix: "eni",
    resource_type: "network-interface",
    noun: "networkInterface ID",
    not_found: "InvalidNetworkInterfaceID.NotFound",
    malformed: Some("InvalidNetworkInterfaceId.Malformed"),
    filters: &[
        ("addresses.association.public-ip", "PrivateIpAddresses[].Association.PublicIp"),
        ("addresses.primary", "PrivateIpAddresses[].Primary"),
        ("addresses.private-ip-address", "PrivateIpAddresses[].PrivateIpAddress"),
        ("association.allocation-id", "Association.AllocationId"),
        ("association.association-id", "Association.AssociationId"),
        ("association.ip-owner-id", "Association.IpOwnerId"),
        ("association.public-ip", "Association.PublicIp"),
        ("attachment.attachment-id", "Attachment.AttachmentId"),
        ("attachment.delete-on-termination", "Attachment.DeleteOnTermination"),
        ("attachment.device-index", "Attachment.DeviceIndex"),
        ("attachment.instance-id", "Attachment.InstanceId"),
        ("attachment.instance-owner-id", "Attachment.InstanceOwnerId"),
        ("attachment.status", "Attachment.Status"),
        ("availability-zone", "AvailabilityZone"),
        ("availability-zone-id", "AvailabilityZoneId"),
        ("description", "Description"),
        ("group-id", "Groups[].GroupId"),
        ("group-name", "Groups[].GroupName"),
        ("interface-type", "InterfaceType"),
        ("mac-address", "MacAddress"),
        ("network-interface-id", "NetworkInterfaceId"),
        ("owner-id", "OwnerId"),
        ("private-dns-name", "PrivateDnsName"),
        ("private-ip-address", "PrivateIpAddress"),
        ("requester-id", "RequesterId"),
        ("requester-managed", "RequesterManaged"),
        ("source-dest-check", "SourceDestCheck"),
        ("status", "Status"),
        ("subnet-id", "SubnetId"),
        ("vpc-id", "VpcId"),
    ],
};

/// AWS's default quota of security groups on one interface.
const GROUP_QUOTA: usize = 5;

/// Seconds until a new interface is available.
const READY_SECONDS: f64 = 1.0;

/// An interface that a service makes for itself in a customer's subnet.
pub(super) struct Managed<'a> {
    pub(super) subnet: &'a str,
    pub(super) groups: &'a [String],
    pub(super) private_ip: Option<&'a str>,
    pub(super) description: &'a str,
    /// `nat_gateway`, `vpc_endpoint`, ...
    pub(super) interface_type: &'a str,
}

/// Makes a requester-managed interface, in use from the start; only its service can remove it.
pub(super) fn create_managed(call: &mut Call, managed: &Managed) -> Result<Value, Fault> {
    let address = match managed.private_ip {
        Some(wanted) => wanted_address(call, managed.subnet, wanted)?,
        None => free_address(call, managed.subnet)?,
    };
    let mut row = new_row(call, managed.subnet, &[address], managed.groups)?;
    let attachment = call.new_id("ela-attach");
    row["Description"] = json!(managed.description);
    row["InterfaceType"] = json!(managed.interface_type);
    row["RequesterManaged"] = json!(true);
    row["RequesterId"] =
        json!(format!("amazon-{}", managed.interface_type.split('_').next().unwrap_or("aws")));
    row["Status"] = json!("in-use");
    row["SourceDestCheck"] = json!(managed.interface_type != "nat_gateway");
    row["Attachment"] = json!({
        "AttachmentId": attachment, "DeleteOnTermination": false, "DeviceIndex": 1, "InstanceOwnerId": "amazon-aws",
        "Status": "attached",
    });
    row["_arn"] = json!(INTERFACE.arn(call, row.text("NetworkInterfaceId")));
    row["Tags"] = json!([]);
    call.put(INTERFACE.table, row.text("NetworkInterfaceId"), row.clone());
    Ok(row)
}

fn new_row(
    call: &mut Call,
    subnet_id: &str,
    addresses: &[String],
    groups: &[String],
) -> Result<Value, Fault> {
    let subnet = SUBNET.row(call, subnet_id)?;
    let id = call.new_id("eni");
    let mac = call.new_hex("ec2.mac", 10);
    let mac: Vec<&str> = (0..5).map(|at| &mac[2 * at..2 * at + 2]).collect();
    Ok(json!({
        "NetworkInterfaceId": id, "OwnerId": ACCOUNT, "SubnetId": subnet_id, "VpcId": subnet["VpcId"],
        "AvailabilityZone": subnet["AvailabilityZone"], "AvailabilityZoneId": subnet["AvailabilityZoneId"],
        "MacAddress": format!("02:{}", mac.join(":")), "Description": "", "InterfaceType": "interface",
        "Ipv6Addresses": [], "RequesterManaged": false, "SourceDestCheck": true, "Status": "pending",
        "_private_ips": addresses, "_groups": groups,
    }))
}

/// `CreateNetworkInterface`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    call.idempotent("ClientToken", create_once)
}

fn create_once(call: &mut Call) -> Result<Value, Fault> {
    const UNSUPPORTED: [&str; 9] = [
        "ConnectionTrackingSpecification",
        "EnablePrimaryIpv6",
        "Ipv4PrefixCount",
        "Ipv4Prefixes",
        "Ipv6AddressCount",
        "Ipv6Addresses",
        "Ipv6PrefixCount",
        "Ipv6Prefixes",
        "Operator",
    ];
    refuse_unsupported(call, &UNSUPPORTED)?;
    let input = call.input();
    let subnet_id = input.text("SubnetId");
    let subnet = SUBNET.row(call, subnet_id)?;
    let groups = groups(call, &input.texts("Groups"), subnet.text("VpcId"))?;
    let addresses = private_ip::of_request(call, &input, subnet_id)?;
    let mut row = new_row(call, subnet_id, &addresses, &groups)?;
    row["Description"] = json!(input.text("Description"));
    row["InterfaceType"] = json!(input.opt("InterfaceType").unwrap_or("interface"));
    row["RequesterId"] = json!(ACCOUNT);
    let id = row.text("NetworkInterfaceId").to_owned();
    let row = INTERFACE.create(call, &id, row)?;
    call.schedule(READY_SECONDS, INTERFACE.table, &id, Step::Merge(json!({"Status": "available"})));
    Ok(json!({"NetworkInterface": view(call, &row), "ClientToken": input["ClientToken"]}))
}

/// The groups of a new interface: those named, or the VPC's default one.
pub(super) fn groups(call: &Call, named: &[&str], vpc: &str) -> Result<Vec<String>, Fault> {
    if named.is_empty() {
        let default = call
            .rows(SECURITY_GROUP.table)
            .find(|(_, row)| row.text("VpcId") == vpc && row.text("GroupName") == "default");
        return Ok(default.map(|(id, _)| id.to_owned()).into_iter().collect());
    }
    for id in named {
        let group = SECURITY_GROUP.row(call, id)?;
        if group.text("VpcId") != vpc {
            let message = "You have specified two resources that belong to different networks.";
            return Err(Fault::new("InvalidGroup.NotFound", message));
        }
    }
    if named.len() > call.quota("ec2.groups_per_interface", GROUP_QUOTA) {
        let message = "The maximum number of security groups per interface has been reached.";
        return Err(Fault::new("SecurityGroupsPerInterfaceLimitExceeded", message));
    }
    Ok(named.iter().map(|id| (*id).to_owned()).collect())
}

/// An interface as it is described.
pub(super) fn view(call: &Call, row: &Value) -> Value {
    let id = row.text("NetworkInterfaceId");
    let with_dns =
        call.get(vpc::VPC.table, row.text("VpcId")).is_some_and(|vpc| vpc.flag("_dns_hostnames"));
    let mut seen = row.clone();
    let addresses: Vec<Value> = row
        .texts("_private_ips")
        .iter()
        .enumerate()
        .map(|(index, ip)| {
            let mut address = json!({"Primary": index == 0, "PrivateIpAddress": ip});
            let managed = || (index == 0).then(|| managed_association(row)).flatten();
            if let Some(association) = association(call, id, ip).or_else(managed) {
                address["Association"] = association;
            }
            if with_dns {
                address["PrivateDnsName"] = json!(private_name(call.region(), ip));
            }
            address
        })
        .collect();
    if let Some(primary) = addresses.first() {
        seen["PrivateIpAddress"] = primary["PrivateIpAddress"].clone();
        seen["PrivateDnsName"] = primary["PrivateDnsName"].clone();
        seen["Association"] = primary["Association"].clone();
    }
    let group = |id: &&str| json!({"GroupId": id, "GroupName": call.get(SECURITY_GROUP.table, id).map_or("", |row| row.text("GroupName"))});
    seen["Groups"] = row.texts("_groups").iter().map(group).collect();
    seen["PrivateIpAddresses"] = Value::Array(addresses);
    seen["TagSet"] = row["Tags"].clone();
    seen
}

fn association(call: &Call, interface: &str, private: &str) -> Option<Value> {
    let address = address::of_interface(call, interface, private)?;
    Some(json!({
        "AllocationId": address["AllocationId"], "AssociationId": address["AssociationId"], "IpOwnerId": ACCOUNT,
        "PublicIp": address["PublicIp"], "PublicDnsName": "",
    }))
}

/// The public address that the interface's service gave it.
fn managed_association(row: &Value) -> Option<Value> {
    let ip = row.opt("_public_ip")?;
    Some(json!({"IpOwnerId": row["RequesterId"], "PublicIp": ip, "PublicDnsName": ""}))
}

fn private_name(region: &str, ip: &str) -> String {
    let domain = if region == "us-east-1" {
        "ec2.internal".to_owned()
    } else {
        format!("{region}.compute.internal")
    };
    format!("ip-{}.{domain}", ip.replace('.', "-"))
}

/// `DescribeNetworkInterfaces`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(
        json!({"NetworkInterfaces": INTERFACE.describe(call, "NetworkInterfaceIds", "Filters", view)?}),
    )
}

/// `DeleteNetworkInterface`: only what is not in use.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("NetworkInterfaceId");
    let row = INTERFACE.row(call, id)?;
    if row.has("Attachment") {
        return Err(invalid_value(format!("Network interface '{id}' is currently in use.")));
    }
    remove(call, id);
    Ok(json!({}))
}

/// Removes an interface and frees its public addresses.
pub(super) fn remove(call: &mut Call, id: &str) {
    let mapped =
        call.rows(address::ADDRESS.table).filter(|(_, row)| row.text("NetworkInterfaceId") == id);
    let mapped: Vec<String> = mapped.map(|(address, _)| address.to_owned()).collect();
    for address in mapped {
        address::free(call, &address);
    }
    call.remove(INTERFACE.table, id);
}

/// Whether an interface has a private address.
pub(super) fn has_address(row: &Value, ip: &str) -> bool {
    row.texts("_private_ips").contains(&ip)
}

/// The private addresses that interfaces have in a subnet.
pub(super) fn addresses_in(call: &Call, subnet: &str) -> Vec<String> {
    let inside = call.rows(INTERFACE.table).filter(|(_, row)| row.text("SubnetId") == subnet);
    inside
        .flat_map(|(_, row)| {
            row.texts("_private_ips").into_iter().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}
