//! Emptying a bucket: every version, every delete marker, every unfinished upload.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use globecart_engine::{CallError, CallResult, Class};

use super::built;
use crate::{Aws, Doing};

/// Deletes all that the bucket holds.
pub(super) async fn empty(aws: &Aws, bucket: &str) -> CallResult<()> {
    while delete_some(aws, bucket).await? {}
    let owner = aws.place().account.as_str();
    let uploads =
        aws.s3().list_multipart_uploads().bucket(bucket).expected_bucket_owner(owner).send().await;
    for upload in
        uploads.doing("reading the bucket's unfinished uploads")?.uploads.unwrap_or_default()
    {
        let call = aws.s3().abort_multipart_upload().bucket(bucket).expected_bucket_owner(owner);
        let call = call.set_key(upload.key).set_upload_id(upload.upload_id);
        call.send().await.doing("giving up an unfinished upload")?;
    }
    Ok(())
}

/// Deletes up to a thousand versions; whether there were any.
async fn delete_some(aws: &Aws, bucket: &str) -> CallResult<bool> {
    let owner = aws.place().account.as_str();
    let page =
        aws.s3().list_object_versions().bucket(bucket).expected_bucket_owner(owner).send().await;
    let page = page.doing("reading what the bucket holds")?;
    let versions = page.versions.unwrap_or_default().into_iter().map(|it| (it.key, it.version_id));
    let markers =
        page.delete_markers.unwrap_or_default().into_iter().map(|it| (it.key, it.version_id));
    let all = versions.chain(markers).map(|(key, version)| {
        built(ObjectIdentifier::builder().set_key(key).set_version_id(version).build())
    });
    let all = all.collect::<CallResult<Vec<_>>>()?;
    if all.is_empty() {
        return Ok(false);
    }
    let delete = built(Delete::builder().set_objects(Some(all)).quiet(true).build())?;
    let call = aws.s3().delete_objects().bucket(bucket).expected_bucket_owner(owner).delete(delete);
    let answer = call.send().await.doing("emptying the bucket")?;
    // The call succeeds even where single objects stay.
    match answer.errors.unwrap_or_default().first() {
        None => Ok(true),
        Some(error) => {
            let message = format!(
                "{}: {}",
                error.key().unwrap_or_default(),
                error.message().unwrap_or_default()
            );
            let class =
                if error.code() == Some("AccessDenied") { Class::Denied } else { Class::Other };
            Err(CallError::new(class, "emptying the bucket", message)
                .with_code(error.code().unwrap_or_default()))
        }
    }
}
