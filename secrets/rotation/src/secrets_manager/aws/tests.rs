use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use serde_json::{Value, json};

use super::*;

fn variable(name: &str) -> Option<String> {
    let value = match name {
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "of-the-role",
        "AWS_REGION" => "us-east-1",
        _ => return None,
    };
    Some(value.to_owned())
}

/// A service that answers one request, and tells what it was.
fn service(status: u16, body: Value) -> (AwsSecretsManager, JoinHandle<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || answer(&listener, status, &body.to_string()));
    let lookup = |name: &str| {
        if name == "AWS_ENDPOINT_URL" { Some(url.clone()) } else { variable(name) }
    };
    (AwsSecretsManager::of_environment(lookup).unwrap(), server)
}

fn answer(listener: &TcpListener, status: u16, body: &str) -> (String, Value) {
    let (mut stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut operation, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim().split_once(": ") else {
            if line.trim().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "x-amz-target" => operation = value.replace("secretsmanager.", ""),
            "content-length" => length = value.parse().unwrap(),
            _ => {}
        }
    }
    let mut request = vec![0; length];
    reader.read_exact(&mut request).unwrap();
    let head = format!("HTTP/1.1 {status} -\r\ncontent-type: application/x-amz-json-1.1\r\n");
    write!(stream, "{head}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
        .unwrap();
    (operation, serde_json::from_slice(&request).unwrap())
}

#[tokio::test]
async fn values_are_asked_for_by_stage_and_version() {
    for (version, expected) in [
        (Version::Current, json!({"SecretId": "arn", "VersionStage": "AWSCURRENT"})),
        (Version::Previous, json!({"SecretId": "arn", "VersionStage": "AWSPREVIOUS"})),
        (
            Version::Pending("t"),
            json!({"SecretId": "arn", "VersionId": "t", "VersionStage": "AWSPENDING"}),
        ),
    ] {
        let (secrets, server) = service(200, json!({"SecretString": "{}"}));
        assert_eq!(secrets.get("arn", version).await.unwrap().expose_secret(), "{}");
        assert_eq!(server.join().unwrap(), ("GetSecretValue".to_owned(), expected));
    }
}

#[tokio::test]
async fn a_put_carries_the_rotation_token() {
    let (secrets, server) = service(200, json!({}));
    let (value, token) = (SecretString::from("new"), SecretString::from("of-the-rotation"));
    let put = Put { secret: "arn", token: "t", value: &value, rotation_token: Some(&token) };
    secrets.put(put).await.unwrap();
    let (operation, request) = server.join().unwrap();
    assert_eq!(operation, "PutSecretValue");
    let expected = json!({"SecretId": "arn", "ClientRequestToken": "t", "SecretString": "new",
        "VersionStages": ["AWSPENDING"], "RotationToken": "of-the-rotation"});
    assert_eq!(request, expected);
}

#[tokio::test]
async fn stages_move_in_one_call() {
    let (secrets, server) = service(200, json!({}));
    secrets.move_current("arn", "old", "new").await.unwrap();
    let (operation, request) = server.join().unwrap();
    assert_eq!(operation, "UpdateSecretVersionStage");
    let expected = json!({"SecretId": "arn", "VersionStage": "AWSCURRENT",
        "RemoveFromVersionId": "old", "MoveToVersionId": "new"});
    assert_eq!(request, expected);
}

#[tokio::test]
async fn a_description_has_the_stages_of_every_version() {
    let stages = json!({"a": ["AWSCURRENT"], "b": ["AWSPENDING"]});
    let (secrets, _server) =
        service(200, json!({"RotationEnabled": true, "VersionIdsToStages": stages}));
    let description = secrets.describe("arn").await.unwrap();
    assert!(description.rotation_enabled);
    assert_eq!(description.with_stage(CURRENT), Some("a"));
    assert!(description.has("b", PENDING) && !description.has("b", CURRENT));
}

#[tokio::test]
async fn refusals_keep_code_and_message() {
    let refused =
        json!({"__type": "AccessDeniedException", "Message": "Access to KMS is not allowed"});
    let (secrets, _server) = service(400, refused);
    let refusal = secrets.get("arn", Version::Current).await.unwrap_err();
    assert_eq!(refusal, Refusal::new("AccessDeniedException", "Access to KMS is not allowed"));
}

#[tokio::test]
async fn a_refused_parameter_is_not_quoted() {
    let refused = json!({"__type": "ValidationException", "Message": "Value 'canary' at ..."});
    let (secrets, _server) = service(400, refused);
    let value = SecretString::from("canary");
    let put = Put { secret: "arn", token: "t", value: &value, rotation_token: None };
    let refusal = secrets.put(put).await.unwrap_err();
    assert!(refusal.is("ValidationException") && !refusal.message.contains("canary"));
}

#[test]
fn what_lambda_sets_must_be_there() {
    for missing in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"] {
        let lookup = |name: &str| if name == missing { None } else { variable(name) };
        let error = AwsSecretsManager::of_environment(lookup).unwrap_err();
        assert!(error.to_string().contains(missing), "{error}");
    }
}

#[test]
fn without_tls_only_to_this_machine() {
    let check = |url: &str, allowed: bool| {
        let answer = endpoint(|name| (name == "AWS_ENDPOINT_URL").then(|| url.to_owned()));
        assert_eq!(answer.is_ok(), allowed, "{url}");
    };
    for url in ["http://127.0.0.1:4566", "http://localhost", "http://[::1]:1/", "https://vpce.test"]
    {
        check(url, true);
    }
    for url in [
        "http://example.test",
        "http://localhost.example.test",
        "http://10.0.0.1:80",
        "http://127.0.0.1@example.test",
        "ftp://127.0.0.1",
    ] {
        check(url, false);
    }
    let specific = endpoint(|name| Some(format!("https://{}.test", name.to_lowercase())));
    assert!(specific.unwrap().unwrap().contains("secrets_manager"));
    assert_eq!(endpoint(|_| None).unwrap(), None);
}
