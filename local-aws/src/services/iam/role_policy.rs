//! Inline policies of roles: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>

use super::document;
use super::role::{existing, modifiable};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy::Kind;
use crate::services::tables::IAM_ROLE;
use serde_json::{Value, json};

/// Characters of all inline policies of a role.
const SIZE: usize = 10_240;

/// `PutRolePolicy`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (role, policy, text) =
        (input.text("RoleName"), input.text("PolicyName"), input.text("PolicyDocument"));
    let found = existing(call, role)?;
    modifiable(found)?;
    document::check(text, Kind::Identity, SIZE)?;
    let others =
        found["_inline"].as_object().into_iter().flatten().filter(|(name, _)| *name != policy);
    let length = |text: &str| text.chars().filter(|char| !char.is_whitespace()).count();
    let used: usize = others.map(|(_, text)| length(text.as_str().unwrap_or_default())).sum();
    if used + length(text) > SIZE {
        let message = format!("Maximum policy size of {SIZE} bytes exceeded for role {role}");
        return Err(Fault::new("LimitExceeded", message));
    }
    call.update(IAM_ROLE, role, |role| role["_inline"][policy] = json!(text));
    Ok(json!({}))
}

/// `GetRolePolicy`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (role, policy) = (input.text("RoleName"), input.text("PolicyName"));
    let text = existing(call, role)?["_inline"].opt(policy).ok_or_else(|| missing(policy))?;
    Ok(json!({"RoleName": role, "PolicyName": policy, "PolicyDocument": document::answered(text)}))
}

/// `ListRolePolicies`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let role = existing(call, input.text("RoleName"))?;
    let names: Vec<&String> =
        role["_inline"].as_object().into_iter().flat_map(|all| all.keys()).collect();
    Ok(json!({"PolicyNames": names}))
}

/// `DeleteRolePolicy`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (role, policy) = (input.text("RoleName"), input.text("PolicyName"));
    let found = existing(call, role)?;
    modifiable(found)?;
    found["_inline"].opt(policy).ok_or_else(|| missing(policy))?;
    call.update(IAM_ROLE, role, |role| {
        role["_inline"].as_object_mut().and_then(|all| all.remove(policy));
    });
    Ok(json!({}))
}

fn missing(policy: &str) -> Fault {
    Fault::new("NoSuchEntity", format!("The role policy with name {policy} cannot be found."))
}
