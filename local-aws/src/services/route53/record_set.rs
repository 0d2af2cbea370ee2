//! Records: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html>

mod alias;
mod answer;
mod batch;
mod check;
mod list;
mod value;

pub(super) use self::answer::test_answer;
pub(super) use self::batch::change;
pub(super) use self::list::list;

pub(crate) use self::answer::answered_since;

use super::name;
use crate::call::Call;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `ResourceRecordSet` by zone, name, type and set identifier, with `_zone`, and `_from`, since when the name
/// servers have it.
const RECORD_SET: Table = Table::global("route53.record_set");

/// Records of a zone.
pub(super) const QUOTA: usize = 10_000;

/// The id of a record's row; ids of a zone are in the order in which its records are listed.
fn id(zone: &str, record: &Value) -> String {
    let sorted = name::sorted(record.text("Name"));
    format!("{zone} {sorted} {} {}", record.text("Type"), record.text("SetIdentifier"))
}

/// The records of a zone, in their order.
pub(super) fn of<'c>(call: &'c Call, zone: &str) -> impl Iterator<Item = (&'c str, &'c Value)> {
    call.rows(RECORD_SET).filter(move |(_, row)| row.text("_zone") == zone)
}

/// Whether a record is one that every zone has.
pub(super) fn is_required(record: &Value, zone: &Value) -> bool {
    record["Name"] == zone["Name"] && ["NS", "SOA"].contains(&record.text("Type"))
}

/// Makes the records that every zone has.
pub(super) fn create_required(call: &mut Call, zone: &str, name: &str, servers: &[String]) {
    let dotted: Vec<Value> =
        servers.iter().map(|server| json!({"Value": format!("{server}.")})).collect();
    let first = servers.first().map_or("", String::as_str);
    let soa = format!("{first}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400");
    let records = [
        json!({"Name": name, "Type": "NS", "TTL": 172_800, "ResourceRecords": dotted}),
        json!({"Name": name, "Type": "SOA", "TTL": 900, "ResourceRecords": [{"Value": soa}]}),
    ];
    for mut record in records {
        record["_zone"] = json!(zone);
        record["_from"] = json!(call.now());
        call.put(RECORD_SET, &id(zone, &record), record);
    }
}

/// Forgets the records of a zone that is deleted.
pub(super) fn forget_of(call: &mut Call, zone: &str) {
    let ids: Vec<String> = of(call, zone).map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        call.remove(RECORD_SET, &id);
    }
}
