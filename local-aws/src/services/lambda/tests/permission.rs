//! Who may invoke a function.

use super::{ask, function};
use crate::testing::Probe;
use serde_json::{Value, json};

fn permission(id: &str) -> Value {
    json!({
        "FunctionName": "f", "StatementId": id, "Action": "lambda:InvokeFunction", "Principal": "secretsmanager.amazonaws.com",
        "SourceAccount": "123456789012",
    })
}

#[test]
fn statements_are_added_and_removed_by_their_ids() {
    let cloud = Probe::new();
    let arn = function(&cloud)["FunctionArn"].clone();
    let of = json!({"FunctionName": "f"});
    assert_eq!(cloud.err("lambda", "GetPolicy", of.clone()), "ResourceNotFoundException");
    let revision = ask(&cloud, "GetFunctionConfiguration", of.clone())["RevisionId"].clone();
    ask(&cloud, "AddPermission", permission("rotation"));
    assert_eq!(
        cloud.err("lambda", "AddPermission", permission("rotation")),
        "ResourceConflictException"
    );
    let policy = ask(&cloud, "GetPolicy", of.clone());
    assert_ne!(policy["RevisionId"], revision);
    let document: Value = serde_json::from_str(policy["Policy"].as_str().unwrap()).unwrap();
    let expected = json!({
        "Sid": "rotation", "Effect": "Allow", "Principal": {"Service": "secretsmanager.amazonaws.com"}, "Action": "lambda:InvokeFunction",
        "Resource": arn, "Condition": {"StringEquals": {"AWS:SourceAccount": "123456789012"}},
    });
    assert_eq!(document["Statement"], json!([expected]));
    let remove = |id: &str| json!({"FunctionName": "f", "StatementId": id});
    assert_eq!(
        cloud.err("lambda", "RemovePermission", remove("other")),
        "ResourceNotFoundException"
    );
    ask(&cloud, "RemovePermission", remove("rotation"));
    assert_eq!(cloud.err("lambda", "GetPolicy", of), "ResourceNotFoundException");
}

#[test]
fn a_principal_must_exist() {
    let cloud = Probe::new();
    function(&cloud);
    for principal in ["nobody", "arn:aws:iam::123456789012:role/none"] {
        let mut input = permission("a");
        input["Principal"] = json!(principal);
        assert_eq!(cloud.err("lambda", "AddPermission", input), "InvalidParameterValueException");
    }
}
