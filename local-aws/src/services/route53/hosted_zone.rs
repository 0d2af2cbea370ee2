//! Hosted zones: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html>

mod create;
mod list;

pub(super) use self::create::create;
pub(super) use self::list::{count, list, list_by_name};

use super::{change, record_set};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `HostedZone` by the id without its prefix, without the count of its records, with `_vpcs` and
/// `_name_servers`.
pub(super) const HOSTED_ZONE: Table = Table::global("route53.hosted_zone");

/// The id in what a request names a zone by, with or without `/hostedzone/`.
pub(super) fn id_of(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

/// The zone that a request names.
pub(super) fn named(call: &Call, reference: &str) -> Result<Value, Fault> {
    let id = id_of(reference);
    call.get(HOSTED_ZONE, id).cloned().ok_or_else(|| {
        Fault::new("NoSuchHostedZone", format!("No hosted zone found with ID: {id}"))
    })
}

/// Whether a zone answers inside VPCs alone.
pub(super) fn is_private(row: &Value) -> bool {
    row["Config"].flag("PrivateZone")
}

/// A zone with the count of its records.
fn view(call: &Call, row: &Value) -> Value {
    let mut seen = row.clone();
    let id = id_of(row.text("Id"));
    seen["ResourceRecordSetCount"] = json!(record_set::of(call, id).count());
    seen
}

/// `GetHostedZone`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let row = named(call, call.input().text("Id"))?;
    let servers = (!is_private(&row)).then(|| json!({"NameServers": row["_name_servers"]}));
    let vpcs = is_private(&row).then(|| row["_vpcs"].clone());
    Ok(json!({"HostedZone": view(call, &row), "DelegationSet": servers, "VPCs": vpcs}))
}

/// `UpdateHostedZoneComment`: none removes it.
pub(super) fn update_comment(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut row = named(call, input.text("Id"))?;
    row["Config"]["Comment"] = input["Comment"].clone();
    call.put(HOSTED_ZONE, id_of(row.text("Id")), row.clone());
    Ok(json!({"HostedZone": view(call, &row)}))
}

/// `DeleteHostedZone`: only with the records that every zone has.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let row = named(call, call.input().text("Id"))?;
    let id = id_of(row.text("Id"));
    if record_set::of(call, id).any(|(_, record)| !record_set::is_required(record, &row)) {
        let message = "The specified hosted zone contains non-required resource record sets and so cannot be deleted.";
        return Err(Fault::new("HostedZoneNotEmpty", message));
    }
    record_set::forget_of(call, id);
    call.remove(HOSTED_ZONE, id);
    let seconds = call.latency("route53.hosted_zone", "delete");
    Ok(json!({"ChangeInfo": change::submit(call, seconds, None)}))
}

/// `GetDNSSEC`: no zone signs here, as none can be told to.
pub(super) fn dnssec(call: &mut Call) -> Result<Value, Fault> {
    let row = named(call, call.input().text("HostedZoneId"))?;
    if is_private(&row) {
        return Err(Fault::new("InvalidArgument", "A private hosted zone cannot be signed."));
    }
    Ok(json!({"Status": {"ServeSignature": "NOT_SIGNING"}, "KeySigningKeys": []}))
}
