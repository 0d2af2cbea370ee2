//! Changes of roles: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html>

use super::{done, missing, role, trust};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::IAM_ROLE;
use serde_json::{Value, json};

/// `UpdateRole`: without a session duration, that goes back to one hour.
pub(super) fn update(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    role::modifiable(call, name)?;
    let mut change = json!({"MaxSessionDuration": input.int("MaxSessionDuration").unwrap_or(3600)});
    if input.has("Description") {
        change["Description"] = input["Description"].clone();
    }
    call.merge(IAM_ROLE, name, change);
    done()
}

/// `UpdateRoleDescription`.
pub(super) fn description(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    role::known(call, name)?;
    call.merge(IAM_ROLE, name, json!({"Description": input["Description"]}));
    Ok(json!({"Role": role::described(role::known(call, name)?)}))
}

/// `UpdateAssumeRolePolicy`.
pub(super) fn trust(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    role::modifiable(call, name)?;
    trust::check(call, input.text("PolicyDocument"))?;
    call.merge(IAM_ROLE, name, json!({"AssumeRolePolicyDocument": input["PolicyDocument"]}));
    done()
}

/// `PutRolePermissionsBoundary`.
pub(super) fn put_boundary(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    role::modifiable(call, name)?;
    let boundary = role::boundary(call, input.text("PermissionsBoundary"))?;
    call.merge(IAM_ROLE, name, json!({"PermissionsBoundary": boundary}));
    done()
}

/// `DeleteRolePermissionsBoundary`.
pub(super) fn delete_boundary(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    if !role::modifiable(call, name)?.has("PermissionsBoundary") {
        return Err(missing(format!("Role {name} has no permissions boundary")));
    }
    call.merge(IAM_ROLE, name, json!({"PermissionsBoundary": null}));
    done()
}
