//! How objects are encrypted at rest: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingEncryption.html>

use super::bucket::invalid;
use super::setting;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::kms::{self, Unusable};
use serde_json::{Value, json};

/// The encryption that a write asks for, or the bucket's: `ServerSideEncryption` and the key's ARN.
pub(super) fn resolve(call: &mut Call, bucket: &Value, input: &Value) -> Result<Value, Fault> {
    if input.has("SSECustomerAlgorithm") || input.has("CopySourceSSECustomerAlgorithm") {
        return Err(Fault::not_implemented("encryption with customer-provided keys"));
    }
    let default = setting::encryption(bucket);
    let by_default = &default["ApplyServerSideEncryptionByDefault"];
    let algorithm =
        input.opt("ServerSideEncryption").or(by_default.opt("SSEAlgorithm")).unwrap_or("AES256");
    if !algorithm.starts_with("aws:kms") {
        if input.has("SSEKMSKeyId") {
            return Err(invalid(
                "Server Side Encryption with KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
            ));
        }
        return Ok(json!({"ServerSideEncryption": algorithm}));
    }
    let key = input
        .opt("SSEKMSKeyId")
        .or(by_default.opt("KMSMasterKeyID"))
        .unwrap_or("alias/aws/s3")
        .to_owned();
    let arn = usable(call, &key)?;
    let bucket_key = input.opt_flag("BucketKeyEnabled").unwrap_or(default.flag("BucketKeyEnabled"));
    Ok(
        json!({"ServerSideEncryption": algorithm, "SSEKMSKeyId": arn, "BucketKeyEnabled": bucket_key.then_some(true)}),
    )
}

/// Checks that a version can be decrypted.
pub(super) fn readable(call: &mut Call, key: Option<&str>) -> Result<(), Fault> {
    key.map_or(Ok(()), |key| usable(call, key).map(drop))
}

fn usable(call: &mut Call, key: &str) -> Result<String, Fault> {
    // The caller's own right to the key counts, not the service's, and any credentials are the account's.
    kms::usable(call, key, "s3.amazonaws.com", &[], &[]).map_err(|unusable| match unusable {
        Unusable::NotFound => Fault::new("KMS.NotFoundException", format!("Invalid keyId '{key}'")),
        Unusable::State => Fault::new("KMS.DisabledException", format!("{key} is disabled.")),
        Unusable::Denied(action) => {
            Fault::new("AccessDenied", format!("not authorized to perform {action}"))
                .with_status(403)
        }
    })
}
