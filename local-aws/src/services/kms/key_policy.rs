//! Key policies: <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>

use super::{key_state, reference};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy::{self, Asked, Kind, Who};
use crate::services::tables::KMS_KEY;
use serde_json::{Value, json};

/// The only name that a key policy can have.
const NAME: &str = "default";

const MAX_CHARACTERS: usize = 32_768;

/// The policy of keys made without one: the account decides by its own policies.
pub(super) fn default(call: &Call) -> String {
    let statement = json!({
        "Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": call.global_arn("iam", "root")},
        "Action": "kms:*", "Resource": "*",
    });
    document("key-default-1", &[statement])
}

/// The policy of a service's AWS-managed key: to be used through the service only.
pub(super) fn of_managed(call: &Call, service: &str) -> String {
    let via = format!("{service}.{}.amazonaws.com", call.region());
    let usage = json!({
        "Sid": format!("Allow access through {service} for all principals in the account that are authorized to use it"),
        "Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"],
        "Resource": "*", "Condition": {"StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": via}},
    });
    let reading = json!({
        "Sid": "Allow direct access to key metadata to the account", "Effect": "Allow", "Principal": {"AWS": call.global_arn("iam", "root")},
        "Action": ["kms:Describe*", "kms:Get*", "kms:List*"], "Resource": "*",
    });
    document(&format!("auto-{service}-1"), &[usage, reading])
}

fn document(id: &str, statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Id": id, "Statement": statements}).to_string()
}

/// Checks a policy: its grammar, that its principals exist, and that it does not lock the caller out.
pub(super) fn check(call: &Call, text: &str, bypass_lockout: bool) -> Result<(), Fault> {
    if text.len() > MAX_CHARACTERS {
        return Err(Fault::new(
            "LimitExceededException",
            "The key policy is longer than 32 kilobytes.",
        ));
    }
    let malformed = |message: String| Fault::new("MalformedPolicyDocumentException", message);
    let document = policy::parse(text, Kind::Resource).map_err(malformed)?;
    if policy::unknown_principal(call, &document).is_some() {
        return Err(malformed(
            "Policy contains a statement with one or more invalid principals.".to_owned(),
        ));
    }
    let asked = Asked {
        who: Who::Account,
        action: "kms:PutKeyPolicy",
        resource: "*",
        context: &[("kms:CallerAccount", ACCOUNT)],
    };
    if !bypass_lockout && !policy::allows(&document, &asked) {
        return Err(malformed(
            "The new key policy will not allow you to update the key policy in the future."
                .to_owned(),
        ));
    }
    Ok(())
}

/// `GetKeyPolicy`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (_, key) = reference::key(call, input.text("KeyId"))?;
    named(&input)?;
    Ok(json!({"Policy": key["_policy"], "PolicyName": NAME}))
}

/// `PutKeyPolicy`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, key) = reference::key(call, input.text("KeyId"))?;
    named(&input)?;
    key_state::own(&key)?;
    check(call, input.text("Policy"), input.flag("BypassPolicyLockoutSafetyCheck"))?;
    call.merge(KMS_KEY, &id, json!({"_policy": input["Policy"]}));
    Ok(json!({}))
}

fn named(input: &Value) -> Result<(), Fault> {
    match input.opt("PolicyName") {
        None | Some(NAME) => Ok(()),
        Some(_) => Err(reference::not_found("No such policy exists".to_owned())),
    }
}

/// `ListKeyPolicies`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    reference::key(call, call.input().text("KeyId"))?;
    Ok(json!({"PolicyNames": [NAME]}))
}
