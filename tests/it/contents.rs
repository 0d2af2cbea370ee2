//! What a cloud and a state hold, in words that are the same whichever ids, names and times AWS gave.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use globecart_aws::engine::State;
use globecart_local_aws::{CallRecord, Row};
use jiff::Timestamp;
use serde_json::Value;

use crate::world::World;

/// Tables whose rows tell what happened and not what there is.
const HISTORY: [&str; 6] = [
    "cloudwatch.alarm_history",
    "cloudwatch.metric",
    "cloudwatch.minute",
    "elasticache.event",
    "rds.event",
    "sns.message",
];

/// What the cloud changes or draws by itself: what alarms say, how many days had their snapshot, and a part of the endpoints
/// of each cache.
const BY_ITSELF: [&str; 6] =
    ["StateValue", "StateReason", "StateReasonData", "EvaluationState", "_daily", "_suffix"];

impl World {
    /// Every row of every table once the cloud has come to rest, one line each.
    pub(crate) async fn contents(&self) -> Vec<String> {
        // NAT gateways that were deleted are described for an hour.
        self.let_pass(Duration::from_hours(2)).await;
        self.aws.sts().get_caller_identity().send().await.expect("the cloud answers");
        let labels = self.labels();
        let rows = self.cloud.rows().into_iter().filter(|row| !comes_with_time(row));
        let mut lines: Vec<String> = rows
            .map(|row| {
                let mut value = row.value;
                if row.table == "s3.bucket" {
                    without_default_encryption(&mut value);
                }
                if row.table == "lambda.function" {
                    (value["LastModified"], value["RevisionId"]) = (Value::Null, Value::Null);
                }
                if let Some(members) = value.as_object_mut() {
                    // Who looks how often is no content.
                    members.remove("LastAccessedDate");
                }
                if row.table == "secretsmanager.version" {
                    // A password is another one every time.
                    value["_blob"] = Value::Null;
                }
                neutral(&mut value, &labels);
                format!("{} {} {value}", row.table, words(&row.id, &labels))
            })
            .collect();
        lines.sort();
        lines
    }

    /// The records of a state, one line each.
    pub(crate) fn recorded(&self, state: &State) -> Vec<String> {
        let labels = self.labels();
        let lines = state.all().map(|(address, _, entry)| {
            let mut value = serde_json::to_value(entry).expect("records are plain data");
            value["token"] = Value::Null;
            neutral(&mut value, &labels);
            format!("{address} {value}")
        });
        let mut lines: Vec<String> = lines.collect();
        lines.push(format!("exports {:?}", state.exports));
        lines
    }

    /// Addresses by the ids of what carries them.
    fn labels(&self) -> BTreeMap<String, String> {
        let rows = self.cloud.rows();
        let tagged = rows.iter().filter_map(|row| Some((row.id.clone(), address(&row.value)?)));
        tagged.map(|(id, address)| (id, format!("<{address}>"))).collect()
    }
}

/// How many different things successful calls made, by operation.
pub(crate) fn made(calls: &[CallRecord]) -> BTreeMap<String, usize> {
    let mut made: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let creates = calls.iter().filter(|call| {
        let makes = ["Create", "Allocate", "Subscribe"];
        call.effect.is_some() && makes.iter().any(|verb| call.operation.starts_with(verb))
    });
    for call in creates {
        let of = made.entry(format!("{} {}", call.service, call.operation)).or_default();
        of.extend(call.ids.iter().map(String::as_str));
    }
    made.into_iter().map(|(operation, ids)| (operation, ids.len())).collect()
}

/// The lines that only one of the two has.
pub(crate) fn difference(ours: &[String], expected: &[String]) -> String {
    let count = |lines: &[String]| {
        let mut counts: BTreeMap<String, i32> = BTreeMap::new();
        for line in lines {
            *counts.entry(line.clone()).or_default() += 1;
        }
        counts
    };
    let (ours, expected) = (count(ours), count(expected));
    let keys: BTreeSet<&String> = ours.keys().chain(expected.keys()).collect();
    let differ = keys.into_iter().filter_map(|line| {
        let [ours, expected] =
            [&ours, &expected].map(|lines| lines.get(line).copied().unwrap_or_default());
        (ours != expected).then(|| format!("{:+} {line}", ours - expected))
    });
    differ.collect::<Vec<_>>().join("\n")
}

/// The value of the tag `globecart:resource` among the tags of a row.
pub(crate) fn address(value: &Value) -> Option<String> {
    const KEY: &str = "globecart:resource";
    match value {
        Value::Object(members) => {
            let key = members.get("Key").or_else(|| members.get("TagKey"));
            if key.and_then(Value::as_str) == Some(KEY) {
                let value = members.get("Value").or_else(|| members.get("TagValue"));
                return value.and_then(Value::as_str).map(str::to_owned);
            }
            let in_map = members.get(KEY).and_then(Value::as_str).map(str::to_owned);
            in_map.or_else(|| members.values().find_map(address))
        }
        Value::Array(elements) => elements.iter().find_map(address),
        _ => None,
    }
}

/// Takes out what the cloud changes by itself.
pub(crate) fn settle(value: &mut Value) {
    if let Value::Object(members) = value {
        members.retain(|name, _| !name.starts_with('_') && !BY_ITSELF.contains(&name.as_str()));
    }
}

/// A bucket encrypts with S3's own key whether it was told to or not.
fn without_default_encryption(bucket: &mut Value) {
    let rule = &bucket["_encryption"]["Rules"][0];
    let own = rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256";
    if let (true, Some(members)) = (own, bucket.as_object_mut()) {
        members.remove("_encryption");
    }
}

/// Whether a row is there because time passed: what happened, and the backups of every day.
fn comes_with_time(row: &Row) -> bool {
    let is = |member: &str, text: &str| row.value[member] == text;
    match row.table.as_str() {
        "backup.recovery_point" => true,
        "elasticache.snapshot" => is("SnapshotSource", "automated"),
        "rds.db_cluster_snapshot" => is("SnapshotType", "automated"),
        table => HISTORY.contains(&table),
    }
}

fn neutral(value: &mut Value, labels: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => *text = words(text, labels),
        // Times are seconds since 1970.
        Value::Number(number) if number.as_f64().is_some_and(|number| number > 1.6e9) => {
            *value = Value::Null;
        }
        Value::Array(elements) => {
            for element in elements.iter_mut() {
                neutral(element, labels);
            }
            // What comes from a set has no order of its own.
            elements.sort_by_key(Value::to_string);
        }
        Value::Object(members) => {
            members.retain(|name, _| !BY_ITSELF.contains(&name.as_str()));
            let old = std::mem::take(members);
            for (name, mut value) in old {
                neutral(&mut value, labels);
                members.insert(words(&name, labels), value);
            }
        }
        _ => {}
    }
}

/// The two halves of 198.18.0.0/15, from which the embedded AWS gives public addresses.
const PUBLIC: [&str; 2] = ["198.18.", "198.19."];

/// The text with addresses in place of ids, and without what AWS or chance gave.
fn words(text: &str, labels: &BTreeMap<String, String>) -> String {
    if PUBLIC.iter().any(|half| text.starts_with(half)) {
        return PUBLIC[0].to_owned();
    }
    if is_mac_address(text) || text.parse::<Timestamp>().is_ok() {
        return "#".to_owned();
    }
    let mut words = text.to_owned();
    if text.len() > 8 {
        for (id, label) in labels.iter().filter(|(id, _)| text.contains(id.as_str())) {
            words = words.replace(id, label);
        }
    }
    if words.ends_with(".amazonaws.com") { without_drawn(&words) } else { without_hex(&words) }
}

/// An endpoint without the labels that AWS draws for it, such as `085d53`.
fn without_drawn(name: &str) -> String {
    let labels = name.split('.').map(|label| {
        let hex = label.chars().all(|digit| digit.is_ascii_hexdigit());
        if label.len() == 6 && hex { "#".to_owned() } else { without_hex(label) }
    });
    labels.collect::<Vec<_>>().join(".")
}

/// The address of a network interface on the wire, which AWS gives like an id.
fn is_mac_address(text: &str) -> bool {
    let pair = |pair: &str| pair.len() == 2 && pair.chars().all(|digit| digit.is_ascii_hexdigit());
    text.split(':').count() == 6 && text.split(':').all(pair)
}

/// Replaces every run of eight or more hexadecimal digits, and of sixteen or more capitals and digits, by `#`.
fn without_hex(text: &str) -> String {
    let hex = |char: char| char.is_ascii_digit() || ('a'..='f').contains(&char);
    let capital = |char: char| char.is_ascii_digit() || char.is_ascii_uppercase();
    without_runs(&without_runs(text, 8, hex), 16, capital)
}

fn without_runs(text: &str, least: usize, counts: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for char in text.chars().map(Some).chain([None]) {
        match char {
            Some(char) if counts(char) => run.push(char),
            other => {
                out.push_str(if run.len() >= least { "#" } else { &run });
                run.clear();
                out.extend(other);
            }
        }
    }
    out
}
