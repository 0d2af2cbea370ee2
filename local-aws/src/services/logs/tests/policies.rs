//! Resource policies and subscription filters.

use crate::testing::Probe;
use serde_json::{Value, json};

fn document(service: &str) -> String {
    let statement = json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "logs:PutLogEvents", "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

#[test]
fn an_account_has_ten_policies() {
    let cloud = Probe::new();
    let put = |name: &str, document: &str| json!({"policyName": name, "policyDocument": document});
    let policy = document("route53.amazonaws.com");
    let answer = cloud.ok("logs", "PutResourcePolicy", put("p0", &policy));
    let expected = json!({
        "policyName": "p0", "policyDocument": policy, "policyScope": "ACCOUNT", "lastUpdatedTime": 1_767_225_600_000_i64,
    });
    assert_eq!(answer, json!({"resourcePolicy": expected}));
    for n in 1..10 {
        cloud.ok("logs", "PutResourcePolicy", put(&format!("p{n}"), &policy));
    }
    assert_eq!(
        cloud.err("logs", "PutResourcePolicy", put("p10", &policy)),
        "LimitExceededException"
    );
    cloud.ok("logs", "PutResourcePolicy", put("p0", &document("es.amazonaws.com")));
    assert_eq!(cloud.err("logs", "PutResourcePolicy", put("p0", "{")), "InvalidParameterException");
    cloud.ok("logs", "DeleteResourcePolicy", json!({"policyName": "p0"}));
    let again = json!({"policyName": "p0"});
    assert_eq!(cloud.err("logs", "DeleteResourcePolicy", again), "ResourceNotFoundException");
    let all = cloud.ok("logs", "DescribeResourcePolicies", json!({}));
    assert_eq!(all["resourcePolicies"].as_array().unwrap().len(), 9);
}

#[test]
fn a_groups_policy_is_changed_by_revision() {
    let cloud = Probe::new();
    cloud.ok("logs", "CreateLogGroup", json!({"logGroupName": "g"}));
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:g";
    let put = |revision: &Value| json!({"resourceArn": arn, "policyDocument": document("es.amazonaws.com"), "expectedRevisionId": revision});
    let none = json!({"resourceArn": arn, "policyDocument": document("es.amazonaws.com")});
    let first = cloud.ok("logs", "PutResourcePolicy", none.clone())["revisionId"].clone();
    assert_eq!(cloud.err("logs", "PutResourcePolicy", none), "OperationAbortedException");
    let second = cloud.ok("logs", "PutResourcePolicy", put(&first))["revisionId"].clone();
    assert_ne!(first, second);
    let found = cloud.ok("logs", "DescribeResourcePolicies", json!({"resourceArn": arn}));
    assert_eq!(found["resourcePolicies"][0]["revisionId"], second);
    let usual = cloud.ok("logs", "DescribeResourcePolicies", json!({}));
    assert_eq!(usual["resourcePolicies"], json!([]));
    let delete = |revision: &Value| json!({"resourceArn": arn, "expectedRevisionId": revision});
    assert_eq!(
        cloud.err("logs", "DeleteResourcePolicy", delete(&first)),
        "OperationAbortedException"
    );
    cloud.ok("logs", "DeleteResourcePolicy", delete(&second));
}

#[test]
fn there_are_no_subscriptions() {
    let cloud = Probe::new();
    cloud.ok("logs", "CreateLogGroup", json!({"logGroupName": "g"}));
    let found = cloud.ok("logs", "DescribeSubscriptionFilters", json!({"logGroupName": "g"}));
    assert_eq!(found["subscriptionFilters"], json!([]));
    let put = json!({
        "logGroupName": "g", "filterName": "f", "filterPattern": "",
        "destinationArn": "arn:aws:lambda:us-east-1:123456789012:function:f",
    });
    assert_eq!(cloud.err("logs", "PutSubscriptionFilter", put), "NotImplemented");
}
