use super::{BUCKET, cloud, content, of, put, texts, versioning};
use serde_json::{Value, json};

#[test]
fn versions_stay_until_they_are_deleted_by_id() {
    let cloud = cloud();
    put(&cloud, "a", "before");
    versioning(&cloud, "Enabled");
    let first = put(&cloud, "a", "first")["VersionId"].clone();
    let second = put(&cloud, "a", "second")["VersionId"].clone();
    assert_eq!(content(&cloud, of("a", json!({}))), "second");
    assert_eq!(content(&cloud, of("a", json!({"VersionId": first}))), "first");
    assert_eq!(content(&cloud, of("a", json!({"VersionId": "null"}))), "before");
    let marker = cloud.ok("s3", "DeleteObject", of("a", json!({})));
    assert_eq!(marker["DeleteMarker"], true);
    assert_eq!(cloud.err("s3", "GetObject", of("a", json!({}))), "NoSuchKey");
    assert_eq!(
        cloud.err("s3", "GetObject", of("a", json!({"VersionId": marker["VersionId"]}))),
        "MethodNotAllowed"
    );
    assert_eq!(
        cloud.err("s3", "GetObject", of("a", json!({"VersionId": "none"}))),
        "NoSuchVersion"
    );
    let listed = cloud.ok("s3", "ListObjectVersions", json!({"Bucket": BUCKET}));
    let ids = texts(&listed["Versions"], "VersionId");
    assert_eq!(ids, [second.as_str().unwrap(), first.as_str().unwrap(), "null"]);
    assert_eq!(
        (&listed["DeleteMarkers"][0]["IsLatest"], &listed["Versions"][0]["IsLatest"]),
        (&json!(true), &json!(false))
    );
    cloud.ok("s3", "DeleteObject", of("a", json!({"VersionId": marker["VersionId"]})));
    assert_eq!(content(&cloud, of("a", json!({}))), "second");
    assert_eq!(cloud.err("s3", "DeleteBucket", json!({"Bucket": BUCKET})), "BucketNotEmpty");
}

#[test]
fn a_suspended_bucket_has_one_null_version() {
    let cloud = cloud();
    versioning(&cloud, "Enabled");
    let kept = put(&cloud, "a", "kept")["VersionId"].clone();
    versioning(&cloud, "Suspended");
    assert_eq!(put(&cloud, "a", "one")["VersionId"], "null");
    assert_eq!(put(&cloud, "a", "two")["VersionId"], "null");
    let ids = |answer: &Value| texts(&answer["Versions"], "VersionId");
    let listed = cloud.ok("s3", "ListObjectVersions", json!({"Bucket": BUCKET}));
    assert_eq!(ids(&listed), ["null", kept.as_str().unwrap()]);
    let marker = cloud.ok("s3", "DeleteObject", of("a", json!({})));
    assert_eq!((&marker["DeleteMarker"], &marker["VersionId"]), (&json!(true), &json!("null")));
    let listed = cloud.ok("s3", "ListObjectVersions", json!({"Bucket": BUCKET}));
    assert_eq!(ids(&listed), [kept.as_str().unwrap()]);
}

#[test]
fn many_are_deleted_at_once_and_failures_are_in_the_answer() {
    let cloud = cloud();
    put(&cloud, "a", "x");
    put(&cloud, "b", "x");
    let objects = json!([{"Key": "a"}, {"Key": "none"}, {"Key": "b", "ETag": "\"0\""}]);
    let answer =
        cloud.ok("s3", "DeleteObjects", json!({"Bucket": BUCKET, "Delete": {"Objects": objects}}));
    assert_eq!(texts(&answer["Deleted"], "Key"), ["a", "none"]);
    assert_eq!(
        (&answer["Errors"][0]["Key"], &answer["Errors"][0]["Code"]),
        (&json!("b"), &json!("PreconditionFailed"))
    );
    let quiet = json!({"Bucket": BUCKET, "Delete": {"Objects": [{"Key": "b"}], "Quiet": true}});
    assert_eq!(cloud.ok("s3", "DeleteObjects", quiet).get("Deleted"), None);
}

#[test]
fn a_locked_version_stays_until_its_time() {
    let cloud = crate::testing::Probe::new();
    cloud.ok("s3", "CreateBucket", json!({"Bucket": BUCKET, "ObjectLockEnabledForBucket": true}));
    let lock = json!({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}});
    cloud.ok(
        "s3",
        "PutObjectLockConfiguration",
        json!({"Bucket": BUCKET, "ObjectLockConfiguration": lock}),
    );
    let version = put(&cloud, "a", "x")["VersionId"].clone();
    let delete =
        |bypass: bool| of("a", json!({"VersionId": version, "BypassGovernanceRetention": bypass}));
    assert_eq!(cloud.err("s3", "DeleteObject", delete(false)), "AccessDenied");
    let hold = |status: &str| of("a", json!({"LegalHold": {"Status": status}}));
    cloud.ok("s3", "PutObjectLegalHold", hold("ON"));
    assert_eq!(cloud.err("s3", "DeleteObject", delete(true)), "AccessDenied");
    cloud.ok("s3", "PutObjectLegalHold", hold("OFF"));
    cloud.pass(25.0 * 3600.0);
    cloud.ok("s3", "DeleteObject", delete(false));
    assert_eq!(
        cloud.err(
            "s3",
            "PutBucketVersioning",
            json!({"Bucket": BUCKET, "VersioningConfiguration": {"Status": "Suspended"}})
        ),
        "InvalidBucketState"
    );
}
