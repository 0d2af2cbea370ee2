//! Reading objects: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>

use super::bucket::{self, bodiless};
use super::{checksum, condition, encryption, lock, object, put, range};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::ops::Range;

/// What a request may have another value for in the answer: answer member, request member.
const OVERRIDES: [(&str, &str); 6] = [
    ("CacheControl", "ResponseCacheControl"),
    ("ContentDisposition", "ResponseContentDisposition"),
    ("ContentEncoding", "ResponseContentEncoding"),
    ("ContentLanguage", "ResponseContentLanguage"),
    ("ContentType", "ResponseContentType"),
    ("Expires", "ResponseExpires"),
];

/// `GetObject`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (mut answer, part) = read(call, &input)?;
    if ["GLACIER", "DEEP_ARCHIVE"].contains(&answer.text("_class")) {
        let message = "The operation is not valid for the object's storage class";
        return Err(
            Fault::new("InvalidObjectState", message).with("StorageClass", answer.text("_class"))
        );
    }
    encryption::readable(call, answer.opt("SSEKMSKeyId"))?;
    if let Some(part) = part {
        let body = STANDARD.decode(answer.text("Body")).unwrap_or_default();
        answer["Body"] = json!(STANDARD.encode(&body[part]));
    }
    Ok(answer)
}

/// `HeadObject`.
pub(super) fn head(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (mut answer, _) = read(call, &input).map_err(bodiless)?;
    if let Some(members) = answer.as_object_mut() {
        members.remove("Body");
    }
    Ok(answer)
}

/// The answer for the version that a request means, and the bytes of it that it asks for, if not all.
fn read(call: &mut Call, input: &Value) -> Result<(Value, Option<Range<usize>>), Fault> {
    let has_versions = bucket::find(call, input)?["_versioning"].has("Status");
    let version = object::asked(call, input)?;
    condition::check_read(input, "", version)?;
    let mut answer = version.clone();
    let size = version
        .int("ContentLength")
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or_default();
    let part = match input.int("PartNumber") {
        Some(number) => Some(part_range(version, number, size)?),
        None => range::parse(input.opt("Range"), size)?,
    };
    for (member, other) in OVERRIDES.into_iter().filter(|(_, other)| input.has(other)) {
        answer[member] = input[other].clone();
    }
    if input.has("PartNumber") && version.has("_parts") {
        answer["PartsCount"] = json!(version.items("_parts").len());
    }
    if version.text("_class") != "STANDARD" {
        answer["StorageClass"] = version["_class"].clone();
    }
    let tags = version.items("_tags").len();
    answer["TagCount"] = json!((tags > 0).then_some(tags));
    answer["AcceptRanges"] = json!("bytes");
    if let Some(part) = &part {
        answer["ContentLength"] = json!(part.len());
        answer["ContentRange"] =
            json!(format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1)));
    }
    if !has_versions {
        answer["VersionId"] = Value::Null;
    }
    if input.text("ChecksumMode") != "ENABLED" || part.is_some() {
        hide_checksums(&mut answer);
    }
    lock::show(&mut answer);
    Ok((answer, part))
}

fn hide_checksums(answer: &mut Value) {
    if let Some(members) = answer.as_object_mut() {
        members.retain(|name, _| !name.starts_with("Checksum"));
    }
}

fn part_range(version: &Value, number: i64, size: usize) -> Result<Range<usize>, Fault> {
    let parts = version.items("_parts");
    if parts.is_empty() && number == 1 {
        return Ok(0..size);
    }
    let length = |part: &Value| {
        part.int("Size").and_then(|size| usize::try_from(size).ok()).unwrap_or_default()
    };
    let index = usize::try_from(number - 1).ok().filter(|index| *index < parts.len());
    let Some(index) = index else {
        let message = "The requested partnumber is not satisfiable";
        return Err(Fault::new("InvalidPartNumber", message).with_status(416));
    };
    let start: usize = parts[..index].iter().map(length).sum();
    Ok(start..start + length(&parts[index]))
}

/// `GetObjectAttributes`.
pub(super) fn attributes(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let has_versions = bucket::find(call, &input)?["_versioning"].has("Status");
    let version = object::asked(call, &input)?;
    let wanted = input.texts("ObjectAttributes");
    let mut answer = json!({"LastModified": version["LastModified"]});
    if has_versions {
        answer["VersionId"] = version["VersionId"].clone();
    }
    for name in wanted {
        match name {
            "ETag" => answer["ETag"] = json!(version.text("ETag").trim_matches('"')),
            "Checksum" => answer["Checksum"] = checksum::shown(version),
            "ObjectSize" => answer["ObjectSize"] = version["ContentLength"].clone(),
            "StorageClass" => answer["StorageClass"] = version["_class"].clone(),
            _ if version.has("_parts") => answer["ObjectParts"] = parts(version, &input),
            _ => {}
        }
    }
    Ok(answer)
}

fn parts(version: &Value, input: &Value) -> Value {
    let all = version.items("_parts");
    let after = input.int("PartNumberMarker").unwrap_or_default();
    let most =
        input.int("MaxParts").and_then(|most| usize::try_from(most).ok()).unwrap_or(1000).min(1000);
    let rest: Vec<&Value> =
        all.iter().filter(|part| part.int("PartNumber").unwrap_or_default() > after).collect();
    let page: Vec<&Value> = rest.iter().take(most).copied().collect();
    let mut shown = json!({
        "TotalPartsCount": all.len(), "PartNumberMarker": after, "MaxParts": most,
        "IsTruncated": rest.len() > page.len(),
        "NextPartNumberMarker": page.last().map_or(after, |part| part.int("PartNumber").unwrap_or_default()),
    });
    // The parts are only known by their checksums where those are the parts' own.
    if version.text("ChecksumType") == "COMPOSITE" {
        put::merge(&mut shown, &json!({"Parts": page}));
    }
    shown
}
