//! Listing uploads and their parts: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html>

use super::list::{self, Ask, written};
use super::multipart::{self, UPLOAD};
use super::{bucket, put};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `ListMultipartUploads`: by key, then by time.
pub(super) fn uploads(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    bucket::find(call, &input)?;
    let ask = Ask::new(&input, "MaxUploads")?;
    let (marker, id_marker) = (input.text("KeyMarker"), input.text("UploadIdMarker"));
    let mut all: Vec<(String, Value)> = call
        .rows(UPLOAD)
        .filter(|(_, row)| row["_bucket"] == input["Bucket"])
        .map(|(_, row)| (row.text("Key").to_owned(), row.clone()))
        .collect();
    all.sort_by(|(a, x), (b, y)| {
        a.cmp(b).then(
            x.number("Initiated").unwrap_or(0.0).total_cmp(&y.number("Initiated").unwrap_or(0.0)),
        )
    });
    let mark = all.iter().position(|(key, row)| key == marker && row.text("UploadId") == id_marker);
    let passed: Vec<String> = all[..mark.map_or(0, |at| at + 1)]
        .iter()
        .map(|(_, row)| row.text("UploadId").to_owned())
        .collect();
    let seen = |key: &str, row: &Value| {
        let over = if mark.is_some() { key < marker } else { !marker.is_empty() && key <= marker };
        over || passed.iter().any(|id| id == row.text("UploadId"))
    };
    let mut page = ask.page(all.into_iter(), marker, seen);
    for row in &mut page.entries {
        row["Key"] = json!(written(&input, row.text("Key")));
    }
    let mut answer = list::shared(&input, &page.prefixes, page.next.is_some());
    let last = page.entries.last().map(|row| row["UploadId"].clone());
    let rest = json!({
        "Bucket": input["Bucket"], "KeyMarker": written(&input, marker), "UploadIdMarker": id_marker,
        "MaxUploads": ask.most, "NextUploadIdMarker": last.filter(|_| page.next.is_some()),
        "NextKeyMarker": page.next.map(|next| written(&input, &next)), "Uploads": page.entries,
    });
    put::merge(&mut answer, &rest);
    Ok(answer)
}

/// `ListParts`.
pub(super) fn parts(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let upload = multipart::find(call, &input)?;
    let after = input.int("PartNumberMarker").unwrap_or_default();
    let most = Ask::new(&input, "MaxParts")?.most;
    let rest = multipart::parts(call, input.text("UploadId")).map(|(_, part)| part);
    let rest: Vec<&Value> =
        rest.filter(|part| part.int("PartNumber").unwrap_or_default() > after).collect();
    let page = &rest[..rest.len().min(most)];
    let next = page.last().map_or(after, |part| part.int("PartNumber").unwrap_or_default());
    Ok(json!({
        "Bucket": input["Bucket"], "Key": input["Key"], "UploadId": input["UploadId"], "MaxParts": most,
        "PartNumberMarker": after, "NextPartNumberMarker": next, "IsTruncated": rest.len() > page.len(),
        "Parts": page, "Owner": upload["Owner"], "Initiator": upload["Initiator"], "StorageClass": upload["StorageClass"],
        "ChecksumAlgorithm": upload["ChecksumAlgorithm"], "ChecksumType": upload["ChecksumType"],
    }))
}
