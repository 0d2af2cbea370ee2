//! What the name servers answer.

use super::{RECORD_SET, of};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::route53::hosted_zone::{HOSTED_ZONE, id_of, is_private, named};
use crate::services::route53::{invalid, name};
use serde_json::{Value, json};

/// Since when the world's name servers answer a value for a name and a type: those of the public zone with the longest
/// name that holds it.
pub(crate) fn answered_since(call: &Call, text: &str, kind: &str, value: &str) -> Option<f64> {
    let name = name::canonical(text)?;
    let wanted = name::canonical(value);
    let holds = |row: &Value| !is_private(row) && name::lies_in(&name, row.text("Name"));
    let zones = call.rows(HOSTED_ZONE).filter(|(_, row)| holds(row));
    let longest = zones.map(|(_, row)| row.text("Name").len()).max();
    let of_zone = |row: &Value| {
        call.get(HOSTED_ZONE, row.text("_zone"))
            .is_some_and(|zone| holds(zone) && Some(zone.text("Name").len()) == longest)
    };
    let says = |row: &Value| values(row).iter().any(|value| name::canonical(value) == wanted);
    let mut records = call.rows(RECORD_SET).map(|(_, row)| row);
    let found = records.find(|row| answers(call, row, &name, kind) && says(row) && of_zone(row));
    found?.number("_from")
}

fn answers(call: &Call, row: &Value, name: &str, kind: &str) -> bool {
    row.text("Name") == name
        && row.text("Type") == kind
        && row.number("_from").is_some_and(|from| from <= call.now())
}

fn values(row: &Value) -> Vec<String> {
    let values = row.items("ResourceRecords").iter();
    values.map(|value| value.text("Value").to_owned()).collect()
}

/// `TestDNSAnswer`: of one zone, by itself. The addresses behind an alias are not known here.
pub(in super::super) fn test_answer(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let zone = named(call, input.text("HostedZoneId"))?;
    let text = input.text("RecordName");
    let name = name::canonical(text).ok_or_else(|| invalid(format!("{text} is not a name.")))?;
    let kind = input.text("RecordType");
    let rows: Vec<&Value> = of(call, id_of(zone.text("Id")))
        .map(|(_, row)| row)
        .filter(|row| row.text("Name") == name)
        .collect();
    let found: Vec<&Value> =
        rows.iter().copied().filter(|row| answers(call, row, &name, kind)).collect();
    if found.iter().any(|row| row.has("AliasTarget")) {
        return Err(Fault::not_implemented("answers for alias records"));
    }
    let data: Vec<String> = found.into_iter().flat_map(values).collect();
    let code = if rows.is_empty() { "NXDOMAIN" } else { "NOERROR" };
    let server = zone.texts("_name_servers").first().map(|server| (*server).to_owned());
    Ok(json!({
        "Nameserver": server, "RecordName": name, "RecordType": kind, "RecordData": data,
        "ResponseCode": code, "Protocol": "UDP",
    }))
}
