//! Everything at once: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>

use super::document::encoded;
use super::policy::{POLICY, listed, uses};
use super::{attachment, aws_managed, instance_profile, policy_version};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::IAM_ROLE;
use serde_json::{Value, json};

/// `GetAccountAuthorizationDetails`: of AWS's own policies those that are in use.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let kinds = input.texts("Filter");
    let wanted = |kind: &str| kinds.is_empty() || kinds.contains(&kind);
    let roles = call.rows(IAM_ROLE).filter(|_| wanted("Role")).map(|(_, row)| role(call, row));
    let roles: Vec<Value> = roles.collect();
    let local = call
        .rows(POLICY)
        .map(|(_, policy)| policy.clone())
        .filter(|_| wanted("LocalManagedPolicy"));
    let used = |policy: &Value| uses(call, policy.text("Arn")) != (0, 0);
    let aws =
        aws_managed::all().into_iter().filter(|policy| wanted("AWSManagedPolicy") && used(policy));
    let policies: Vec<Value> = local.chain(aws).map(|row| policy(call, &row)).collect();
    Ok(
        json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": policies}),
    )
}

fn role(call: &Call, row: &Value) -> Value {
    let inline = row["_inline"].as_object().into_iter().flatten();
    let inline = inline.map(|(name, document)| json!({"PolicyName": name, "PolicyDocument": encoded(document.as_str().unwrap_or_default())}));
    let mut inline: Vec<Value> = inline.collect();
    inline.sort_by(|a, b| a.text("PolicyName").cmp(b.text("PolicyName")));
    json!({
        "Path": row["Path"], "RoleName": row["RoleName"], "RoleId": row["RoleId"], "Arn": row["Arn"], "CreateDate": row["CreateDate"],
        "AssumeRolePolicyDocument": encoded(row.text("AssumeRolePolicyDocument")), "RolePolicyList": inline,
        "InstanceProfileList": instance_profile::of_role(call, row.text("RoleName")), "AttachedManagedPolicies": attachment::of(call, row),
        "PermissionsBoundary": row["PermissionsBoundary"], "Tags": row["Tags"], "RoleLastUsed": row["RoleLastUsed"],
        "_key": format!("role/{}", row.text("RoleName")),
    })
}

fn policy(call: &Call, row: &Value) -> Value {
    let mut policy = listed(call, row, true);
    policy["Tags"] = Value::Null;
    policy["PolicyVersionList"] = json!(policy_version::described(row, true));
    // After the roles, in whose order pages go on.
    policy["_key"] = json!(format!("s/{}", row.text("Arn")));
    policy
}
