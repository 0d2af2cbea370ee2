//! Changing records, all or none:
//! <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html>

use super::{QUOTA, RECORD_SET, check, id, is_required, of};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::route53::change::submit;
use crate::services::route53::hosted_zone::{id_of, named};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A zone's records while a request changes them.
pub(super) struct Batch<'a> {
    /// The zone's id.
    pub(super) zone: &'a str,
    /// The zone's name.
    pub(super) name: &'a str,
    /// The records by id.
    pub(super) records: BTreeMap<String, Value>,
}

/// Whether a record points to another name of AWS.
pub(super) fn is_alias(record: &Value) -> bool {
    record.has("AliasTarget")
}

/// `ChangeResourceRecordSets`.
pub(in super::super) fn change(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = named(call, input.text("HostedZoneId"))?;
    let zone = id_of(row.text("Id"));
    let records = of(call, zone).map(|(id, row)| (id.to_owned(), row.clone())).collect();
    let mut batch = Batch { zone, name: row.text("Name"), records };
    let before = batch.records.clone();
    let changes = input["ChangeBatch"].items("Changes");
    let mut problems = once(changes, zone);
    for change in changes {
        let record = check::whole(&change["ResourceRecordSet"])?;
        problems.extend(apply(&mut batch, change.text("Action"), record));
    }
    problems.extend(required(&batch, &row));
    if batch.records.len() > call.quota("route53.records_per_zone", QUOTA) {
        problems.push(format!("Number of records limit of {QUOTA} exceeded."));
    }
    if !problems.is_empty() {
        let message = format!("[{}]", problems.join(", "));
        return Err(Fault::new("InvalidChangeBatch", message).with("messages", problems));
    }
    let seconds = call.latency("route53.record_set", "create");
    store(call, &before, batch.records, seconds);
    let comment = input["ChangeBatch"].opt("Comment");
    Ok(json!({"ChangeInfo": submit(call, seconds, comment)}))
}

/// A request changes a record once, or deletes it and makes it anew.
fn once(changes: &[Value], zone: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut problems = Vec::new();
    for change in changes {
        let record = check::whole(&change["ResourceRecordSet"]).unwrap_or_default();
        let actions = seen.entry(id(zone, &record)).or_default();
        actions.push(change.text("Action"));
        if actions.len() > 1 && actions[..] != ["DELETE", "CREATE"] {
            problems.push(format!(
                "The request contains an invalid set of changes for a resource record set '{} {}'",
                record.text("Type"),
                record.text("Name")
            ));
        }
    }
    problems
}

fn apply(batch: &mut Batch, action: &str, record: Value) -> Option<String> {
    let id = id(batch.zone, &record);
    let named = format!("[name='{}', type='{}']", record.text("Name"), record.text("Type"));
    let known = batch.records.get(&id);
    match (action, known) {
        ("CREATE", Some(_)) => {
            return Some(format!(
                "Tried to create resource record set {named} but it already exists"
            ));
        }
        ("DELETE", None) => {
            return Some(format!(
                "Tried to delete resource record set {named} but it was not found"
            ));
        }
        ("DELETE", Some(known)) if !same(known, &record) => {
            return Some(format!(
                "Tried to delete resource record set {named} but the values provided do not match the current values"
            ));
        }
        ("DELETE", Some(_)) => {
            batch.records.remove(&id);
            return None;
        }
        _ => {}
    }
    batch.records.remove(&id);
    let problem = check::problem(batch, &record);
    batch.records.insert(id, record);
    problem
}

/// Whether two records are the same, their values in whatever order.
fn same(a: &Value, b: &Value) -> bool {
    let plain = |record: &Value| {
        let mut plain = record.clone();
        if let Some(members) = plain.as_object_mut() {
            members.retain(|name, value| !name.starts_with('_') && !value.is_null());
        }
        if let Some(values) = plain["ResourceRecords"].as_array_mut() {
            values.sort_by_key(|value| value.text("Value").to_owned());
        }
        plain
    };
    plain(a) == plain(b)
}

/// What is missing of the records that every zone has.
fn required(batch: &Batch, zone: &Value) -> Vec<String> {
    let has = |kind: &str| {
        batch.records.values().any(|row| is_required(row, zone) && row.text("Type") == kind)
    };
    let mut problems = Vec::new();
    if !has("SOA") {
        problems.push("A HostedZone must contain exactly one SOA record.".to_owned());
    }
    if !has("NS") {
        problems.push(
            "A HostedZone must contain at least one NS record for the zone itself.".to_owned(),
        );
    }
    problems
}

fn store(
    call: &mut Call,
    before: &BTreeMap<String, Value>,
    after: BTreeMap<String, Value>,
    seconds: f64,
) {
    for id in before.keys().filter(|id| !after.contains_key(*id)) {
        call.remove(RECORD_SET, id);
    }
    for (id, mut record) in after {
        if before.get(&id).is_some_and(|known| same(known, &record)) {
            continue;
        }
        let zone = id.split(' ').next().unwrap_or_default().to_owned();
        record["_zone"] = json!(zone);
        record["_from"] = json!(call.now() + seconds);
        call.put(RECORD_SET, &id, record);
    }
}
