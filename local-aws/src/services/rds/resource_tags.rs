//! Tags by ARN: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_AddTagsToResource.html>

use super::query::invalid;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Key;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// Tags of a request, once they are known to be allowed; one without a value has an empty one.
pub(super) fn checked(tags: &[Value]) -> Result<Vec<Value>, Fault> {
    tags::check(tags).map_err(|bad| refused(&bad))?;
    let whole = |tag: &Value| json!({"Key": tag.text("Key"), "Value": tag.text("Value")});
    Ok(tags.iter().map(whole).collect())
}

fn refused(bad: &BadTag) -> Fault {
    let code = if *bad == BadTag::TooMany { "TagQuotaExceeded" } else { "InvalidParameterValue" };
    Fault::new(code, bad.message())
}

/// `AddTagsToResource`.
pub(super) fn add(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let fresh = checked(input.items("Tags"))?;
    let (key, _) = found(call, input.text("ResourceName"))?;
    let mut done = Ok(());
    call.update_resource(&key, |row| done = tags::add(row, &fresh));
    done.map_err(|bad| refused(&bad))?;
    Ok(json!({}))
}

/// `RemoveTagsFromResource`.
pub(super) fn remove(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (key, _) = found(call, input.text("ResourceName"))?;
    call.update_resource(&key, |row| tags::remove(row, &input.texts("TagKeys")));
    Ok(json!({}))
}

/// `ListTagsForResource`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let (_, row) = found(call, call.input().text("ResourceName"))?;
    Ok(json!({"TagList": row.items("Tags")}))
}

/// What an ARN names.
fn found(call: &Call, arn: &str) -> Result<(Key, Value), Fault> {
    let Some(rest) = arn.strip_prefix(&call.arn("rds", "")) else {
        return Err(invalid(format!("Invalid resource name: {arn}")));
    };
    let found = call.resources().find(|resource| resource.row.opt("_arn") == Some(arn));
    if let Some(resource) = found {
        return Ok((resource.key(), resource.row.clone()));
    }
    let (kind, name) = rest.split_once(':').unwrap_or((rest, ""));
    Err(match kind {
        "cluster" => super::reference::no_cluster(name),
        "db" => super::reference::no_instance(name),
        "cluster-pg" | "pg" => {
            Fault::new("DBParameterGroupNotFound", format!("DBParameterGroup not found: {name}"))
        }
        "subgrp" => {
            let message = format!("DB Subnet group '{name}' does not exist.");
            Fault::new("DBSubnetGroupNotFoundFault", message)
        }
        "cluster-snapshot" => super::snapshot::no_snapshot(name),
        "es" => super::subscription::no_subscription(name),
        _ => invalid(format!("Invalid resource name: {arn}")),
    })
}
