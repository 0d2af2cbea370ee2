//! Tags of objects: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>

use super::{bucket, object};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::tags;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// Tags that an object may have.
const MOST: usize = 10;

/// The tags in a header, in the form of a query.
pub(super) fn from_header(header: &str) -> Result<Vec<Value>, Fault> {
    let decoded =
        |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = header.split('&').filter(|pair| !pair.is_empty());
    let tags: Vec<Value> = pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            json!({"Key": decoded(key), "Value": decoded(value)})
        })
        .collect();
    check(&tags)?;
    Ok(tags)
}

fn check(tags: &[Value]) -> Result<(), Fault> {
    if tags.len() > MOST {
        return Err(Fault::new("BadRequest", "Object tags cannot be greater than 10"));
    }
    tags::check(tags).map_err(|bad| Fault::new("InvalidTag", bad.message()))
}

/// `PutObjectTagging`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let tags = input["Tagging"].items("TagSet");
    check(tags)?;
    change(call, &input, json!(tags))
}

/// `DeleteObjectTagging`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    change(call, &input, json!([]))
}

fn change(call: &mut Call, input: &Value, tags: Value) -> Result<Value, Fault> {
    let shown = shown_version(call, input)?;
    let version = object::asked(call, input)?.text("VersionId").to_owned();
    object::change(call, input.text("Bucket"), input.text("Key"), &version, json!({"_tags": tags}));
    Ok(json!({"VersionId": shown}))
}

/// `GetObjectTagging`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let shown = shown_version(call, &input)?;
    let version = object::asked(call, &input)?;
    Ok(json!({"VersionId": shown, "TagSet": version.items("_tags")}))
}

/// The version's id, if its bucket has versions.
fn shown_version(call: &Call, input: &Value) -> Result<Option<String>, Fault> {
    let has_versions = bucket::find(call, input)?["_versioning"].has("Status");
    let version = object::asked(call, input)?;
    Ok(has_versions.then(|| version.text("VersionId").to_owned()))
}
