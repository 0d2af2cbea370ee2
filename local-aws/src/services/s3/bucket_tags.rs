//! Tags of buckets, which are replaced as a whole: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html>

use super::bucket;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::S3_BUCKET;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// Tags of a request, once they are known to be allowed.
pub(super) fn checked(tags: &[Value]) -> Result<Vec<Value>, Fault> {
    tags::check(tags).map_err(refused)?;
    Ok(tags.to_vec())
}

fn refused(bad: BadTag) -> Fault {
    match bad {
        BadTag::TooMany => Fault::new("BadRequest", "Bucket tag count cannot be greater than 50"),
        BadTag::Twice(key) => {
            Fault::new("InvalidTag", "Cannot provide multiple Tags with the same key")
                .with("TagKey", key)
        }
        BadTag::Reserved(_) => {
            Fault::new("InvalidTag", "System tags cannot be added/updated by requester")
        }
        BadTag::KeyLength(key) => {
            Fault::new("InvalidTag", "The TagKey you have provided is invalid").with("TagKey", key)
        }
        BadTag::ValueLength(key) => {
            Fault::new("InvalidTag", "The TagValue you have provided is invalid")
                .with("TagKey", key)
        }
    }
}

/// `PutBucketTagging`. Tags that AWS has set stay.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    bucket::find(call, &input)?;
    let fresh = checked(input["Tagging"].items("TagSet"))?;
    replace(call, input.text("Bucket"), fresh);
    Ok(json!({}))
}

/// `DeleteBucketTagging`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    bucket::find(call, &input)?;
    replace(call, input.text("Bucket"), Vec::new());
    Ok(json!({}))
}

fn replace(call: &mut Call, name: &str, fresh: Vec<Value>) {
    call.update(S3_BUCKET, name, |row| {
        let mut all: Vec<Value> = row
            .items("Tags")
            .iter()
            .filter(|tag| tag.text("Key").starts_with("aws:"))
            .cloned()
            .collect();
        all.extend(fresh);
        row["Tags"] = Value::Array(all);
    });
}

/// `GetBucketTagging`: having none is an error.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let tags = bucket::find(call, &input)?.items("Tags");
    if tags.is_empty() {
        let message = "The TagSet does not exist";
        return Err(Fault::new("NoSuchTagSet", message)
            .with_status(404)
            .with("BucketName", input.text("Bucket")));
    }
    Ok(json!({"TagSet": tags}))
}
