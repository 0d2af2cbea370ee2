//! Writing objects: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>

use super::bucket::{self, invalid};
use super::{acl, checksum, condition, encryption, event, lock, object, object_tags};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// What a request says of an object besides its content.
const HEADERS: [&str; 8] = [
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
    "WebsiteRedirectLocation",
];

/// `PutObject`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let bucket = bucket::find(call, &input)?.clone();
    if input.has("WriteOffsetBytes") {
        return Err(Fault::not_implemented("appending to objects"));
    }
    let (name, key) = (input.text("Bucket"), input.text("Key"));
    object::check_key(key)?;
    condition::check_write(&input, object::current(call, name, key))?;
    let body = STANDARD.decode(input.text("Body")).unwrap_or_default();
    let (member, sum) = checksum::check(&input, None, &body)?;
    let mut row = described(call, &bucket, &input)?;
    row[member] = json!(sum);
    row["ChecksumType"] = json!("FULL_OBJECT");
    let tag = etag(call, &row, checksum::md5(&body));
    let version = write(call, &bucket, key, row, &Content { body: &body, tag: &tag, event: "Put" });
    let stored = version_of(call, name, key);
    let mut answer = checksum::shown(&stored);
    merge(&mut answer, &encryption_of(&stored));
    merge(&mut answer, &json!({"ETag": tag, "VersionId": version}));
    Ok(answer)
}

fn version_of(call: &Call, bucket: &str, key: &str) -> Value {
    object::newest(call, bucket, key).cloned().unwrap_or_default()
}

/// The row of a new object without its content: headers, encryption, locks, tags.
pub(super) fn described(call: &mut Call, bucket: &Value, input: &Value) -> Result<Value, Fault> {
    let mut row = encryption::resolve(call, bucket, input)?;
    row["_acl"] = if input.has("ACL") { acl::canned(bucket, input)? } else { Value::Null };
    row["_tags"] = json!(object_tags::from_header(input.text("Tagging"))?);
    copy_headers(&mut row, input);
    let class = input.opt("StorageClass").unwrap_or("STANDARD");
    if class.starts_with("FSX") || ["OUTPOSTS", "SNOW", "EXPRESS_ONEZONE"].contains(&class) {
        return Err(Fault::new(
            "InvalidStorageClass",
            "The storage class you specified is not valid",
        ));
    }
    row["_class"] = json!(class);
    merge(&mut row, &lock::of_new_object(call, bucket, input)?);
    Ok(row)
}

/// Copies what describes an object's content, with AWS's default for its type.
pub(super) fn copy_headers(row: &mut Value, from: &Value) {
    for name in HEADERS.into_iter().filter(|name| from.has(name)) {
        row[name] = from[name].clone();
    }
    if !row.has("ContentType") {
        row["ContentType"] = json!("binary/octet-stream");
    }
}

/// The entity tag: the content's MD5, unless a KMS key encrypts it.
pub(super) fn etag(call: &mut Call, row: &Value, md5: String) -> String {
    let digest = if row.has("SSEKMSKeyId") { call.new_hex("s3.etag", 32) } else { md5 };
    format!("\"{digest}\"")
}

/// Content that is about to be stored, and how it came.
pub(super) struct Content<'a> {
    pub(super) body: &'a [u8],
    pub(super) tag: &'a str,
    /// The event that it makes, such as `Put`.
    pub(super) event: &'a str,
}

/// Stores an object's content under its row; its version, if the bucket has versions.
pub(super) fn write(
    call: &mut Call,
    bucket: &Value,
    key: &str,
    mut row: Value,
    content: &Content,
) -> Option<String> {
    let Content { body, tag, event } = content;
    let stored = json!({
        "ETag": tag, "LastModified": call.now(), "ContentLength": body.len(), "Body": STANDARD.encode(body),
    });
    merge(&mut row, &stored);
    let version = object::add(call, bucket, key, row);
    let about = json!({"size": body.len(), "eTag": tag.trim_matches('"'), "versionId": version});
    event::notify(call, bucket, &format!("ObjectCreated:{event}"), key, &about);
    version
}

/// What answers to writes say of the encryption.
pub(super) fn encryption_of(version: &Value) -> Value {
    let members = ["ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled"];
    let mut shown = json!({});
    for member in members.into_iter().filter(|member| version.has(member)) {
        shown[member] = version[member].clone();
    }
    shown
}

/// Sets members over those that are there.
pub(super) fn merge(row: &mut Value, members: &Value) {
    for (name, value) in members.as_object().into_iter().flatten() {
        row[name] = value.clone();
    }
}

/// Bucket, key and version that a copy is made from.
pub(super) fn source(header: &str) -> Result<(String, String, Option<String>), Fault> {
    let decoded =
        |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (path, version) = match header.split_once("?versionId=") {
        Some((path, version)) => (path, Some(decoded(version))),
        None => (header, None),
    };
    let path = decoded(path);
    let Some((bucket, key)) = path.trim_start_matches('/').split_once('/') else {
        return Err(invalid(
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
        ));
    };
    if bucket.starts_with("arn:") {
        return Err(Fault::not_implemented("access points"));
    }
    Ok((bucket.to_owned(), key.to_owned(), version))
}
