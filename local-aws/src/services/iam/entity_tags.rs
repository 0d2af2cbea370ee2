//! Tags of roles, policies and instance profiles: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html>

use super::instance_profile::{self, PROFILE};
use super::policy::{self, POLICY};
use super::{done, full, role};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::IAM_ROLE;
use crate::store::Table;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

const QUOTA: usize = 50;

/// The tags in a request, checked. Keys that differ in case only are the same.
pub(super) fn given(input: &Value) -> Result<Vec<Value>, Fault> {
    let given = input.items("Tags");
    tags::check(given).map_err(|bad| refused(&bad))?;
    let mut keys: Vec<String> = given.iter().map(|tag| tag.text("Key").to_lowercase()).collect();
    keys.sort();
    if keys.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(duplicate());
    }
    Ok(given.to_vec())
}

fn duplicate() -> Fault {
    Fault::new(
        "InvalidInput",
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    )
}

fn refused(bad: &BadTag) -> Fault {
    match bad {
        BadTag::TooMany => full("TagsPerEntity", QUOTA),
        BadTag::Twice(_) => duplicate(),
        other => Fault::new("InvalidInput", other.message()),
    }
}

fn add(call: &mut Call, table: Table, id: &str) -> Result<Value, Fault> {
    let fresh = given(&call.input())?;
    let mut added = Ok(());
    call.update(table, id, |row| {
        let same = |old: &Value| {
            fresh.iter().any(|tag| {
                tag.text("Key") != old.text("Key")
                    && tag.text("Key").eq_ignore_ascii_case(old.text("Key"))
            })
        };
        if let Some(tags) = row["Tags"].as_array_mut() {
            tags.retain(|old| !same(old));
        }
        added = tags::add(row, &fresh);
    });
    added.map_err(|bad| refused(&bad))?;
    done()
}

fn remove(call: &mut Call, table: Table, id: &str) -> Result<Value, Fault> {
    let input = call.input();
    call.update(table, id, |row| tags::remove(row, &input.texts("TagKeys")));
    done()
}

fn list(row: &Value) -> Result<Value, Fault> {
    Ok(json!({"Tags": row.items("Tags")}))
}

/// `TagRole`.
pub(super) fn tag_role(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    role::known(call, input.text("RoleName"))?;
    add(call, IAM_ROLE, input.text("RoleName"))
}

/// `UntagRole`.
pub(super) fn untag_role(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    role::known(call, input.text("RoleName"))?;
    remove(call, IAM_ROLE, input.text("RoleName"))
}

/// `ListRoleTags`.
pub(super) fn of_role(call: &mut Call) -> Result<Value, Fault> {
    list(role::known(call, call.input().text("RoleName"))?)
}

/// `TagPolicy`.
pub(super) fn tag_policy(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    policy::own(call, input.text("PolicyArn"))?;
    add(call, POLICY, input.text("PolicyArn"))
}

/// `UntagPolicy`.
pub(super) fn untag_policy(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    policy::own(call, input.text("PolicyArn"))?;
    remove(call, POLICY, input.text("PolicyArn"))
}

/// `ListPolicyTags`.
pub(super) fn of_policy(call: &mut Call) -> Result<Value, Fault> {
    list(&policy::known(call, call.input().text("PolicyArn"))?)
}

/// `TagInstanceProfile`.
pub(super) fn tag_profile(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    instance_profile::known(call, input.text("InstanceProfileName"))?;
    add(call, PROFILE, input.text("InstanceProfileName"))
}

/// `UntagInstanceProfile`.
pub(super) fn untag_profile(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    instance_profile::known(call, input.text("InstanceProfileName"))?;
    remove(call, PROFILE, input.text("InstanceProfileName"))
}

/// `ListInstanceProfileTags`.
pub(super) fn of_profile(call: &mut Call) -> Result<Value, Fault> {
    list(instance_profile::known(call, call.input().text("InstanceProfileName"))?)
}
