//! What can be changed of a role: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html>

use super::document;
use super::managed_policy;
use super::role::{answered, existing, modifiable};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::IAM_ROLE;
use serde_json::{Value, json};

/// `UpdateRole`: what is left out goes back to its default.
pub(super) fn update(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    modifiable(existing(call, name)?)?;
    let seconds = input.int("MaxSessionDuration").unwrap_or(3600);
    call.merge(
        IAM_ROLE,
        name,
        json!({"Description": input["Description"], "MaxSessionDuration": seconds}),
    );
    Ok(json!({}))
}

/// `UpdateRoleDescription`.
pub(super) fn update_description(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    modifiable(existing(call, name)?)?;
    call.merge(IAM_ROLE, name, json!({"Description": input["Description"]}));
    Ok(json!({"Role": answered(existing(call, name)?)}))
}

/// `UpdateAssumeRolePolicy`.
pub(super) fn update_trust(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    modifiable(existing(call, name)?)?;
    document::check_trust(call, input.text("PolicyDocument"))?;
    call.merge(IAM_ROLE, name, json!({"AssumeRolePolicyDocument": input["PolicyDocument"]}));
    Ok(json!({}))
}

/// `PutRolePermissionsBoundary`.
pub(super) fn put_boundary(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    modifiable(existing(call, name)?)?;
    let boundary = boundary(call, input.text("PermissionsBoundary"))?;
    call.merge(IAM_ROLE, name, json!({"PermissionsBoundary": boundary}));
    Ok(json!({}))
}

/// `DeleteRolePermissionsBoundary`.
pub(super) fn remove_boundary(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    modifiable(existing(call, name)?)?;
    call.merge(IAM_ROLE, name, json!({"PermissionsBoundary": null}));
    Ok(json!({}))
}

/// A policy as the boundary of a role.
pub(super) fn boundary(call: &Call, arn: &str) -> Result<Value, Fault> {
    managed_policy::existing(call, arn)?;
    Ok(json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}))
}
