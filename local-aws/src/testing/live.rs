//! Calls to a cloud in real time, for what really runs.

use crate::cloud::Cloud;
use crate::fields::Fields;
use crate::options::Options;
use crate::services;
use crate::testing::client;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{Cursor, Write};
use tokio::runtime::Runtime;
use zip::write::SimpleFileOptions;

/// A cloud in memory, in real time.
pub(crate) struct Live {
    pub(crate) cloud: Cloud,
    pub(crate) runtime: Runtime,
}

impl Live {
    /// Fast, so that what takes minutes on AWS is soon ready; functions and databases take their time nevertheless.
    pub(crate) fn new(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let options = Options { rate: 10_000.0, ..options };
        let cloud = runtime.block_on(async { Cloud::in_memory(options) });
        Self { cloud, runtime }
    }

    /// Ends the cloud and whatever runs for it.
    pub(crate) fn end(self) {
        drop(self.cloud);
        self.runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    }

    /// The members of an answer, or code and message of a refusal.
    pub(crate) fn call(
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

    /// The members of a successful answer.
    #[track_caller]
    pub(crate) fn ok(&self, service: &str, operation: &str, input: Value) -> Value {
        self.call(service, operation, &input).unwrap()
    }

    /// Tries until an answer is as wanted.
    #[track_caller]
    pub(crate) fn until(&self, wanted: impl Fn() -> bool) {
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

    /// A function `f` that is active, with further members.
    pub(crate) fn function(&self, bootstrap: &str, further: &Value) {
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
        let role = json!({"RoleName": "f", "AssumeRolePolicyDocument": trust.to_string()});
        let role = self.ok("iam", "CreateRole", role)["Role"]["Arn"].clone();
        let policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole";
        self.ok("iam", "AttachRolePolicy", json!({"RoleName": "f", "PolicyArn": policy}));
        let mut input = json!({"FunctionName": "f", "Role": role, "Runtime": "provided.al2023", "Handler": "x", "Timeout": 20, "Code": {"ZipFile": package(bootstrap)}});
        for (name, value) in further.as_object().unwrap() {
            input[name] = value.clone();
        }
        self.until(|| self.call("lambda", "CreateFunction", &input).is_ok());
        let of = json!({"FunctionName": "f"});
        self.until(|| {
            self.ok("lambda", "GetFunctionConfiguration", of.clone())["State"] == "Active"
        });
    }

    /// What `f` says to an event, and the whole answer.
    pub(crate) fn invoke(&self, event: Value) -> (Value, Value) {
        let input = json!({"FunctionName": "f", "Payload": STANDARD.encode(event.to_string()), "LogType": "Tail"});
        let answer = self.ok("lambda", "Invoke", input);
        let payload = STANDARD.decode(answer.text("Payload")).unwrap();
        (serde_json::from_slice(&payload).unwrap(), answer)
    }

    /// What `f` has written.
    pub(crate) fn log(&self) -> String {
        let group = json!({"logGroupName": "/aws/lambda/f"});
        let Ok(found) = self.call("logs", "FilterLogEvents", &group) else { return String::new() };
        let lines = found.items("events").iter().map(|event| event.text("message").to_owned());
        lines.collect::<Vec<String>>().join("\n")
    }
}

fn wanted_now(wanted: &impl Fn() -> bool) -> bool {
    tokio::task::block_in_place(wanted)
}

/// A package with a bootstrap, in base64.
pub(crate) fn package(bootstrap: &str) -> String {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bootstrap", SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
    zip.write_all(bootstrap.as_bytes()).unwrap();
    STANDARD.encode(zip.finish().unwrap().into_inner())
}
