//! Tags of keys, which KMS calls `TagKey` and `TagValue`.
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html>

use super::{key_state, reference};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::KMS_KEY;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// Tags of a request, checked, in the form of rows.
pub(super) fn from_wire(tags: &[Value]) -> Result<Vec<Value>, Fault> {
    let tags: Vec<Value> =
        tags.iter().map(|tag| json!({"Key": tag["TagKey"], "Value": tag["TagValue"]})).collect();
    tags::check(&tags).map_err(refused)?;
    Ok(tags)
}

fn refused(bad: BadTag) -> Fault {
    let code = if bad == BadTag::TooMany { "LimitExceededException" } else { "TagException" };
    Fault::new(code, bad.message())
}

/// `TagResource`.
pub(super) fn tag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = taggable(call, input.text("KeyId"))?;
    let fresh = from_wire(input.items("Tags"))?;
    let mut done = Ok(());
    call.update(KMS_KEY, &id, |row| done = tags::add(row, &fresh));
    done.map_err(refused)?;
    Ok(json!({}))
}

/// `UntagResource`.
pub(super) fn untag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = taggable(call, input.text("KeyId"))?;
    call.update(KMS_KEY, &id, |row| tags::remove(row, &input.texts("TagKeys")));
    Ok(json!({}))
}

fn taggable(call: &Call, key: &str) -> Result<String, Fault> {
    let (id, key) = reference::key(call, key)?;
    key_state::own(&key)?;
    key_state::not_pending(&key)?;
    Ok(id)
}

/// `ListResourceTags`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    call.default_page_size(50);
    let (_, key) = reference::key(call, call.input().text("KeyId"))?;
    let tags =
        key.items("Tags").iter().map(|tag| json!({"TagKey": tag["Key"], "TagValue": tag["Value"]}));
    Ok(json!({"Tags": tags.collect::<Vec<Value>>()}))
}
