//! The life of a function.

use super::{SETTLED, ask, function, package, request, role};
use crate::fields::Fields;
use crate::testing::Probe;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest, Sha256};

#[test]
fn a_function_is_pending_and_then_active() {
    let cloud = Probe::new();
    let role = role(&cloud);
    let made = ask(&cloud, "CreateFunction", request(&role));
    assert_eq!((made.text("State"), made.text("StateReasonCode")), ("Pending", "Creating"));
    let early = json!({"FunctionName": "f", "Timeout": 10});
    assert_eq!(
        cloud.err("lambda", "UpdateFunctionConfiguration", early),
        "ResourceConflictException"
    );
    cloud.pass(SETTLED);
    let found = ask(&cloud, "GetFunction", json!({"FunctionName": made["FunctionArn"]}));
    let found = &found["Configuration"];
    let sha256 = STANDARD.encode(Sha256::digest(STANDARD.decode(package("one")).unwrap()));
    assert_eq!(found["CodeSha256"], sha256);
    assert_eq!((found.text("State"), found.text("LastUpdateStatus")), ("Active", "Successful"));
    assert_eq!(found["LoggingConfig"], json!({"LogFormat": "Text", "LogGroup": "/aws/lambda/f"}));
    assert_eq!((&found["Timeout"], &found["MemorySize"]), (&json!(3), &json!(128)));
    assert_eq!(cloud.err("lambda", "CreateFunction", request(&role)), "ResourceConflictException");
}

#[test]
fn a_role_that_lambda_cannot_assume_is_refused() {
    let cloud = Probe::new();
    let arn = "arn:aws:iam::123456789012:role/none";
    let (code, message) = cloud.call("lambda", "CreateFunction", &request(arn)).unwrap_err();
    assert_eq!(code, "InvalidParameterValueException");
    assert_eq!(message, "The role defined for the function cannot be assumed by Lambda.");
}

#[test]
fn what_is_no_package_is_refused() {
    let cloud = Probe::new();
    let role = role(&cloud);
    let mut input = request(&role);
    input["Code"]["ZipFile"] = json!(STANDARD.encode("not a zip"));
    assert_eq!(
        cloud.err("lambda", "CreateFunction", input.clone()),
        "InvalidParameterValueException"
    );
    input["Code"] = json!({"S3Bucket": "bucket", "S3Key": "b"});
    assert_eq!(cloud.err("lambda", "CreateFunction", input), "NotImplemented");
}

#[test]
fn new_code_is_a_new_revision() {
    let cloud = Probe::new();
    let before = function(&cloud);
    let update =
        json!({"FunctionName": "f", "ZipFile": package("two"), "RevisionId": before["RevisionId"]});
    let changing = ask(&cloud, "UpdateFunctionCode", update.clone());
    assert_eq!(changing["LastUpdateStatus"], "InProgress");
    assert_ne!(changing["CodeSha256"], before["CodeSha256"]);
    let again = json!({"FunctionName": "f", "ZipFile": package("two")});
    assert_eq!(cloud.err("lambda", "UpdateFunctionCode", again), "ResourceConflictException");
    assert_eq!(cloud.err("lambda", "UpdateFunctionCode", update), "PreconditionFailedException");
    cloud.pass(SETTLED);
    let after = ask(&cloud, "GetFunctionConfiguration", json!({"FunctionName": "f"}));
    assert_eq!(after["LastUpdateStatus"], "Successful");
}

#[test]
fn versions_keep_what_was_published() {
    let cloud = Probe::new();
    function(&cloud);
    let first = ask(&cloud, "PublishVersion", json!({"FunctionName": "f"}));
    assert_eq!(first["Version"], "1");
    let same = ask(&cloud, "PublishVersion", json!({"FunctionName": "f"}));
    assert_eq!(same["Version"], "1", "nothing changed");
    ask(&cloud, "UpdateFunctionConfiguration", json!({"FunctionName": "f", "Timeout": 20}));
    cloud.pass(SETTLED);
    assert_eq!(ask(&cloud, "PublishVersion", json!({"FunctionName": "f"}))["Version"], "2");
    let listed = ask(&cloud, "ListVersionsByFunction", json!({"FunctionName": "f"}));
    let versions: Vec<&str> =
        listed.items("Versions").iter().map(|one| one.text("Version")).collect();
    assert_eq!(versions, ["$LATEST", "1", "2"]);
    let old = json!({"FunctionName": "f", "Qualifier": "1"});
    assert_eq!(ask(&cloud, "GetFunctionConfiguration", old)["Timeout"], 3);
}

#[test]
fn a_deleted_function_is_gone_at_once() {
    let cloud = Probe::new();
    function(&cloud);
    ask(&cloud, "DeleteFunction", json!({"FunctionName": "f"}));
    for operation in ["GetFunction", "DeleteFunction", "GetPolicy", "Invoke"] {
        let gone = json!({"FunctionName": "f"});
        assert_eq!(
            cloud.err("lambda", operation, gone),
            "ResourceNotFoundException",
            "{operation}"
        );
    }
    assert_eq!(ask(&cloud, "ListFunctions", json!({}))["Functions"], json!([]));
}

#[test]
fn where_functions_are_not_run_an_invocation_says_so() {
    let cloud = Probe::new();
    function(&cloud);
    let ran = ask(&cloud, "Invoke", json!({"FunctionName": "f", "Payload": STANDARD.encode("{}")}));
    assert_eq!(ran["FunctionError"], "Unhandled");
    let payload = String::from_utf8(STANDARD.decode(ran.text("Payload")).unwrap()).unwrap();
    assert!(payload.contains("does not run them"), "{payload}");
    let wrong = json!({"FunctionName": "f", "Payload": STANDARD.encode("{")});
    assert_eq!(cloud.err("lambda", "Invoke", wrong), "InvalidRequestContentException");
    let metric = json!({
        "Namespace": "AWS/Lambda", "MetricName": "Errors", "Dimensions": [{"Name": "FunctionName", "Value": "f"}], "Period": 60,
        "StartTime": cloud.now() - 600.0, "EndTime": cloud.now() + 60.0, "Statistics": ["Sum"],
    });
    let points = cloud.ok("cloudwatch", "GetMetricStatistics", metric);
    assert_eq!(points["Datapoints"][0]["Sum"], 1.0);
}
