//! Tags: <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_AddTagsToResource.html>
//!
//! Tags that a replication group is given later are also given to its nodes.

use super::cache_cluster::CACHE_CLUSTER;
use super::kind::{Kind, invalid_value};
use super::parameter_group::PARAMETER_GROUP;
use super::replication_group::REPLICATION_GROUP;
use super::snapshot::SNAPSHOT;
use super::subnet_group::SUBNET_GROUP;
use super::user::USER;
use super::user_group::USER_GROUP;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// Every kind that has tags.
static KINDS: [&Kind; 7] = [
    &CACHE_CLUSTER,
    &PARAMETER_GROUP,
    &REPLICATION_GROUP,
    &SNAPSHOT,
    &SUBNET_GROUP,
    &USER,
    &USER_GROUP,
];

/// The tags of a request, once they are known to be allowed; a tag without a value has an empty one.
pub(super) fn of_request(given: &[Value]) -> Result<Vec<Value>, Fault> {
    let whole = |tag: &Value| json!({"Key": tag.text("Key"), "Value": tag.text("Value")});
    let all: Vec<Value> = given.iter().map(whole).collect();
    tags::check(&all).map_err(refused)?;
    Ok(all)
}

fn refused(bad: BadTag) -> Fault {
    match bad {
        BadTag::TooMany => Fault::new("TagQuotaPerResourceExceeded", bad.message()),
        _ => invalid_value(bad.message()),
    }
}

/// `AddTagsToResource`.
pub(super) fn add(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let fresh = of_request(input.items("Tags"))?;
    change(call, input.text("ResourceName"), |row| tags::add(row, &fresh))
}

/// `RemoveTagsFromResource`.
pub(super) fn remove(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let keys = input.texts("TagKeys");
    change(call, input.text("ResourceName"), |row| {
        tags::remove(row, &keys);
        Ok(())
    })
}

/// `ListTagsForResource`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let (_, _, row) = named(call, call.input().text("ResourceName"))?;
    Ok(json!({"TagList": row["Tags"]}))
}

fn change(
    call: &mut Call,
    arn: &str,
    change: impl Fn(&mut Value) -> Result<(), BadTag>,
) -> Result<Value, Fault> {
    let (kind, name, mut row) = named(call, arn)?;
    if kind.arn == REPLICATION_GROUP.arn && row.text("Status") != "available" {
        let message = "Cluster not in available state to perform tagging operations.";
        return Err(Fault::new("InvalidReplicationGroupState", message));
    }
    change(&mut row).map_err(refused)?;
    let all = row["Tags"].clone();
    call.put(kind.table, &name, row);
    if kind.arn == REPLICATION_GROUP.arn {
        for node in super::cache_cluster::of_group(call, &name) {
            let mut done = Ok(());
            call.update(CACHE_CLUSTER.table, &node, |row| done = change(row));
            done.map_err(refused)?;
        }
    }
    Ok(json!({"TagList": all}))
}

/// The kind, name and row of an ARN.
fn named(call: &Call, arn: &str) -> Result<(&'static Kind, String, Value), Fault> {
    let malformed = || {
        Fault::new("InvalidARN", format!("The ARN {arn} is not one of ElastiCache in this region."))
    };
    let rest = arn.strip_prefix(&call.arn("elasticache", "")).ok_or_else(malformed)?;
    let (kind, name) = rest.split_once(':').ok_or_else(malformed)?;
    let kind = KINDS.into_iter().find(|known| known.arn == kind).ok_or_else(malformed)?;
    let row = kind.row(call, name)?;
    Ok((kind, name.to_ascii_lowercase(), row))
}
