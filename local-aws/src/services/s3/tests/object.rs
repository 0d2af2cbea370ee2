use super::{BUCKET, body, cloud, content, of, put};
use serde_json::{Value, json};

#[test]
fn an_object_comes_back_with_what_was_said_of_it() {
    let cloud = cloud();
    let said = json!({
        "Body": body("hello"), "ContentType": "text/plain", "CacheControl": "no-store", "Metadata": {"owner": "me"},
        "Tagging": "a=1&b=x%20y",
    });
    let answer = cloud.ok("s3", "PutObject", of("a/ü b", said));
    assert_eq!(answer["ETag"], "\"5d41402abc4b2a76b9719d911017c592\"");
    assert_eq!(
        (&answer["ServerSideEncryption"], answer.get("VersionId")),
        (&json!("AES256"), None)
    );
    let got = cloud.ok("s3", "GetObject", of("a/ü b", json!({})));
    assert_eq!(
        (&got["ContentType"], &got["CacheControl"]),
        (&json!("text/plain"), &json!("no-store"))
    );
    assert_eq!((&got["Metadata"], &got["TagCount"]), (&json!({"owner": "me"}), &json!(2)));
    assert_eq!(got["Body"], body("hello"));
    let head = cloud.ok("s3", "HeadObject", of("a/ü b", json!({"ChecksumMode": "ENABLED"})));
    assert_eq!(
        (&head["ContentLength"], &head["ChecksumCRC64NVME"]),
        (&json!(5), &json!("M3eFcAZSQlc="))
    );
    let tags = cloud.ok("s3", "GetObjectTagging", of("a/ü b", json!({})));
    assert_eq!(tags["TagSet"], json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "x y"}]));
    assert_eq!(cloud.err("s3", "GetObject", of("none", json!({}))), "NoSuchKey");
    assert_eq!(cloud.err("s3", "HeadObject", of("none", json!({}))), "NotFound");
    assert_eq!(
        cloud.err("s3", "GetObject", json!({"Bucket": "no-bucket", "Key": "a"})),
        "NoSuchBucket"
    );
}

#[test]
fn writes_hold_only_under_their_conditions() {
    let cloud = cloud();
    let write = |members: Value| {
        let mut all = of("lock", json!({"Body": body("x")}));
        members.as_object().unwrap().iter().for_each(|(name, value)| all[name] = value.clone());
        cloud.call("s3", "PutObject", &all).map_err(|(code, _)| code)
    };
    let refused = |code: &str| Err(code.to_owned());
    assert_eq!(write(json!({"IfMatch": "\"x\""})), refused("NoSuchKey"));
    let tag = write(json!({"IfNoneMatch": "*"})).unwrap()["ETag"].clone();
    assert_eq!(write(json!({"IfNoneMatch": "*"})), refused("PreconditionFailed"));
    assert_eq!(write(json!({"IfNoneMatch": tag})), refused("NotImplemented"));
    assert_eq!(write(json!({"IfMatch": "\"0\""})), refused("PreconditionFailed"));
    write(json!({"IfMatch": tag})).unwrap();
    assert_eq!(
        cloud.err("s3", "DeleteObject", of("lock", json!({"IfMatch": "\"0\""}))),
        "PreconditionFailed"
    );
    cloud.ok("s3", "DeleteObject", of("lock", json!({"IfMatch": tag})));
    write(json!({"IfNoneMatch": "*"})).unwrap();
}

#[test]
fn reads_hold_only_under_their_conditions() {
    let cloud = cloud();
    let tag = put(&cloud, "a", "x")["ETag"].clone();
    let read = |members: Value| match cloud.call("s3", "GetObject", &of("a", members)) {
        Ok(_) => "ok".to_owned(),
        Err((code, _)) => code,
    };
    assert_eq!(read(json!({"IfMatch": tag})), "ok");
    assert_eq!(read(json!({"IfMatch": "\"0\""})), "PreconditionFailed");
    assert_eq!(read(json!({"IfNoneMatch": tag})), "NotModified");
    assert_eq!(read(json!({"IfNoneMatch": "\"0\""})), "ok");
}

#[test]
fn a_range_is_a_part_of_the_object() {
    let cloud = cloud();
    put(&cloud, "a", "0123456789");
    let read = |range: &str| content(&cloud, of("a", json!({"Range": range})));
    for (range, expected) in
        [("bytes=0-3", "0123"), ("bytes=7-", "789"), ("bytes=-2", "89"), ("bytes=8-100", "89")]
    {
        assert_eq!(read(range), expected, "{range}");
    }
    let answer = cloud.ok("s3", "GetObject", of("a", json!({"Range": "bytes=2-4"})));
    assert_eq!(
        (&answer["ContentRange"], &answer["ContentLength"]),
        (&json!("bytes 2-4/10"), &json!(3))
    );
    assert_eq!(
        cloud.err("s3", "GetObject", of("a", json!({"Range": "bytes=10-"}))),
        "InvalidRange"
    );
}

#[test]
fn checksums_are_checked_and_answered() {
    let cloud = cloud();
    let good = [
        ("ChecksumCRC32", "y/Q5Jg=="),
        ("ChecksumCRC32C", "4waSgw=="),
        ("ChecksumCRC64NVME", "rosUhgp5mIg="),
        ("ChecksumSHA1", "98O8HYCOBHMq32eZZczDTKeuNEE="),
        ("ContentMD5", "JfnnlDI7RTiF9RgfG2JNCw=="),
    ];
    for (member, sum) in good {
        let answer =
            cloud.ok("s3", "PutObject", of("a", json!({"Body": body("123456789"), member: sum})));
        assert!(member == "ContentMD5" || answer[member] == sum, "{member}");
        let asked = of("a", json!({"Body": body("12345678"), member: sum}));
        assert_eq!(cloud.err("s3", "PutObject", asked), "BadDigest", "{member}");
    }
    let answer = cloud.ok(
        "s3",
        "PutObject",
        of("a", json!({"Body": body("1"), "ChecksumAlgorithm": "SHA256"})),
    );
    assert_eq!(answer["ChecksumSHA256"], "a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=");
}

#[test]
fn a_copy_takes_content_and_headers_along() {
    let cloud = cloud();
    cloud.ok(
        "s3",
        "PutObject",
        of("a b", json!({"Body": body("x"), "ContentType": "text/plain", "Tagging": "k=v"})),
    );
    let source = format!("{BUCKET}/a%20b");
    let answer = cloud.ok("s3", "CopyObject", of("c", json!({"CopySource": source})));
    assert_eq!(answer["CopyObjectResult"]["ETag"], "\"9dd4e461268c8034f5c8564e155c67a6\"");
    let copy = cloud.ok("s3", "GetObject", of("c", json!({})));
    assert_eq!(
        (&copy["ContentType"], &copy["TagCount"], &copy["Body"]),
        (&json!("text/plain"), &json!(1), &body("x"))
    );
    assert_eq!(
        cloud.err("s3", "CopyObject", of("a b", json!({"CopySource": source}))),
        "InvalidRequest"
    );
    let replaced =
        json!({"CopySource": source, "MetadataDirective": "REPLACE", "ContentType": "text/html"});
    cloud.ok("s3", "CopyObject", of("a b", replaced));
    assert_eq!(cloud.ok("s3", "HeadObject", of("a b", json!({})))["ContentType"], "text/html");
    assert_eq!(
        cloud.err("s3", "CopyObject", of("c", json!({"CopySource": format!("{BUCKET}/none")}))),
        "NoSuchKey"
    );
}

#[test]
fn a_kms_key_must_be_there_and_enabled() {
    let cloud = cloud();
    let key = cloud.ok("kms", "CreateKey", json!({}))["KeyMetadata"].clone();
    let encrypted = |id: &Value| {
        of("a", json!({"Body": body("x"), "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": id}))
    };
    let answer = cloud.ok("s3", "PutObject", encrypted(&key["KeyId"]));
    assert_eq!(
        (&answer["SSEKMSKeyId"], &answer["ServerSideEncryption"]),
        (&key["Arn"], &json!("aws:kms"))
    );
    cloud.ok("kms", "DisableKey", json!({"KeyId": key["KeyId"]}));
    assert_eq!(cloud.err("s3", "GetObject", of("a", json!({}))), "KMS.DisabledException");
    let unknown = json!("11111111-2222-3333-4444-555555555555");
    assert_eq!(cloud.err("s3", "PutObject", encrypted(&unknown)), "KMS.NotFoundException");
}
