//! Tags of EC2 resources: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html>

use super::kind::{Kind, bad_tag, unknown_filter};
use super::{KINDS, kind_of};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::filter;
use crate::tags;
use serde_json::{Value, json};

/// `CreateTags`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let given = input.items("Tags");
    tags::check(given).map_err(|bad| bad_tag(&bad))?;
    for (kind, id) in resources(call, &input)? {
        let mut added = Ok(());
        call.update(kind.table, id, |row| added = tags::add(row, given));
        added.map_err(|bad| bad_tag(&bad))?;
    }
    Ok(json!({}))
}

/// `DeleteTags`: those named, where a value is given only if it is theirs; all of them if none is named.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let named = input.items("Tags");
    let meant = |tag: &Value, named: &Value| {
        named.text("Key") == tag.text("Key")
            && named.opt("Value").is_none_or(|value| value == tag.text("Value"))
    };
    for (kind, id) in resources(call, &input)? {
        call.update(kind.table, id, |row| {
            let kept = row.items("Tags").iter().filter(|tag| {
                let system = tag.text("Key").starts_with("aws:");
                system || (input.has("Tags") && !named.iter().any(|named| meant(tag, named)))
            });
            row["Tags"] = kept.cloned().collect();
        });
    }
    Ok(json!({}))
}

fn resources<'i>(call: &Call, input: &'i Value) -> Result<Vec<(&'static Kind, &'i str)>, Fault> {
    let find = |id: &'i str| {
        let unknown = || Fault::new("InvalidID", format!("The ID '{id}' is not valid"));
        let kind = kind_of(id).ok_or_else(unknown)?;
        kind.row(call, id).map(|_| (kind, id))
    };
    input.texts("Resources").into_iter().map(find).collect()
}

/// `DescribeTags`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    const FILTERS: &[filter::Field] = &[
        ("key", "Key"),
        ("value", "Value"),
        ("resource-id", "ResourceId"),
        ("resource-type", "ResourceType"),
    ];
    let input = call.input();
    let mut found = Vec::new();
    for kind in KINDS {
        for (id, row) in call.rows(kind.table) {
            for tag in row.items("Tags") {
                let (key, value) = (tag.text("Key"), tag.text("Value"));
                found.push(json!({
                    "Key": key, "Value": value, "ResourceId": id, "ResourceType": kind.resource_type,
                    // What the filters `tag:KEY` look at.
                    "_tag": {"Tags": [{"Key": key, "Value": value}]}, "_key": format!("{id} {key}"),
                }));
            }
        }
    }
    let mut passing = Vec::new();
    for tag in found {
        let mut seen = tag.clone();
        seen["Tags"] = tag["_tag"]["Tags"].clone();
        if filter::passes(&seen, input.items("Filters"), FILTERS).map_err(unknown_filter)? {
            passing.push(tag);
        }
    }
    passing.sort_by(|a, b| a.text("_key").cmp(b.text("_key")));
    Ok(json!({"Tags": passing}))
}
