//! Tags of topics: <https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html>

use super::arn::invalid;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::SNS_TOPIC;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// Tags of a request, once they are known to be allowed.
pub(super) fn checked(tags: &[Value]) -> Result<Vec<Value>, Fault> {
    tags::check(tags).map_err(refused)?;
    Ok(tags.to_vec())
}

fn refused(bad: BadTag) -> Fault {
    if bad == BadTag::TooMany {
        return Fault::new(
            "TagLimitExceeded",
            "Could not complete request: tag quota of per resource exceeded",
        );
    }
    invalid(&format!("Tags Reason: {}", bad.message()))
}

/// `TagResource`.
pub(super) fn tag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let fresh = checked(input.items("Tags"))?;
    let mut done = Ok(());
    change(call, input.text("ResourceArn"), |row| done = tags::add(row, &fresh))?;
    done.map_err(refused)?;
    Ok(json!({}))
}

/// `UntagResource`.
pub(super) fn untag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    change(call, input.text("ResourceArn"), |row| tags::remove(row, &input.texts("TagKeys")))?;
    Ok(json!({}))
}

/// `ListTagsForResource`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let topic = call.get(SNS_TOPIC, input.text("ResourceArn")).ok_or_else(not_found)?;
    Ok(json!({"Tags": topic.items("Tags")}))
}

fn change(call: &mut Call, arn: &str, change: impl FnOnce(&mut Value)) -> Result<(), Fault> {
    if call.update(SNS_TOPIC, arn, change) { Ok(()) } else { Err(not_found()) }
}

fn not_found() -> Fault {
    Fault::new("ResourceNotFound", "Resource does not exist")
}
