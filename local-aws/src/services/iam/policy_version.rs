//! Versions of managed policies: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html>

use super::document::encoded;
use super::policy::{self, POLICY};
use super::{conflict, done, missing};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

const QUOTA_OF_A_POLICY: usize = 5;

/// `CreatePolicyVersion`: numbers are never used twice.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("PolicyArn");
    let policy = policy::own(call, arn)?;
    policy::check_document(call, input.text("PolicyDocument"))?;
    if policy.items("_versions").len() >= call.quota("iam.versions_of_a_policy", QUOTA_OF_A_POLICY)
    {
        let message = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.";
        return Err(Fault::new("LimitExceeded", message));
    }
    let number = policy.int("_next").unwrap_or(2);
    let id = format!("v{number}");
    let now = call.now();
    let version = json!({"VersionId": id, "Document": input["PolicyDocument"], "CreateDate": now});
    let default = input.flag("SetAsDefault");
    call.update(POLICY, arn, |row| {
        row["_next"] = json!(number + 1);
        if let Some(versions) = row["_versions"].as_array_mut() {
            versions.push(version);
        }
        if default {
            row["DefaultVersionId"] = json!(id);
            row["UpdateDate"] = json!(now);
        }
    });
    Ok(json!({"PolicyVersion": {"VersionId": id, "IsDefaultVersion": default, "CreateDate": now}}))
}

/// The versions of a policy, the newest first; with their documents if they are wanted.
pub(super) fn described(policy: &Value, with_documents: bool) -> Vec<Value> {
    let default = policy.text("DefaultVersionId");
    let versions = policy.items("_versions").iter().rev().map(|version| {
        let document = with_documents.then(|| encoded(version.text("Document")));
        json!({
            "VersionId": version["VersionId"], "IsDefaultVersion": version.text("VersionId") == default,
            "CreateDate": version["CreateDate"], "Document": document,
        })
    });
    versions.collect()
}

fn known(policy: &Value, id: &str) -> Result<Value, Fault> {
    let found = described(policy, true).into_iter().find(|version| version.text("VersionId") == id);
    found.ok_or_else(|| {
        missing(format!(
            "Policy {} version {id} does not exist or is not attachable.",
            policy.text("Arn")
        ))
    })
}

/// `GetPolicyVersion`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let policy = policy::known(call, input.text("PolicyArn"))?;
    Ok(json!({"PolicyVersion": known(&policy, input.text("VersionId"))?}))
}

/// `ListPolicyVersions`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let policy = policy::known(call, call.input().text("PolicyArn"))?;
    Ok(json!({"Versions": described(&policy, false)}))
}

/// `SetDefaultPolicyVersion`.
pub(super) fn set_default(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("PolicyArn");
    let policy = policy::own(call, arn)?;
    known(&policy, input.text("VersionId"))?;
    let now = call.now();
    call.merge(POLICY, arn, json!({"DefaultVersionId": input["VersionId"], "UpdateDate": now}));
    done()
}

/// `DeletePolicyVersion`: any but the default one.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (arn, id) = (input.text("PolicyArn"), input.text("VersionId"));
    let policy = policy::own(call, arn)?;
    known(&policy, id)?;
    if policy.text("DefaultVersionId") == id {
        return Err(conflict("Cannot delete the default version of a policy."));
    }
    call.update(POLICY, arn, |row| {
        if let Some(versions) = row["_versions"].as_array_mut() {
            versions.retain(|version| version.text("VersionId") != id);
        }
    });
    done()
}
