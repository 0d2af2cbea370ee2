//! Managed policies: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>
//!
//! A row also has `_versions`, its versions with plain documents, and `_next`, the number of the next one.

use super::document::{parse, within};
use super::{aws_managed, conflict, done, entity_tags, full, missing, unique_id};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy::Kind;
use crate::services::tables::IAM_ROLE;
use crate::store::Table;
use serde_json::{Value, json};

/// Customer-managed policies by ARN: a `Policy`.
pub(super) const POLICY: Table = Table::global("iam.policy");

const QUOTA: usize = 1500;
pub(super) const MAX_CHARACTERS: usize = 6144;

/// `CreatePolicy`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, text) = (input.text("PolicyName"), input.text("PolicyDocument"));
    check_document(call, text)?;
    let tags = entity_tags::given(&input)?;
    if call.rows(POLICY).any(|(_, policy)| policy.text("PolicyName").eq_ignore_ascii_case(name)) {
        let message =
            format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(Fault::new("EntityAlreadyExists", message));
    }
    let limit = call.quota("iam.policies", QUOTA);
    if call.rows(POLICY).count() >= limit {
        return Err(full("PoliciesPerAccount", limit));
    }
    let path = input.opt("Path").unwrap_or("/");
    let arn = call.global_arn("iam", &format!("policy{path}{name}"));
    let now = call.now();
    let mut row = json!({
        "PolicyName": name, "PolicyId": unique_id(call, "ANPA"), "Arn": arn, "Path": path, "DefaultVersionId": "v1", "IsAttachable": true,
        "CreateDate": now, "UpdateDate": now, "Tags": tags, "_arn": arn, "_key": arn, "_next": 2,
        "_versions": [{"VersionId": "v1", "Document": text, "CreateDate": now}],
    });
    if input.has("Description") {
        row["Description"] = input["Description"].clone();
    }
    call.put(POLICY, &arn, row.clone());
    Ok(json!({"Policy": listed(call, &row, true)}))
}

/// Checks a document of a managed policy.
pub(super) fn check_document(call: &Call, text: &str) -> Result<(), Fault> {
    parse(text, Kind::Identity)?;
    within([text], "PolicySize", call.quota("iam.policy_characters", MAX_CHARACTERS))
}

/// A customer-managed or AWS-managed policy.
pub(super) fn find(call: &Call, arn: &str) -> Option<Value> {
    call.get(POLICY, arn).cloned().or_else(|| aws_managed::policy(arn))
}

/// A policy that a request names.
pub(super) fn known(call: &Call, arn: &str) -> Result<Value, Fault> {
    check_arn(arn)?;
    find(call, arn).ok_or_else(|| missing(format!("Policy {arn} was not found.")))
}

/// A policy that the account may change.
pub(super) fn own(call: &Call, arn: &str) -> Result<Value, Fault> {
    check_arn(arn)?;
    if aws_managed::is_arn(arn) {
        return Err(Fault::new(
            "InvalidInput",
            format!("Policy {arn} is outside your own account."),
        ));
    }
    known(call, arn)
}

pub(super) fn check_arn(arn: &str) -> Result<(), Fault> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [scheme, _, "iam", "", account, resource] = parts[..] else { return Err(bad_arn(arn)) };
    let known = account == "aws" || account.len() == ACCOUNT.len();
    if scheme == "arn" && known && resource.starts_with("policy/") {
        Ok(())
    } else {
        Err(bad_arn(arn))
    }
}

fn bad_arn(arn: &str) -> Fault {
    Fault::new("InvalidInput", format!("ARN {arn} is not valid."))
}

/// How often roles have a policy attached, and how often as their boundary.
pub(super) fn uses(call: &Call, arn: &str) -> (usize, usize) {
    let attached =
        call.rows(IAM_ROLE).filter(|(_, role)| role.texts("_attached").contains(&arn)).count();
    let bounding = call
        .rows(IAM_ROLE)
        .filter(|(_, role)| role["PermissionsBoundary"].text("PermissionsBoundaryArn") == arn)
        .count();
    (attached, bounding)
}

/// A policy as it is described; lists tell neither tags nor description.
pub(super) fn listed(call: &Call, policy: &Value, whole: bool) -> Value {
    let mut policy = policy.clone();
    let (attached, bounding) = uses(call, policy.text("Arn"));
    policy["AttachmentCount"] = json!(attached);
    policy["PermissionsBoundaryUsageCount"] = json!(bounding);
    if !whole || policy.items("Tags").is_empty() {
        policy["Tags"] = Value::Null;
    }
    if !whole {
        policy["Description"] = Value::Null;
    }
    policy
}

/// `GetPolicy`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let policy = known(call, call.input().text("PolicyArn"))?;
    Ok(json!({"Policy": listed(call, &policy, true)}))
}

/// `ListPolicies`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let scope = input.opt("Scope").unwrap_or("All");
    let local = call.rows(POLICY).map(|(_, policy)| policy.clone()).filter(|_| scope != "AWS");
    let aws = aws_managed::all().into_iter().filter(|_| scope != "Local");
    let wanted = |policy: &Value| {
        let (attached, bounding) = uses(call, policy.text("Arn"));
        let used = match input.opt("PolicyUsageFilter") {
            Some("PermissionsBoundary") => bounding,
            Some(_) => attached,
            None => attached + bounding,
        };
        policy.text("Path").starts_with(input.text("PathPrefix"))
            && (!input.flag("OnlyAttached") || used > 0)
    };
    let mut policies: Vec<Value> =
        local.chain(aws).filter(wanted).map(|policy| listed(call, &policy, false)).collect();
    policies.sort_by(|a, b| a.text("Arn").cmp(b.text("Arn")));
    Ok(json!({"Policies": policies}))
}

/// `DeletePolicy`: nothing may use it, and it must have no version but the default one.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("PolicyArn");
    let policy = own(call, arn)?;
    if uses(call, arn) != (0, 0) {
        return Err(conflict("Cannot delete a policy attached to entities."));
    }
    if policy.items("_versions").len() > 1 {
        return Err(conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        ));
    }
    call.remove(POLICY, arn);
    done()
}
