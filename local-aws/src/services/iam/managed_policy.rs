//! Managed policies: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>

use super::{document, tagging, unique_id};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy::Kind;
use crate::services::tables::IAM_ROLE;
use crate::store::Table;
use serde_json::{Value, json};

/// Customer managed policies by ARN: a `Policy` with `_versions`, each a `PolicyVersion` with its document as plain text.
pub(super) const POLICY: Table = Table::global("iam.policy");

/// Customer managed policies of an account.
const QUOTA: usize = 1500;

/// Characters of a document.
pub(super) const SIZE: usize = 6144;

/// `CreatePolicy`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, path) = (input.text("PolicyName"), input.opt("Path").unwrap_or("/"));
    tagging::check(input.items("Tags"))?;
    // The path does not keep two policies of one name apart.
    if call.rows(POLICY).any(|(_, policy)| policy.text("PolicyName").eq_ignore_ascii_case(name)) {
        let message =
            format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(Fault::new("EntityAlreadyExists", message));
    }
    if call.rows(POLICY).count() >= call.quota("iam.policies", QUOTA) {
        let message = format!("Cannot exceed quota for PoliciesPerAccount: {QUOTA}");
        return Err(Fault::new("LimitExceeded", message));
    }
    document::check(input.text("PolicyDocument"), Kind::Identity, SIZE)?;
    let arn = call.global_arn("iam", &format!("policy{path}{name}"));
    let now = call.now();
    let version = json!({
        "VersionId": "v1", "IsDefaultVersion": true, "CreateDate": now, "Document": input["PolicyDocument"],
    });
    let row = json!({
        "PolicyName": name, "PolicyId": unique_id(call, "ANPA"), "Arn": arn, "Path": path, "DefaultVersionId": "v1",
        "IsAttachable": true, "CreateDate": now, "UpdateDate": now, "Description": input["Description"],
        "Tags": input.items("Tags"), "_arn": arn, "_versions": [version], "_newest": 1,
    });
    let answer = answered(call, &row);
    call.put(POLICY, &arn, row);
    Ok(json!({"Policy": without_description(answer)}))
}

/// `GetPolicy`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let policy = existing(call, input.text("PolicyArn"))?;
    Ok(json!({"Policy": answered(call, policy)}))
}

/// `ListPolicies`: without descriptions and tags.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let scope = input.opt("Scope").unwrap_or("All");
    if scope != "Local" {
        return Err(Fault::not_implemented(
            "iam ListPolicies of AWS's own policies (only the scope Local)",
        ));
    }
    let prefix = input.opt("PathPrefix").unwrap_or("/");
    let attached_only = input.flag("OnlyAttached");
    let policies = call.rows(POLICY).filter(|(_, policy)| policy.text("Path").starts_with(prefix));
    let policies = policies.map(|(_, policy)| without_description(answered(call, policy)));
    let policies: Vec<Value> = policies
        .filter(|policy| !attached_only || policy.int("AttachmentCount") > Some(0))
        .collect();
    Ok(json!({"Policies": policies}))
}

/// `DeletePolicy`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("PolicyArn");
    let versions = existing(call, arn)?.items("_versions").len();
    let conflict = |message: &str| Err(Fault::new("DeleteConflict", message));
    if users(call, arn).next().is_some() || boundary_of(call, arn).next().is_some() {
        return conflict("Cannot delete a policy attached to entities.");
    }
    if versions > 1 {
        return conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        );
    }
    call.remove(POLICY, arn);
    Ok(json!({}))
}

/// The policy with that ARN.
pub(super) fn existing<'a>(call: &'a Call, arn: &str) -> Result<&'a Value, Fault> {
    if arn.starts_with("arn:aws:iam::aws:policy/") {
        return Err(Fault::not_implemented("iam managed policies that belong to AWS"));
    }
    let missing = || {
        let message = format!("Policy {arn} does not exist or is not attachable.");
        Fault::new("NoSuchEntity", message)
    };
    call.get(POLICY, arn).ok_or_else(missing)
}

/// The roles that have the policy attached.
pub(super) fn users<'a>(call: &'a Call, arn: &'a str) -> impl Iterator<Item = &'a Value> {
    call.rows(IAM_ROLE)
        .map(|(_, role)| role)
        .filter(move |role| role.texts("_attached").contains(&arn))
}

/// The roles that have the policy as their boundary.
pub(super) fn boundary_of<'a>(call: &'a Call, arn: &'a str) -> impl Iterator<Item = &'a Value> {
    let bounded =
        move |role: &&Value| role["PermissionsBoundary"].text("PermissionsBoundaryArn") == arn;
    call.rows(IAM_ROLE).map(|(_, role)| role).filter(bounded)
}

/// A policy as IAM answers it, with how often it is used.
pub(super) fn answered(call: &Call, policy: &Value) -> Value {
    let (mut answer, arn) = (policy.clone(), policy.text("Arn"));
    answer["AttachmentCount"] = json!(users(call, arn).count());
    answer["PermissionsBoundaryUsageCount"] = json!(boundary_of(call, arn).count());
    answer
}

fn without_description(mut policy: Value) -> Value {
    policy["Description"] = Value::Null;
    policy["Tags"] = Value::Null;
    policy
}
