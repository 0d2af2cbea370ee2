//! What other services keep encrypted under a key of the account, such as the values of secrets.

use super::seal::{decoded, encoded};
use super::{Unusable, cipher, usable_via};
use crate::call::Call;
use crate::services::tables::KMS_KEY;
use serde_json::Value;

/// Encrypts for a service that acts in its caller's name: the ARN of the key, and the blob as text.
pub(crate) fn wrap(
    call: &mut Call,
    (key, service): (&str, &str),
    context: &Value,
    plain: &[u8],
) -> Result<(String, String), Unusable> {
    let arn = usable_via(call, key, service, &["kms:GenerateDataKey", "kms:Decrypt"])?;
    let key = key_of(call, &arn)?;
    let blob = cipher::sealed(call, &key, context, plain);
    Ok((arn, encoded(&blob)))
}

/// Decrypts what [`wrap`] made, if its key can still be used.
pub(crate) fn unwrap(
    call: &mut Call,
    (blob, service): (&str, &str),
    context: &Value,
) -> Result<Vec<u8>, Unusable> {
    let blob = decoded(blob);
    let id = super::seal::read(&blob).ok_or(Unusable::NotFound)?.key_id.to_owned();
    usable_via(call, &id, service, &["kms:Decrypt"])?;
    cipher::plain(call, &blob, context).map_err(|_| Unusable::State)
}

fn key_of(call: &Call, arn: &str) -> Result<Value, Unusable> {
    let id = arn.rsplit('/').next().unwrap_or_default();
    call.get(KMS_KEY, id).cloned().ok_or(Unusable::NotFound)
}
