//! Managed policies on roles: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html>

use super::managed_policy::{self, boundary_of, users};
use super::role::{existing, modifiable};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::IAM_ROLE;
use serde_json::{Value, json};

/// Managed policies on a role.
const QUOTA: usize = 10;

/// `AttachRolePolicy`: attaching again changes nothing.
pub(super) fn attach(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, arn) = (input.text("RoleName"), input.text("PolicyArn"));
    let role = existing(call, name)?;
    modifiable(role)?;
    managed_policy::existing(call, arn)?;
    let attached = role.texts("_attached");
    if attached.contains(&arn) {
        return Ok(json!({}));
    }
    if attached.len() >= call.quota("iam.attached_policies", QUOTA) {
        let message = format!("Cannot exceed quota for PoliciesPerRole: {QUOTA}");
        return Err(Fault::new("LimitExceeded", message));
    }
    call.update(IAM_ROLE, name, |role| {
        if let Some(attached) = role["_attached"].as_array_mut() {
            attached.push(json!(arn));
        }
    });
    Ok(json!({}))
}

/// `DetachRolePolicy`.
pub(super) fn detach(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, arn) = (input.text("RoleName"), input.text("PolicyArn"));
    let role = existing(call, name)?;
    modifiable(role)?;
    if !role.texts("_attached").contains(&arn) {
        return Err(Fault::new("NoSuchEntity", format!("Policy {arn} was not found.")));
    }
    call.update(IAM_ROLE, name, |role| {
        if let Some(attached) = role["_attached"].as_array_mut() {
            attached.retain(|other| other != arn);
        }
    });
    Ok(json!({}))
}

/// `ListAttachedRolePolicies`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let role = existing(call, input.text("RoleName"))?;
    let prefix = format!(":policy{}", input.opt("PathPrefix").unwrap_or("/"));
    let attached: Vec<Value> =
        of(role).into_iter().filter(|policy| policy.text("PolicyArn").contains(&prefix)).collect();
    Ok(json!({"AttachedPolicies": attached}))
}

/// `ListEntitiesForPolicy`: only roles can have policies here.
pub(super) fn entities(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("PolicyArn");
    managed_policy::existing(call, arn)?;
    let role = |role: &Value| json!({"RoleName": role["RoleName"], "RoleId": role["RoleId"]});
    let roles: Vec<Value> = match input.opt("PolicyUsageFilter") {
        Some("PermissionsBoundary") => boundary_of(call, arn).map(role).collect(),
        Some(_) => users(call, arn).map(role).collect(),
        None => users(call, arn).chain(boundary_of(call, arn)).map(role).collect(),
    };
    let wanted = matches!(input.opt("EntityFilter"), None | Some("Role"));
    Ok(
        json!({"PolicyRoles": if wanted { roles } else { Vec::new() }, "PolicyUsers": [], "PolicyGroups": []}),
    )
}

/// The policies attached to a role.
pub(super) fn of(role: &Value) -> Vec<Value> {
    let name = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    let attached = role.texts("_attached").into_iter();
    attached.map(|arn| json!({"PolicyArn": arn, "PolicyName": name(arn)})).collect()
}
