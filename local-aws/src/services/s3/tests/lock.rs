//! Objects that cannot be deleted.

use super::{BUCKET, body, of};
use crate::testing::{Probe, START};
use serde_json::{Value, json};

#[test]
fn a_version_is_kept_until_hold_and_retention_are_over() {
    let cloud = Probe::new();
    cloud.ok("s3", "CreateBucket", json!({"Bucket": BUCKET, "ObjectLockEnabledForBucket": true}));
    let made = cloud.ok("s3", "PutObject", of("k", json!({"Body": body("text")})));
    let version = |more: Value| {
        let mut asked = of("k", more);
        asked["VersionId"] = made["VersionId"].clone();
        asked
    };
    let until = json!({"Mode": "GOVERNANCE", "RetainUntilDate": START + 86_400.0});
    cloud.ok("s3", "PutObjectRetention", of("k", json!({"Retention": until})));
    cloud.ok("s3", "PutObjectLegalHold", of("k", json!({"LegalHold": {"Status": "ON"}})));
    assert_eq!(cloud.ok("s3", "GetObjectRetention", of("k", json!({})))["Retention"], until);
    assert_eq!(
        cloud.ok("s3", "GetObjectLegalHold", of("k", json!({})))["LegalHold"]["Status"],
        "ON"
    );

    let bypass = version(json!({"BypassGovernanceRetention": true}));
    assert_eq!(cloud.err("s3", "DeleteObject", bypass.clone()), "AccessDenied");
    cloud.ok("s3", "PutObjectLegalHold", of("k", json!({"LegalHold": {"Status": "OFF"}})));
    assert_eq!(cloud.err("s3", "DeleteObject", version(json!({}))), "AccessDenied");
    cloud.ok("s3", "DeleteObject", bypass);
    assert_eq!(cloud.err("s3", "GetObject", of("k", json!({}))), "NoSuchKey");
}

#[test]
fn retention_ends_by_itself() {
    let cloud = Probe::new();
    cloud.ok("s3", "CreateBucket", json!({"Bucket": BUCKET, "ObjectLockEnabledForBucket": true}));
    let made = cloud.ok("s3", "PutObject", of("k", json!({"Body": body("text")})));
    let until = json!({"Mode": "COMPLIANCE", "RetainUntilDate": START + 86_400.0});
    cloud.ok("s3", "PutObjectRetention", of("k", json!({"Retention": until})));
    let delete =
        of("k", json!({"VersionId": made["VersionId"], "BypassGovernanceRetention": true}));
    assert_eq!(cloud.err("s3", "DeleteObject", delete.clone()), "AccessDenied");
    cloud.pass(86_401.0);
    cloud.ok("s3", "DeleteObject", delete);
}
