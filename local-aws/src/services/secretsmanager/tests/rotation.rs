//! What functions that rotate, and those who start them, rely on.

use super::{TOKENS, ask, create, value};
use crate::cloud::Cloud;
use crate::fields::Fields;
use crate::services::{self, lambda::Ran};
use crate::testing::{Probe, client};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const DAY: f64 = 24.0 * 3600.0;

/// The payloads of the invocations so far.
type Seen = Arc<Mutex<Vec<Value>>>;

/// Asks Secrets Manager from inside a function.
fn inside(cloud: &Cloud, operation: &str, input: &Value) -> Result<Value, String> {
    let service = services::named("secretsmanager").unwrap();
    let request = client::request(service, operation, "us-east-1", input);
    cloud.ask_now(&request).map_err(|fault| fault.code)
}

/// A function `f` that rotates as the contract says, and fails at a step while `broken` names it.
fn rotator(cloud: &Probe) -> (String, Seen, Arc<Mutex<String>>) {
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let role = json!({"RoleName": "f", "AssumeRolePolicyDocument": trust.to_string()});
    let role = cloud.ok("iam", "CreateRole", role)["Role"]["Arn"].clone();
    cloud.pass(60.0);
    // An archive with one empty file.
    let zip = "UEsDBBQAAAAAAGSme10AAAAAAAAAAAAAAAAJAAAAYm9vdHN0cmFwUEsBAhQDFAAAAAAAZKZ7XQAAAAAAAAAAAAAAAAkAAAAAAAAAAAAAAIABAAAAAGJvb3RzdHJhcFBLBQYAAAAAAQABADcAAAAnAAAAAAA=";
    let function = json!({"FunctionName": "f", "Role": role, "Runtime": "provided.al2023", "Handler": "x", "Code": {"ZipFile": zip}});
    let arn = cloud.ok("lambda", "CreateFunction", function).text("FunctionArn").to_owned();
    cloud.pass(60.0);
    let (seen, broken) = (Seen::default(), Arc::new(Mutex::new(String::new())));
    let (told, fails) = (Arc::clone(&seen), Arc::clone(&broken));
    cloud.cloud.stand_in(move |cloud, invocation| {
        let event: Value = serde_json::from_str(&invocation.payload).unwrap();
        told.lock().unwrap().push(event.clone());
        let step = event.text("Step");
        if *fails.lock().unwrap() == step {
            return Ran::unhandled("Broken", "the step is broken");
        }
        step_of(cloud, &event, step);
        Ran::answered("null")
    });
    (arn, seen, broken)
}

fn step_of(cloud: &Cloud, event: &Value, step: &str) {
    let (id, token) = (event.text("SecretId"), event.text("ClientRequestToken"));
    if step == "createSecret" {
        let input = json!({
            "SecretId": id, "SecretString": format!("made by {token}"), "ClientRequestToken": token, "VersionStages": ["AWSPENDING"],
            "RotationToken": event["RotationToken"],
        });
        inside(cloud, "PutSecretValue", &input).unwrap();
    }
    if step == "finishSecret" {
        let described = inside(cloud, "DescribeSecret", &json!({"SecretId": id})).unwrap();
        let versions = described["VersionIdsToStages"].as_object().unwrap().clone();
        let current = versions
            .iter()
            .find(|(_, stages)| stages.as_array().unwrap().contains(&json!("AWSCURRENT")));
        let (current, _) = current.unwrap();
        let input = json!({"SecretId": id, "VersionStage": "AWSCURRENT", "MoveToVersionId": token, "RemoveFromVersionId": current});
        inside(cloud, "UpdateSecretVersionStage", &input).unwrap();
    }
}

/// A secret `a`, a function that may rotate it, and a rule that puts what is told of rotations on a topic.
fn ready() -> (Probe, String, Seen, Arc<Mutex<String>>) {
    let cloud = Probe::new();
    create(&cloud, "a", "one");
    let (function, seen, broken) = rotator(&cloud);
    let permission = json!({"FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "secretsmanager.amazonaws.com"});
    cloud.ok("lambda", "AddPermission", permission);
    let topic = cloud.ok("sns", "CreateTopic", json!({"Name": "t"})).text("TopicArn").to_owned();
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish", "Resource": topic}]});
    let input =
        json!({"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": policy.to_string()});
    cloud.ok("sns", "SetTopicAttributes", input);
    let pattern = json!({"source": ["aws.secretsmanager"], "detail-type": ["AWS Service Event via CloudTrail"]});
    cloud.ok("events", "PutRule", json!({"Name": "r", "EventPattern": pattern.to_string()}));
    cloud.ok("events", "PutTargets", json!({"Rule": "r", "Targets": [{"Id": "t", "Arn": topic, "InputPath": "$.detail.eventName"}]}));
    (cloud, function, seen, broken)
}

fn told(cloud: &Probe) -> Vec<String> {
    let rows = cloud.within(Cloud::rows).into_iter();
    let messages = rows.filter(|row| row.table == "sns.message");
    messages.map(|row| row.value.text("Message").trim_matches('"').to_owned()).collect()
}

fn rotate(function: &str, token: &str) -> Value {
    json!({
        "SecretId": "a", "RotationLambdaARN": function, "ClientRequestToken": token, "RotationRules": {"AutomaticallyAfterDays": 30},
    })
}

fn described(cloud: &Probe) -> Value {
    ask(cloud, "DescribeSecret", json!({"SecretId": "a"}))
}

fn steps(seen: &Seen) -> Vec<String> {
    seen.lock().unwrap().iter().map(|event| event.text("Step").to_owned()).collect()
}

const ALL: [&str; 4] = ["createSecret", "setSecret", "testSecret", "finishSecret"];

#[test]
fn a_rotation_runs_four_steps_with_one_token() {
    let (cloud, function, seen, _) = ready();
    let answer = ask(&cloud, "RotateSecret", rotate(&function, TOKENS[1]));
    assert_eq!(answer["VersionId"], TOKENS[1]);
    assert_eq!(steps(&seen), ALL);
    for event in seen.lock().unwrap().iter() {
        assert_eq!(event["ClientRequestToken"], TOKENS[1]);
        assert_eq!(event["SecretId"], answer["ARN"]);
    }
    assert_eq!(value(&cloud, "a"), format!("made by {}", TOKENS[1]));
    let found = described(&cloud);
    let stages = json!({TOKENS[0]: ["AWSPREVIOUS"], TOKENS[1]: ["AWSCURRENT"]});
    assert_eq!(found["VersionIdsToStages"], stages);
    assert_eq!(
        (&found["RotationEnabled"], found.text("RotationLambdaARN")),
        (&json!(true), function.as_str())
    );
    assert_eq!(found["LastRotatedDate"], cloud.now());
    assert_eq!(told(&cloud), ["RotationStarted", "RotationSucceeded"]);
}

#[test]
fn the_schedule_rotates_when_its_window_opens() {
    let (cloud, function, seen, _) = ready();
    ask(&cloud, "RotateSecret", rotate(&function, TOKENS[1]));
    let next = described(&cloud).number("NextRotationDate").unwrap();
    assert!((next + 1.0) % DAY < 1.0, "the end of a day in UTC");
    assert!((29.9..31.1).contains(&((next - cloud.now()) / DAY)), "{next}");
    cloud.pass(29.0 * DAY);
    described(&cloud);
    assert_eq!(steps(&seen).len(), 4);
    cloud.pass(DAY);
    described(&cloud);
    assert_eq!(steps(&seen).len(), 8);
    assert!(described(&cloud).number("NextRotationDate").unwrap() > next);
}

#[test]
fn a_pending_version_has_no_value_and_refuses_a_second_rotation() {
    let (cloud, function, seen, broken) = ready();
    *broken.lock().unwrap() = "createSecret".to_owned();
    ask(&cloud, "RotateSecret", rotate(&function, TOKENS[1]));
    assert_eq!(described(&cloud)["VersionIdsToStages"][TOKENS[1]], json!(["AWSPENDING"]));
    for input in [
        json!({"SecretId": "a", "VersionStage": "AWSPENDING"}),
        json!({"SecretId": "a", "VersionId": TOKENS[1]}),
    ] {
        assert_eq!(
            cloud.err("secretsmanager", "GetSecretValue", input),
            "ResourceNotFoundException"
        );
    }
    let (code, message) =
        cloud.call("secretsmanager", "RotateSecret", &rotate(&function, TOKENS[2])).unwrap_err();
    assert_eq!(code, "InvalidRequestException");
    assert_eq!(message, "A previous rotation isn't complete. That rotation will be reattempted.");
    ask(&cloud, "RotateSecret", rotate(&function, TOKENS[1]));
    assert_eq!(steps(&seen).len(), 1, "the same request once more");
}

#[test]
fn a_failed_rotation_is_retried_as_a_whole_with_its_token() {
    let (cloud, function, seen, broken) = ready();
    *broken.lock().unwrap() = "testSecret".to_owned();
    ask(&cloud, "RotateSecret", rotate(&function, TOKENS[1]));
    assert_eq!(steps(&seen), ALL[..3]);
    assert_eq!(value(&cloud, "a"), "one");
    broken.lock().unwrap().clear();
    cloud.pass(61.0);
    described(&cloud);
    assert_eq!(steps(&seen)[3..], ALL);
    let tokens: Vec<String> = seen
        .lock()
        .unwrap()
        .iter()
        .map(|event| event.text("ClientRequestToken").to_owned())
        .collect();
    assert!(tokens.iter().all(|token| token == TOKENS[1]), "{tokens:?}");
    assert_eq!(value(&cloud, "a"), format!("made by {}", TOKENS[1]));
    assert_eq!(
        told(&cloud),
        ["RotationStarted", "RotationFailed", "RotationStarted", "RotationSucceeded"]
    );
}

#[test]
fn a_rotation_whose_label_an_operator_took_away_is_given_up() {
    let (cloud, function, seen, broken) = ready();
    *broken.lock().unwrap() = "setSecret".to_owned();
    ask(&cloud, "RotateSecret", rotate(&function, TOKENS[1]));
    let clear =
        json!({"SecretId": "a", "VersionStage": "AWSPENDING", "RemoveFromVersionId": TOKENS[1]});
    ask(&cloud, "UpdateSecretVersionStage", clear);
    cloud.pass(61.0);
    described(&cloud);
    assert_eq!(steps(&seen).len(), 2);
    assert_eq!(told(&cloud)[1..], ["RotationFailed", "RotationAbandoned"]);
    broken.lock().unwrap().clear();
    ask(&cloud, "RotateSecret", rotate(&function, TOKENS[2]));
    assert_eq!(value(&cloud, "a"), format!("made by {}", TOKENS[2]));
}

#[test]
fn a_function_that_does_not_finish_its_work_has_failed() {
    let (cloud, function, _, _) = ready();
    cloud.cloud.stand_in(|_, _| Ran::answered("null"));
    ask(&cloud, "RotateSecret", rotate(&function, TOKENS[1]));
    assert_eq!(told(&cloud), ["RotationStarted", "RotationFailed"]);
    assert_eq!(value(&cloud, "a"), "one");
}

#[test]
fn a_cancelled_rotation_rests() {
    let (cloud, function, seen, broken) = ready();
    *broken.lock().unwrap() = "setSecret".to_owned();
    ask(&cloud, "RotateSecret", rotate(&function, TOKENS[1]));
    let answer = ask(&cloud, "CancelRotateSecret", json!({"SecretId": "a"}));
    assert_eq!(answer["VersionId"], TOKENS[1]);
    cloud.pass(60.0 * DAY);
    let found = described(&cloud);
    assert_eq!(steps(&seen).len(), 2);
    assert_eq!(
        (&found["RotationEnabled"], &found["NextRotationDate"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(found["RotationRules"], json!({"AutomaticallyAfterDays": 30}));
}

#[test]
fn without_rotating_at_once_the_function_is_tested() {
    let (cloud, function, seen, _) = ready();
    let mut input = rotate(&function, TOKENS[1]);
    input["RotateImmediately"] = json!(false);
    ask(&cloud, "RotateSecret", input);
    assert_eq!(steps(&seen), ["testSecret"]);
    let found = described(&cloud);
    assert_eq!(found["VersionIdsToStages"], json!({TOKENS[0]: ["AWSCURRENT"]}));
    assert_eq!(found["LastRotatedDate"], Value::Null);
    assert_eq!(told(&cloud), ["TestRotationStarted", "TestRotationSucceeded"]);
}

#[test]
fn what_cannot_rotate_is_refused() {
    let (cloud, function, _, _) = ready();
    let refused = |input: Value, code: &str| {
        assert_eq!(cloud.err("secretsmanager", "RotateSecret", input.clone()), code, "{input}");
    };
    refused(json!({"SecretId": "a", "ClientRequestToken": TOKENS[1]}), "InvalidRequestException");
    refused(
        rotate("arn:aws:lambda:us-east-1:123456789012:function:none", TOKENS[1]),
        "ResourceNotFoundException",
    );
    for rules in [
        json!({"ScheduleExpression": "rate(3 hours)"}),
        json!({"ScheduleExpression": "rate(30 minutes)"}),
        json!({"ScheduleExpression": "cron(5 8 1 * ? *)"}),
        json!({"ScheduleExpression": "cron(0 8 1 * ? 2027)"}),
        json!({"ScheduleExpression": "rate(10 days)", "AutomaticallyAfterDays": 10}),
        json!({"AutomaticallyAfterDays": 10, "Duration": "25h"}),
    ] {
        let mut input = rotate(&function, TOKENS[1]);
        input["RotationRules"] = rules;
        refused(input, "InvalidParameterException");
    }
    cloud.ok("lambda", "RemovePermission", json!({"FunctionName": "f", "StatementId": "s"}));
    refused(rotate(&function, TOKENS[1]), "AccessDeniedException");
    let nothing = json!({"SecretId": "a"});
    assert_eq!(
        cloud.err("secretsmanager", "CancelRotateSecret", nothing),
        "InvalidRequestException"
    );
    ask(&cloud, "CreateSecret", json!({"Name": "empty", "ClientRequestToken": TOKENS[2]}));
    let permission = json!({"FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "secretsmanager.amazonaws.com"});
    cloud.ok("lambda", "AddPermission", permission);
    let mut input = rotate(&function, TOKENS[1]);
    input["SecretId"] = json!("empty");
    refused(input, "InvalidRequestException");
}

#[test]
fn windows_open_as_the_expression_says() {
    let (cloud, function, seen, _) = ready();
    let mut input = rotate(&function, TOKENS[1]);
    input["RotationRules"] = json!({"ScheduleExpression": "cron(0 8 1 * ? *)", "Duration": "2h"});
    ask(&cloud, "RotateSecret", input);
    let next = described(&cloud).number("NextRotationDate").unwrap();
    let opens = crate::protocol::seconds("2026-01-01T08:00:00Z").unwrap();
    assert!((opens + 2.0 * 3600.0 - next - 1.0).abs() < 0.5, "{next}");
    cloud.pass(opens - cloud.now());
    described(&cloud);
    assert_eq!(steps(&seen).len(), 8);
}
