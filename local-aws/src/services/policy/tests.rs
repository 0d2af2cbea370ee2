use super::{Asked, Kind, Who, allows, parse};
use crate::call::ACCOUNT;
use serde_json::json;

#[test]
fn documents_are_checked_as_iam_does() {
    // lone statement
    check_documents_are_checked_as_iam_does(
        Kind::Identity,
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#,
        None,
    );
    // no json
    check_documents_are_checked_as_iam_does(Kind::Identity, "{", Some("Syntax errors in policy."));
    // no version
    check_documents_are_checked_as_iam_does(
        Kind::Identity,
        r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
        Some("Policy document must be version 2012-10-17 or greater."),
    );
    // bare action
    check_documents_are_checked_as_iam_does(
        Kind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"get","Resource":"*"}]}"#,
        Some("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
    );
    // no resource
    check_documents_are_checked_as_iam_does(
        Kind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*"}]}"#,
        Some("Policy statement must contain resources."),
    );
    // no arn
    check_documents_are_checked_as_iam_does(
        Kind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"bucket"}]}"#,
        Some("Resource bucket must be in ARN format or \"*\"."),
    );
    // principal of a role
    check_documents_are_checked_as_iam_does(
        Kind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"*"}]}"#,
        Some("Policy document should not specify a principal."),
    );
    // resource of trust
    check_documents_are_checked_as_iam_does(
        Kind::Trust,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}]}"#,
        Some("Has prohibited field Resource"),
    );
    // nobody
    check_documents_are_checked_as_iam_does(
        Kind::Trust,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}"#,
        Some("Missing required field Principal"),
    );
    // no service
    check_documents_are_checked_as_iam_does(
        Kind::Trust,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2"},"Action":"sts:AssumeRole"}]}"#,
        Some("Invalid principal in policy: \"SERVICE\":\"ec2\""),
    );
    // same ids
    check_documents_are_checked_as_iam_does(
        Kind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"a:b","Resource":"*"},{"Sid":"A","Effect":"Deny","Action":"a:b","Resource":"*"}]}"#,
        Some("Statement IDs (SID) in a single policy must be unique."),
    );
}

#[track_caller]
fn check_documents_are_checked_as_iam_does(kind: Kind, text: &str, refused: Option<&str>) {
    assert_eq!(parse(text, kind).err().as_deref(), refused);
}

#[test]
fn statements_match_by_principal_and_condition() {
    // exact
    check_statements_match_by_principal_and_condition(
        json!({"Service": "logs.amazonaws.com"}),
        json!({}),
        true,
    );
    // another service
    check_statements_match_by_principal_and_condition(
        json!({"Service": "sns.amazonaws.com"}),
        json!({}),
        false,
    );
    // anyone
    check_statements_match_by_principal_and_condition(json!("*"), json!({}), true);
    // right account
    check_statements_match_by_principal_and_condition(
        json!("*"),
        json!({"StringEquals": {"AWS:sourceaccount": ACCOUNT}}),
        true,
    );
    // wrong account
    check_statements_match_by_principal_and_condition(
        json!("*"),
        json!({"StringEquals": {"aws:SourceAccount": "210987654321"}}),
        false,
    );
    // arn pattern
    check_statements_match_by_principal_and_condition(
        json!("*"),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:logs:*:*:log-group:a*"}}),
        true,
    );
    // absent key
    check_statements_match_by_principal_and_condition(
        json!("*"),
        json!({"StringEquals": {"aws:SourceVpc": "vpc-1"}}),
        false,
    );
    // optional key
    check_statements_match_by_principal_and_condition(
        json!("*"),
        json!({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}),
        true,
    );
}

#[track_caller]
fn check_statements_match_by_principal_and_condition(
    principal: serde_json::Value,
    condition: serde_json::Value,
    allowed: bool,
) {
    let document = json!({"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "kms:Encrypt*", "Resource": "*", "Condition": condition}]});
    let context = [
        ("aws:SourceAccount", ACCOUNT),
        ("aws:SourceArn", "arn:aws:logs:us-east-1:1:log-group:abc"),
    ];
    let asked = Asked {
        who: Who::Service("logs.amazonaws.com"),
        action: "kms:Encrypt",
        resource: "arn:aws:kms:us-east-1:1:key/1",
        context: &context,
    };
    assert_eq!(allows(&document, &asked), allowed);
}

#[test]
fn a_denial_overrides() {
    let document = json!({"Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "NotAction": "kms:Describe*", "Resource": "*"},
    ]});
    let ask = |action| {
        allows(&document, &Asked { who: Who::Account, action, resource: "key", context: &[] })
    };
    assert!(ask("kms:DescribeKey"));
    assert!(!ask("kms:PutKeyPolicy"));
}
