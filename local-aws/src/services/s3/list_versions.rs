//! Listing versions: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html>

use super::bucket::{self, invalid};
use super::list::{self, Ask, written};
use super::object;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// A version in the listing's order: by key, newest first.
struct Listed<'c> {
    key: &'c str,
    id: &'c str,
    latest: bool,
    /// Whether pages before this one had it.
    seen: bool,
}

/// `ListObjectVersions`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    bucket::find(call, &input)?;
    if input.has("VersionIdMarker") && !input.has("KeyMarker") {
        return Err(invalid("A version-id marker cannot be specified without a key marker."));
    }
    let ask = Ask::new(&input, "MaxKeys")?;
    let marker = input.text("KeyMarker");
    let all = all(call, input.text("Bucket"), marker, input.opt("VersionIdMarker"));
    let page = ask.page(all.map(|one| (one.key.to_owned(), one)), marker, |_, one| one.seen);
    let mut answer = list::shared(&input, &page.prefixes, page.next.is_some());
    if let Some(next) = &page.next {
        let last = page.entries.last().filter(|one| one.key == next);
        answer["NextKeyMarker"] = json!(written(&input, next));
        answer["NextVersionIdMarker"] = json!(last.map(|one| one.id));
    }
    let (mut versions, mut markers) = (Vec::new(), Vec::new());
    for one in &page.entries {
        let Some(row) = object::version(call, input.text("Bucket"), one.key, one.id) else {
            continue;
        };
        if row.flag("_marker") {
            markers.push(json!({
                "Key": written(&input, one.key), "VersionId": one.id, "IsLatest": one.latest,
                "LastModified": row["LastModified"], "Owner": bucket::owner(),
            }));
        } else {
            let mut version = list::described(&input, one.key, row);
            version["VersionId"] = json!(one.id);
            version["IsLatest"] = json!(one.latest);
            versions.push(version);
        }
    }
    let rest = json!({
        "Name": input["Bucket"], "MaxKeys": ask.most, "KeyMarker": written(&input, marker),
        "VersionIdMarker": input.text("VersionIdMarker"), "Versions": versions, "DeleteMarkers": markers,
    });
    super::put::merge(&mut answer, &rest);
    Ok(answer)
}

fn all<'c>(
    call: &'c Call,
    bucket: &str,
    marker: &str,
    version: Option<&str>,
) -> impl Iterator<Item = Listed<'c>> {
    object::keys(call, bucket).flat_map(move |(key, ids)| {
        // Of the marker's own key, the versions up to the marked one were seen; without a mark, all.
        let seen = match key.cmp(marker) {
            std::cmp::Ordering::Less => ids.len(),
            std::cmp::Ordering::Equal => version.map_or(ids.len(), |version| {
                ids.iter().position(|id| *id == version).map_or(0, |at| at + 1)
            }),
            std::cmp::Ordering::Greater => 0,
        };
        let listed = move |(index, id)| Listed {
            key,
            id,
            latest: index == 0,
            seen: !marker.is_empty() && index < seen,
        };
        ids.into_iter().enumerate().map(listed).collect::<Vec<_>>()
    })
}
