//! Tags of scalable targets: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TagResource.html>

use super::invalid;
use super::target::TARGET;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// The tags of a request, checked.
pub(super) fn given(map: &Value) -> Result<Vec<Value>, Fault> {
    let all = tags::from_map(map);
    tags::check(&all).map_err(|bad| refused(&bad))?;
    Ok(all)
}

fn refused(bad: &BadTag) -> Fault {
    match bad {
        BadTag::TooMany => Fault::new("TooManyTagsException", bad.message()),
        _ => invalid(bad.message()),
    }
}

/// The id of the row of an ARN.
fn named(call: &Call, arn: &str) -> Result<String, Fault> {
    let found = call.rows(TARGET).find(|(_, row)| row.text("_arn") == arn);
    found.map(|(id, _)| id.to_owned()).ok_or_else(|| {
        let message = format!("The resource {arn} was not found.");
        Fault::new("ResourceNotFoundException", message).with("ResourceName", arn)
    })
}

/// `TagResource`.
pub(super) fn tag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = named(call, input.text("ResourceARN"))?;
    let fresh = given(&input["Tags"])?;
    let mut done = Ok(());
    call.update(TARGET, &id, |row| done = tags::add(row, &fresh));
    done.map(|()| json!({})).map_err(|bad| refused(&bad))
}

/// `UntagResource`.
pub(super) fn untag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = named(call, input.text("ResourceARN"))?;
    let keys = input.texts("TagKeys");
    call.update(TARGET, &id, |row| tags::remove(row, &keys));
    Ok(json!({}))
}

/// `ListTagsForResource`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let id = named(call, call.input().text("ResourceARN"))?;
    let row = call.get(TARGET, &id).cloned().unwrap_or_default();
    Ok(json!({"Tags": tags::to_map(row.items("Tags"))}))
}
