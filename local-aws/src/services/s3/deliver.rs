//! Objects that other services of the cloud write into a customer's bucket.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html>

use super::{checksum, put, setting};
use crate::call::{ACCOUNT, Call};
use crate::fields::Fields;
use crate::region;
use crate::services::policy::{self, Asked, Who};
use crate::services::tables::S3_BUCKET;
use serde_json::{Value, json};

/// Who writes, and for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delivery<'a> {
    /// The service's principal, such as `logdelivery.elasticloadbalancing.amazonaws.com`.
    pub(crate) service: &'a str,
    /// The ARN of the resource that it writes for.
    pub(crate) source: &'a str,
    /// The bucket.
    pub(crate) bucket: &'a str,
    /// The object's key.
    pub(crate) key: &'a str,
}

/// Why a service cannot write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undeliverable {
    /// There is no such bucket.
    NoBucket,
    /// The bucket is in another region.
    Region,
    /// The bucket's policy does not let the service in.
    Policy,
    /// The bucket encrypts with a key that the service cannot use.
    Key,
}

/// Writes an object for a service that can use S3's own encryption alone, if the bucket's policy lets it.
pub(crate) fn deliver(
    call: &mut Call,
    delivery: Delivery,
    body: &[u8],
) -> Result<(), Undeliverable> {
    let bucket = call.get(S3_BUCKET, delivery.bucket).ok_or(Undeliverable::NoBucket)?.clone();
    if bucket.text("_region") != call.region() {
        return Err(Undeliverable::Region);
    }
    if !admits(call, &bucket, delivery) {
        return Err(Undeliverable::Policy);
    }
    let default = setting::encryption(&bucket);
    let algorithm = default["ApplyServerSideEncryptionByDefault"].opt("SSEAlgorithm");
    if algorithm.is_some_and(|algorithm| algorithm != "AES256") {
        return Err(Undeliverable::Key);
    }
    let tag = format!("\"{}\"", checksum::md5(body));
    let row = json!({
        "ContentType": "text/plain", "ServerSideEncryption": "AES256", "_class": "STANDARD", "_tags": [],
    });
    put::write(call, &bucket, delivery.key, row, &put::Content { body, tag: &tag, event: "Put" });
    Ok(())
}

fn admits(call: &Call, bucket: &Value, delivery: Delivery) -> bool {
    let document = serde_json::from_str(bucket.text("_policy")).unwrap_or_default();
    let partition = region::partition(call.region());
    let object = format!("arn:{partition}:s3:::{}/{}", delivery.bucket, delivery.key);
    let context = [
        ("aws:SourceArn", delivery.source),
        ("aws:SourceAccount", ACCOUNT),
        ("aws:SecureTransport", "true"),
        ("s3:x-amz-acl", "bucket-owner-full-control"),
    ];
    let who = Who::Service(delivery.service);
    let asked = Asked { who, action: "s3:PutObject", resource: &object, context: &context };
    policy::allows(&document, &asked)
}
