//! Which resources carry which tags: <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>

use super::{inventory, kind};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const MAX_TYPES: usize = 100;

/// `GetResources`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    check(&input)?;
    let arns: BTreeSet<&str> = input.texts("ResourceARNList").into_iter().collect();
    let kinds = input.texts("ResourceTypeFilters");
    let mut found = inventory::tagged(call);
    found.retain(|arn, tags| {
        !input.flag("ExcludeCompliantResources")
            && (arns.is_empty() || arns.contains(arn))
            && (kinds.is_empty() || kinds.iter().any(|wanted| kind::is(arn, wanted)))
            && carries(tags, input.items("TagFilters"))
    });
    let compliance =
        input.flag("IncludeComplianceDetails").then(|| json!({"ComplianceStatus": true}));
    let all: Vec<Value> = (found.into_iter())
        .map(|(arn, tags)| json!({"ResourceARN": arn, "Tags": tags, "ComplianceDetails": compliance, "_key": arn}))
        .collect();
    Ok(match input.int("TagsPerPage") {
        Some(size) => {
            by_tags(&all, input.text("PaginationToken"), usize::try_from(size).unwrap_or_default())
        }
        None => json!({"ResourceTagMappingList": all}),
    })
}

/// Every filter must hold: the resource has its key, with one of its values if it names any.
fn carries(tags: &[Value], filters: &[Value]) -> bool {
    filters.iter().all(|filter| {
        let values = filter.texts("Values");
        tags.iter().any(|tag| {
            tag.text("Key") == filter.text("Key")
                && (values.is_empty() || values.contains(&tag.text("Value")))
        })
    })
}

/// A page that ends before the resource with which there would be more tags than asked for. The token is the last ARN shown.
fn by_tags(all: &[Value], token: &str, size: usize) -> Value {
    let rest = &all[all.partition_point(|resource| resource.text("_key") <= token)..];
    let mut tags = 0;
    let fits = |resource: &&Value| {
        tags += resource.items("Tags").len();
        tags <= size
    };
    let page: Vec<Value> = rest.iter().take_while(fits).cloned().collect();
    let token =
        if page.len() < rest.len() { page.last().map_or("", |last| last.text("_key")) } else { "" };
    json!({"ResourceTagMappingList": page, "PaginationToken": token})
}

fn check(input: &Value) -> Result<(), Fault> {
    let within = |member: &str, least: i64, most: i64| match input.int(member) {
        Some(size) if !(least..=most).contains(&size) => {
            Err(invalid(format!("{member} must be from {least} to {most}, not {size}.")))
        }
        _ => Ok(()),
    };
    within("ResourcesPerPage", 1, 100)?;
    within("TagsPerPage", 100, 500)?;
    if input.has("ResourcesPerPage") && input.has("TagsPerPage") {
        return Err(invalid("ResourcesPerPage and TagsPerPage cannot be used together."));
    }
    let others =
        ["TagFilters", "ResourceTypeFilters", "ResourcesPerPage", "TagsPerPage", "PaginationToken"];
    if input.has("ResourceARNList")
        && let Some(other) = others.iter().find(|other| given(&input[**other]))
    {
        return Err(invalid(format!("ResourceARNList and {other} cannot be used together.")));
    }
    if input.items("ResourceTypeFilters").len() > MAX_TYPES {
        return Err(invalid(format!("ResourceTypeFilters can have at most {MAX_TYPES} items.")));
    }
    if input.flag("ExcludeCompliantResources") && !input.flag("IncludeComplianceDetails") {
        return Err(invalid(
            "ExcludeCompliantResources can be true only if IncludeComplianceDetails is true.",
        ));
    }
    Ok(())
}

fn given(member: &Value) -> bool {
    !member.is_null() && *member != json!([]) && *member != json!("")
}

pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterException", message)
}

/// `GetTagKeys`.
#[expect(clippy::unnecessary_wraps, reason = "the form of all handlers")]
pub(super) fn keys(call: &mut Call) -> Result<Value, Fault> {
    let tags = inventory::tagged(call).into_values().flatten();
    let keys: BTreeSet<&str> = tags.map(|tag| tag.text("Key")).collect();
    Ok(json!({"TagKeys": keys}))
}

/// `GetTagValues`.
#[expect(clippy::unnecessary_wraps, reason = "the form of all handlers")]
pub(super) fn values(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let tags = inventory::tagged(call).into_values().flatten();
    let of_key = tags.filter(|tag| tag.text("Key") == input.text("Key"));
    let values: BTreeSet<&str> = of_key.map(|tag| tag.text("Value")).collect();
    Ok(json!({"TagValues": values}))
}
