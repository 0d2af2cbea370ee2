//! Parts from other objects, and what is told of objects.

use super::{BUCKET, cloud, content, of, put};
use serde_json::json;

#[test]
fn a_part_is_copied_from_a_range_of_another_object() {
    let cloud = cloud();
    put(&cloud, "source", "0123456789");
    let upload = cloud.ok("s3", "CreateMultipartUpload", of("k", json!({})))["UploadId"].clone();
    let part = json!({
        "UploadId": upload, "PartNumber": 1, "CopySource": format!("{BUCKET}/source"), "CopySourceRange": "bytes=2-5",
    });
    let copied = cloud.ok("s3", "UploadPartCopy", of("k", part))["CopyPartResult"].clone();
    let parts = json!({"Parts": [{"PartNumber": 1, "ETag": copied["ETag"]}]});
    cloud.ok(
        "s3",
        "CompleteMultipartUpload",
        of("k", json!({"UploadId": upload, "MultipartUpload": parts})),
    );
    assert_eq!(content(&cloud, of("k", json!({}))), "2345");
    let wanted = json!({"ObjectAttributes": ["ETag", "ObjectSize", "ObjectParts", "StorageClass"]});
    let told = cloud.ok("s3", "GetObjectAttributes", of("k", wanted));
    assert_eq!(
        (&told["ObjectSize"], &told["ObjectParts"]["TotalPartsCount"], &told["StorageClass"]),
        (&json!(4), &json!(1), &json!("STANDARD"))
    );
}

#[test]
fn tags_of_an_object_come_and_go() {
    let cloud = cloud();
    put(&cloud, "k", "text");
    let tags = json!([{"Key": "a", "Value": "1"}]);
    cloud.ok("s3", "PutObjectTagging", of("k", json!({"Tagging": {"TagSet": tags}})));
    assert_eq!(cloud.ok("s3", "GetObjectTagging", of("k", json!({})))["TagSet"], tags);
    cloud.ok("s3", "DeleteObjectTagging", of("k", json!({})));
    assert_eq!(cloud.ok("s3", "GetObjectTagging", of("k", json!({})))["TagSet"], json!([]));
    let acl = cloud.ok("s3", "GetObjectAcl", of("k", json!({})));
    assert_eq!(acl["Grants"][0]["Permission"], "FULL_CONTROL");
}
