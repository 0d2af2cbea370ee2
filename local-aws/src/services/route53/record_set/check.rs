//! Which records can be in a zone together:
//! <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#CNAMEFormat>

use super::batch::{Batch, is_alias};
use super::{alias, value};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::route53::{invalid, name};
use serde_json::{Value, json};

/// What decides which record of a set answers; a record with a set identifier has one of them.
const ROUTING: [&str; 5] = ["Weight", "Region", "GeoLocation", "Failover", "MultiValueAnswer"];

/// A record of a request in the form in which it is kept, if it is one by itself.
pub(super) fn whole(record: &Value) -> Result<Value, Fault> {
    let unsupported = ["CidrRoutingConfig", "GeoProximityLocation", "TrafficPolicyInstanceId"];
    if let Some(member) = unsupported.into_iter().find(|member| record.has(member)) {
        return Err(Fault::not_implemented(&format!("records with {member}")));
    }
    if let Some(id) = record.opt("HealthCheckId") {
        let message = format!("No health check exists with the specified ID: {id}");
        return Err(Fault::new("NoSuchHealthCheck", message));
    }
    let routed = ROUTING.iter().filter(|member| record.has(member)).count();
    if routed > 1 || (routed == 1) != record.has("SetIdentifier") {
        return Err(invalid(
            "SetIdentifier needs one of Weight, Region, GeoLocation, Failover and MultiValueAnswer, and each of these needs it.",
        ));
    }
    if is_alias(record) == record.has("ResourceRecords") || is_alias(record) == record.has("TTL") {
        return Err(invalid(
            "A record has either AliasTarget, or TTL and ResourceRecords, with at least one value.",
        ));
    }
    if !is_alias(record) && record.items("ResourceRecords").is_empty() {
        return Err(invalid("A record needs at least one value."));
    }
    let text = record.text("Name");
    let name = name::canonical(text).ok_or_else(|| invalid(format!("{text} is not a name.")))?;
    let mut whole = record.clone();
    whole["Name"] = json!(name);
    if is_alias(record) {
        let target = record["AliasTarget"].text("DNSName");
        let target =
            name::canonical(target).ok_or_else(|| invalid(format!("{target} is not a name.")))?;
        whole["AliasTarget"]["DNSName"] = json!(target);
    }
    Ok(whole)
}

/// Why a record cannot be put among those of a zone.
pub(super) fn problem(batch: &Batch, record: &Value) -> Option<String> {
    let (dns, kind, zone) = (record.text("Name"), record.text("Type"), batch.name);
    if !name::lies_in(dns, zone) {
        return Some(format!("RRSet with DNS name {dns} is not permitted in zone {zone}"));
    }
    if kind == "CNAME" && dns == zone {
        return Some(format!(
            "RRSet of type CNAME with DNS name {dns} is not permitted at apex in zone {zone}"
        ));
    }
    if let Some(problem) = neighbours(batch, record) {
        return Some(problem);
    }
    if is_alias(record) { alias::problem(batch, record) } else { value::problem(record) }
}

/// What is wrong between a record and those of the same name.
fn neighbours(batch: &Batch, record: &Value) -> Option<String> {
    let (dns, kind, zone) = (record.text("Name"), record.text("Type"), batch.name);
    for other in batch.records.values().filter(|other| other["Name"] == record["Name"]) {
        let other_kind = other.text("Type");
        if (kind == "CNAME") != (other_kind == "CNAME") {
            return Some(format!(
                "RRSet of type {kind} with DNS name {dns} is not permitted as it conflicts with other records with the same DNS name in zone {zone}"
            ));
        }
        if kind == other_kind && routing(record) != routing(other) {
            return Some(format!(
                "RRSet with DNS name {dns}, type {kind}, SetIdentifier {} cannot be created as a set of another routing policy exists with the same name and type",
                record.text("SetIdentifier")
            ));
        }
    }
    None
}

fn routing(record: &Value) -> Option<&'static str> {
    ROUTING.into_iter().find(|member| record.has(member))
}
