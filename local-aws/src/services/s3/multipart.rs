//! Uploads in parts: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html>

use super::bucket::{self, invalid};
use super::{checksum, condition, object, put};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::{Value, json};

/// Uploads that are under way, by id: a `MultipartUpload` with `_bucket`, and the object's row in `_row`.
pub(super) const UPLOAD: Table = Table::global("s3.object_upload");

/// Parts by upload and number: a `Part` with its `_body`.
pub(super) const PART: Table = Table::global("s3.object_part");

/// The smallest part that is not the last one, in bytes.
const LEAST: usize = 5 * 1024 * 1024;

/// `CreateMultipartUpload`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let bucket = bucket::find(call, &input)?.clone();
    object::check_key(input.text("Key"))?;
    let algorithm = input.opt("ChecksumAlgorithm");
    let whole = algorithm.is_none_or(|name| name == checksum::DEFAULT);
    let kind = input.opt("ChecksumType").unwrap_or(if whole { "FULL_OBJECT" } else { "COMPOSITE" });
    let digest = algorithm.is_some_and(|name| name.starts_with("SHA") || name == "MD5");
    if (kind == "FULL_OBJECT" && digest) || (kind == "COMPOSITE" && whole) {
        return Err(Fault::new(
            "InvalidRequest",
            format!("The {kind} checksum type cannot be used with this checksum algorithm."),
        ));
    }
    if let Some(name) = algorithm {
        checksum::member(name)?;
    }
    let row = put::described(call, &bucket, &input)?;
    let id = call.new_hex("s3.object_upload", 64);
    let mut answer = put::encryption_of(&row);
    let shown = json!({
        "Bucket": input["Bucket"], "Key": input["Key"], "UploadId": id, "ChecksumAlgorithm": algorithm,
        "ChecksumType": algorithm.map(|_| kind),
    });
    put::merge(&mut answer, &shown);
    let upload = json!({
        "Key": input["Key"], "UploadId": id, "Initiated": call.now(), "StorageClass": row["_class"],
        "Owner": bucket::owner(), "Initiator": bucket::owner(), "ChecksumAlgorithm": algorithm,
        "ChecksumType": algorithm.map(|_| kind), "_kind": kind, "_bucket": input["Bucket"], "_row": row,
    });
    call.put(UPLOAD, &id, upload);
    Ok(answer)
}

/// The upload that a request names.
pub(super) fn find(call: &Call, input: &Value) -> Result<Value, Fault> {
    bucket::find(call, input)?;
    let id = input.text("UploadId");
    let upload = call
        .get(UPLOAD, id)
        .filter(|row| row["_bucket"] == input["Bucket"] && row["Key"] == input["Key"]);
    upload.cloned().ok_or_else(|| {
        let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
        Fault::new("NoSuchUpload", message).with("UploadId", id)
    })
}

fn part_id(upload: &str, number: i64) -> String {
    format!("{upload}/{number:05}")
}

/// The parts of an upload by number.
pub(super) fn parts<'c>(
    call: &'c Call,
    upload: &str,
) -> impl Iterator<Item = (&'c str, &'c Value)> {
    let start = format!("{upload}/");
    call.rows(PART).filter(move |(id, _)| id.starts_with(&start))
}

/// `UploadPart`.
pub(super) fn upload_part(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let body = STANDARD.decode(input.text("Body")).unwrap_or_default();
    let part = add_part(call, &input, &body)?;
    let mut answer = checksum::shown(&part);
    put::merge(&mut answer, &put::encryption_of(&part));
    put::merge(&mut answer, &json!({"ETag": part["ETag"]}));
    Ok(answer)
}

/// Stores a part over an earlier one with its number; its row, with the encryption of the upload.
pub(super) fn add_part(call: &mut Call, input: &Value, body: &[u8]) -> Result<Value, Fault> {
    let upload = find(call, input)?;
    let number = input.int("PartNumber").unwrap_or_default();
    if !(1..=10_000).contains(&number) {
        return Err(invalid("Part number must be an integer between 1 and 10000, inclusive"));
    }
    let (member, sum) = checksum::check(input, upload.opt("ChecksumAlgorithm"), body)?;
    let mut part = json!({
        "PartNumber": number, "ETag": format!("\"{}\"", checksum::md5(body)), "Size": body.len(),
        "LastModified": call.now(), "_body": STANDARD.encode(body),
    });
    part[member] = json!(sum);
    call.put(PART, &part_id(input.text("UploadId"), number), part.clone());
    put::merge(&mut part, &put::encryption_of(&upload["_row"]));
    Ok(part)
}

/// `CompleteMultipartUpload`.
pub(super) fn complete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let upload = find(call, &input)?;
    let bucket = bucket::find(call, &input)?.clone();
    let (name, key) = (input.text("Bucket"), input.text("Key"));
    condition::check_write(&input, object::current(call, name, key))?;
    let parts = chosen(call, &input)?;
    let bodies = parts.iter().map(|part| STANDARD.decode(part.text("_body")).unwrap_or_default());
    let body: Vec<u8> = bodies.flatten().collect();
    let mut row = upload["_row"].clone();
    add_checksum(&mut row, &upload, &parts, &body)?;
    for member in checksum::shown(&row)
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name != "ChecksumType")
    {
        if input.opt(member.0).is_some_and(|given| given != member.1.as_str().unwrap_or_default()) {
            return Err(Fault::new(
                "BadDigest",
                "The checksum you specified did not match the calculated checksum.",
            ));
        }
    }
    row["_parts"] = parts.iter().map(summary).collect();
    let tag = put::etag(call, &row, tag_of_parts(&parts));
    let mut answer = checksum::shown(&row);
    put::merge(&mut answer, &put::encryption_of(&row));
    let version = put::write(
        call,
        &bucket,
        key,
        row,
        &put::Content { body: &body, tag: &tag, event: "CompleteMultipartUpload" },
    );
    remove(call, input.text("UploadId"));
    let location = format!("https://{name}.s3.{}.amazonaws.com/{key}", bucket.text("_region"));
    let rest = json!({"Bucket": name, "Key": key, "ETag": tag, "Location": location, "VersionId": version});
    put::merge(&mut answer, &rest);
    Ok(answer)
}

fn summary(part: &Value) -> Value {
    let mut shown = checksum::shown(part);
    put::merge(&mut shown, &json!({"PartNumber": part["PartNumber"], "Size": part["Size"]}));
    shown
}

fn add_checksum(
    row: &mut Value,
    upload: &Value,
    parts: &[Value],
    body: &[u8],
) -> Result<(), Fault> {
    let algorithm = upload.opt("ChecksumAlgorithm").unwrap_or(checksum::DEFAULT);
    let member = checksum::member(algorithm)?;
    let sum = if upload.text("_kind") == "COMPOSITE" {
        let sums: Vec<&str> = parts.iter().map(|part| part.text(member)).collect();
        checksum::composite(algorithm, &sums)
    } else {
        checksum::of(algorithm, body)
    };
    row[member] = json!(sum);
    row["ChecksumType"] = upload["_kind"].clone();
    Ok(())
}

/// The tag of an object that was uploaded in parts: the MD5 of their MD5s, and their number.
fn tag_of_parts(parts: &[Value]) -> String {
    let all: Vec<u8> =
        parts.iter().flat_map(|part| from_hex(part.text("ETag").trim_matches('"'))).collect();
    format!("{}-{}", crate::call::hex(&Md5::digest(all)), parts.len())
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .filter_map(|at| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok())
        .collect()
}

/// The parts that the request lists, which must be in order, known, and large enough.
fn chosen(call: &Call, input: &Value) -> Result<Vec<Value>, Fault> {
    let listed = input["MultipartUpload"].items("Parts");
    if listed.is_empty() {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        return Err(Fault::new("MalformedXML", message));
    }
    if !listed.is_sorted_by(|a, b| a.int("PartNumber") < b.int("PartNumber")) {
        let message =
            "The list of parts was not in ascending order. Parts must be ordered by part number.";
        return Err(Fault::new("InvalidPartOrder", message));
    }
    let upload = input.text("UploadId");
    let found = listed.iter().map(|part| {
        let row = call.get(PART, &part_id(upload, part.int("PartNumber").unwrap_or_default()));
        row.filter(|row| condition::matches(part.text("ETag"), row)).cloned().ok_or_else(|| {
            let message = "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
            Fault::new("InvalidPart", message).with("PartNumber", part.int("PartNumber").unwrap_or_default().to_string())
        })
    });
    let found: Vec<Value> = found.collect::<Result<_, _>>()?;
    let least = i64::try_from(LEAST).unwrap_or(i64::MAX);
    match found[..found.len() - 1].iter().find(|part| part.int("Size").unwrap_or_default() < least)
    {
        Some(small) => Err(Fault::new(
            "EntityTooSmall",
            "Your proposed upload is smaller than the minimum allowed size",
        )
        .with("ProposedSize", small["Size"].to_string())
        .with("MinSizeAllowed", LEAST.to_string())
        .with("PartNumber", small["PartNumber"].to_string())),
        None => Ok(found),
    }
}

/// `AbortMultipartUpload`.
pub(super) fn abort(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    find(call, &input)?;
    remove(call, input.text("UploadId"));
    Ok(json!({}))
}

fn remove(call: &mut Call, upload: &str) {
    let ids: Vec<String> = parts(call, upload).map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        call.remove(PART, &id);
    }
    call.remove(UPLOAD, upload);
}

/// Removes the uploads of a bucket that goes.
pub(super) fn remove_all(call: &mut Call, bucket: &str) {
    let of = call.rows(UPLOAD).filter(|(_, row)| row.text("_bucket") == bucket);
    let ids: Vec<String> = of.map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        remove(call, &id);
    }
}
