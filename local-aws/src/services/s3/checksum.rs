//! Checksums of objects and parts: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use crate::fault::Fault;
use crate::fields::Fields;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// The algorithms by name, with the member of requests and answers.
const ALGORITHMS: [(&str, &str); 7] = [
    ("CRC32", "ChecksumCRC32"),
    ("CRC32C", "ChecksumCRC32C"),
    ("CRC64NVME", "ChecksumCRC64NVME"),
    ("MD5", "ChecksumMD5"),
    ("SHA1", "ChecksumSHA1"),
    ("SHA256", "ChecksumSHA256"),
    ("SHA512", "ChecksumSHA512"),
];

/// The one that S3 computes if none is asked for.
pub(super) const DEFAULT: &str = "CRC64NVME";

/// The member for an algorithm.
pub(super) fn member(algorithm: &str) -> Result<&'static str, Fault> {
    let known = ALGORITHMS.iter().find(|(name, _)| *name == algorithm);
    known
        .map(|(_, member)| *member)
        .ok_or_else(|| Fault::not_implemented(&format!("the checksum algorithm {algorithm}")))
}

/// Checks the checksums that a request has for its body, and says which one is kept: member and value.
pub(super) fn check(
    input: &Value,
    algorithm: Option<&str>,
    body: &[u8],
) -> Result<(&'static str, String), Fault> {
    check_md5(input, body)?;
    if let Some(unknown) = ["XXHASH64", "XXHASH3", "XXHASH128"]
        .iter()
        .find(|name| input.has(&format!("Checksum{name}")))
    {
        return Err(Fault::not_implemented(&format!("the checksum algorithm {unknown}")));
    }
    let given = ALGORITHMS.iter().find(|(_, member)| input.has(member));
    let Some((name, member)) = given else {
        let name = input.opt("ChecksumAlgorithm").or(algorithm).unwrap_or(DEFAULT);
        return Ok((self::member(name)?, encode(&raw(name, body))));
    };
    let own = encode(&raw(name, body));
    if input.text(member) == own {
        return Ok((member, own));
    }
    Err(Fault::new(
        "BadDigest",
        format!("The {name} you specified did not match the calculated checksum."),
    ))
}

fn check_md5(input: &Value, body: &[u8]) -> Result<(), Fault> {
    let Some(given) = input.opt("ContentMD5") else { return Ok(()) };
    match STANDARD.decode(given) {
        Ok(bytes) if bytes.len() == 16 => {}
        _ => {
            return Err(Fault::new("InvalidDigest", "The Content-MD5 you specified was invalid.")
                .with("Content-MD5", given));
        }
    }
    if given == encode(&Md5::digest(body)) {
        return Ok(());
    }
    Err(Fault::new("BadDigest", "The Content-MD5 you specified did not match what we received.")
        .with("ExpectedDigest", given)
        .with("CalculatedDigest", encode(&Md5::digest(body))))
}

/// The checksum of a whole body by an algorithm, as text.
pub(super) fn of(algorithm: &str, body: &[u8]) -> String {
    encode(&raw(algorithm, body))
}

/// The checksum of the checksums of parts, in the order of the parts.
pub(super) fn composite(algorithm: &str, parts: &[&str]) -> String {
    let all: Vec<u8> =
        parts.iter().flat_map(|part| STANDARD.decode(part).unwrap_or_default()).collect();
    format!("{}-{}", encode(&raw(algorithm, &all)), parts.len())
}

fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn raw(algorithm: &str, body: &[u8]) -> Vec<u8> {
    match algorithm {
        "CRC32" => crc32fast::hash(body).to_be_bytes().to_vec(),
        "CRC32C" => crc32c(body).to_be_bytes().to_vec(),
        "MD5" => Md5::digest(body).to_vec(),
        "SHA1" => Sha1::digest(body).to_vec(),
        "SHA256" => Sha256::digest(body).to_vec(),
        "SHA512" => Sha512::digest(body).to_vec(),
        _ => crc64nvme(body).to_be_bytes().to_vec(),
    }
}

/// CRC-32C (Castagnoli), bits reflected.
fn crc32c(body: &[u8]) -> u32 {
    !body.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| shift32(crc)))
}

fn shift32(crc: u32) -> u32 {
    (crc >> 1) ^ if crc & 1 == 1 { 0x82F6_3B78 } else { 0 }
}

/// CRC-64/NVME, bits reflected.
fn crc64nvme(body: &[u8]) -> u64 {
    !body.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u64::from(*byte), |crc, _| shift64(crc)))
}

fn shift64(crc: u64) -> u64 {
    (crc >> 1) ^ if crc & 1 == 1 { 0x9A6C_9329_AC4B_C9B5 } else { 0 }
}

/// The checksum members that a version has, which answers show when they are asked for.
pub(super) fn shown(version: &Value) -> Value {
    let mut shown = json!({});
    for name in ALGORITHMS
        .iter()
        .map(|(_, member)| *member)
        .chain(["ChecksumType"])
        .filter(|name| version.has(name))
    {
        shown[name] = version[name].clone();
    }
    shown
}

/// The algorithm of a version's checksum.
pub(super) fn algorithm(version: &Value) -> Option<&'static str> {
    ALGORITHMS.iter().find(|(_, member)| version.has(member)).map(|(name, _)| *name)
}

/// The hexadecimal MD5 of a body.
pub(super) fn md5(body: &[u8]) -> String {
    crate::call::hex(&Md5::digest(body))
}
