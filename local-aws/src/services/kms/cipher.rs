//! Encryption and decryption: <https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html>

use super::seal::{self, decoded, encoded};
use super::{key_state, reference};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::KMS_KEY;
use serde_json::{Value, json};

const ALGORITHM: &str = "SYMMETRIC_DEFAULT";

/// `Encrypt`.
pub(super) fn encrypt(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    symmetric(&input, "EncryptionAlgorithm")?;
    let key = usable_key(call, input.text("KeyId"))?;
    dry_run(&input)?;
    let blob = sealed(call, &key, &input["EncryptionContext"], &decoded(input.text("Plaintext")));
    used(call, &key, "Encrypt");
    Ok(
        json!({"CiphertextBlob": encoded(&blob), "KeyId": key["Arn"], "EncryptionAlgorithm": ALGORITHM}),
    )
}

/// `Decrypt`.
pub(super) fn decrypt(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    symmetric(&input, "EncryptionAlgorithm")?;
    if input.has("Recipient") {
        return Err(Fault::not_implemented("Decrypt with Recipient"));
    }
    let (key, material, plain) = opened(
        call,
        input.text("CiphertextBlob"),
        input.opt("KeyId"),
        &input["EncryptionContext"],
    )?;
    dry_run(&input)?;
    used(call, &key, "Decrypt");
    Ok(
        json!({"Plaintext": encoded(&plain), "KeyId": key["Arn"], "EncryptionAlgorithm": ALGORITHM, "KeyMaterialId": material}),
    )
}

/// `ReEncrypt`.
pub(super) fn re_encrypt(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    symmetric(&input, "SourceEncryptionAlgorithm")?;
    symmetric(&input, "DestinationEncryptionAlgorithm")?;
    let (source, material, plain) = opened(
        call,
        input.text("CiphertextBlob"),
        input.opt("SourceKeyId"),
        &input["SourceEncryptionContext"],
    )?;
    let target = usable_key(call, input.text("DestinationKeyId"))?;
    dry_run(&input)?;
    let blob = sealed(call, &target, &input["DestinationEncryptionContext"], &plain);
    used(call, &source, "ReEncrypt");
    used(call, &target, "ReEncrypt");
    Ok(json!({
        "CiphertextBlob": encoded(&blob), "SourceKeyId": source["Arn"], "KeyId": target["Arn"],
        "SourceEncryptionAlgorithm": ALGORITHM, "DestinationEncryptionAlgorithm": ALGORITHM,
        "SourceKeyMaterialId": material, "DestinationKeyMaterialId": target["CurrentKeyMaterialId"],
    }))
}

/// The key that a request names, if it is enabled.
pub(super) fn usable_key(call: &mut Call, name: &str) -> Result<Value, Fault> {
    let id = reference::key_id_or_alias(call, name)?;
    let key = call.get(KMS_KEY, &id).cloned().unwrap_or_default();
    key_state::enabled(&key)?;
    Ok(key)
}

/// Encrypts with the newest material of a key.
pub(super) fn sealed(call: &mut Call, key: &Value, context: &Value, plain: &[u8]) -> Vec<u8> {
    let nonce = call.new_hex("kms.nonce", 32);
    let material = material(key, key.text("CurrentKeyMaterialId")).unwrap_or(&Value::Null);
    seal::seal(key.text("KeyId"), material, &nonce, context, plain)
}

fn material<'a>(key: &'a Value, id: &str) -> Option<&'a Value> {
    key.items("_materials").iter().find(|material| material.text("id") == id)
}

/// The key, the id of its material, and the plaintext of a blob.
fn opened(
    call: &mut Call,
    blob: &str,
    key: Option<&str>,
    context: &Value,
) -> Result<(Value, String, Vec<u8>), Fault> {
    let blob = decoded(blob);
    let sealed = seal::read(&blob).ok_or_else(invalid)?;
    if let Some(name) = key {
        let wanted = reference::key_id_or_alias(call, name)?;
        if wanted != sealed.key_id {
            let message = "The key ID in the request does not identify a CMK that can perform this operation.";
            return Err(Fault::new("IncorrectKeyException", message));
        }
    }
    open(call, &sealed, context)
}

/// The plaintext of a blob.
pub(super) fn plain(call: &mut Call, blob: &[u8], context: &Value) -> Result<Vec<u8>, Fault> {
    let sealed = seal::read(blob).ok_or_else(invalid)?;
    open(call, &sealed, context).map(|(_, _, plain)| plain)
}

fn open(
    call: &Call,
    sealed: &seal::Sealed,
    context: &Value,
) -> Result<(Value, String, Vec<u8>), Fault> {
    let Some(key) = call.get(KMS_KEY, sealed.key_id).cloned() else {
        let message = "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.";
        return Err(Fault::new("AccessDeniedException", message));
    };
    key_state::enabled(&key)?;
    let plain = material(&key, &sealed.material)
        .and_then(|material| sealed.open(material, context))
        .ok_or_else(invalid)?;
    Ok((key, sealed.material.clone(), plain))
}

fn invalid() -> Fault {
    let message = "The ciphertext, its key and its encryption context do not belong together.";
    Fault::new("InvalidCiphertextException", message)
}

fn symmetric(input: &Value, member: &str) -> Result<(), Fault> {
    match input.opt(member) {
        None | Some(ALGORITHM) => Ok(()),
        Some(other) => {
            let message = format!(
                "The algorithm {other} is not compatible with a key of spec SYMMETRIC_DEFAULT."
            );
            Err(Fault::new("InvalidKeyUsageException", message))
        }
    }
}

/// A dry run that gets this far would have succeeded, which KMS tells by an error.
pub(super) fn dry_run(input: &Value) -> Result<(), Fault> {
    if input.flag("DryRun") {
        return Err(Fault::new(
            "DryRunOperationException",
            "The request would have succeeded, but the DryRun option is set.",
        ));
    }
    Ok(())
}

/// Notes the last use of a key, for `GetKeyLastUsage`.
pub(super) fn used(call: &mut Call, key: &Value, operation: &str) {
    let usage = json!({
        "Operation": operation, "Timestamp": call.now(),
        "KmsRequestId": call.new_uuid("kms.usage"), "CloudTrailEventId": call.new_uuid("kms.event"),
    });
    call.merge(KMS_KEY, key.text("KeyId"), json!({"_last_usage": usage}));
}
