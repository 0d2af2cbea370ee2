//! Looking at images: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html>

use super::image::{self, IMAGE};
use super::repository;
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// What an identifier names, or why it names nothing.
pub(super) fn find(
    call: &Call,
    repository: &str,
    wanted: &Value,
) -> Result<Value, (&'static str, String)> {
    let (digest, tag) = (wanted.opt("imageDigest"), wanted.opt("imageTag"));
    let found = match (digest, tag) {
        (None, None) => {
            return Err(("MissingDigestAndTag", "An image digest or tag is required".to_owned()));
        }
        (Some(digest), _) => call.get(IMAGE, &image::id(repository, digest)).cloned(),
        (None, Some(tag)) => image::tagged(call, repository, tag),
    };
    let row = found.ok_or_else(|| ("ImageNotFound", "Requested image not found".to_owned()))?;
    if digest.is_some() && tag.is_some_and(|tag| !row.texts("imageTags").contains(&tag)) {
        let why = "Requested image tag does not match the digest";
        return Err(("ImageTagDoesNotMatchDigest", why.to_owned()));
    }
    Ok(row)
}

/// `BatchGetImage`: what is not there is a failure in the answer.
pub(super) fn batch_get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let repository = repository::named(call, &input)?;
    let name = repository.text("repositoryName");
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for wanted in input.items("imageIds") {
        match find(call, name, wanted) {
            Ok(row) => images.push(json!({
                "registryId": ACCOUNT, "repositoryName": name, "imageManifest": row["_manifest"],
                "imageManifestMediaType": row["imageManifestMediaType"],
                "imageId": {"imageDigest": row["imageDigest"], "imageTag": wanted.get("imageTag")},
            })),
            Err((code, why)) => {
                failures
                    .push(json!({"imageId": wanted, "failureCode": code, "failureReason": why}));
            }
        }
    }
    Ok(json!({"images": images, "failures": failures}))
}

fn of_status(row: &Value, filter: &Value) -> bool {
    let tagged = !row.items("imageTags").is_empty();
    match filter.text("tagStatus") {
        "TAGGED" => tagged,
        "UNTAGGED" => !tagged,
        _ => true,
    }
}

/// `DescribeImages`: all of a repository, or some, which must all be there.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let repository = repository::named(call, &input)?;
    let name = repository.text("repositoryName");
    let wanted = input.items("imageIds");
    let rows: Vec<Value> = if wanted.is_empty() {
        image::of(call, name).into_iter().filter(|row| of_status(row, &input["filter"])).collect()
    } else {
        let one = |wanted: &Value| {
            find(call, name, wanted).map_err(|_| {
                let message = format!(
                    "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the repository with name '{name}' in the registry with id '{ACCOUNT}'",
                    wanted.opt("imageDigest").unwrap_or("null"),
                    wanted.opt("imageTag").unwrap_or("null"),
                );
                Fault::new("ImageNotFoundException", message)
            })
        };
        wanted.iter().map(one).collect::<Result<_, _>>()?
    };
    Ok(json!({"imageDetails": rows}))
}

/// `ListImages`: one entry a tag, or one without.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let repository = repository::named(call, &input)?;
    let images = image::of(call, repository.text("repositoryName"));
    let fits = images.iter().filter(|row| of_status(row, &input["filter"]));
    let entries = fits.flat_map(|row| {
        let digest = &row["imageDigest"];
        let tags = row.texts("imageTags");
        if tags.is_empty() {
            return vec![json!({"imageDigest": digest})];
        }
        tags.into_iter().map(|tag| json!({"imageDigest": digest, "imageTag": tag})).collect()
    });
    Ok(json!({"imageIds": entries.collect::<Vec<Value>>()}))
}
