//! What other services see of a VPC's addresses.

use super::cidr::Block;
use super::interface::{self, INTERFACE};
use super::subnet::SUBNET;
use super::vpc::VPC;
use super::{internet_gateway, placed};
use crate::call::Call;
use crate::fields::Fields;
use serde_json::Value;
use std::net::Ipv4Addr;

/// Whether a region has a VPC with this id.
pub(crate) fn vpc_exists(call: &Call, region: &str, vpc: &str) -> bool {
    call.get_in(region, VPC.table, vpc).is_some()
}

/// Whether a VPC has an internet gateway.
pub(crate) fn has_internet_gateway(call: &Call, vpc: &str) -> bool {
    internet_gateway::is_in_vpc(call, vpc)
}

/// How many addresses of a subnet interfaces can still have.
pub(crate) fn free_addresses(call: &Call, subnet: &str) -> u64 {
    let block = call.get(SUBNET.table, subnet).and_then(|row| Block::parse(row.text("CidrBlock")));
    let taken = interface::addresses_in(call, subnet).len() as u64;
    block.map_or(0, Block::size).saturating_sub(5 + taken)
}

/// The security groups of the interface in a VPC that has a private address.
pub(crate) fn groups_at(call: &Call, vpc: &str, ip: &str) -> Option<Vec<String>> {
    let has = |row: &Value| row.text("VpcId") == vpc && interface::has_address(row, ip);
    let (_, row) = call.rows(INTERFACE.table).find(|(_, row)| has(row))?;
    Some(row.texts("_groups").into_iter().map(str::to_owned).collect())
}

/// Where the subnet of a VPC is in whose block an address lies.
pub(crate) fn subnet_of(call: &Call, vpc: &str, ip: Ipv4Addr) -> Option<placed::Spot> {
    let holds = |row: &Value| {
        row.text("VpcId") == vpc
            && Block::parse(row.text("CidrBlock")).is_some_and(|block| block.holds(ip))
    };
    let (id, _) = call.rows(SUBNET.table).find(|(_, row)| holds(row))?;
    placed::spot(call, id)
}
