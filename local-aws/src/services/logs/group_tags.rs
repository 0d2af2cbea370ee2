//! Tags of log groups, which Logs has as a map.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html>

use super::reference::{self, invalid};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::LOG_GROUP;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// Tags of a request, checked, in the form of rows.
pub(super) fn from_wire(map: &Value) -> Result<Vec<Value>, Fault> {
    let tags = tags::from_map(map);
    tags::check(&tags).map_err(|bad| refused(&bad))?;
    Ok(tags)
}

fn refused(bad: &BadTag) -> Fault {
    invalid(bad.message())
}

/// `TagResource`.
pub(super) fn tag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = by_arn(call, &input)?;
    add(call, name, &input["tags"]).map_err(|bad| match bad {
        BadTag::TooMany => Fault::new("TooManyTagsException", bad.message()),
        other => refused(&other),
    })
}

/// `UntagResource`.
pub(super) fn untag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = by_arn(call, &input)?;
    Ok(remove(call, name, &input.texts("tagKeys")))
}

/// `ListTagsForResource`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    shown(call, by_arn(call, &input)?)
}

/// `TagLogGroup`.
pub(super) fn tag_group(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("logGroupName");
    reference::group(call, name)?;
    add(call, name, &input["tags"]).map_err(|bad| refused(&bad))
}

/// `UntagLogGroup`.
pub(super) fn untag_group(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("logGroupName");
    reference::group(call, name)?;
    Ok(remove(call, name, &input.texts("tags")))
}

/// `ListTagsLogGroup`.
pub(super) fn list_of_group(call: &mut Call) -> Result<Value, Fault> {
    shown(call, call.input().text("logGroupName"))
}

fn by_arn<'i>(call: &Call, input: &'i Value) -> Result<&'i str, Fault> {
    let arn = input.text("resourceArn");
    if !arn.starts_with("arn:") {
        return Err(invalid(format!("'{arn}' is not a valid resource ARN.")));
    }
    let name = reference::name(call, arn)?;
    reference::group(call, name).map(|_| name)
}

fn add(call: &mut Call, name: &str, map: &Value) -> Result<Value, BadTag> {
    let fresh = tags::from_map(map);
    tags::check(&fresh)?;
    let mut done = Ok(());
    call.update(LOG_GROUP, name, |row| done = tags::add(row, &fresh));
    done.map(|()| json!({}))
}

fn remove(call: &mut Call, name: &str, keys: &[&str]) -> Value {
    call.update(LOG_GROUP, name, |row| tags::remove(row, keys));
    json!({})
}

fn shown(call: &Call, name: &str) -> Result<Value, Fault> {
    let group = reference::group(call, name)?;
    Ok(json!({"tags": tags::to_map(group.items("Tags"))}))
}
