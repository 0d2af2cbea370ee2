use super::{BUCKET, cloud, versioning};
use crate::testing::Probe;
use serde_json::{Value, json};

fn ask(members: Value) -> Value {
    let mut all = json!({"Bucket": BUCKET});
    for (name, value) in members.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

#[test]
fn a_new_bucket_has_aws_s_defaults() {
    let cloud = cloud();
    let get = |operation: &str| cloud.ok("s3", operation, ask(json!({})));
    let rule = get("GetBucketEncryption")["ServerSideEncryptionConfiguration"]["Rules"][0].clone();
    assert_eq!(rule["ApplyServerSideEncryptionByDefault"], json!({"SSEAlgorithm": "AES256"}));
    let block = get("GetPublicAccessBlock")["PublicAccessBlockConfiguration"].clone();
    assert!(
        block.as_object().unwrap().values().all(|flag| flag == true)
            && block.as_object().unwrap().len() == 4
    );
    let rules = get("GetBucketOwnershipControls")["OwnershipControls"]["Rules"].clone();
    assert_eq!(rules, json!([{"ObjectOwnership": "BucketOwnerEnforced"}]));
    assert_eq!(get("GetBucketRequestPayment")["Payer"], "BucketOwner");
    assert_eq!(get("GetBucketAcl")["Grants"][0]["Permission"], "FULL_CONTROL");
    for operation in [
        "GetBucketVersioning",
        "GetBucketLogging",
        "GetBucketNotificationConfiguration",
        "GetBucketAccelerateConfiguration",
    ] {
        assert_eq!(get(operation), json!({}), "{operation}");
    }
    let missing = [
        ("GetBucketTagging", "NoSuchTagSet"),
        ("GetBucketPolicy", "NoSuchBucketPolicy"),
        ("GetBucketLifecycleConfiguration", "NoSuchLifecycleConfiguration"),
        ("GetBucketCors", "NoSuchCORSConfiguration"),
        ("GetBucketWebsite", "NoSuchWebsiteConfiguration"),
        ("GetBucketReplication", "ReplicationConfigurationNotFoundError"),
        ("GetObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"),
    ];
    for (operation, code) in missing {
        assert_eq!(cloud.err("s3", operation, ask(json!({}))), code);
    }
}

/// Puts a setting, gets it back, deletes it and checks what is answered then.
#[track_caller]
fn check(
    cloud: &Probe,
    [put, get, delete]: [&str; 3],
    (payload, value): (&str, Value),
    wrapped: bool,
    gone: Result<Value, &str>,
) {
    cloud.ok("s3", put, ask(json!({payload: value})));
    let answer = cloud.ok("s3", get, ask(json!({})));
    let shown = if wrapped { &answer[payload] } else { &answer };
    for (name, member) in value.as_object().unwrap() {
        assert_eq!(&shown[name], member, "{get}");
    }
    cloud.ok("s3", delete, ask(json!({})));
    match gone {
        Ok(default) => assert_eq!(cloud.ok("s3", get, ask(json!({}))), default),
        Err(code) => assert_eq!(cloud.err("s3", get, ask(json!({}))), code),
    }
}

#[test]
fn settings_are_put_got_and_deleted() {
    let cloud = cloud();
    let key = cloud.ok("kms", "CreateKey", json!({}))["KeyMetadata"]["Arn"].clone();
    let default = cloud.ok("s3", "GetBucketEncryption", ask(json!({})));
    let encryption = json!({"Rules": [{
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}, "BucketKeyEnabled": true,
    }]});
    let operations = ["PutBucketEncryption", "GetBucketEncryption", "DeleteBucketEncryption"];
    check(&cloud, operations, ("ServerSideEncryptionConfiguration", encryption), true, Ok(default));
    let block = json!({"BlockPublicAcls": true, "IgnorePublicAcls": false, "BlockPublicPolicy": true, "RestrictPublicBuckets": false});
    let operations = ["PutPublicAccessBlock", "GetPublicAccessBlock", "DeletePublicAccessBlock"];
    let payload = ("PublicAccessBlockConfiguration", block);
    check(&cloud, operations, payload, true, Err("NoSuchPublicAccessBlockConfiguration"));
    let rules = json!({"Rules": [{"ObjectOwnership": "ObjectWriter"}]});
    let operations = [
        "PutBucketOwnershipControls",
        "GetBucketOwnershipControls",
        "DeleteBucketOwnershipControls",
    ];
    check(
        &cloud,
        operations,
        ("OwnershipControls", rules),
        true,
        Err("OwnershipControlsNotFoundError"),
    );
    let lifecycle = json!({"Rules": [{
        "ID": "old", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        "Transitions": [{"Days": 10, "StorageClass": "STANDARD_IA"}],
    }]});
    let operations = [
        "PutBucketLifecycleConfiguration",
        "GetBucketLifecycleConfiguration",
        "DeleteBucketLifecycle",
    ];
    check(
        &cloud,
        operations,
        ("LifecycleConfiguration", lifecycle),
        false,
        Err("NoSuchLifecycleConfiguration"),
    );
    let cors = json!({"CORSRules": [{"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 60}]});
    let operations = ["PutBucketCors", "GetBucketCors", "DeleteBucketCors"];
    check(&cloud, operations, ("CORSConfiguration", cors), false, Err("NoSuchCORSConfiguration"));
    let tags = json!({"TagSet": [{"Key": "a", "Value": "1"}]});
    let operations = ["PutBucketTagging", "GetBucketTagging", "DeleteBucketTagging"];
    check(&cloud, operations, ("Tagging", tags), false, Err("NoSuchTagSet"));
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let cloud = cloud();
    let refused = [
        (
            "PutBucketVersioning",
            json!({"VersioningConfiguration": {}}),
            "IllegalVersioningConfigurationException",
        ),
        (
            "PutBucketVersioning",
            json!({"VersioningConfiguration": {"Status": "On"}}),
            "MalformedXML",
        ),
        (
            "PutBucketLifecycleConfiguration",
            json!({"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "Filter": {}}]}}),
            "InvalidRequest",
        ),
        (
            "PutBucketLogging",
            json!({"BucketLoggingStatus": {"LoggingEnabled": {"TargetBucket": "none-such", "TargetPrefix": ""}}}),
            "InvalidTargetBucketForLogging",
        ),
        (
            "PutBucketNotificationConfiguration",
            json!({"NotificationConfiguration": {"TopicConfigurations": [
                {"TopicArn": "arn:aws:sns:us-east-1:123456789012:none", "Events": ["s3:ObjectCreated:*"]},
            ]}}),
            "InvalidArgument",
        ),
        (
            "PutObjectLockConfiguration",
            json!({"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}),
            "InvalidBucketState",
        ),
        ("PutBucketAcl", json!({"ACL": "private"}), "AccessControlListNotSupported"),
        (
            "PutBucketTagging",
            json!({"Tagging": {"TagSet": [{"Key": "aws:a", "Value": ""}]}}),
            "InvalidTag",
        ),
    ];
    for (operation, members, code) in refused {
        assert_eq!(cloud.err("s3", operation, ask(members.clone())), code, "{members}");
    }
    versioning(&cloud, "Enabled");
    assert_eq!(cloud.ok("s3", "GetBucketVersioning", ask(json!({})))["Status"], "Enabled");
}

#[test]
fn a_policy_is_kept_as_it_came_and_must_not_be_public() {
    let cloud = cloud();
    let policy = |principal: Value, action: &str, resource: &str| {
        let statement = json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource});
        ask(
            json!({"Policy": json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()}),
        )
    };
    let arn = format!("arn:aws:s3:::{BUCKET}");
    let logs = json!({"Service": "delivery.logs.amazonaws.com"});
    let good = policy(logs.clone(), "s3:PutObject", &format!("{arn}/*"));
    cloud.ok("s3", "PutBucketPolicy", good.clone());
    assert_eq!(cloud.ok("s3", "GetBucketPolicy", ask(json!({})))["Policy"], good["Policy"]);
    let status = cloud.ok("s3", "GetBucketPolicyStatus", ask(json!({})));
    assert_eq!(status["PolicyStatus"]["IsPublic"], false);
    let refused = [
        (policy(logs.clone(), "s3:PutObject", "arn:aws:s3:::another/*"), "MalformedPolicy"),
        (policy(logs.clone(), "sns:Publish", &arn), "MalformedPolicy"),
        (
            policy(json!({"AWS": "arn:aws:iam::123456789012:role/none"}), "s3:GetObject", &arn),
            "MalformedPolicy",
        ),
        (ask(json!({"Policy": "{"})), "MalformedPolicy"),
        (policy(json!("*"), "s3:GetObject", &format!("{arn}/*")), "AccessDenied"),
    ];
    for (asked, code) in refused {
        assert_eq!(cloud.err("s3", "PutBucketPolicy", asked.clone()), code, "{asked}");
    }
    cloud.ok("s3", "DeletePublicAccessBlock", ask(json!({})));
    cloud.ok("s3", "PutBucketPolicy", policy(json!("*"), "s3:GetObject", &format!("{arn}/*")));
    let status = cloud.ok("s3", "GetBucketPolicyStatus", ask(json!({})));
    assert_eq!(status["PolicyStatus"]["IsPublic"], true);
    cloud.ok("s3", "DeleteBucketPolicy", ask(json!({})));
    cloud.ok("s3", "DeleteBucketPolicy", ask(json!({})));
}
