//! Tags of rules: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TagResource.html>

use super::rule::RULE;
use super::{invalid, missing};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::tags;
use serde_json::{Value, json};

/// Tags of a request, once they are known to be allowed.
pub(super) fn given(given: &[Value]) -> Result<Vec<Value>, Fault> {
    tags::check(given).map_err(|bad| invalid(bad.message()))?;
    Ok(given.to_vec())
}

/// The name of the rule with an ARN.
fn rule(call: &Call, arn: &str) -> Result<String, Fault> {
    let found = call.rows(RULE).find(|(_, row)| row.text("Arn") == arn);
    found
        .map(|(name, _)| name.to_owned())
        .ok_or_else(|| missing(format!("Resource {arn} does not exist.")))
}

/// `TagResource`.
pub(super) fn tag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = rule(call, input.text("ResourceARN"))?;
    let fresh = given(input.items("Tags"))?;
    let mut done = Ok(());
    call.update(RULE, &name, |row| done = tags::add(row, &fresh));
    done.map_err(|bad| invalid(bad.message()))?;
    Ok(json!({}))
}

/// `UntagResource`.
pub(super) fn untag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = rule(call, input.text("ResourceARN"))?;
    call.update(RULE, &name, |row| tags::remove(row, &input.texts("TagKeys")));
    Ok(json!({}))
}

/// `ListTagsForResource`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let name = rule(call, call.input().text("ResourceARN"))?;
    Ok(json!({"Tags": call.get(RULE, &name).map(|row| row["Tags"].clone())}))
}
