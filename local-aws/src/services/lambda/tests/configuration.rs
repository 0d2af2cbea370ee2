//! What functions can be configured with, and their tags.

use super::{SETTLED, ask, function, request, role};
use crate::testing::Probe;
use serde_json::{Value, json};

#[track_caller]
fn refused(members: Value, code: &str) {
    let cloud = Probe::new();
    let mut input = request(&role(&cloud));
    for (name, value) in members.as_object().unwrap() {
        input[name] = value.clone();
    }
    assert_eq!(cloud.err("lambda", "CreateFunction", input), code, "{members}");
}

#[test]
fn what_aws_refuses_is_refused() {
    refused(json!({"Timeout": 901}), "ValidationException");
    refused(json!({"MemorySize": 127}), "ValidationException");
    refused(json!({"MemorySize": 10_241}), "ValidationException");
    refused(json!({"Runtime": null}), "InvalidParameterValueException");
    refused(
        json!({"Environment": {"Variables": {"AWS_REGION": "x"}}}),
        "InvalidParameterValueException",
    );
    refused(
        json!({"Environment": {"Variables": {"LONG": "x".repeat(4096)}}}),
        "InvalidParameterValueException",
    );
    let unknown = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000000";
    refused(json!({"KMSKeyArn": unknown}), "InvalidParameterValueException");
    refused(
        json!({"LoggingConfig": {"LogFormat": "Text", "SystemLogLevel": "INFO"}}),
        "InvalidParameterValueException",
    );
    refused(json!({"Tags": {"aws:x": "y"}}), "InvalidParameterValueException");
    refused(
        json!({"FileSystemConfigs": [{"Arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0", "LocalMountPath": "/mnt/a"}]}),
        "NotImplemented",
    );
}

#[test]
fn what_is_set_is_described() {
    let cloud = Probe::new();
    function(&cloud);
    let wanted = json!({
        "Description": "rotates", "Timeout": 60, "MemorySize": 256, "Environment": {"Variables": {"LEVEL": "info"}},
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/own", "ApplicationLogLevel": "DEBUG"}, "TracingConfig": {"Mode": "Active"},
    });
    let mut input = wanted.clone();
    input["FunctionName"] = json!("f");
    ask(&cloud, "UpdateFunctionConfiguration", input);
    cloud.pass(SETTLED);
    let found = ask(&cloud, "GetFunctionConfiguration", json!({"FunctionName": "f"}));
    for (member, value) in wanted.as_object().unwrap() {
        if member == "LoggingConfig" {
            assert_eq!(found[member]["SystemLogLevel"], "INFO", "the default");
            assert_eq!(found[member]["ApplicationLogLevel"], "DEBUG");
        } else {
            assert_eq!(&found[member], value);
        }
    }
    let none = json!({"FunctionName": "f", "Environment": {"Variables": {}}});
    let cleared = ask(&cloud, "UpdateFunctionConfiguration", none);
    assert_eq!(cleared["Environment"], Value::Null);
}

#[test]
fn tags_belong_to_the_function() {
    let cloud = Probe::new();
    let arn = function(&cloud)["FunctionArn"].clone();
    ask(&cloud, "TagResource", json!({"Resource": arn, "Tags": {"a": "1", "b": "2"}}));
    ask(&cloud, "UntagResource", json!({"Resource": arn, "TagKeys": ["a"]}));
    assert_eq!(ask(&cloud, "ListTags", json!({"Resource": arn}))["Tags"], json!({"b": "2"}));
    assert_eq!(ask(&cloud, "GetFunction", json!({"FunctionName": "f"}))["Tags"], json!({"b": "2"}));
    let filter = json!({"ResourceTypeFilters": ["lambda:function"], "TagFilters": [{"Key": "b"}]});
    let found = cloud.ok("resourcegroupstaggingapi", "GetResources", filter);
    assert_eq!(found["ResourceTagMappingList"][0]["ResourceARN"], arn);
}

#[test]
fn concurrency_is_reserved_from_the_accounts() {
    let cloud = Probe::new();
    function(&cloud);
    let put = |wanted: i64| json!({"FunctionName": "f", "ReservedConcurrentExecutions": wanted});
    assert_eq!(
        cloud.err("lambda", "PutFunctionConcurrency", put(901)),
        "InvalidParameterValueException"
    );
    ask(&cloud, "PutFunctionConcurrency", put(1));
    let of = json!({"FunctionName": "f"});
    assert_eq!(
        ask(&cloud, "GetFunctionConcurrency", of.clone())["ReservedConcurrentExecutions"],
        1
    );
    assert_eq!(
        ask(&cloud, "GetFunction", of.clone())["Concurrency"]["ReservedConcurrentExecutions"],
        1
    );
    ask(&cloud, "DeleteFunctionConcurrency", of.clone());
    assert_eq!(ask(&cloud, "GetFunctionConcurrency", of), json!({}));
}

#[test]
fn what_no_function_has_here_is_empty() {
    let cloud = Probe::new();
    function(&cloud);
    let of = json!({"FunctionName": "f"});
    for (operation, list) in [
        ("ListAliases", "Aliases"),
        ("ListEventSourceMappings", "EventSourceMappings"),
        ("ListFunctionEventInvokeConfigs", "FunctionEventInvokeConfigs"),
        ("ListFunctionUrlConfigs", "FunctionUrlConfigs"),
        ("ListProvisionedConcurrencyConfigs", "ProvisionedConcurrencyConfigs"),
    ] {
        assert_eq!(ask(&cloud, operation, of.clone())[list], json!([]), "{operation}");
    }
    assert_eq!(ask(&cloud, "GetRuntimeManagementConfig", of.clone())["UpdateRuntimeOn"], "Auto");
    assert_eq!(ask(&cloud, "GetFunctionRecursionConfig", of.clone())["RecursiveLoop"], "Terminate");
    assert_eq!(ask(&cloud, "GetFunctionCodeSigningConfig", of)["CodeSigningConfigArn"], "");
    assert_eq!(ask(&cloud, "GetAccountSettings", json!({}))["AccountUsage"]["FunctionCount"], 1);
}
