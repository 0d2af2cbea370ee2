//! Lists of zones: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html>

use super::{HOSTED_ZONE, id_of, is_private, view};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::route53::{invalid, name};
use serde_json::{Value, json};

/// How many zones an answer has.
const PAGE: usize = 100;

/// `ListHostedZones`: in the order of their ids.
pub(in super::super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if let Some(set) = input.opt("DelegationSetId") {
        let message = format!("There is no reusable delegation set with the ID {set}");
        return Err(Fault::new("NoSuchDelegationSet", message));
    }
    let private = input.opt("HostedZoneType").map(|_| true);
    let zones: Vec<Value> = call
        .rows(HOSTED_ZONE)
        .filter(|(_, row)| private.is_none_or(|private| is_private(row) == private))
        .map(|(_, row)| view(call, row))
        .collect();
    Ok(json!({
        "HostedZones": zones, "Marker": input.text("Marker"), "MaxItems": limit(&input)?.to_string(),
    }))
}

fn limit(input: &Value) -> Result<usize, Fault> {
    let Some(text) = input.opt("MaxItems") else { return Ok(PAGE) };
    let number = text.parse().ok().filter(|number| *number > 0);
    number.map(|number: usize| number.min(PAGE)).ok_or_else(|| invalid("MaxItems is not valid."))
}

/// `ListHostedZonesByName`: in the order of their names with the labels the other way round.
pub(in super::super) fn list_by_name(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let limit = limit(&input)?;
    if input.has("HostedZoneId") && !input.has("DNSName") {
        return Err(invalid("HostedZoneId needs DNSName."));
    }
    let start = match input.opt("DNSName") {
        Some(text) => name::canonical(text).ok_or_else(|| {
            Fault::new("InvalidDomainName", format!("{text} is not a valid domain name"))
        })?,
        None => String::new(),
    };
    let key = |row: &Value| (name::sorted(row.text("Name")), id_of(row.text("Id")).to_owned());
    let first = (name::sorted(&start), id_of(input.text("HostedZoneId")).to_owned());
    let mut zones: Vec<Value> = call.rows(HOSTED_ZONE).map(|(_, row)| view(call, row)).collect();
    zones.retain(|row| start.is_empty() || key(row) >= first);
    zones.sort_by_key(key);
    let next = (zones.len() > limit).then(|| zones[limit].clone());
    zones.truncate(limit);
    Ok(json!({
        "HostedZones": zones, "DNSName": input["DNSName"], "HostedZoneId": input["HostedZoneId"],
        "IsTruncated": next.is_some(), "MaxItems": limit.to_string(),
        "NextDNSName": next.as_ref().map(|row| row["Name"].clone()),
        "NextHostedZoneId": next.as_ref().map(|row| id_of(row.text("Id")).to_owned()),
    }))
}

/// `GetHostedZoneCount`.
pub(in super::super) fn count(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"HostedZoneCount": call.rows(HOSTED_ZONE).count()}))
}
