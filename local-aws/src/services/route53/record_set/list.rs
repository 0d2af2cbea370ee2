//! Lists of records: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html>

use super::{id, of};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::route53::hosted_zone::{id_of, named};
use crate::services::route53::{invalid, name};
use serde_json::{Value, json};

/// How many records an answer has.
const PAGE: usize = 300;

/// `ListResourceRecordSets`: from a name, a type and a set identifier on.
pub(in super::super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let zone = named(call, input.text("HostedZoneId"))?;
    let zone = id_of(zone.text("Id"));
    let limit = match input.opt("MaxItems").map(str::parse::<usize>) {
        None => PAGE,
        Some(Ok(number)) if number > 0 => number.min(PAGE),
        Some(_) => return Err(invalid("MaxItems is not valid.")),
    };
    let start = start(zone, &input)?;
    let mut rows: Vec<&Value> =
        of(call, zone).filter(|(id, _)| *id >= start.as_str()).map(|(_, row)| row).collect();
    let next = rows.get(limit).map(|row| (*row).clone());
    rows.truncate(limit);
    let of_next = |member: &str| next.as_ref().and_then(|row| row.opt(member));
    Ok(json!({
        "ResourceRecordSets": rows, "IsTruncated": next.is_some(), "MaxItems": limit.to_string(),
        "NextRecordName": of_next("Name"), "NextRecordType": of_next("Type"),
        "NextRecordIdentifier": of_next("SetIdentifier"),
    }))
}

/// The id of the first record that is wanted.
fn start(zone: &str, input: &Value) -> Result<String, Fault> {
    let Some(text) = input.opt("StartRecordName") else {
        if input.has("StartRecordType") || input.has("StartRecordIdentifier") {
            return Err(invalid("StartRecordType needs StartRecordName."));
        }
        return Ok(zone.to_owned());
    };
    if input.has("StartRecordIdentifier") && !input.has("StartRecordType") {
        return Err(invalid("StartRecordIdentifier needs StartRecordType."));
    }
    let name = name::canonical(text).ok_or_else(|| invalid(format!("{text} is not a name.")))?;
    let first = json!({
        "Name": name, "Type": input.text("StartRecordType"), "SetIdentifier": input.text("StartRecordIdentifier"),
    });
    Ok(id(zone, &first).trim_end().to_owned())
}
