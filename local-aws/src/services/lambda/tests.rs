//! What users of Lambda rely on.

mod configuration;
mod function;
mod network;
mod permission;

use crate::fields::Fields;
use crate::testing::Probe;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

/// Seconds until a new role can be assumed, a new function is active, or a changed one has been changed.
const SETTLED: f64 = 60.0;

fn ask(cloud: &Probe, operation: &str, input: Value) -> Value {
    cloud.ok("lambda", operation, input)
}

/// A package with one file, in base64.
fn package(text: &str) -> String {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bootstrap", SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
    zip.write_all(text.as_bytes()).unwrap();
    STANDARD.encode(zip.finish().unwrap().into_inner())
}

/// A role that Lambda can assume by now and that may do everything.
fn role(cloud: &Probe) -> String {
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let input = json!({"RoleName": "f", "AssumeRolePolicyDocument": trust.to_string()});
    let made = cloud.ok("iam", "CreateRole", input);
    let policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole";
    cloud.ok("iam", "AttachRolePolicy", json!({"RoleName": "f", "PolicyArn": policy}));
    cloud.pass(SETTLED);
    made["Role"].text("Arn").to_owned()
}

/// What a request for a function needs.
fn request(role: &str) -> Value {
    json!({
        "FunctionName": "f", "Role": role, "Runtime": "provided.al2023", "Handler": "bootstrap", "Code": {"ZipFile": package("one")},
    })
}

/// A function `f` that is active.
fn function(cloud: &Probe) -> Value {
    let role = role(cloud);
    ask(cloud, "CreateFunction", request(&role));
    cloud.pass(SETTLED);
    ask(cloud, "GetFunctionConfiguration", json!({"FunctionName": "f"}))
}
