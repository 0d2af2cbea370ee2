//! The VPCs of private zones:
//! <https://docs.aws.amazon.com/Route53/latest/APIReference/API_AssociateVPCWithHostedZone.html>

use super::hosted_zone::{HOSTED_ZONE, id_of, is_private, named};
use super::{change, invalid};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2;
use serde_json::{Value, json};

/// Whether a VPC can have a zone of a name: it exists, and no other zone of it has the name.
pub(super) fn usable(
    call: &Call,
    vpc: &Value,
    name: &str,
    zone: Option<&str>,
) -> Result<(), Fault> {
    let (region, id) = (vpc.text("VPCRegion"), vpc.text("VPCId"));
    if !ec2::vpc_exists(call, region, id) {
        let message = format!("The VPC {id} in region {region} that you provided does not exist");
        return Err(Fault::new("InvalidVPCId", message));
    }
    let conflicts = call.rows(HOSTED_ZONE).any(|(other, row)| {
        Some(other) != zone && row.text("Name") == name && row.items("_vpcs").contains(vpc)
    });
    if conflicts {
        let message = format!(
            "The VPC {id} in region {region} has already been associated with a hosted zone with the same domain name."
        );
        return Err(Fault::new("ConflictingDomainExists", message));
    }
    Ok(())
}

/// `AssociateVPCWithHostedZone`.
pub(super) fn associate(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = named(call, input.text("HostedZoneId"))?;
    let id = id_of(row.text("Id"));
    if !is_private(&row) {
        let message = "You're trying to associate a VPC with a public hosted zone.";
        return Err(Fault::new("PublicZoneVPCAssociation", message));
    }
    usable(call, &input["VPC"], row.text("Name"), Some(id))?;
    let mut vpcs = row.items("_vpcs").to_vec();
    if !vpcs.contains(&input["VPC"]) {
        vpcs.push(input["VPC"].clone());
    }
    call.merge(HOSTED_ZONE, id, json!({"_vpcs": vpcs}));
    changed(call, &input)
}

fn changed(call: &mut Call, input: &Value) -> Result<Value, Fault> {
    let seconds = call.latency("route53.hosted_zone", "create");
    Ok(json!({"ChangeInfo": change::submit(call, seconds, input.opt("Comment"))}))
}

/// `DisassociateVPCFromHostedZone`: not the last one.
pub(super) fn disassociate(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = named(call, input.text("HostedZoneId"))?;
    let mut vpcs = row.items("_vpcs").to_vec();
    if !vpcs.contains(&input["VPC"]) {
        let message = "The VPC is not associated with the hosted zone.";
        return Err(Fault::new("VPCAssociationNotFound", message));
    }
    if vpcs.len() == 1 {
        let message = "The last VPC of a private hosted zone cannot be disassociated.";
        return Err(Fault::new("LastVPCAssociation", message));
    }
    vpcs.retain(|vpc| *vpc != input["VPC"]);
    call.merge(HOSTED_ZONE, id_of(row.text("Id")), json!({"_vpcs": vpcs}));
    changed(call, &input)
}

/// `ListHostedZonesByVPC`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if input.has("NextToken") {
        return Err(Fault::new("InvalidPaginationToken", "The token is not one of this list."));
    }
    let vpc = json!({"VPCRegion": input["VPCRegion"], "VPCId": input["VPCId"]});
    if !ec2::vpc_exists(call, input.text("VPCRegion"), input.text("VPCId")) {
        return Err(invalid(format!("The VPC {} does not exist.", input.text("VPCId"))));
    }
    let zones = call.rows(HOSTED_ZONE).filter(|(_, row)| row.items("_vpcs").contains(&vpc));
    let summary = |(id, row): (&str, &Value)| json!({"HostedZoneId": id, "Name": row["Name"], "Owner": {"OwningAccount": ACCOUNT}});
    let summaries: Vec<Value> = zones.map(summary).collect();
    Ok(
        json!({"HostedZoneSummaries": summaries, "MaxItems": input.opt("MaxItems").unwrap_or("100")}),
    )
}
