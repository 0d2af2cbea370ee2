//! Tags of roles and policies: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html>

use super::{managed_policy, role};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::IAM_ROLE;
use crate::store::Table;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// `TagRole`.
pub(super) fn tag_role(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    role::existing(call, input.text("RoleName"))?;
    add(call, IAM_ROLE, input.text("RoleName"))
}

/// `UntagRole`.
pub(super) fn untag_role(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    role::existing(call, input.text("RoleName"))?;
    remove(call, IAM_ROLE, input.text("RoleName"))
}

/// `ListRoleTags`.
pub(super) fn of_role(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    Ok(json!({"Tags": role::existing(call, input.text("RoleName"))?.items("Tags")}))
}

/// `TagPolicy`.
pub(super) fn tag_policy(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    managed_policy::existing(call, input.text("PolicyArn"))?;
    add(call, managed_policy::POLICY, input.text("PolicyArn"))
}

/// `UntagPolicy`.
pub(super) fn untag_policy(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    managed_policy::existing(call, input.text("PolicyArn"))?;
    remove(call, managed_policy::POLICY, input.text("PolicyArn"))
}

/// `ListPolicyTags`.
pub(super) fn of_policy(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    Ok(json!({"Tags": managed_policy::existing(call, input.text("PolicyArn"))?.items("Tags")}))
}

/// Refuses tags as IAM does.
pub(super) fn check(tags: &[Value]) -> Result<(), Fault> {
    tags::check(tags).map_err(refused)
}

fn add(call: &mut Call, table: Table, id: &str) -> Result<Value, Fault> {
    let input = call.input();
    check(input.items("Tags"))?;
    let mut result = Ok(());
    call.update(table, id, |row| result = tags::add(row, input.items("Tags")));
    result.map_err(refused)?;
    Ok(json!({}))
}

fn remove(call: &mut Call, table: Table, id: &str) -> Result<Value, Fault> {
    let input = call.input();
    call.update(table, id, |row| tags::remove(row, &input.texts("TagKeys")));
    Ok(json!({}))
}

fn refused(tag: BadTag) -> Fault {
    let code = if tag == BadTag::TooMany { "LimitExceeded" } else { "InvalidInput" };
    Fault::new(code, tag.message())
}
