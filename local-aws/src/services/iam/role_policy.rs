//! Inline policies of roles: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>

use super::document::{encoded, parse, within};
use super::{done, missing, role};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy::Kind;
use crate::services::tables::IAM_ROLE;
use serde_json::{Value, json};

const MAX_CHARACTERS: usize = 10_240;

/// `PutRolePolicy`: makes a policy or replaces it.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, policy, text) =
        (input.text("RoleName"), input.text("PolicyName"), input.text("PolicyDocument"));
    let role = role::modifiable(call, name)?;
    parse(text, Kind::Identity)?;
    let others =
        role["_inline"].as_object().into_iter().flatten().filter(|(known, _)| *known != policy);
    let others = others.filter_map(|(_, document)| document.as_str());
    within(
        others.chain([text]),
        "InlinePolicySizePerRole",
        call.quota("iam.inline_policy_characters", MAX_CHARACTERS),
    )?;
    call.update(IAM_ROLE, name, |role| role["_inline"][policy] = json!(text));
    done()
}

fn known<'c>(call: &'c Call, role: &str, policy: &str) -> Result<&'c str, Fault> {
    let found = role::known(call, role)?["_inline"].opt(policy);
    found.ok_or_else(|| missing(format!("The role policy with name {policy} cannot be found.")))
}

/// `GetRolePolicy`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let document = known(call, input.text("RoleName"), input.text("PolicyName"))?;
    Ok(
        json!({"RoleName": input["RoleName"], "PolicyName": input["PolicyName"], "PolicyDocument": encoded(document)}),
    )
}

/// `DeleteRolePolicy`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, policy) = (input.text("RoleName"), input.text("PolicyName"));
    role::modifiable(call, name)?;
    known(call, name, policy)?;
    call.update(IAM_ROLE, name, |role| {
        role["_inline"].as_object_mut().map(|inline| inline.remove(policy));
    });
    done()
}

/// `ListRolePolicies`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let inline = role::known(call, call.input().text("RoleName"))?["_inline"].as_object();
    let mut names: Vec<&String> = inline.into_iter().flatten().map(|(name, _)| name).collect();
    names.sort();
    Ok(json!({"PolicyNames": names}))
}
