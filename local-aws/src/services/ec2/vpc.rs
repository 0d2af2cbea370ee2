//! VPCs: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html>

mod attribute;
mod cidr_block;

pub(super) use self::attribute::{describe as describe_attribute, modify as modify_attribute};
pub(super) use self::cidr_block::{
    associate as associate_cidr_block, disassociate as disassociate_cidr_block,
};

use super::cidr::Block;
use super::kind::{Kind, has_dependencies, invalid_value, missing_parameter, refuse_unsupported};
use super::{
    dhcp_options, flow_log, interface, internet_gateway, network_acl, route_table, security_group,
    subnet, vpc_endpoint,
};
use crate::call::{ACCOUNT, Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `Vpc`, with its attributes in `_dns_support`, `_dns_hostnames` and `_address_metrics`.
pub(super) const VPC: Kind = Kind {
    table: Table::regional("ec2.vpc"),
    prefix: "vpc",
    resource_type: "vpc",
    noun: "vpc ID",
    not_found: "InvalidVpcID.NotFound",
    malformed: None,
    filters: &[
        ("cidr", "CidrBlock"),
        ("cidr-block", "CidrBlock"),
        ("cidrBlock", "CidrBlock"),
        ("cidr-block-association.association-id", "CidrBlockAssociationSet[].AssociationId"),
        ("cidr-block-association.cidr-block", "CidrBlockAssociationSet[].CidrBlock"),
        ("cidr-block-association.state", "CidrBlockAssociationSet[].CidrBlockState.State"),
        ("dhcp-options-id", "DhcpOptionsId"),
        (
            "ipv6-cidr-block-association.ipv6-cidr-block",
            "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock",
        ),
        ("is-default", "IsDefault"),
        ("isDefault", "IsDefault"),
        ("owner-id", "OwnerId"),
        ("state", "State"),
        ("vpc-id", "VpcId"),
    ],
};

/// AWS's default quota per region.
const QUOTA: usize = 5;

/// `CreateVpc`, with the default security group, network ACL and main route table.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    const UNSUPPORTED: [&str; 9] = [
        "AmazonProvidedIpv6CidrBlock",
        "Ipv4IpamPoolId",
        "Ipv4NetmaskLength",
        "Ipv6CidrBlock",
        "Ipv6CidrBlockNetworkBorderGroup",
        "Ipv6IpamPoolId",
        "Ipv6NetmaskLength",
        "Ipv6Pool",
        "VpcEncryptionControl",
    ];
    refuse_unsupported(call, &UNSUPPORTED)?;
    let input = call.input();
    let block = block(input.opt("CidrBlock").ok_or_else(|| missing_parameter("CidrBlock"))?)?;
    if input.opt("InstanceTenancy") == Some("host") {
        return Err(invalid_value("Value (host) for parameter instanceTenancy is invalid."));
    }
    if call.rows(VPC.table).count() >= call.quota("ec2.vpcs", QUOTA) {
        return Err(Fault::new("VpcLimitExceeded", "The maximum number of VPCs has been reached."));
    }
    let id = call.new_id("vpc");
    let association = call.new_id("vpc-cidr-assoc");
    let dhcp_options = dhcp_options::default(call);
    let row = json!({
        "VpcId": id, "CidrBlock": block.to_string(), "State": "pending", "DhcpOptionsId": dhcp_options,
        "InstanceTenancy": input.opt("InstanceTenancy").unwrap_or("default"), "IsDefault": false, "OwnerId": ACCOUNT,
        "CidrBlockAssociationSet": [{
            "AssociationId": association, "CidrBlock": block.to_string(), "CidrBlockState": {"State": "associated"},
        }],
        "Ipv6CidrBlockAssociationSet": [],
        "BlockPublicAccessStates": {"InternetGatewayBlockMode": "off"},
        "_dns_support": true, "_dns_hostnames": false, "_address_metrics": false,
    });
    let row = VPC.create(call, &id, row)?;
    let ready = call.latency("ec2.vpc", "create");
    call.schedule(ready, VPC.table, &id, Step::Merge(json!({"State": "available"})));
    security_group::create_default(call, &id);
    network_acl::create_default(call, &id);
    route_table::create_main(call, &id);
    Ok(json!({"Vpc": row}))
}

/// A VPC's block: /16 to /28.
fn block(text: &str) -> Result<Block, Fault> {
    let malformed = || {
        invalid_value(format!(
            "Value ({text}) for parameter cidrBlock is invalid. This is not a valid CIDR block."
        ))
    };
    let block = Block::parse(text).ok_or_else(malformed)?;
    if (16..=28).contains(&block.prefix()) {
        Ok(block)
    } else {
        Err(Fault::new("InvalidVpc.Range", format!("The CIDR '{text}' is invalid.")))
    }
}

/// The blocks of a VPC.
pub(super) fn blocks(vpc: &Value) -> Vec<Block> {
    vpc.items("CidrBlockAssociationSet")
        .iter()
        .filter_map(|block| Block::parse(block.text("CidrBlock")))
        .collect()
}

/// `DescribeVpcs`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"Vpcs": VPC.describe(call, "VpcIds", "Filters", |_, row| row.clone())?}))
}

/// `DeleteVpc`: only when nothing is left in it but what came with it.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("VpcId");
    VPC.row(call, id)?;
    let of_vpc = |row: &Value| row.text("VpcId") == id;
    let needed = [
        call.rows(subnet::SUBNET.table).any(|(_, row)| of_vpc(row)),
        call.rows(interface::INTERFACE.table).any(|(_, row)| of_vpc(row)),
        call.rows(internet_gateway::INTERNET_GATEWAY.table)
            .any(|(_, row)| internet_gateway::is_attached_to(row, id)),
        call.rows(vpc_endpoint::VPC_ENDPOINT.table).any(|(_, row)| of_vpc(row)),
        call.rows(security_group::SECURITY_GROUP.table)
            .any(|(_, row)| of_vpc(row) && row.text("GroupName") != "default"),
        call.rows(network_acl::NETWORK_ACL.table)
            .any(|(_, row)| of_vpc(row) && !row.flag("IsDefault")),
        call.rows(route_table::ROUTE_TABLE.table)
            .any(|(table, row)| of_vpc(row) && !route_table::is_main(call, table)),
    ];
    if needed.contains(&true) {
        return Err(has_dependencies("vpc", id));
    }
    security_group::delete_all(call, id);
    network_acl::delete_all(call, id);
    route_table::delete_all(call, id);
    flow_log::delete_of(call, id);
    call.remove(VPC.table, id);
    Ok(json!({}))
}
