//! Functions that run: a bootstrap in Python speaks the runtime API.

use crate::cloud::Cloud;
use crate::fields::Fields;
use crate::options::Options;
use crate::services;
use crate::testing::client;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{Cursor, Write};
use std::path::Path;
use tokio::runtime::Runtime;
use zip::write::SimpleFileOptions;

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

/// A cloud whose functions run, in real time.
struct Live {
    cloud: Cloud,
    runtime: Runtime,
}

impl Live {
    /// None where the machine has no Python.
    fn new() -> Option<Self> {
        if !Path::new(PYTHON).exists() {
            return None;
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        // Fast, so that roles and functions are soon ready; functions take their time nevertheless.
        let options = Options { rate: 10_000.0, functions: true, ..Options::default() };
        let cloud = runtime.block_on(async { Cloud::in_memory(options) });
        Some(Self { cloud, runtime })
    }

    fn call(
        &self,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Result<Value, (String, String)> {
        let service = services::named(service).unwrap();
        let request = client::request(service, operation, "us-east-1", input);
        let response = self.runtime.block_on(self.cloud.handle(request)).unwrap();
        client::read(service, operation, &response)
    }

    #[track_caller]
    fn ok(&self, service: &str, operation: &str, input: Value) -> Value {
        self.call(service, operation, &input).unwrap()
    }

    /// Tries until an answer is as wanted.
    #[track_caller]
    fn until(&self, wanted: impl Fn() -> bool) {
        let happened = self.runtime.block_on(async {
            for _ in 0..200 {
                if wanted_now(&wanted) {
                    return true;
                }
                let _ = tokio::time::timeout(
                    std::time::Duration::from_millis(50),
                    std::future::pending::<()>(),
                )
                .await;
            }
            false
        });
        assert!(happened, "it did not happen");
    }

    /// A function of the bootstrap above that is active, with further members.
    fn function(&self, further: &Value) {
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
        let role = json!({"RoleName": "f", "AssumeRolePolicyDocument": trust.to_string()});
        let role = self.ok("iam", "CreateRole", role)["Role"]["Arn"].clone();
        let policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        self.ok("iam", "AttachRolePolicy", json!({"RoleName": "f", "PolicyArn": policy}));
        let mut input = json!({"FunctionName": "f", "Role": role, "Runtime": "provided.al2023", "Handler": "x", "Timeout": 20, "Code": {"ZipFile": package(BOOTSTRAP)}});
        for (name, value) in further.as_object().unwrap() {
            input[name] = value.clone();
        }
        self.until(|| self.call("lambda", "CreateFunction", &input).is_ok());
        let of = json!({"FunctionName": "f"});
        self.until(|| {
            self.ok("lambda", "GetFunctionConfiguration", of.clone())["State"] == "Active"
        });
    }

    fn invoke(&self, event: Value) -> (Value, Value) {
        let input = json!({"FunctionName": "f", "Payload": STANDARD.encode(event.to_string()), "LogType": "Tail"});
        let answer = self.ok("lambda", "Invoke", input);
        let payload = STANDARD.decode(answer.text("Payload")).unwrap();
        (serde_json::from_slice(&payload).unwrap(), answer)
    }

    fn log(&self) -> String {
        let group = json!({"logGroupName": "/aws/lambda/f"});
        let Ok(found) = self.call("logs", "FilterLogEvents", &group) else { return String::new() };
        let lines = found.items("events").iter().map(|event| event.text("message").to_owned());
        lines.collect::<Vec<String>>().join("\n")
    }
}

fn wanted_now(wanted: &impl Fn() -> bool) -> bool {
    tokio::task::block_in_place(wanted)
}

fn package(bootstrap: &str) -> String {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bootstrap", SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
    zip.write_all(bootstrap.as_bytes()).unwrap();
    STANDARD.encode(zip.finish().unwrap().into_inner())
}

#[test]
fn a_function_answers_and_is_warm_the_second_time() {
    let Some(live) = Live::new() else { return };
    live.function(&json!({"Environment": {"Variables": {"LEVEL": "info"}}}));
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
    let Some(live) = Live::new() else { return };
    live.function(&json!({}));
    let (said, _) = live.invoke(json!({"do": "identity"}));
    assert!(said.text("identity").contains("123456789012"), "{said}");
}

#[test]
fn failures_are_told_as_lambda_tells_them() {
    let Some(live) = Live::new() else { return };
    live.function(&json!({"Timeout": 1}));
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
    let Some(live) = Live::new() else { return };
    live.function(&json!({"Environment": {"Variables": {"FAIL_INIT": "yes"}}}));
    let (said, _) = live.invoke(json!({}));
    assert_eq!(said["errorMessage"], "cannot begin");
    let other = json!({"FunctionName": "f", "ZipFile": package("\u{7f}ELF no program")});
    live.ok("lambda", "UpdateFunctionCode", other);
    let (said, _) = live.invoke(json!({}));
    assert_eq!(said["errorType"], "Runtime.InvalidEntrypoint", "{said}");
}

#[test]
fn reserved_concurrency_of_nothing_throttles() {
    let Some(live) = Live::new() else { return };
    live.function(&json!({}));
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
    let Some(live) = Live::new() else { return };
    live.function(&json!({}));
    let event = json!({"FunctionName": "f", "InvocationType": "Event", "Payload": STANDARD.encode("{\"b\": 2}")});
    assert_eq!(live.ok("lambda", "Invoke", event)["StatusCode"], Value::Null);
    live.until(|| live.log().contains("event {\"b\": 2}"));
}

#[test]
fn processes_end_with_the_cloud() {
    let Some(live) = Live::new() else { return };
    live.function(&json!({}));
    let (said, _) = live.invoke(json!({}));
    let folder = Path::new(said["variables"].text("LAMBDA_TASK_ROOT")).to_owned();
    assert!(folder.exists());
    let Live { cloud, runtime } = live;
    drop(cloud);
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    assert!(!folder.exists(), "{}", folder.display());
}
