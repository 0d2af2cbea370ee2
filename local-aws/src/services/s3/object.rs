//! How objects and their versions are kept.
//!
//! Invariant: a row of [`OBJECT`] lists its versions, newest first and at least one; each is a row of [`VERSION`].

use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Objects by `BUCKET/KEY`: their versions in `_versions`.
pub(super) const OBJECT: Table = Table::global("s3.object");

/// Versions of objects: what `GetObject` answers, and `_marker` for a delete marker.
pub(super) const VERSION: Table = Table::global("s3.object_version");

/// The version of objects in buckets without versioning.
pub(super) const NULL: &str = "null";

fn id(bucket: &str, key: &str) -> String {
    format!("{bucket}/{key}")
}

fn version_id(bucket: &str, key: &str, version: &str) -> String {
    format!("{bucket}/{key}\u{0}{version}")
}

/// The ids of an object's versions, newest first.
fn versions(call: &Call, bucket: &str, key: &str) -> Vec<String> {
    let row = call.get(OBJECT, &id(bucket, key));
    row.map(|row| row.texts("_versions").into_iter().map(str::to_owned).collect())
        .unwrap_or_default()
}

/// A version by its id.
pub(super) fn version<'c>(
    call: &'c Call,
    bucket: &str,
    key: &str,
    version: &str,
) -> Option<&'c Value> {
    call.get(VERSION, &version_id(bucket, key, version))
}

/// The newest version, be it a delete marker.
pub(super) fn newest<'c>(call: &'c Call, bucket: &str, key: &str) -> Option<&'c Value> {
    let row = call.get(OBJECT, &id(bucket, key))?;
    version(call, bucket, key, row.texts("_versions").first()?)
}

/// The object as it is seen without a version: not a delete marker.
pub(super) fn current<'c>(call: &'c Call, bucket: &str, key: &str) -> Option<&'c Value> {
    newest(call, bucket, key).filter(|version| !version.flag("_marker"))
}

/// The version that a request means with `Bucket`, `Key` and maybe `VersionId`.
pub(super) fn asked<'c>(call: &'c Call, input: &Value) -> Result<&'c Value, Fault> {
    let (bucket, key) = (input.text("Bucket"), input.text("Key"));
    let Some(wanted) = input.opt("VersionId") else {
        return current(call, bucket, key).ok_or_else(|| no_such_key(key));
    };
    let found = version(call, bucket, key, wanted).ok_or_else(|| {
        let message = "The specified version does not exist.";
        Fault::new("NoSuchVersion", message)
            .with_status(404)
            .with("Key", key)
            .with("VersionId", wanted)
    })?;
    if found.flag("_marker") {
        let message = "The specified method is not allowed against this resource.";
        return Err(Fault::new("MethodNotAllowed", message).with_status(405));
    }
    Ok(found)
}

pub(super) fn no_such_key(key: &str) -> Fault {
    Fault::new("NoSuchKey", "The specified key does not exist.").with("Key", key)
}

/// Makes a version the newest, in the way of the bucket's versioning; its id, if the bucket has versions.
pub(super) fn add(call: &mut Call, bucket: &Value, key: &str, mut row: Value) -> Option<String> {
    let name = bucket.text("Name");
    let status = bucket["_versioning"].text("Status");
    let new =
        if status == "Enabled" { call.new_hex("s3.object_version", 32) } else { NULL.to_owned() };
    row["VersionId"] = json!(new);
    let mut all = versions(call, name, key);
    all.retain(|old| *old != new);
    all.insert(0, new.clone());
    call.put(VERSION, &version_id(name, key, &new), row);
    call.put(OBJECT, &id(name, key), json!({"_versions": all}));
    (!status.is_empty()).then_some(new)
}

/// Changes a version in place.
pub(super) fn change(call: &mut Call, bucket: &str, key: &str, version: &str, members: Value) {
    call.merge(VERSION, &version_id(bucket, key, version), members);
}

/// Removes a version for good.
pub(super) fn remove(call: &mut Call, bucket: &str, key: &str, version: &str) -> Option<Value> {
    let removed = call.remove(VERSION, &version_id(bucket, key, version))?;
    let mut left = versions(call, bucket, key);
    left.retain(|other| other != version);
    if left.is_empty() {
        call.remove(OBJECT, &id(bucket, key));
    } else {
        call.put(OBJECT, &id(bucket, key), json!({"_versions": left}));
    }
    Some(removed)
}

/// The keys of a bucket in order, with the ids of their versions, newest first.
pub(super) fn keys<'c>(
    call: &'c Call,
    bucket: &str,
) -> impl Iterator<Item = (&'c str, Vec<&'c str>)> {
    let start = id(bucket, "");
    call.rows(OBJECT)
        .filter_map(move |(id, row)| Some((id.strip_prefix(&start)?, row.texts("_versions"))))
}

/// Checks the length of a key that is written.
pub(super) fn check_key(key: &str) -> Result<(), Fault> {
    if key.len() <= 1024 {
        return Ok(());
    }
    Err(Fault::new("KeyTooLongError", "Your key is too long")
        .with("Size", key.len().to_string())
        .with("MaxSizeAllowed", "1024"))
}
