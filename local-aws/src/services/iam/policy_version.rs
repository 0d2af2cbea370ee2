//! Versions of managed policies: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html>

use super::document;
use super::managed_policy::{POLICY, SIZE, existing};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy::Kind;
use serde_json::{Value, json};

/// Versions of a policy.
const MOST: usize = 5;

/// `CreatePolicyVersion`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (arn, text) = (input.text("PolicyArn"), input.text("PolicyDocument"));
    let policy = existing(call, arn)?;
    if policy.items("_versions").len() >= MOST {
        let message = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.";
        return Err(Fault::new("LimitExceeded", message));
    }
    let newest = policy.int("_newest").unwrap_or_default() + 1;
    document::check(text, Kind::Identity, SIZE)?;
    let (id, now) = (format!("v{newest}"), call.now());
    let version =
        json!({"VersionId": id, "IsDefaultVersion": false, "CreateDate": now, "Document": text});
    call.update(POLICY, arn, |policy| {
        policy["_newest"] = json!(newest);
        if let Some(versions) = policy["_versions"].as_array_mut() {
            versions.push(version);
        }
    });
    if input.flag("SetAsDefault") {
        make_default(call, arn, &id);
    }
    let mut answer = found(call, arn, &id)?.clone();
    answer["Document"] = Value::Null;
    Ok(json!({"PolicyVersion": answer}))
}

/// `GetPolicyVersion`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let version = found(call, input.text("PolicyArn"), input.text("VersionId"))?;
    Ok(json!({"PolicyVersion": answered(version)}))
}

/// `ListPolicyVersions`: newest first, without documents.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let versions = existing(call, input.text("PolicyArn"))?.items("_versions").iter().rev();
    let versions: Vec<Value> = versions
        .map(|version| {
            let mut version = version.clone();
            version["Document"] = Value::Null;
            version
        })
        .collect();
    Ok(json!({"Versions": versions}))
}

/// `SetDefaultPolicyVersion`.
pub(super) fn set_default(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (arn, id) = (input.text("PolicyArn"), input.text("VersionId"));
    found(call, arn, id)?;
    make_default(call, arn, id);
    Ok(json!({}))
}

/// `DeletePolicyVersion`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (arn, id) = (input.text("PolicyArn"), input.text("VersionId"));
    if found(call, arn, id)?.flag("IsDefaultVersion") {
        return Err(Fault::new("DeleteConflict", "Cannot delete the default version of a policy."));
    }
    call.update(POLICY, arn, |policy| {
        if let Some(versions) = policy["_versions"].as_array_mut() {
            versions.retain(|version| version.text("VersionId") != id);
        }
    });
    Ok(json!({}))
}

/// A version as IAM answers it.
pub(super) fn answered(version: &Value) -> Value {
    let mut version = version.clone();
    version["Document"] = json!(document::answered(version.text("Document")));
    version
}

fn found<'a>(call: &'a Call, arn: &str, id: &str) -> Result<&'a Value, Fault> {
    let versions = existing(call, arn)?.items("_versions");
    let missing = || {
        let message = format!("Policy {arn} version {id} does not exist or is not attachable.");
        Fault::new("NoSuchEntity", message)
    };
    versions.iter().find(|version| version.text("VersionId") == id).ok_or_else(missing)
}

fn make_default(call: &mut Call, arn: &str, id: &str) {
    let now = call.now();
    call.update(POLICY, arn, |policy| {
        policy["DefaultVersionId"] = json!(id);
        policy["UpdateDate"] = json!(now);
        for version in policy["_versions"].as_array_mut().into_iter().flatten() {
            version["IsDefaultVersion"] = json!(version.text("VersionId") == id);
        }
    });
}
