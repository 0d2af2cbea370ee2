//! Data keys and random bytes: <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html>
//!
//! They come from the cloud's seed, like every id: the same calls give the same bytes.

use super::cipher::{dry_run, sealed, usable_key, used};
use super::seal::{bytes, encoded};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `GenerateDataKey`.
pub(super) fn generate(call: &mut Call) -> Result<Value, Fault> {
    if call.input().has("Recipient") {
        return Err(Fault::not_implemented("GenerateDataKey with Recipient"));
    }
    data_key(call, "GenerateDataKey", true)
}

/// `GenerateDataKeyWithoutPlaintext`.
pub(super) fn generate_without_plaintext(call: &mut Call) -> Result<Value, Fault> {
    data_key(call, "GenerateDataKeyWithoutPlaintext", false)
}

fn data_key(call: &mut Call, operation: &str, shown: bool) -> Result<Value, Fault> {
    let input = call.input();
    let key = usable_key(call, input.text("KeyId"))?;
    let length = match (input.opt("KeySpec"), input.int("NumberOfBytes")) {
        (Some("AES_128"), None) => 16,
        (Some(_), None) => 32,
        (None, Some(bytes)) => bytes,
        _ => {
            return Err(Fault::new(
                "ValidationException",
                "Please specify either number of bytes or key spec.",
            ));
        }
    };
    dry_run(&input)?;
    let plain = random_bytes(call, length);
    let blob = sealed(call, &key, &input["EncryptionContext"], &plain);
    used(call, &key, operation);
    let mut answer = json!({"CiphertextBlob": encoded(&blob), "KeyId": key["Arn"], "KeyMaterialId": key["CurrentKeyMaterialId"]});
    if shown {
        answer["Plaintext"] = json!(encoded(&plain));
    }
    Ok(answer)
}

/// `GenerateRandom`.
pub(super) fn random(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if input.has("Recipient") || input.has("CustomKeyStoreId") {
        return Err(Fault::not_implemented("GenerateRandom with Recipient or CustomKeyStoreId"));
    }
    let Some(length) = input.int("NumberOfBytes") else {
        return Err(Fault::new("ValidationException", "NumberOfBytes is required."));
    };
    let bytes = random_bytes(call, length);
    Ok(json!({"Plaintext": encoded(&bytes)}))
}

fn random_bytes(call: &mut Call, length: i64) -> Vec<u8> {
    let length = usize::try_from(length).unwrap_or_default();
    let mut all = Vec::new();
    while all.len() < length {
        all.extend(bytes(&call.new_hex("kms.random", 64)));
    }
    all.truncate(length);
    all
}
