//! S3, with objects, versions and multipart uploads: <https://docs.aws.amazon.com/AmazonS3/latest/API/>

mod acl;
mod bucket;
mod bucket_name;
mod bucket_policy;
mod bucket_tags;
mod checksum;
mod condition;
mod copy;
mod delete;
mod deliver;
mod encryption;
mod event;
mod get;
mod list;
mod list_versions;
mod lock;
mod multipart;
mod multipart_list;
mod object;
mod object_tags;
mod put;
mod range;
mod setting;
mod setting_check;
#[cfg(test)]
mod tests;

pub(crate) use self::deliver::{Delivery, Undeliverable, deliver};

use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "s3",
    model: LazyLock::new(|| Model::read(include_str!("../../models/s3.json"))),
    style: Style {
        validation: Validation::S3,
        bad_page_token: "InvalidArgument",
        page_size: Some(1000),
        throttle: ("SlowDown", 503),
        expired: "ExpiredToken",
    },
    operations: OPERATIONS,
    tasks: &[],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("AbortMultipartUpload", multipart::abort),
    ("CompleteMultipartUpload", multipart::complete),
    ("CopyObject", copy::copy),
    ("CreateBucket", bucket::create),
    ("CreateMultipartUpload", multipart::create),
    ("DeleteBucket", bucket::delete),
    ("DeleteBucketCors", setting::delete),
    ("DeleteBucketEncryption", setting::delete),
    ("DeleteBucketLifecycle", setting::delete),
    ("DeleteBucketOwnershipControls", setting::delete),
    ("DeleteBucketPolicy", bucket_policy::delete),
    ("DeleteBucketReplication", setting::delete),
    ("DeleteBucketTagging", bucket_tags::delete),
    ("DeleteBucketWebsite", setting::delete),
    ("DeleteObject", delete::delete),
    ("DeleteObjectTagging", object_tags::delete),
    ("DeleteObjects", delete::delete_many),
    ("DeletePublicAccessBlock", setting::delete),
    ("GetBucketAccelerateConfiguration", setting::get),
    ("GetBucketAcl", acl::of_bucket),
    ("GetBucketCors", setting::get),
    ("GetBucketEncryption", setting::get),
    ("GetBucketLifecycleConfiguration", setting::get),
    ("GetBucketLocation", bucket::location),
    ("GetBucketLogging", setting::get),
    ("GetBucketNotificationConfiguration", setting::get),
    ("GetBucketOwnershipControls", setting::get),
    ("GetBucketPolicy", bucket_policy::get),
    ("GetBucketPolicyStatus", bucket_policy::status),
    ("GetBucketReplication", setting::get),
    ("GetBucketRequestPayment", setting::get),
    ("GetBucketTagging", bucket_tags::get),
    ("GetBucketVersioning", setting::get),
    ("GetBucketWebsite", setting::get),
    ("GetObject", get::get),
    ("GetObjectAcl", acl::of_object),
    ("GetObjectAttributes", get::attributes),
    ("GetObjectLegalHold", lock::legal_hold),
    ("GetObjectLockConfiguration", setting::get),
    ("GetObjectRetention", lock::retention),
    ("GetObjectTagging", object_tags::get),
    ("GetPublicAccessBlock", setting::get),
    ("HeadBucket", bucket::head),
    ("HeadObject", get::head),
    ("ListBuckets", bucket::list),
    ("ListMultipartUploads", multipart_list::uploads),
    ("ListObjectVersions", list_versions::list),
    ("ListObjects", list::first),
    ("ListObjectsV2", list::second),
    ("ListParts", multipart_list::parts),
    ("PutBucketAccelerateConfiguration", setting::put),
    ("PutBucketAcl", acl::put_of_bucket),
    ("PutBucketCors", setting::put),
    ("PutBucketEncryption", setting::put),
    ("PutBucketLifecycleConfiguration", setting::put),
    ("PutBucketLogging", setting::put),
    ("PutBucketNotificationConfiguration", setting::put),
    ("PutBucketOwnershipControls", setting::put),
    ("PutBucketPolicy", bucket_policy::put),
    ("PutBucketReplication", setting::put),
    ("PutBucketRequestPayment", setting::put),
    ("PutBucketTagging", bucket_tags::put),
    ("PutBucketVersioning", setting::put),
    ("PutBucketWebsite", setting::put),
    ("PutObject", put::put),
    ("PutObjectLegalHold", lock::put_legal_hold),
    ("PutObjectLockConfiguration", setting::put),
    ("PutObjectRetention", lock::put_retention),
    ("PutObjectTagging", object_tags::put),
    ("PutPublicAccessBlock", setting::put),
    ("UploadPart", multipart::upload_part),
    ("UploadPartCopy", copy::upload_part),
];
