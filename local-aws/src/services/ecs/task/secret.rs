//! Secrets in containers: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html>

use super::denied::{FETCHING, NO_ROLE, denied, timed_out};
use super::image::{from, groups};
use super::start::Starting;
use crate::call::{ACCOUNT, Call};
use crate::fields::Fields;
use crate::services::iam::{Said, said_by_role};
use crate::services::policy::{self, Asked, Who};
use crate::services::secretsmanager::{self, Fetched};
use crate::services::{ec2, kms};
use serde_json::Value;

const READ: &str = "secretsmanager:GetSecretValue";

/// What `valueFrom` names: the secret, and a key of its JSON, a label and a version.
struct Named<'a> {
    secret: String,
    key: Option<&'a str>,
    label: Option<&'a str>,
    version: Option<&'a str>,
}

/// Fetches all secrets of all containers, and those of their log drivers.
pub(super) fn fetch(call: &mut Call, starting: &Starting) -> Result<(), String> {
    let of = |one: &Value| {
        let logs = one["logConfiguration"].items("secretOptions").to_vec();
        one.items("secrets").iter().cloned().chain(logs).collect::<Vec<Value>>()
    };
    let secrets: Vec<Value> = starting.containers().iter().flat_map(of).collect();
    for secret in &secrets {
        let why = fetch_one(call, starting, secret.text("valueFrom"));
        why.map_err(|why| format!("{FETCHING}unable to retrieve secret from asm: {why}"))?;
    }
    Ok(())
}

fn fetch_one(call: &mut Call, starting: &Starting, value_from: &str) -> Result<(), String> {
    let Some(named) = named(value_from) else {
        return Err(format!("the embedded AWS has no Systems Manager parameters: {value_from}"));
    };
    let failed = |why: String| {
        format!(
            "service call has been retried 1 time(s): failed to fetch secret {} from secrets manager: {why}",
            named.secret
        )
    };
    let role = starting.execution_role().ok_or(NO_ROLE)?;
    let groups = groups(starting.task);
    if !ec2::reaches_service(call, from(starting.task, &groups), "secretsmanager") {
        return Err(failed(timed_out(call, "secretsmanager", "Post")));
    }
    let found = secretsmanager::described(call, &named.secret);
    let arn = found.as_ref().map_or(named.secret.as_str(), |row| row.text("ARN"));
    let policy = found.as_ref().and_then(|row| row.opt("_policy"));
    if !may_read(call, role, arn, policy) {
        return Err(failed(denied(starting.task, role, READ, arn)));
    }
    if let Some(key) = found.as_ref().and_then(|row| row.opt("KmsKeyId"))
        && !decrypts(call, role, key)
    {
        return Err(failed("AccessDeniedException: Access to KMS is not allowed".to_owned()));
    }
    let fetched = secretsmanager::fetch(call, &named.secret, named.version, named.label);
    let value = match fetched {
        Ok(Fetched(value)) => value,
        Err(fault) => return Err(failed(format!("{}: {}", fault.code, fault.message))),
    };
    has_key(&value, named.key)
}

/// Whether a role may read a secret: by its own policies or the secret's, and denied by neither.
fn may_read(call: &Call, role: &str, arn: &str, policy: Option<&str>) -> bool {
    let context = [
        ("aws:SecureTransport", "true"),
        ("aws:PrincipalAccount", ACCOUNT),
        ("aws:PrincipalIsAWSService", "false"),
    ];
    let asked = |who| Asked { who, action: READ, resource: arn, context: &context };
    let document: Value =
        policy.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let own = said_by_role(call, role, &asked(Who::Holder));
    own != Said::Denied
        && !policy::denies(&document, &asked(Who::Role(role)))
        && (own == Said::Allowed || policy::allows(&document, &asked(Who::Role(role))))
}

/// Whether the value has the key, which it is not shown for.
fn has_key(value: &str, key: Option<&str>) -> Result<(), String> {
    let Some(key) = key else { return Ok(()) };
    let members: Value = serde_json::from_str(value).unwrap_or_default();
    if members.has(key) {
        return Ok(());
    }
    Err(format!("retrieved secret from Secrets Manager did not contain json key {key}"))
}

/// Whether a role can decrypt what Secrets Manager encrypted with a key of the customer's.
fn decrypts(call: &mut Call, role: &str, key: &str) -> bool {
    let via = format!("secretsmanager.{}.amazonaws.com", call.region());
    kms::usable_by_role(call, key, role, "kms:Decrypt", &[("kms:ViaService", via.as_str())])
}

/// Reads `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME[:KEY:LABEL:VERSION]`.
fn named(value_from: &str) -> Option<Named<'_>> {
    let parts: Vec<&str> = value_from.split(':').collect();
    if parts.len() < 7 || parts[2] != "secretsmanager" {
        return None;
    }
    let part = |at: usize| parts.get(at).copied().filter(|text| !text.is_empty());
    Some(Named { secret: parts[..7].join(":"), key: part(7), label: part(8), version: part(9) })
}
