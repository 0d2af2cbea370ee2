//! Settings that are kept as they were sent.

use super::{BUCKET, cloud, versioning};
use crate::testing::Probe;
use serde_json::{Value, json};

fn with(members: Value) -> Value {
    let mut all = json!({"Bucket": BUCKET});
    all.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    all
}

/// Puts a setting, reads it back, and, if it can be deleted, reads the code that then says so.
#[track_caller]
fn check(
    cloud: &Probe,
    setting: &str,
    member: &str,
    value: Value,
    read: &[&str],
    gone: Option<&str>,
) {
    cloud.ok("s3", &format!("Put{setting}"), with(json!({member: value})));
    let found = cloud.ok("s3", &format!("Get{setting}"), with(json!({})));
    for name in read {
        let found = if found.get(member).is_some() { &found[member] } else { &found };
        assert_eq!(found[*name], value[*name], "{setting} {name}");
    }
    if let Some(code) = gone {
        cloud.ok("s3", &format!("Delete{setting}"), with(json!({})));
        assert_eq!(cloud.err("s3", &format!("Get{setting}"), with(json!({}))), code);
    }
}

#[test]
fn settings_are_answered_as_they_were_put() {
    let cloud = cloud();
    let pages =
        json!({"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}});
    let gone = Some("NoSuchWebsiteConfiguration");
    check(
        &cloud,
        "BucketWebsite",
        "WebsiteConfiguration",
        pages,
        &["IndexDocument", "ErrorDocument"],
        gone,
    );
    let fast = json!({"Status": "Enabled"});
    check(
        &cloud,
        "BucketAccelerateConfiguration",
        "AccelerateConfiguration",
        fast,
        &["Status"],
        None,
    );
    let payer = json!({"Payer": "Requester"});
    check(&cloud, "BucketRequestPayment", "RequestPaymentConfiguration", payer, &["Payer"], None);
}

#[test]
fn replication_needs_versions_and_a_role() {
    let cloud = cloud();
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let role =
        cloud.ok("iam", "CreateRole", json!({"RoleName": "r", "AssumeRolePolicyDocument": trust}))
            ["Role"]["Arn"]
            .clone();
    cloud.ok("s3", "CreateBucket", json!({"Bucket": "globecart-copy"}));
    let versions =
        json!({"Bucket": "globecart-copy", "VersioningConfiguration": {"Status": "Enabled"}});
    cloud.ok("s3", "PutBucketVersioning", versions);
    let everything = json!({
        "ID": "all", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": "arn:aws:s3:::globecart-copy"},
    });
    let asked = json!({"Role": role, "Rules": [everything]});
    let put = with(json!({"ReplicationConfiguration": asked}));
    assert_eq!(cloud.err("s3", "PutBucketReplication", put), "InvalidRequest");
    versioning(&cloud, "Enabled");
    let gone = Some("ReplicationConfigurationNotFoundError");
    check(&cloud, "BucketReplication", "ReplicationConfiguration", asked, &["Role"], gone);
}
