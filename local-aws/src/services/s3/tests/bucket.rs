use super::{BUCKET, cloud, put};
use crate::testing::Probe;
use serde_json::{Value, json};

fn named(name: &str) -> Value {
    json!({"Bucket": name})
}

#[test]
fn names_follow_the_rules() {
    let cloud = Probe::new();
    for name in ["abc", "a.b-c", "1bucket1", &"a".repeat(63)] {
        cloud.ok("s3", "CreateBucket", named(name));
    }
    let refused = [
        "ab",
        "Abc",
        "a_b",
        "-abc",
        "abc-",
        "a..b",
        "192.168.0.1",
        "xn--abc",
        "abc-s3alias",
        &"a".repeat(64),
    ];
    for name in refused {
        assert_eq!(cloud.err("s3", "CreateBucket", named(name)), "InvalidBucketName", "{name}");
    }
}

#[test]
fn a_bucket_is_where_endpoint_and_constraint_say() {
    let at = |constraint: &str| json!({"Bucket": BUCKET, "CreateBucketConfiguration": {"LocationConstraint": constraint}});
    let first = cloud();
    assert_eq!(first.ok("s3", "GetBucketLocation", named(BUCKET)), json!({}));
    // Made twice in the first region: no error, by tradition.
    first.ok("s3", "CreateBucket", named(BUCKET));
    assert_eq!(first.err("s3", "CreateBucket", at("eu-west-1")), "BucketAlreadyOwnedByYou");
    assert_eq!(first.err("s3", "CreateBucket", at("us-east-1")), "InvalidLocationConstraint");
    let other = Probe::in_region("eu-west-1");
    assert_eq!(
        other.err("s3", "CreateBucket", named(BUCKET)),
        "IllegalLocationConstraintException"
    );
    assert_eq!(
        other.err("s3", "CreateBucket", at("us-west-2")),
        "IllegalLocationConstraintException"
    );
    other.ok("s3", "CreateBucket", at("eu-west-1"));
    assert_eq!(other.err("s3", "CreateBucket", at("eu-west-1")), "BucketAlreadyOwnedByYou");
    assert_eq!(other.ok("s3", "HeadBucket", named(BUCKET))["BucketRegion"], "eu-west-1");
}

#[test]
fn a_bucket_of_another_region_says_where_to_go() {
    let cloud = Probe::new();
    let there =
        json!({"Bucket": BUCKET, "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}});
    cloud.ok("s3", "CreateBucket", there);
    assert_eq!(cloud.err("s3", "GetBucketTagging", named(BUCKET)), "AuthorizationHeaderMalformed");
    let location = cloud.ok("s3", "GetBucketLocation", named(BUCKET));
    assert_eq!(
        cloud.ok("s3", "ListBuckets", json!({}))["Buckets"][0]["BucketRegion"],
        "eu-west-1",
        "{location}"
    );
}

#[test]
fn only_an_empty_bucket_of_ours_goes() {
    let cloud = cloud();
    put(&cloud, "a", "x");
    assert_eq!(cloud.err("s3", "DeleteBucket", named(BUCKET)), "BucketNotEmpty");
    cloud.ok("s3", "DeleteObject", json!({"Bucket": BUCKET, "Key": "a"}));
    let of_others = json!({"Bucket": BUCKET, "ExpectedBucketOwner": "999999999999"});
    assert_eq!(cloud.err("s3", "DeleteBucket", of_others), "AccessDenied");
    cloud.ok("s3", "DeleteBucket", named(BUCKET));
    assert_eq!(cloud.err("s3", "DeleteBucket", named(BUCKET)), "NoSuchBucket");
    assert_eq!(cloud.err("s3", "HeadBucket", named(BUCKET)), "NotFound");
}

#[test]
fn buckets_are_listed_by_prefix_and_page() {
    let cloud = Probe::new();
    for name in ["one-a", "one-b", "one-c", "two-a"] {
        cloud.ok("s3", "CreateBucket", named(name));
    }
    let first = cloud.ok("s3", "ListBuckets", json!({"Prefix": "one-", "MaxBuckets": 2}));
    let token = &first["ContinuationToken"];
    let second = cloud.ok(
        "s3",
        "ListBuckets",
        json!({"Prefix": "one-", "MaxBuckets": 2, "ContinuationToken": token}),
    );
    assert_eq!(
        (first["Buckets"].as_array().unwrap().len(), &second["Buckets"][0]["Name"]),
        (2, &json!("one-c"))
    );
}
