//! Making hosted zones: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html>

use super::{HOSTED_ZONE, view};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::region;
use crate::services::route53::{change, invalid, name, record_set, vpc};
use serde_json::{Value, json};

/// AWS's default quota of an account.
const QUOTA: usize = 500;

/// The ends of the names of name servers, and the first number of each.
const SERVERS: [(&str, u32); 4] = [("com", 0), ("net", 512), ("org", 1024), ("co.uk", 1536)];

/// `CreateHostedZone`: a caller reference that a zone has is refused.
pub(in super::super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = name::canonical(input.text("Name")).ok_or_else(|| {
        Fault::new(
            "InvalidDomainName",
            format!("{} is not a valid domain name", input.text("Name")),
        )
    })?;
    check(call, &input)?;
    let id = format!("Z0{}", call.new_hex("route53.hosted_zone", 18).to_uppercase());
    let private = input.has("VPC");
    let servers = name_servers(call, private);
    let vpcs: Vec<Value> = input.get("VPC").filter(|_| private).cloned().into_iter().collect();
    if let Some(vpc) = vpcs.first() {
        vpc::usable(call, vpc, &name, None)?;
    }
    let partition = region::partition(call.region());
    let row = json!({
        "Id": format!("/hostedzone/{id}"), "Name": name, "CallerReference": input["CallerReference"],
        "Config": {"Comment": input["HostedZoneConfig"]["Comment"], "PrivateZone": private},
        "Tags": [], "_arn": format!("arn:{partition}:route53:::hostedzone/{id}"), "_key": id,
        "_vpcs": vpcs, "_name_servers": servers,
    });
    call.put(HOSTED_ZONE, &id, row.clone());
    record_set::create_required(call, &id, &name, &servers);
    let seconds = call.latency("route53.hosted_zone", "create");
    let change = change::submit(call, seconds, None);
    Ok(json!({
        "HostedZone": view(call, &row), "ChangeInfo": change, "DelegationSet": {"NameServers": servers},
        "VPC": vpcs.first(), "Location": format!("https://route53.amazonaws.com/2013-04-01/hostedzone/{id}"),
    }))
}

fn check(call: &Call, input: &Value) -> Result<(), Fault> {
    if input["HostedZoneConfig"].flag("PrivateZone") && !input.has("VPC") {
        return Err(invalid("A private hosted zone needs a VPC, by VPCId and VPCRegion."));
    }
    if let Some(set) = input.opt("DelegationSetId") {
        let message = format!("There is no reusable delegation set with the ID {set}");
        return Err(Fault::new("NoSuchDelegationSet", message));
    }
    let reference = input.text("CallerReference");
    if call.rows(HOSTED_ZONE).any(|(_, row)| row.text("CallerReference") == reference) {
        let message = "A hosted zone has already been created with the specified caller reference.";
        return Err(Fault::new("HostedZoneAlreadyExists", message));
    }
    if call.rows(HOSTED_ZONE).count() >= call.quota("route53.hosted_zones", QUOTA) {
        let message = "The account has as many hosted zones as it can have.";
        return Err(Fault::new("TooManyHostedZones", message));
    }
    Ok(())
}

/// Four name servers; those of private zones are always the same.
fn name_servers(call: &mut Call, private: bool) -> Vec<String> {
    let digits = call.new_hex("route53.name_server", 8);
    let number = if private { 0 } else { u32::from_str_radix(&digits, 16).unwrap_or_default() };
    let server = |(end, first): (&str, u32)| {
        format!("ns-{}.awsdns-{:02}.{end}", first + number % 512, number / 512 % 64)
    };
    SERVERS.map(server).to_vec()
}
