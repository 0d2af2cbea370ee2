//! Further blocks of a VPC: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateVpcCidrBlock.html>

use super::{VPC, block, blocks};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::cidr::Block;
use crate::services::ec2::kind::{missing_parameter, refuse_unsupported};
use crate::services::ec2::subnet::SUBNET;
use serde_json::{Value, json};

/// AWS's default quota of blocks per VPC.
const QUOTA: usize = 5;

/// `AssociateVpcCidrBlock`.
pub(in crate::services::ec2) fn associate(call: &mut Call) -> Result<Value, Fault> {
    const UNSUPPORTED: [&str; 8] = [
        "AmazonProvidedIpv6CidrBlock",
        "Ipv4IpamPoolId",
        "Ipv4NetmaskLength",
        "Ipv6CidrBlock",
        "Ipv6CidrBlockNetworkBorderGroup",
        "Ipv6IpamPoolId",
        "Ipv6NetmaskLength",
        "Ipv6Pool",
    ];
    refuse_unsupported(call, &UNSUPPORTED)?;
    let input = call.input();
    let id = input.text("VpcId");
    let vpc = VPC.row(call, id)?;
    let block = block(input.opt("CidrBlock").ok_or_else(|| missing_parameter("CidrBlock"))?)?;
    let known = blocks(&vpc);
    if known.iter().any(|known| known.overlaps(block)) {
        return Err(Fault::new(
            "CidrConflict",
            format!("The CIDR '{block}' conflicts with another CIDR of {id}"),
        ));
    }
    if known.len() >= call.quota("ec2.cidr_blocks_per_vpc", QUOTA) {
        return Err(Fault::new(
            "CidrLimitExceeded",
            format!("The maximum number of CIDR blocks of {id} has been reached."),
        ));
    }
    let association = json!({
        "AssociationId": call.new_id("vpc-cidr-assoc"), "CidrBlock": block.to_string(), "CidrBlockState": {"State": "associated"},
    });
    call.update(VPC.table, id, |row| {
        let all = row.items("CidrBlockAssociationSet").iter().cloned().chain([association.clone()]);
        row["CidrBlockAssociationSet"] = all.collect();
    });
    Ok(json!({"VpcId": id, "CidrBlockAssociation": association}))
}

/// `DisassociateVpcCidrBlock`.
pub(in crate::services::ec2) fn disassociate(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let association = input.text("AssociationId");
    let of = |block: &Value| block.text("AssociationId") == association;
    let found = call.rows(VPC.table).find_map(|(id, vpc)| {
        let block = vpc.items("CidrBlockAssociationSet").iter().find(|block| of(block))?;
        Some((id.to_owned(), vpc.text("CidrBlock").to_owned(), block.clone()))
    });
    let (id, primary, mut block) = found.ok_or_else(|| {
        let message = format!("The vpc CIDR block association ID '{association}' does not exist");
        Fault::new("InvalidVpcCidrBlockAssociationID.NotFound", message)
    })?;
    if block.text("CidrBlock") == primary {
        let message = format!(
            "The vpc CIDR block with association ID {association} may not be disassociated. It is the primary IPv4 CIDR block of the VPC"
        );
        return Err(Fault::new("OperationNotPermitted", message));
    }
    let whole = Block::parse(block.text("CidrBlock"));
    let in_block = |subnet: &Value| {
        whole
            .zip(Block::parse(subnet.text("CidrBlock")))
            .is_some_and(|(whole, part)| whole.contains(part))
    };
    if call.rows(SUBNET.table).any(|(_, subnet)| subnet.text("VpcId") == id && in_block(subnet)) {
        let message = format!(
            "The vpc CIDR block with association ID {association} has subnets and may not be disassociated."
        );
        return Err(Fault::new("DependencyViolation", message));
    }
    call.update(VPC.table, &id, |row| {
        row["CidrBlockAssociationSet"] = row
            .items("CidrBlockAssociationSet")
            .iter()
            .filter(|block| !of(block))
            .cloned()
            .collect();
    });
    block["CidrBlockState"] = json!({"State": "disassociated"});
    Ok(json!({"VpcId": id, "CidrBlockAssociation": block}))
}
