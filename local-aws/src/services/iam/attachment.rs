//! Managed policies on roles: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html>

use super::{aws_managed, done, full, missing, policy, role};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::IAM_ROLE;
use serde_json::{Value, json};

const QUOTA_OF_A_ROLE: usize = 10;

/// `AttachRolePolicy`: a policy that is attached already stays so.
pub(super) fn attach(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, arn) = (input.text("RoleName"), input.text("PolicyArn"));
    policy::check_arn(arn)?;
    let role = role::modifiable(call, name)?;
    if policy::find(call, arn).is_none() {
        return Err(missing(unattachable(arn)));
    }
    let attached = role.texts("_attached");
    if attached.contains(&arn) {
        return done();
    }
    let limit = call.quota("iam.policies_of_a_role", QUOTA_OF_A_ROLE);
    if attached.len() >= limit {
        return Err(full("PoliciesPerRole", limit));
    }
    call.update(IAM_ROLE, name, |role| {
        if let Some(attached) = role["_attached"].as_array_mut() {
            attached.push(json!(arn));
        }
    });
    done()
}

/// Of AWS's own policies this cloud has some only; the message says so.
fn unattachable(arn: &str) -> String {
    let message = format!("Policy {arn} does not exist or is not attachable.");
    if !aws_managed::is_arn(arn) {
        return message;
    }
    let names: Vec<String> =
        aws_managed::all().iter().map(|policy| policy.text("PolicyName").to_owned()).collect();
    format!("{message} The embedded AWS has these AWS managed policies: {}.", names.join(", "))
}

/// `DetachRolePolicy`.
pub(super) fn detach(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, arn) = (input.text("RoleName"), input.text("PolicyArn"));
    policy::check_arn(arn)?;
    if !role::modifiable(call, name)?.texts("_attached").contains(&arn) {
        return Err(missing(format!("Policy {arn} was not found.")));
    }
    call.update(IAM_ROLE, name, |role| {
        if let Some(attached) = role["_attached"].as_array_mut() {
            attached.retain(|known| known != arn);
        }
    });
    done()
}

/// The policies attached to a role, as lists have them.
pub(super) fn of(call: &Call, role: &Value) -> Vec<Value> {
    let policies = role.texts("_attached").into_iter().map(|arn| {
        let name = arn.rsplit('/').next().unwrap_or_default();
        let path = policy::find(call, arn)
            .map_or_else(|| "/".to_owned(), |policy| policy.text("Path").to_owned());
        json!({"PolicyName": name, "PolicyArn": arn, "_path": path})
    });
    policies.collect()
}

/// `ListAttachedRolePolicies`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut policies = of(call, role::known(call, input.text("RoleName"))?);
    policies.retain(|policy| policy.text("_path").starts_with(input.text("PathPrefix")));
    Ok(json!({"AttachedPolicies": policies}))
}

/// `ListEntitiesForPolicy`: roles that have it attached, or as their boundary.
pub(super) fn entities(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("PolicyArn");
    policy::known(call, arn)?;
    let usage = input.opt("PolicyUsageFilter");
    let wanted = |role: &Value| {
        let attached =
            usage != Some("PermissionsBoundary") && role.texts("_attached").contains(&arn);
        let bounded = usage != Some("PermissionsPolicy")
            && role["PermissionsBoundary"].text("PermissionsBoundaryArn") == arn;
        (attached || bounded)
            && matches!(input.opt("EntityFilter"), None | Some("Role"))
            && role.text("Path").starts_with(input.text("PathPrefix"))
    };
    let roles = call.rows(IAM_ROLE).filter(|(_, role)| wanted(role));
    let roles: Vec<Value> = roles
        .map(|(name, role)| json!({"RoleName": name, "RoleId": role["RoleId"], "_key": name}))
        .collect();
    Ok(json!({"PolicyRoles": roles, "PolicyUsers": [], "PolicyGroups": []}))
}
