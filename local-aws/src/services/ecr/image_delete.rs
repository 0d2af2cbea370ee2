//! Deleting images: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html>

use super::image::{self, IMAGE};
use super::{image_list, repository};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `BatchDeleteImage`: by a tag alone only the tag goes, unless it is the image's last one.
pub(super) fn batch_delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let repository = repository::named(call, &input)?;
    let name = repository.text("repositoryName");
    let (mut gone, mut failures) = (Vec::new(), Vec::new());
    for wanted in input.items("imageIds") {
        match image_list::find(call, name, wanted) {
            Ok(row) => gone.extend(delete(call, name, wanted, &row)),
            Err((code, why)) => {
                failures
                    .push(json!({"imageId": wanted, "failureCode": code, "failureReason": why}));
            }
        }
    }
    Ok(json!({"imageIds": gone, "failures": failures}))
}

fn delete(call: &mut Call, name: &str, wanted: &Value, row: &Value) -> Vec<Value> {
    let (digest, tags) = (row.text("imageDigest"), row.texts("imageTags"));
    let entry = |tag: &str| json!({"imageDigest": digest, "imageTag": tag});
    match wanted.opt("imageTag").filter(|_| !wanted.has("imageDigest")) {
        Some(tag) if tags.len() > 1 => {
            image::untag(call, name, Some(tag));
            vec![entry(tag)]
        }
        _ => {
            call.remove(IMAGE, &image::id(name, digest));
            if tags.is_empty() {
                return vec![json!({"imageDigest": digest})];
            }
            tags.into_iter().map(entry).collect()
        }
    }
}
