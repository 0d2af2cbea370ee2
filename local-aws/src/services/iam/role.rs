//! Roles: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>

use super::{document, tagging, unique_id};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::IAM_ROLE;
use serde_json::{Value, json};

/// Roles of an account.
const QUOTA: usize = 1000;

/// `CreateRole`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    tagging::check(input.items("Tags"))?;
    // Names are told apart without regard to case.
    if call.rows(IAM_ROLE).any(|(taken, _)| taken.eq_ignore_ascii_case(name)) {
        let message = format!("Role with name {name} already exists.");
        return Err(Fault::new("EntityAlreadyExists", message));
    }
    if call.rows(IAM_ROLE).count() >= call.quota("iam.roles", QUOTA) {
        let message = format!("Cannot exceed quota for RolesPerAccount: {QUOTA}");
        return Err(Fault::new("LimitExceeded", message));
    }
    document::check_trust(call, input.text("AssumeRolePolicyDocument"))?;
    let path = input.opt("Path").unwrap_or("/");
    let mut row = new(call, name, path, input.text("AssumeRolePolicyDocument"));
    row["Description"] = input["Description"].clone();
    row["MaxSessionDuration"] = json!(input.int("MaxSessionDuration").unwrap_or(3600));
    row["Tags"] = json!(input.items("Tags"));
    if let Some(boundary) = input.opt("PermissionsBoundary") {
        row["PermissionsBoundary"] = super::role_settings::boundary(call, boundary)?;
    }
    call.put(IAM_ROLE, name, row.clone());
    Ok(json!({"Role": answered(&row)}))
}

/// A role as it is when it is new.
pub(super) fn new(call: &mut Call, name: &str, path: &str, trust: &str) -> Value {
    let arn = call.global_arn("iam", &format!("role{path}{name}"));
    let usable_at = call.now() + call.latency("iam.role", "visible_to_other_services");
    json!({
        "RoleName": name, "Path": path, "Arn": arn, "RoleId": unique_id(call, "AROA"), "CreateDate": call.now(),
        "AssumeRolePolicyDocument": trust, "MaxSessionDuration": 3600, "RoleLastUsed": {},
        "_arn": arn, "_usable_at": usable_at, "_inline": {}, "_attached": [],
    })
}

/// `GetRole`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    Ok(json!({"Role": answered(existing(call, input.text("RoleName"))?)}))
}

/// `ListRoles`: without tags and boundaries.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let prefix = input.opt("PathPrefix").unwrap_or("/");
    let roles = call.rows(IAM_ROLE).filter(|(_, role)| role.text("Path").starts_with(prefix));
    let roles: Vec<Value> = roles
        .map(|(_, role)| {
            let mut role = answered(role);
            role["Tags"] = Value::Null;
            role["PermissionsBoundary"] = Value::Null;
            role["RoleLastUsed"] = Value::Null;
            role
        })
        .collect();
    Ok(json!({"Roles": roles}))
}

/// `DeleteRole`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    let role = existing(call, name)?;
    modifiable(role)?;
    let conflict = |message: &str| Err(Fault::new("DeleteConflict", message));
    if !role.items("_attached").is_empty() {
        return conflict("Cannot delete entity, must detach all policies first.");
    }
    if role["_inline"].as_object().is_some_and(|policies| !policies.is_empty()) {
        return conflict("Cannot delete entity, must delete policies first.");
    }
    call.remove(IAM_ROLE, name);
    Ok(json!({}))
}

/// The role of that name.
pub(super) fn existing<'a>(call: &'a Call, name: &str) -> Result<&'a Value, Fault> {
    let missing =
        || Fault::new("NoSuchEntity", format!("The role with name {name} cannot be found."));
    call.get(IAM_ROLE, name).ok_or_else(missing)
}

/// Refuses changing what belongs to a service.
pub(super) fn modifiable(role: &Value) -> Result<(), Fault> {
    if role.text("Path").starts_with("/aws-service-role/") {
        let message = format!(
            "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS",
            role.text("RoleName")
        );
        return Err(Fault::new("UnmodifiableEntity", message));
    }
    Ok(())
}

/// A role as IAM answers it.
pub(super) fn answered(role: &Value) -> Value {
    let mut role = role.clone();
    role["AssumeRolePolicyDocument"] =
        json!(document::answered(role.text("AssumeRolePolicyDocument")));
    if role.items("Tags").is_empty() {
        role["Tags"] = Value::Null;
    }
    role
}
