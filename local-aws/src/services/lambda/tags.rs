//! Tags of functions: <https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html>

use super::invalid;
use super::reference::{FUNCTION, Named};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::tags;
use serde_json::{Value, json};

/// Tags of a request, a map, as rows have them.
pub(super) fn given(map: &Value) -> Result<Vec<Value>, Fault> {
    let tags = tags::from_map(map);
    tags::check(&tags).map_err(|bad| invalid(bad.message()))?;
    Ok(tags)
}

/// The function of a request; a version has no tags of its own.
fn function(call: &Call, input: &Value) -> Result<Named, Fault> {
    let arn = input.text("Resource");
    if !arn.contains(":function:") {
        return Err(Fault::not_implemented("tags of anything but functions"));
    }
    let named = Named::parse(arn);
    if named.qualifier.is_some() {
        return Err(invalid(
            "Tags on function aliases and versions are not supported. Please specify a function ARN.",
        ));
    }
    named.function(call)?;
    Ok(named)
}

/// `TagResource`.
pub(super) fn tag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let named = function(call, &input)?;
    let fresh = given(&input["Tags"])?;
    let mut done = Ok(());
    call.update(FUNCTION, &named.name, |row| done = tags::add(row, &fresh));
    done.map_err(|bad| invalid(bad.message()))?;
    Ok(json!({}))
}

/// `UntagResource`.
pub(super) fn untag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let named = function(call, &input)?;
    call.update(FUNCTION, &named.name, |row| tags::remove(row, &input.texts("TagKeys")));
    Ok(json!({}))
}

/// `ListTags`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = function(call, &input)?.function(call)?;
    Ok(json!({"Tags": tags::to_map(row.items("Tags"))}))
}
