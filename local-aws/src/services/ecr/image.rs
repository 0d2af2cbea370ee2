//! Images: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html>

use super::repository::{self, REPOSITORY};
use crate::call::{ACCOUNT, Call, digest};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are an `ImageDetail` by [`id`]; `_manifest` is the manifest's text.
pub(super) const IMAGE: Table = Table::regional("ecr.image");

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// The id of an image's row.
pub(super) fn id(repository: &str, digest: &str) -> String {
    format!("{repository}@{digest}")
}

/// The images of a repository.
pub(super) fn of(call: &Call, repository: &str) -> Vec<Value> {
    let mine = |row: &Value| row.text("repositoryName") == repository;
    call.rows(IMAGE).filter(|(_, row)| mine(row)).map(|(_, row)| row.clone()).collect()
}

/// The image with a tag.
pub(super) fn tagged(call: &Call, repository: &str, tag: &str) -> Option<Value> {
    of(call, repository).into_iter().find(|row| row.texts("imageTags").contains(&tag))
}

/// `PutImage`: a tag that another image has moves, unless the repository's tags are immutable.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let repository = repository::named(call, &input)?;
    let name = repository.text("repositoryName");
    let manifest = input.text("imageManifest");
    let parsed: Value = serde_json::from_str(manifest)
        .map_err(|_| repository::wrong("Invalid parameter at 'imageManifest': not a manifest."))?;
    let digest = format!("sha256:{}", digest(manifest));
    if input.opt("imageDigest").is_some_and(|given| given != digest) {
        let message = format!("The digest of the image manifest is {digest}.");
        return Err(Fault::new("ImageDigestDoesNotMatchException", message));
    }
    let media = input.opt("imageManifestMediaType").or(parsed.opt("mediaType")).unwrap_or(MANIFEST);
    let tag = input.opt("imageTag");
    let known = call.get(IMAGE, &id(name, &digest)).cloned();
    check_tag(call, &repository, tag, &digest, known.as_ref())?;
    untag(call, name, tag);
    let mut row = known.unwrap_or_else(|| new_row(call, name, &digest, &parsed));
    row["imageManifestMediaType"] = json!(media);
    row["_manifest"] = json!(manifest);
    add_tag(&mut row, tag);
    call.put(IMAGE, &id(name, &digest), row);
    Ok(json!({"image": {
        "registryId": ACCOUNT, "repositoryName": name, "imageManifest": manifest, "imageManifestMediaType": media,
        "imageId": {"imageDigest": digest, "imageTag": tag},
    }}))
}

fn new_row(call: &Call, name: &str, digest: &str, manifest: &Value) -> Value {
    let layers = manifest.items("layers").iter().chain(std::iter::once(&manifest["config"]));
    let size: i64 = layers.filter_map(|layer| layer.int("size")).sum();
    json!({
        "registryId": ACCOUNT, "repositoryName": name, "imageDigest": digest, "imageTags": [], "imageSizeInBytes": size,
        "imagePushedAt": call.now(), "imageStatus": "ACTIVE", "_key": digest,
    })
}

fn add_tag(row: &mut Value, tag: Option<&str>) {
    let Some(tag) = tag else { return };
    let mut tags: Vec<String> = row.texts("imageTags").into_iter().map(str::to_owned).collect();
    tags.push(tag.to_owned());
    tags.sort();
    tags.dedup();
    row["imageTags"] = json!(tags);
}

fn check_tag(
    call: &Call,
    repository: &Value,
    tag: Option<&str>,
    digest: &str,
    known: Option<&Value>,
) -> Result<(), Fault> {
    let name = repository.text("repositoryName");
    let has = |row: &Value| tag.is_none_or(|tag| row.texts("imageTags").contains(&tag));
    if known.is_some_and(has) {
        let message = format!(
            "Image with digest '{digest}' and tag '{}' already exists in the repository with name '{name}' in registry with id '{ACCOUNT}'",
            tag.unwrap_or_default()
        );
        return Err(Fault::new("ImageAlreadyExistsException", message));
    }
    let taken = tag.is_some_and(|tag| tagged(call, name, tag).is_some());
    if taken && repository.text("imageTagMutability") == "IMMUTABLE" {
        let message = format!(
            "The image tag '{}' already exists in the '{name}' repository and cannot be overwritten because the repository is immutable.",
            tag.unwrap_or_default()
        );
        return Err(Fault::new("ImageTagAlreadyExistsException", message));
    }
    Ok(())
}

/// Takes a tag from the image that has it.
pub(super) fn untag(call: &mut Call, repository: &str, tag: Option<&str>) {
    let Some(tag) = tag else { return };
    if let Some(old) = tagged(call, repository, tag) {
        let id = id(repository, old.text("imageDigest"));
        call.update(IMAGE, &id, |row| {
            if let Some(tags) = row["imageTags"].as_array_mut() {
                tags.retain(|one| one != tag);
            }
        });
    }
}

/// The digest of an image that is pulled, by its tag or digest, if it is there.
pub(crate) fn pulled(call: &mut Call, repository: &str, reference: &str) -> Option<String> {
    call.get(REPOSITORY, repository)?;
    let row = if reference.starts_with("sha256:") {
        call.get(IMAGE, &id(repository, reference)).cloned()
    } else {
        tagged(call, repository, reference)
    }?;
    let digest = row.text("imageDigest").to_owned();
    let now = call.now();
    call.merge(IMAGE, &id(repository, &digest), json!({"lastRecordedPullTime": now}));
    Some(digest)
}
