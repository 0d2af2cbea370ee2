//! Internet gateways: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInternetGateway.html>

use super::address;
use super::kind::{Kind, has_dependencies, invalid_value};
use super::vpc::VPC;
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are an `InternetGateway`.
pub(super) const INTERNET_GATEWAY: Kind = Kind {
    table: Table::regional("ec2.internet_gateway"),
    prefix: "igw",
    resource_type: "internet-gateway",
    noun: "internetGateway ID",
    not_found: "InvalidInternetGatewayID.NotFound",
    malformed: Some("InvalidInternetGatewayId.Malformed"),
    filters: &[
        ("attachment.state", "Attachments[].State"),
        ("attachment.vpc-id", "Attachments[].VpcId"),
        ("internet-gateway-id", "InternetGatewayId"),
        ("owner-id", "OwnerId"),
    ],
};

/// AWS's default quota per region.
const QUOTA: usize = 5;

/// `CreateInternetGateway`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    if call.rows(INTERNET_GATEWAY.table).count() >= call.quota("ec2.internet_gateways", QUOTA) {
        let message = "The maximum number of internet gateways has been reached.";
        return Err(Fault::new("InternetGatewayLimitExceeded", message));
    }
    let id = call.new_id("igw");
    let row = json!({"InternetGatewayId": id, "OwnerId": ACCOUNT, "Attachments": []});
    let row = INTERNET_GATEWAY.create(call, &id, row)?;
    Ok(json!({"InternetGateway": row}))
}

/// `DescribeInternetGateways`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let gateways =
        INTERNET_GATEWAY.describe(call, "InternetGatewayIds", "Filters", |_, row| row.clone())?;
    Ok(json!({"InternetGateways": gateways}))
}

/// Whether a gateway is attached to a VPC.
pub(super) fn is_attached_to(gateway: &Value, vpc: &str) -> bool {
    gateway.items("Attachments").iter().any(|attachment| attachment.text("VpcId") == vpc)
}

/// Whether a VPC has an internet gateway.
pub(super) fn is_in_vpc(call: &Call, vpc: &str) -> bool {
    call.rows(INTERNET_GATEWAY.table).any(|(_, gateway)| is_attached_to(gateway, vpc))
}

/// `AttachInternetGateway`: one VPC a gateway, one gateway a VPC.
pub(super) fn attach(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, vpc) = (input.text("InternetGatewayId"), input.text("VpcId"));
    let gateway = INTERNET_GATEWAY.row(call, id)?;
    VPC.row(call, vpc)?;
    if let Some(attachment) = gateway.items("Attachments").first() {
        let message =
            format!("resource {id} is already attached to network {}", attachment.text("VpcId"));
        return Err(Fault::new("Resource.AlreadyAssociated", message));
    }
    if is_in_vpc(call, vpc) {
        return Err(invalid_value(format!(
            "Network {vpc} already has an internet gateway attached"
        )));
    }
    call.merge(
        INTERNET_GATEWAY.table,
        id,
        json!({"Attachments": [{"State": "available", "VpcId": vpc}]}),
    );
    Ok(json!({}))
}

/// `DetachInternetGateway`: refused while the VPC has public addresses.
pub(super) fn detach(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, vpc) = (input.text("InternetGatewayId"), input.text("VpcId"));
    let gateway = INTERNET_GATEWAY.row(call, id)?;
    VPC.row(call, vpc)?;
    if !is_attached_to(&gateway, vpc) {
        return Err(Fault::new(
            "Gateway.NotAttached",
            format!("resource {id} is not attached to network {vpc}"),
        ));
    }
    if address::is_mapped_in(call, vpc) {
        let message = format!(
            "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
        );
        return Err(Fault::new("DependencyViolation", message));
    }
    call.merge(INTERNET_GATEWAY.table, id, json!({"Attachments": []}));
    Ok(json!({}))
}

/// `DeleteInternetGateway`: only detached.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("InternetGatewayId");
    let gateway = INTERNET_GATEWAY.row(call, id)?;
    if !gateway.items("Attachments").is_empty() {
        return Err(has_dependencies("internetGateway", id));
    }
    call.remove(INTERNET_GATEWAY.table, id);
    Ok(json!({}))
}
