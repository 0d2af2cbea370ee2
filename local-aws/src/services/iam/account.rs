//! The account as a whole: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>

use super::managed_policy::{self, POLICY};
use super::{attachment, document, policy_version, role};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::IAM_ROLE;
use serde_json::{Value, json};

/// `GetAccountAuthorizationDetails`. There are no users, groups and policies of AWS's own here.
pub(super) fn authorization_details(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let filter = input.texts("Filter");
    let wanted = |kind: &str| filter.is_empty() || filter.contains(&kind);
    let roles: Vec<Value> = match wanted("Role") {
        true => call.rows(IAM_ROLE).map(|(_, row)| role_detail(row)).collect(),
        false => Vec::new(),
    };
    let policies: Vec<Value> = match wanted("LocalManagedPolicy") {
        true => call.rows(POLICY).map(|(_, row)| policy_detail(call, row)).collect(),
        false => Vec::new(),
    };
    Ok(
        json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": policies}),
    )
}

/// `GetAccountSummary`.
pub(super) fn summary(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"SummaryMap": {
        "Users": 0, "Groups": 0, "Roles": call.rows(IAM_ROLE).count(), "Policies": call.rows(POLICY).count(),
        "InstanceProfiles": 0, "RolesQuota": call.quota("iam.roles", 1000),
        "PoliciesQuota": call.quota("iam.policies", 1500), "AttachedPoliciesPerRoleQuota": 10,
        "VersionsPerPolicyQuota": 5, "PolicySizeQuota": 6144, "RolePolicySizeQuota": 10240,
        "AssumeRolePolicySizeQuota": 2048, "AccountMFAEnabled": 0,
    }}))
}

/// `ListAccountAliases`: nothing here makes one.
pub(super) fn aliases(_: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"AccountAliases": []}))
}

/// `ListInstanceProfiles`: nothing here makes one.
pub(super) fn instance_profiles(_: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"InstanceProfiles": []}))
}

/// `ListInstanceProfilesForRole`.
pub(super) fn instance_profiles_of(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    role::existing(call, input.text("RoleName"))?;
    instance_profiles(call)
}

fn role_detail(row: &Value) -> Value {
    let mut detail = role::answered(row);
    let inline = row["_inline"].as_object().into_iter().flatten();
    let inline: Vec<Value> = inline
        .map(|(name, text)| {
            let text = document::answered(text.as_str().unwrap_or_default());
            json!({"PolicyName": name, "PolicyDocument": text})
        })
        .collect();
    // These two are not among a role's details.
    if let Some(members) = detail.as_object_mut() {
        members.remove("Description");
        members.remove("MaxSessionDuration");
    }
    detail["RolePolicyList"] = json!(inline);
    detail["AttachedManagedPolicies"] = json!(attachment::of(row));
    detail["InstanceProfileList"] = json!([]);
    detail
}

fn policy_detail(call: &Call, row: &Value) -> Value {
    let mut detail = managed_policy::answered(call, row);
    let versions: Vec<Value> =
        row.items("_versions").iter().map(policy_version::answered).collect();
    detail["PolicyVersionList"] = json!(versions);
    if let Some(members) = detail.as_object_mut() {
        members.remove("Tags");
    }
    detail
}
