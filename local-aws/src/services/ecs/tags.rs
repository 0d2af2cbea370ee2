//! Tags: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TagResource.html>

use super::invalid;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Key;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// The tags of a request in the form of rows, checked.
pub(super) fn given(given: &[Value]) -> Result<Vec<Value>, Fault> {
    let whole = |tag: &Value| json!({"Key": tag.text("key"), "Value": tag.text("value")});
    let all: Vec<Value> = given.iter().map(whole).collect();
    tags::check(&all).map_err(|bad| refused(&bad))?;
    Ok(all)
}

/// The tags of a row as ECS describes them.
pub(super) fn shown(row: &Value) -> Value {
    let whole = |tag: &Value| json!({"key": tag.text("Key"), "value": tag.text("Value")});
    row.items("Tags").iter().map(whole).collect()
}

fn refused(bad: &BadTag) -> Fault {
    invalid(bad.message())
}

/// Where the row of an ARN is: a cluster, a service, a task or a task definition that is not gone.
fn find(call: &Call, arn: &str) -> Result<Key, Fault> {
    if !arn.starts_with(&call.arn("ecs", "")) {
        return Err(invalid(format!("Invalid ARN: {arn}")));
    }
    let is_there = |row: &Value| row.text("_arn") == arn && row.text("status") != "INACTIVE";
    let mut all = call.resources();
    let found = all.find(|resource| is_there(resource.row) || is_definition(resource.row, arn));
    let missing =
        || Fault::new("ResourceNotFoundException", "The specified resource was not found.");
    found.map(|resource| resource.key()).ok_or_else(missing)
}

fn is_definition(row: &Value, arn: &str) -> bool {
    row.text("taskDefinitionArn") == arn && row.text("_arn") == arn
}

/// `TagResource`.
pub(super) fn tag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let fresh = given(input.items("tags"))?;
    let key = find(call, input.text("resourceArn"))?;
    let mut done = Ok(());
    call.update_resource(&key, |row| done = tags::add(row, &fresh));
    done.map(|()| json!({})).map_err(|bad| refused(&bad))
}

/// `UntagResource`.
pub(super) fn untag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let keys = input.texts("tagKeys");
    if let Some(key) = keys.iter().find(|key| key.starts_with("aws:")) {
        return Err(refused(&BadTag::Reserved((*key).to_owned())));
    }
    let key = find(call, input.text("resourceArn"))?;
    call.update_resource(&key, |row| tags::remove(row, &keys));
    Ok(json!({}))
}

/// `ListTagsForResource`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("resourceArn");
    find(call, arn)?;
    let row = call.resources().find(|resource| resource.row.text("_arn") == arn);
    Ok(json!({"tags": row.map_or(json!([]), |resource| shown(resource.row))}))
}
