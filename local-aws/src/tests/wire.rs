//! The wire: which service and operation a request is for, and how each protocol answers.

use crate::testing::Probe;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

fn send(request: http::request::Builder, body: impl Into<Bytes>) -> Response<Bytes> {
    Probe::new().send(request.body(body.into()).unwrap()).unwrap()
}

fn signed(service: &str) -> http::request::Builder {
    let credential = format!(
        "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/{service}/aws4_request, Signature=x"
    );
    Request::post("/").header("authorization", credential)
}

/// A request to a path.
fn at(service: &str, path: &str) -> http::request::Builder {
    signed(service).uri(path)
}

fn text(response: &Response<Bytes>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

#[test]
fn requests_find_their_service() {
    let cases = [
        (
            signed("ec2"),
            "Action=Nonsense",
            400,
            "<Response><Errors><Error><Code>InvalidAction</Code>",
        ),
        (
            signed("ec2"),
            "Action=RunInstances",
            501,
            "<Code>NotImplemented</Code><Message>the embedded AWS does not implement ec2 RunInstances<",
        ),
        (
            signed("iam"),
            "Action=GetRole&RoleName=none",
            404,
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type><Code>NoSuchEntity</Code>",
        ),
        (
            Request::get(
                "/?Action=GetCallerIdentity&X-Amz-Credential=A%2F20260101%2Fus-east-1%2Fsts%2Faws4_request",
            ),
            "",
            200,
            "<GetCallerIdentityResult><Account>",
        ),
        (
            signed("kms").header("x-amz-target", "TrentService.DescribeKey"),
            r#"{"KeyId":"none"}"#,
            400,
            "NotFoundException",
        ),
        (
            signed("kms").header("x-amz-target", "TrentService.DescribeKey"),
            "{",
            400,
            "SerializationException",
        ),
        (
            Request::post("/").header("x-amz-target", "TrentService.ListKeys"),
            "{}",
            200,
            r#""Keys":[]"#,
        ),
        (Request::get("/"), "", 200, "<ListAllMyBucketsResult xmlns="),
        (Request::get("/no-such-bucket-here?tagging"), "", 404, "<Error><Code>NoSuchBucket</Code>"),
        (Request::get("/bucket?analytics"), "", 501, "s3 GetBucketAnalyticsConfiguration"),
        (
            Request::get("/?tagging").header("host", "no-such-bucket-here.localhost:80"),
            "",
            404,
            "NoSuchBucket",
        ),
        (
            Request::post("/").header("host", "ec2.eu-west-1.amazonaws.com"),
            "Action=DescribeVpcs",
            200,
            "<vpcSet></vpcSet>",
        ),
        (at("elasticfilesystem", "/2015-02-01/nonsense"), "", 404, r#"{"message":""}"#),
        (
            at(
                "elasticfilesystem",
                "/2015-02-01/file-systems/fs-12345678/replication-configuration",
            ),
            "{}",
            501,
            "efs CreateReplicationConfiguration",
        ),
        (
            at("elasticfilesystem", "/2015-02-01/mount-targets"),
            "{",
            400,
            r#"{"message":"the body is not JSON"}"#,
        ),
        (
            at("backup", "/untag/arn%3Aaws%3Abackup%3Ax"),
            r#"{"TagKeyList":["a"]}"#,
            400,
            "does not exist",
        ),
        (signed("glue"), "Action=GetTables", 501, "the service glue"),
    ];
    for (request, body, status, part) in cases {
        let response = send(request, body);
        assert!(text(&response).contains(part), "{part}: {}", text(&response));
        assert_eq!(response.status(), status, "{part}");
        for header in ["x-amzn-requestid", "date"] {
            assert!(response.headers().contains_key(header), "{part}: no {header}");
        }
    }
}

fn cbor(operation: &str, body: &ciborium::Value) -> (u16, ciborium::Value, http::HeaderMap) {
    let mut bytes = Vec::new();
    ciborium::into_writer(body, &mut bytes).unwrap();
    let path = format!("/service/GraniteServiceVersion20100801/operation/{operation}");
    let request = signed("monitoring").uri(path).header("smithy-protocol", "rpc-v2-cbor");
    let response = send(request, bytes);
    assert_eq!(response.headers()["smithy-protocol"], "rpc-v2-cbor");
    let body = ciborium::from_reader(response.body().as_ref()).unwrap();
    (response.status().as_u16(), body, response.headers().clone())
}

fn member<'v>(map: &'v ciborium::Value, name: &str) -> Option<&'v ciborium::Value> {
    map.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

#[test]
fn cloudwatch_speaks_cbor() {
    let text = |text: &str| ciborium::Value::Text(text.to_owned());
    let (status, body, _) = cbor("DescribeAlarms", &ciborium::Value::Map(Vec::new()));
    assert_eq!(
        (status, member(&body, "MetricAlarms").unwrap().as_array().unwrap().len()),
        (200, 0)
    );
    let names = ciborium::Value::Array(vec![text("none")]);
    let missing = ciborium::Value::Map(vec![(text("AlarmNames"), names)]);
    let (status, body, headers) = cbor("DeleteAlarms", &missing);
    assert_eq!(status, 404);
    assert!(member(&body, "__type").unwrap().as_text().is_some());
    assert_eq!(headers["x-amzn-query-error"], "ResourceNotFound;Sender");
}

#[test]
fn chunked_bodies_are_put_together() {
    let cloud = Probe::new();
    let put = |uri: &str| Request::put(uri).header("host", "localhost");
    cloud.send(put("/chunked-bucket").body(Bytes::new()).unwrap()).unwrap();
    let body =
        "5;chunk-signature=x\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
    let request = put("/chunked-bucket/key")
        .header("content-encoding", "aws-chunked")
        .header("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
        .header("x-amz-decoded-content-length", "11");
    let response = cloud.send(request.body(body.into()).unwrap()).unwrap();
    assert_eq!(response.status(), 200, "{}", text(&response));
    let read = cloud.send(Request::get("/chunked-bucket/key").body(Bytes::new()).unwrap()).unwrap();
    assert_eq!(text(&read), "hello world");
    let broken = put("/chunked-bucket/key").header("content-encoding", "aws-chunked");
    let response = cloud.send(broken.body("5\r\nhel".into()).unwrap()).unwrap();
    assert!(text(&response).contains("IncompleteBody"));
}

#[test]
fn json_answers_say_what_went_wrong_in_a_header_too() {
    let request = signed("kms").header("x-amz-target", "TrentService.DescribeKey");
    let response = send(request, r#"{"KeyId":"none"}"#);
    assert_eq!(response.headers()["x-amzn-errortype"], "NotFoundException");
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert!(body["message"].is_string());
}

#[test]
fn errors_of_rest_json_are_named_in_a_header_and_in_the_members_of_their_model() {
    let request = at("elasticfilesystem", "/2015-02-01/file-systems/fs-12345678").method("DELETE");
    let response = send(request, "");
    assert_eq!(response.status(), 404);
    assert_eq!(response.headers()["x-amzn-errortype"], "FileSystemNotFound");
    assert_eq!(response.headers()["content-type"], "application/json");
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    let message = "File system 'fs-12345678' does not exist.";
    assert_eq!(body, serde_json::json!({"ErrorCode": "FileSystemNotFound", "Message": message}));
}

#[test]
fn paths_of_rest_json_have_arns_and_names_with_slashes_in_one_piece() {
    let path = "/backup-vaults/aws%2Fefs%2Fautomatic-backup-vault/access-policy";
    let response = send(at("backup", path).method("GET"), "");
    assert!(text(&response).contains("aws/efs/automatic-backup-vault does not exist"));
    let listed = send(at("backup", "/backup-vaults/").method("GET"), "");
    assert_eq!(text(&listed), r#"{"BackupVaultList":[]}"#);
}
