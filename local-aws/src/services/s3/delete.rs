//! Deleting objects: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html>

use super::{bucket, condition, event, lock, object};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `DeleteObject`: none is no error. Without a version, a bucket with versions gets a delete marker.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let bucket = bucket::find(call, &input)?.clone();
    if let Some(version) = input.opt("VersionId") {
        let removed = one_version(call, &bucket, &input, input.text("Key"), version)?;
        let marker = removed.is_some_and(|row| row.flag("_marker")).then_some(true);
        return Ok(json!({"VersionId": version, "DeleteMarker": marker}));
    }
    condition::check_write(&input, object::current(call, input.text("Bucket"), input.text("Key")))?;
    let marker = newest(call, &bucket, input.text("Key"));
    Ok(json!({"DeleteMarker": marker.is_some().then_some(true), "VersionId": marker}))
}

fn one_version(
    call: &mut Call,
    bucket: &Value,
    input: &Value,
    key: &str,
    version: &str,
) -> Result<Option<Value>, Fault> {
    let name = bucket.text("Name");
    if let Some(row) = object::version(call, name, key, version) {
        lock::check(row, call.now(), input.flag("BypassGovernanceRetention"))?;
    }
    let removed = object::remove(call, name, key, version);
    if removed.is_some() {
        event::notify(call, bucket, "ObjectRemoved:Delete", key, &json!({"versionId": version}));
    }
    Ok(removed)
}

/// Deletes an object as it is seen; the id of the delete marker that now covers it, if the bucket has versions.
fn newest(call: &mut Call, bucket: &Value, key: &str) -> Option<String> {
    if !bucket["_versioning"].has("Status") {
        if object::remove(call, bucket.text("Name"), key, object::NULL).is_some() {
            event::notify(call, bucket, "ObjectRemoved:Delete", key, &json!({}));
        }
        return None;
    }
    let now = call.now();
    let marker = object::add(call, bucket, key, json!({"_marker": true, "LastModified": now}));
    event::notify(
        call,
        bucket,
        "ObjectRemoved:DeleteMarkerCreated",
        key,
        &json!({"versionId": marker}),
    );
    marker
}

/// `DeleteObjects`: what fails is in the answer.
pub(super) fn delete_many(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let bucket = bucket::find(call, &input)?.clone();
    let asked = input["Delete"].items("Objects");
    if asked.is_empty() || asked.len() > 1000 {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        return Err(Fault::new("MalformedXML", message));
    }
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for one in asked {
        match delete_one(call, &bucket, &input, one) {
            Ok(done) => deleted.push(done),
            Err(fault) => errors.push(json!({
                "Key": one["Key"], "VersionId": one.get("VersionId"), "Code": fault.code, "Message": fault.message,
            })),
        }
    }
    let deleted = if input["Delete"].flag("Quiet") { json!([]) } else { json!(deleted) };
    Ok(json!({"Deleted": deleted, "Errors": errors}))
}

fn delete_one(call: &mut Call, bucket: &Value, input: &Value, one: &Value) -> Result<Value, Fault> {
    let key = one.text("Key");
    if let Some(version) = one.opt("VersionId") {
        let removed = one_version(call, bucket, input, key, version)?;
        let marker = removed.is_some_and(|row| row.flag("_marker"));
        return Ok(json!({
            "Key": key, "VersionId": version, "DeleteMarker": marker.then_some(true),
            "DeleteMarkerVersionId": marker.then_some(version),
        }));
    }
    let wanted = json!({"Key": key, "IfMatch": one.get("ETag")});
    condition::check_write(&wanted, object::current(call, bucket.text("Name"), key))?;
    let marker = newest(call, bucket, key);
    Ok(
        json!({"Key": key, "DeleteMarker": marker.is_some().then_some(true), "DeleteMarkerVersionId": marker}),
    )
}
