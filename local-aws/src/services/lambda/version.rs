//! Published versions: <https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html>

use super::function;
use super::invalid;
use super::reference::{FUNCTION, Named, VERSION, revision, settled};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// The published versions of a function.
pub(super) fn of<'c>(call: &'c Call, name: &str) -> impl Iterator<Item = &'c Value> + use<'c> {
    let start = format!("{name}:");
    call.rows(VERSION).filter(move |(id, _)| id.starts_with(&start)).map(|(_, row)| row)
}

/// Removes the versions of a function that is deleted.
pub(super) fn remove_all(call: &mut Call, name: &str) {
    let ids: Vec<String> = of(call, name).map(|row| row.text("_key").to_owned()).collect();
    for id in ids {
        call.remove(VERSION, &id);
    }
}

/// `PublishVersion`.
pub(super) fn publish(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if input.has("PublishTo") {
        return Err(Fault::not_implemented("lambda PublishVersion with PublishTo"));
    }
    let named = Named::of_request(&input);
    let row = named.function(call)?;
    revision(&input, &row)?;
    settled(&row)?;
    if input.opt("CodeSha256").is_some_and(|sha256| sha256 != row.text("CodeSha256")) {
        return Err(invalid(format!(
            "CodeSHA256 ({}) is different from current CodeSHA256 in $LATEST ({}). Please try again with the CodeSHA256 in $LATEST.",
            input.text("CodeSha256"),
            row.text("CodeSha256")
        )));
    }
    make(call, &named.name, input.opt("Description"))
}

/// Publishes what a function is now; without a change since the last version that one is the answer.
pub(super) fn make(call: &mut Call, name: &str, description: Option<&str>) -> Result<Value, Fault> {
    let mut row = call.get(FUNCTION, name).cloned().unwrap_or_default();
    let last = row.int("_versions").unwrap_or_default();
    if let Some(same) =
        call.get(VERSION, &format!("{name}:{last}")).filter(|old| is_same(old, &row))
    {
        return Ok(function::shown(same));
    }
    let number = last + 1;
    call.merge(FUNCTION, name, json!({"_versions": number}));
    let id = format!("{name}:{number}");
    let arn = format!("{}:{number}", row.text("FunctionArn"));
    for hidden in ["_policy", "_reserved", "_versions", "_arn", "Tags"] {
        row[hidden] = Value::Null;
    }
    row["Version"] = json!(number.to_string());
    row["FunctionArn"] = json!(arn);
    row["_key"] = json!(id);
    row["State"] = json!("Active");
    row["LastUpdateStatus"] = json!("Successful");
    for reason in
        ["StateReason", "StateReasonCode", "LastUpdateStatusReason", "LastUpdateStatusReasonCode"]
    {
        row[reason] = Value::Null;
    }
    if let Some(text) = description {
        row["Description"] = json!(text);
    }
    if let Some(members) = row.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    call.put(VERSION, &id, row.clone());
    Ok(function::shown(&row))
}

fn is_same(old: &Value, row: &Value) -> bool {
    const COMPARED: [&str; 11] = [
        "Architectures",
        "CodeSha256",
        "Environment",
        "EphemeralStorage",
        "Handler",
        "LoggingConfig",
        "MemorySize",
        "Role",
        "Runtime",
        "Timeout",
        "VpcConfig",
    ];
    COMPARED
        .iter()
        .all(|member| old.get(member) == row.get(member).filter(|value| !value.is_null()))
}

/// `ListVersionsByFunction`: the unpublished one first.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let named = Named::of_request(&call.input());
    let latest = named.function(call)?;
    let mut published: Vec<&Value> = of(call, &named.name).collect();
    published.sort_by_key(|row| row.text("Version").parse::<u64>().unwrap_or_default());
    let all = std::iter::once(&latest).chain(published).enumerate();
    let versions: Vec<Value> = all
        .map(|(at, row)| {
            let mut shown = function::shown(row);
            shown["_key"] = json!(format!("{at:06}"));
            if at == 0 {
                shown["FunctionArn"] = json!(format!("{}:$LATEST", row.text("FunctionArn")));
            }
            shown
        })
        .collect();
    Ok(json!({"Versions": versions}))
}
