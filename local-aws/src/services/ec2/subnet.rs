//! Subnets: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html>

mod attribute;

pub(super) use self::attribute::modify as modify_attribute;

use super::cidr::Block;
use super::kind::{
    Kind, has_dependencies, invalid_value, missing_parameter, only_one, refuse_unsupported,
};
use super::vpc::{self, VPC};
use super::{flow_log, interface, nat_gateway, network_acl, route_table};
use crate::call::{ACCOUNT, Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::region;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `Subnet` without the count of free addresses.
pub(super) const SUBNET: Kind = Kind {
    table: Table::regional("ec2.subnet"),
    prefix: "subnet",
    resource_type: "subnet",
    noun: "subnet ID",
    not_found: "InvalidSubnetID.NotFound",
    malformed: None,
    filters: &[
        ("availability-zone", "AvailabilityZone"),
        ("availabilityZone", "AvailabilityZone"),
        ("availability-zone-id", "AvailabilityZoneId"),
        ("availabilityZoneId", "AvailabilityZoneId"),
        ("available-ip-address-count", "AvailableIpAddressCount"),
        ("cidr", "CidrBlock"),
        ("cidr-block", "CidrBlock"),
        ("cidrBlock", "CidrBlock"),
        ("default-for-az", "DefaultForAz"),
        ("defaultForAz", "DefaultForAz"),
        ("enable-dns64", "EnableDns64"),
        ("ipv6-native", "Ipv6Native"),
        ("map-public-ip-on-launch", "MapPublicIpOnLaunch"),
        ("owner-id", "OwnerId"),
        (
            "private-dns-name-options-on-launch.hostname-type",
            "PrivateDnsNameOptionsOnLaunch.HostnameType",
        ),
        ("state", "State"),
        ("subnet-arn", "SubnetArn"),
        ("subnet-id", "SubnetId"),
        ("vpc-id", "VpcId"),
    ],
};

/// AWS's default quota per VPC.
const QUOTA: usize = 200;

/// `CreateSubnet`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    const UNSUPPORTED: [&str; 7] = [
        "Ipv4IpamPoolId",
        "Ipv4NetmaskLength",
        "Ipv6CidrBlock",
        "Ipv6IpamPoolId",
        "Ipv6Native",
        "Ipv6NetmaskLength",
        "OutpostArn",
    ];
    refuse_unsupported(call, &UNSUPPORTED)?;
    let input = call.input();
    let vpc_id = input.text("VpcId");
    let vpc = VPC.row(call, vpc_id)?;
    let block =
        block(call, &vpc, input.opt("CidrBlock").ok_or_else(|| missing_parameter("CidrBlock"))?)?;
    let (zone, zone_id) = zone(call, &input)?;
    let siblings = call.rows(SUBNET.table).filter(|(_, row)| row.text("VpcId") == vpc_id).count();
    if siblings >= call.quota("ec2.subnets_per_vpc", QUOTA) {
        let message = format!("The maximum number of subnets of {vpc_id} has been reached.");
        return Err(Fault::new("SubnetLimitExceeded", message));
    }
    let id = call.new_id("subnet");
    let row = json!({
        "SubnetId": id, "SubnetArn": SUBNET.arn(call, &id), "VpcId": vpc_id, "OwnerId": ACCOUNT, "State": "pending",
        "CidrBlock": block.to_string(), "AvailabilityZone": zone, "AvailabilityZoneId": zone_id,
        "AssignIpv6AddressOnCreation": false, "DefaultForAz": false, "EnableDns64": false, "Ipv6Native": false,
        "Ipv6CidrBlockAssociationSet": [], "MapCustomerOwnedIpOnLaunch": false, "MapPublicIpOnLaunch": false,
        "PrivateDnsNameOptionsOnLaunch": {
            "HostnameType": "ip-name", "EnableResourceNameDnsARecord": false, "EnableResourceNameDnsAAAARecord": false,
        },
        "BlockPublicAccessStates": {"InternetGatewayBlockMode": "off"},
    });
    let row = SUBNET.create(call, &id, row)?;
    network_acl::associate_default(call, vpc_id, &id);
    let ready = call.latency("ec2.subnet", "create");
    call.schedule(ready, SUBNET.table, &id, Step::Merge(json!({"State": "available"})));
    Ok(json!({"Subnet": view(call, &row)}))
}

/// A subnet's block: /16 to /28, within the VPC, apart from the other subnets.
fn block(call: &Call, vpc: &Value, text: &str) -> Result<Block, Fault> {
    let malformed = || {
        invalid_value(format!(
            "Value ({text}) for parameter cidrBlock is invalid. This is not a valid CIDR block."
        ))
    };
    let block = Block::parse(text).ok_or_else(malformed)?;
    let within = vpc::blocks(vpc).iter().any(|whole| whole.contains(block));
    if !within || !(16..=28).contains(&block.prefix()) {
        return Err(Fault::new("InvalidSubnet.Range", format!("The CIDR '{text}' is invalid.")));
    }
    let siblings =
        call.rows(SUBNET.table).filter(|(_, row)| row.text("VpcId") == vpc.text("VpcId"));
    let taken = siblings
        .filter_map(|(_, row)| Block::parse(row.text("CidrBlock")))
        .any(|other| other.overlaps(block));
    if taken {
        return Err(Fault::new(
            "InvalidSubnet.Conflict",
            format!("The CIDR '{text}' conflicts with another subnet"),
        ));
    }
    Ok(block)
}

/// Name and id of the zone that the request wants; the region's first if it does not say.
fn zone(call: &Call, input: &Value) -> Result<(String, String), Fault> {
    let zones = region::zones(call.region());
    let by = only_one(input, &["AvailabilityZone", "AvailabilityZoneId"])?;
    let wanted = by.map(|member| input.text(member));
    let first = zones.iter().find(|(name, id)| match by {
        None => true,
        Some("AvailabilityZone") => Some(name.as_str()) == wanted,
        Some(_) => Some(id.as_str()) == wanted,
    });
    first.cloned().ok_or_else(|| {
        let names: Vec<&str> = zones.iter().map(|(name, _)| name.as_str()).collect();
        invalid_value(format!(
            "Value ({}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: {}.",
            wanted.unwrap_or_default(),
            names.join(", ")
        ))
    })
}

/// A subnet with the count of its free addresses.
fn view(call: &Call, row: &Value) -> Value {
    let size = Block::parse(row.text("CidrBlock")).map_or(0, Block::size);
    let taken = interface::addresses_in(call, row.text("SubnetId")).len() as u64;
    let mut seen = row.clone();
    seen["AvailableIpAddressCount"] = json!(size.saturating_sub(5 + taken));
    seen
}

/// `DescribeSubnets`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"Subnets": SUBNET.describe(call, "SubnetIds", "Filters", view)?}))
}

/// `DeleteSubnet`: only without network interfaces in it. Its associations go with it.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("SubnetId");
    SUBNET.row(call, id)?;
    let inside = call.rows(interface::INTERFACE.table).any(|(_, row)| row.text("SubnetId") == id);
    if inside || nat_gateway::is_in_subnet(call, id) {
        return Err(has_dependencies("subnet", id));
    }
    network_acl::forget_subnet(call, id);
    route_table::forget_subnet(call, id);
    flow_log::delete_of(call, id);
    call.remove(SUBNET.table, id);
    Ok(json!({}))
}
