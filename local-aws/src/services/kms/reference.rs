//! What requests call a key: its id, its ARN, and in some operations an alias.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id>

use super::key;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::{KMS_ALIAS, KMS_KEY};
use serde_json::Value;

/// The id of the key that an id or ARN means.
pub(super) fn key_id(call: &Call, reference: &str) -> Result<String, Fault> {
    if reference.starts_with("alias/") || reference.contains(":alias/") {
        return Err(not_found(format!("Invalid keyId '{reference}'")));
    }
    let id = match reference.strip_prefix("arn:") {
        Some(_) => local(call, reference)?
            .strip_prefix("key/")
            .ok_or_else(|| bad_arn(reference))?
            .to_owned(),
        None => reference.to_owned(),
    };
    if call.get(KMS_KEY, &id).is_some() {
        return Ok(id);
    }
    let arn = call.arn("kms", &format!("key/{id}"));
    Err(if looks_like_id(&id) {
        not_found(format!("Key '{arn}' does not exist"))
    } else {
        not_found(format!("Invalid keyId '{id}'"))
    })
}

/// The id of the key that an id, ARN, alias or alias ARN means. An alias of an AWS-managed key makes that key.
pub(super) fn key_id_or_alias(call: &mut Call, reference: &str) -> Result<String, Fault> {
    let alias = match reference.strip_prefix("arn:") {
        Some(_) => local(call, reference)?,
        None => reference.to_owned(),
    };
    if !alias.starts_with("alias/") {
        return key_id(call, reference);
    }
    if let Some(found) = call.get(KMS_ALIAS, &alias) {
        return Ok(found.text("TargetKeyId").to_owned());
    }
    if let Some(service) =
        alias.strip_prefix("alias/aws/").filter(|service| key::MANAGED.contains(service))
    {
        return Ok(key::make_managed(call, service));
    }
    let arn = call.arn("kms", &alias);
    Err(not_found(format!("Alias {arn} is not found.")))
}

/// The key itself, by id or ARN.
pub(super) fn key(call: &Call, reference: &str) -> Result<(String, Value), Fault> {
    let id = key_id(call, reference)?;
    let row = call.get(KMS_KEY, &id).cloned().unwrap_or_default();
    Ok((id, row))
}

/// The part of an ARN after region and account, which must be ours.
fn local(call: &Call, arn: &str) -> Result<String, Fault> {
    let own = call.arn("kms", "");
    match arn.strip_prefix(&own) {
        Some(rest) => Ok(rest.to_owned()),
        None if arn.splitn(6, ':').count() < 6 => Err(bad_arn(arn)),
        None => {
            let region = arn.split(':').nth(3).unwrap_or_default();
            Err(if region == call.region() {
                not_found(format!("Key '{arn}' does not exist"))
            } else {
                not_found(format!("Invalid arn {region}"))
            })
        }
    }
}

fn looks_like_id(id: &str) -> bool {
    let digits = id.strip_prefix("mrk-").unwrap_or(id);
    digits.len() >= 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

pub(super) fn not_found(message: String) -> Fault {
    Fault::new("NotFoundException", message)
}

fn bad_arn(arn: &str) -> Fault {
    Fault::new("InvalidArnException", format!("{arn} is not a valid ARN of a key"))
}
