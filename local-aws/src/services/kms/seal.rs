//! Ciphertexts of the embedded AWS, and of it alone: they imitate KMS for tests and trials, and protect nothing.
//!
//! SHA-256 in counter mode encrypts, HMAC-SHA-256 over everything authenticates, under two keys made from the key's
//! material. A blob names key and material and is bound to the encryption context.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const MAGIC: &[u8] = b"GCL1";
const MATERIAL_BYTES: usize = 32;
const NONCE_BYTES: usize = 16;
const TAG_BYTES: usize = 32;

/// A blob taken apart.
pub(super) struct Sealed<'a> {
    pub(super) key_id: &'a str,
    /// The id of the key material, in hexadecimal digits.
    pub(super) material: String,
    nonce: &'a [u8],
    body: &'a [u8],
    tag: &'a [u8],
}

/// Encrypts under key material (`id` and `secret`), bound to an encryption context.
pub(super) fn seal(
    key_id: &str,
    material: &Value,
    nonce: &str,
    context: &Value,
    plain: &[u8],
) -> Vec<u8> {
    let secret = text(material, "secret");
    let nonce = &bytes(nonce)[..NONCE_BYTES];
    let mut blob = MAGIC.to_vec();
    blob.push(u8::try_from(key_id.len()).unwrap_or(u8::MAX));
    blob.extend(key_id.as_bytes());
    blob.extend(bytes(text(material, "id")));
    blob.extend(nonce);
    blob.extend(mask(secret, nonce, plain));
    let tag = mac(secret, &blob, context).finalize().into_bytes();
    blob.extend(tag);
    blob
}

/// Takes a blob apart; `None` if it was not made by [`seal`].
pub(super) fn read(blob: &[u8]) -> Option<Sealed<'_>> {
    let rest = blob.strip_prefix(MAGIC)?;
    let (length, rest) = rest.split_first()?;
    let (key_id, rest) = rest.split_at_checked(usize::from(*length))?;
    let (material, rest) = rest.split_at_checked(MATERIAL_BYTES)?;
    let (nonce, rest) = rest.split_at_checked(NONCE_BYTES)?;
    let (body, tag) = rest.split_at_checked(rest.len().checked_sub(TAG_BYTES)?)?;
    Some(Sealed {
        key_id: std::str::from_utf8(key_id).ok()?,
        material: crate::call::hex(material),
        nonce,
        body,
        tag,
    })
}

impl Sealed<'_> {
    /// The plaintext; `None` if blob, material and context do not belong together.
    pub(super) fn open(&self, material: &Value, context: &Value) -> Option<Vec<u8>> {
        let secret = text(material, "secret");
        let mut blob = MAGIC.to_vec();
        blob.push(u8::try_from(self.key_id.len()).ok()?);
        for part in [self.key_id.as_bytes(), &bytes(&self.material), self.nonce, self.body] {
            blob.extend(part);
        }
        mac(secret, &blob, context).verify_slice(self.tag).ok()?;
        Some(mask(secret, self.nonce, self.body))
    }
}

fn mac(secret: &str, blob: &[u8], context: &Value) -> Hmac<Sha256> {
    let pairs = context.as_object().into_iter().flatten();
    let sorted: BTreeMap<&String, &Value> = pairs.collect();
    let mut mac = Hmac::<Sha256>::new_from_slice(format!("authenticate/{secret}").as_bytes())
        .expect("HMAC takes keys of any length");
    mac.update(blob);
    mac.update(format!("{sorted:?}").as_bytes());
    mac
}

/// Encrypts and decrypts: both are the same.
fn mask(secret: &str, nonce: &[u8], text: &[u8]) -> Vec<u8> {
    let pad = (0_u64..).flat_map(|block| {
        let mut hash = Sha256::new_with_prefix(format!("encrypt/{secret}"));
        hash.update(nonce);
        hash.update(block.to_be_bytes());
        <[u8; 32]>::from(hash.finalize())
    });
    text.iter().zip(pad).map(|(byte, pad)| byte ^ pad).collect()
}

fn text<'a>(material: &'a Value, name: &str) -> &'a str {
    material[name].as_str().unwrap_or_default()
}

/// The bytes of hexadecimal digits.
pub(super) fn bytes(digits: &str) -> Vec<u8> {
    let pair = |at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    (0..digits.len() / 2).filter_map(|index| pair(index * 2)).collect()
}

/// A blob member of a request.
pub(super) fn decoded(member: &str) -> Vec<u8> {
    STANDARD.decode(member).unwrap_or_default()
}

/// A blob member of an answer.
pub(super) fn encoded(blob: &[u8]) -> String {
    STANDARD.encode(blob)
}
