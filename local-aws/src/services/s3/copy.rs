//! Copies within S3: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>

use super::{bucket, checksum, condition, encryption, multipart, object, put, range};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::S3_BUCKET;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// What is copied: the version, and its id if its bucket has versions.
struct Source {
    version: Value,
    version_id: Option<String>,
    same_key: bool,
}

fn source(call: &mut Call, input: &Value) -> Result<Source, Fault> {
    let (name, key, wanted) = put::source(input.text("CopySource"))?;
    let bucket = call.get(S3_BUCKET, &name).ok_or_else(|| {
        Fault::new("NoSuchBucket", "The specified bucket does not exist")
            .with("BucketName", name.as_str())
    })?;
    let has_versions = bucket["_versioning"].has("Status");
    let same_key = name == input.text("Bucket") && key == input.text("Key") && wanted.is_none();
    let version =
        object::asked(call, &json!({"Bucket": name, "Key": key, "VersionId": wanted}))?.clone();
    condition::check_read(input, "CopySource", &version)?;
    encryption::readable(call, version.opt("SSEKMSKeyId"))?;
    let version_id = has_versions.then(|| version.text("VersionId").to_owned());
    Ok(Source { version, version_id, same_key })
}

/// `CopyObject`.
pub(super) fn copy(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let bucket = bucket::find(call, &input)?.clone();
    let key = input.text("Key");
    object::check_key(key)?;
    condition::check_write(&input, object::current(call, input.text("Bucket"), key))?;
    let from = source(call, &input)?;
    let replaced = input.text("MetadataDirective") == "REPLACE";
    let changes = ["StorageClass", "ServerSideEncryption", "WebsiteRedirectLocation"]
        .iter()
        .any(|name| input.has(name));
    if from.same_key && !replaced && !changes {
        let message = "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
        return Err(Fault::new("InvalidRequest", message));
    }
    let mut row = put::described(call, &bucket, &input)?;
    if !replaced {
        put::copy_headers(&mut row, &from.version);
    }
    if input.text("TaggingDirective") != "REPLACE" {
        row["_tags"] = from.version["_tags"].clone();
    }
    let body = STANDARD.decode(from.version.text("Body")).unwrap_or_default();
    let algorithm = input
        .opt("ChecksumAlgorithm")
        .or(checksum::algorithm(&from.version))
        .unwrap_or(checksum::DEFAULT);
    row[checksum::member(algorithm)?] = json!(checksum::of(algorithm, &body));
    row["ChecksumType"] = json!("FULL_OBJECT");
    let tag = put::etag(call, &row, checksum::md5(&body));
    let mut result = checksum::shown(&row);
    put::merge(&mut result, &json!({"ETag": tag, "LastModified": call.now()}));
    let mut answer = put::encryption_of(&row);
    let version = put::write(
        call,
        &bucket,
        key,
        row,
        &put::Content { body: &body, tag: &tag, event: "Copy" },
    );
    let rest = json!({"CopyObjectResult": result, "VersionId": version, "CopySourceVersionId": from.version_id});
    put::merge(&mut answer, &rest);
    Ok(answer)
}

/// `UploadPartCopy`.
pub(super) fn upload_part(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    bucket::find(call, &input)?;
    let from = source(call, &input)?;
    let body = STANDARD.decode(from.version.text("Body")).unwrap_or_default();
    let range = range::parse(input.opt("CopySourceRange"), body.len())?.unwrap_or(0..body.len());
    let part = multipart::add_part(call, &input, &body[range])?;
    let mut result = checksum::shown(&part);
    put::merge(&mut result, &json!({"ETag": part["ETag"], "LastModified": call.now()}));
    let mut answer = put::encryption_of(&part);
    put::merge(
        &mut answer,
        &json!({"CopyPartResult": result, "CopySourceVersionId": from.version_id}),
    );
    Ok(answer)
}
