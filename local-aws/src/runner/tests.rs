//! Functions that run: a bootstrap in Python speaks the runtime API.

use crate::fields::Fields;
use crate::options::Options;
use crate::testing::live::{Live, package};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::path::Path;

/// A runtime that answers by what the event asks for.
const BOOTSTRAP: &str = r#"#!/usr/bin/python3
import json, os, sys, time, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/"
def post(path, value):
    urllib.request.urlopen(urllib.request.Request(api + path, json.dumps(value).encode())).read()
if "FAIL_INIT" in os.environ:
    post("init/error", {"errorType": "Init", "errorMessage": "cannot begin"})
    sys.exit(1)
count = 0
while True:
    with urllib.request.urlopen(api + "invocation/next") as event:
        request, body = event.headers["Lambda-Runtime-Aws-Request-Id"], json.load(event)
    count += 1
    print("event", json.dumps(body), flush=True)
    do = body.get("do")
    if do == "fail":
        post(f"invocation/{request}/error", {"errorType": "Own", "errorMessage": "refused"})
        continue
    if do == "exit":
        sys.exit(3)
    if do == "hang":
        time.sleep(600)
    answer = {"count": count, "variables": dict(os.environ)}
    if do == "identity":
        call = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], b"Action=GetCallerIdentity&Version=2011-06-15")
        call.add_header("Authorization", "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/sts/aws4_request, SignedHeaders=host")
        answer["identity"] = urllib.request.urlopen(call).read().decode()
    post(f"invocation/{request}/response", answer)
"#;

const PYTHON: &str = "/usr/bin/python3";

/// None where the machine has no Python.
fn live() -> Option<Live> {
    Path::new(PYTHON).exists().then(|| Live::new(Options { functions: true, ..Options::default() }))
}

#[test]
fn a_function_answers_and_is_warm_the_second_time() {
    let Some(live) = live() else { return };
    live.function(BOOTSTRAP, &json!({"Environment": {"Variables": {"LEVEL": "info"}}}));
    let (said, answer) = live.invoke(json!({"a": 1}));
    assert_eq!((&said["count"], answer.has("FunctionError")), (&json!(1), false));
    let variables = &said["variables"];
    assert_eq!((variables.text("LEVEL"), variables.text("AWS_REGION")), ("info", "us-east-1"));
    assert_eq!(variables.text("AWS_LAMBDA_FUNCTION_NAME"), "f");
    assert!(!variables.has("HOME"), "nothing of this process");
    let tail = String::from_utf8(STANDARD.decode(answer.text("LogResult")).unwrap()).unwrap();
    assert!(tail.contains("START RequestId") && tail.contains("event {\"a\": 1}"), "{tail}");
    assert!(tail.contains("REPORT RequestId"), "{tail}");
    assert_eq!(live.invoke(json!({})).0["count"], 2);
    assert!(live.log().contains("event {\"a\": 1}"), "{}", live.log());
}

#[test]
fn a_function_reaches_the_cloud_that_runs_it() {
    let Some(live) = live() else { return };
    live.function(BOOTSTRAP, &json!({}));
    let (said, _) = live.invoke(json!({"do": "identity"}));
    assert!(said.text("identity").contains("123456789012"), "{said}");
}

#[test]
fn failures_are_told_as_lambda_tells_them() {
    let Some(live) = live() else { return };
    live.function(BOOTSTRAP, &json!({"Timeout": 1}));
    for (event, kind, words) in [
        (json!({"do": "fail"}), "Own", "refused"),
        (json!({"do": "exit"}), "Runtime.ExitError", "exit status: 3"),
        (json!({"do": "hang"}), "Sandbox.Timedout", "Task timed out after 1.00 seconds"),
    ] {
        let (said, answer) = live.invoke(event);
        assert_eq!(answer["FunctionError"], "Unhandled");
        assert_eq!(said.text("errorType"), kind);
        assert!(said.text("errorMessage").contains(words), "{said}");
    }
    let (said, _) = live.invoke(json!({}));
    assert_eq!(said["count"], 1, "a new process");
}

#[test]
fn what_cannot_begin_says_why() {
    let Some(live) = live() else { return };
    live.function(BOOTSTRAP, &json!({"Environment": {"Variables": {"FAIL_INIT": "yes"}}}));
    let (said, _) = live.invoke(json!({}));
    assert_eq!(said["errorMessage"], "cannot begin");
    let other = json!({"FunctionName": "f", "ZipFile": package("\u{7f}ELF no program")});
    live.ok("lambda", "UpdateFunctionCode", other);
    let (said, _) = live.invoke(json!({}));
    assert_eq!(said["errorType"], "Runtime.InvalidEntrypoint", "{said}");
}

#[test]
fn reserved_concurrency_of_nothing_throttles() {
    let Some(live) = live() else { return };
    live.function(BOOTSTRAP, &json!({}));
    live.ok(
        "lambda",
        "PutFunctionConcurrency",
        json!({"FunctionName": "f", "ReservedConcurrentExecutions": 0}),
    );
    let refused = live.call("lambda", "Invoke", &json!({"FunctionName": "f"})).unwrap_err();
    assert_eq!(refused.0, "TooManyRequestsException");
}

#[test]
fn an_event_is_done_without_anybody_waiting() {
    let Some(live) = live() else { return };
    live.function(BOOTSTRAP, &json!({}));
    let event = json!({"FunctionName": "f", "InvocationType": "Event", "Payload": STANDARD.encode("{\"b\": 2}")});
    assert_eq!(live.ok("lambda", "Invoke", event)["StatusCode"], Value::Null);
    live.until(|| live.log().contains("event {\"b\": 2}"));
}

#[test]
fn processes_end_with_the_cloud() {
    let Some(live) = live() else { return };
    live.function(BOOTSTRAP, &json!({}));
    let (said, _) = live.invoke(json!({}));
    let folder = Path::new(said["variables"].text("LAMBDA_TASK_ROOT")).to_owned();
    assert!(folder.exists());
    live.end();
    assert!(!folder.exists(), "{}", folder.display());
}

/// Rotates a secret as the contract says, with values of its own.
const ROTATOR: &str = r#"#!/usr/bin/python3
import json, os, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
def ask(operation, **members):
    call = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], json.dumps(members).encode())
    call.add_header("X-Amz-Target", "secretsmanager." + operation)
    call.add_header("Authorization", "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/secretsmanager/aws4_request, SignedHeaders=host")
    return json.load(urllib.request.urlopen(call))
while True:
    with urllib.request.urlopen(api + "next") as event:
        request, body = event.headers["Lambda-Runtime-Aws-Request-Id"], json.load(event)
    secret, token = body["SecretId"], body["ClientRequestToken"]
    if body["Step"] == "createSecret":
        ask("PutSecretValue", SecretId=secret, SecretString="made by " + token, ClientRequestToken=token,
            VersionStages=["AWSPENDING"], RotationToken=body["RotationToken"])
    if body["Step"] == "finishSecret":
        stages = ask("DescribeSecret", SecretId=secret)["VersionIdsToStages"]
        current = [version for version, labels in stages.items() if "AWSCURRENT" in labels][0]
        ask("UpdateSecretVersionStage", SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current)
    urllib.request.urlopen(urllib.request.Request(api + request + "/response", b"null")).read()
"#;

#[test]
fn a_secret_is_rotated_by_a_function_that_runs_on_request_and_on_schedule() {
    const TOKENS: [&str; 2] =
        ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"];
    let Some(live) = live() else { return };
    live.function(ROTATOR, &json!({}));
    let permission = json!({"FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "secretsmanager.amazonaws.com"});
    live.ok("lambda", "AddPermission", permission);
    let secret = json!({"Name": "a", "SecretString": "one", "ClientRequestToken": TOKENS[0]});
    live.ok("secretsmanager", "CreateSecret", secret);
    // A window opens every few real seconds.
    let rotate = json!({
        "SecretId": "a", "RotationLambdaARN": "arn:aws:lambda:us-east-1:123456789012:function:f", "ClientRequestToken": TOKENS[1],
        "RotationRules": {"ScheduleExpression": "rate(4 hours)"},
    });
    live.ok("secretsmanager", "RotateSecret", rotate);
    let value = || live.ok("secretsmanager", "GetSecretValue", json!({"SecretId": "a"}));
    live.until(|| value()["SecretString"] == format!("made by {}", TOKENS[1]));
    live.until(|| value()["VersionId"] != TOKENS[1]);
    let described = live.ok("secretsmanager", "DescribeSecret", json!({"SecretId": "a"}));
    assert!(described.has("LastRotatedDate"), "{described}");
}
