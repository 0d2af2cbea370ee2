//! Tags of secrets: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html>

use super::reference::{self, SECRET, invalid_parameter, invalid_request};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// Tags of a request, once they are known to be allowed.
pub(super) fn checked(tags: &[Value]) -> Result<Vec<Value>, Fault> {
    tags::check(tags).map_err(|bad| refused(&bad))?;
    Ok(tags.to_vec())
}

fn refused(bad: &BadTag) -> Fault {
    match bad {
        BadTag::TooMany => invalid_request("A secret can have at most 50 tags."),
        bad => invalid_parameter(&bad.message()),
    }
}

/// `TagResource`.
pub(super) fn tag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, _) = reference::live(call, input.text("SecretId"))?;
    let fresh = checked(input.items("Tags"))?;
    let mut done = Ok(());
    call.update(SECRET, &name, |row| done = tags::add(row, &fresh));
    done.map_err(|bad| refused(&bad))?;
    Ok(json!({}))
}

/// `UntagResource`.
pub(super) fn untag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, _) = reference::live(call, input.text("SecretId"))?;
    call.update(SECRET, &name, |row| tags::remove(row, &input.texts("TagKeys")));
    Ok(json!({}))
}
