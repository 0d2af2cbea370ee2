//! Roles: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
//!
//! A row also has `_inline`, its inline policies by name, and `_attached`, the ARNs of its managed policies.

use super::document::encoded;
use super::{
    conflict, done, entity_tags, full, instance_profile, missing, policy, trust, unique_id,
};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::IAM_ROLE;
use serde_json::{Value, json};

const QUOTA: usize = 1000;
const USUAL_SESSION_SECONDS: i64 = 3600;

/// `CreateRole`. Other services see the role some seconds later.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    trust::check(call, input.text("AssumeRolePolicyDocument"))?;
    let tags = entity_tags::given(&input)?;
    let boundary = input.opt("PermissionsBoundary").map(|arn| boundary(call, arn)).transpose()?;
    free(call, name)?;
    let path = input.opt("Path").unwrap_or("/");
    let arn = call.global_arn("iam", &format!("role{path}{name}"));
    let usable_at = call.now() + call.latency("iam.role", "visible_to_other_services");
    let mut row = json!({
        "RoleName": name, "Path": path, "RoleId": unique_id(call, "AROA"), "Arn": arn, "CreateDate": call.now(),
        "AssumeRolePolicyDocument": input["AssumeRolePolicyDocument"], "Tags": tags, "RoleLastUsed": {},
        "MaxSessionDuration": input.int("MaxSessionDuration").unwrap_or(USUAL_SESSION_SECONDS),
        "_inline": {}, "_attached": [], "_usable_at": usable_at, "_arn": arn, "_key": name,
    });
    if input.has("Description") {
        row["Description"] = input["Description"].clone();
    }
    if let Some(boundary) = boundary {
        row["PermissionsBoundary"] = boundary;
    }
    call.put(IAM_ROLE, name, row.clone());
    Ok(json!({"Role": described(&row)}))
}

/// Names are unique whatever their case, and their number is limited.
pub(super) fn free(call: &Call, name: &str) -> Result<(), Fault> {
    if call.rows(IAM_ROLE).any(|(known, _)| known.eq_ignore_ascii_case(name)) {
        return Err(Fault::new(
            "EntityAlreadyExists",
            format!("Role with name {name} already exists."),
        ));
    }
    let limit = call.quota("iam.roles", QUOTA);
    let own = call.rows(IAM_ROLE).filter(|(_, role)| !role.has("_service_linked")).count();
    if own >= limit { Err(full("RolesPerAccount", limit)) } else { Ok(()) }
}

/// A permissions boundary, which is a managed policy that exists.
pub(super) fn boundary(call: &Call, arn: &str) -> Result<Value, Fault> {
    policy::find(call, arn)
        .ok_or_else(|| missing(format!("Scope ARN: {arn} does not exist or is not attachable.")))?;
    Ok(
        json!({"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn}),
    )
}

/// A role as `GetRole` describes it.
pub(super) fn described(role: &Value) -> Value {
    let mut role = role.clone();
    role["AssumeRolePolicyDocument"] = json!(encoded(role.text("AssumeRolePolicyDocument")));
    if role.items("Tags").is_empty() {
        role["Tags"] = Value::Null;
    }
    role
}

/// A role as lists describe it: without tags, boundary and last use.
pub(super) fn listed(role: &Value) -> Value {
    let mut role = described(role);
    for member in ["Tags", "PermissionsBoundary", "RoleLastUsed"] {
        role[member] = Value::Null;
    }
    role
}

/// A role that a request names.
pub(super) fn known<'c>(call: &'c Call, name: &str) -> Result<&'c Value, Fault> {
    call.get(IAM_ROLE, name)
        .ok_or_else(|| missing(format!("The role with name {name} cannot be found.")))
}

/// A role that the account may change: service-linked roles belong to their services.
pub(super) fn modifiable<'c>(call: &'c Call, name: &str) -> Result<&'c Value, Fault> {
    let role = known(call, name)?;
    if role.has("_service_linked") {
        let message = format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        );
        return Err(Fault::new("UnmodifiableEntity", message));
    }
    Ok(role)
}

/// `GetRole`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let role = known(call, call.input().text("RoleName"))?;
    Ok(json!({"Role": described(role)}))
}

/// `ListRoles`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let wanted = call
        .rows(IAM_ROLE)
        .filter(|(_, role)| role.text("Path").starts_with(input.text("PathPrefix")));
    Ok(json!({"Roles": wanted.map(|(_, role)| listed(role)).collect::<Vec<Value>>()}))
}

/// `DeleteRole`: nothing may hang on it any more.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    let role = modifiable(call, name)?;
    if !role.items("_attached").is_empty() {
        return Err(conflict("Cannot delete entity, must detach all policies first."));
    }
    if role["_inline"].as_object().is_some_and(|inline| !inline.is_empty()) {
        return Err(conflict("Cannot delete entity, must delete policies first."));
    }
    if !instance_profile::of_role(call, name).is_empty() {
        return Err(conflict(
            "Cannot delete entity, must remove roles from instance profile first.",
        ));
    }
    call.remove(IAM_ROLE, name);
    done()
}
