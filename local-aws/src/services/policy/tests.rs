use super::{Asked, Kind, Who, allows, parse};
use crate::call::ACCOUNT;
use rstest::rstest;
use serde_json::json;

#[rstest]
#[case::lone_statement(
    Kind::Identity,
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#,
    None
)]
#[case::no_json(Kind::Identity, "{", Some("Syntax errors in policy."))]
#[case::no_version(
    Kind::Identity,
    r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    Some("Policy document must be version 2012-10-17 or greater.")
)]
#[case::bare_action(
    Kind::Identity,
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"get","Resource":"*"}]}"#,
    Some("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
)]
#[case::no_resource(
    Kind::Identity,
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*"}]}"#,
    Some("Policy statement must contain resources.")
)]
#[case::no_arn(Kind::Identity, r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"bucket"}]}"#, Some("Resource bucket must be in ARN format or \"*\"."))]
#[case::principal_of_a_role(Kind::Identity, r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"*"}]}"#, Some("Policy document should not specify a principal."))]
#[case::resource_of_trust(Kind::Trust, r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}]}"#, Some("Has prohibited field Resource"))]
#[case::nobody(
    Kind::Trust,
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}"#,
    Some("Missing required field Principal")
)]
#[case::no_service(Kind::Trust, r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2"},"Action":"sts:AssumeRole"}]}"#, Some("Invalid principal in policy: \"SERVICE\":\"ec2\""))]
#[case::same_ids(Kind::Identity, r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"a:b","Resource":"*"},{"Sid":"A","Effect":"Deny","Action":"a:b","Resource":"*"}]}"#, Some("Statement IDs (SID) in a single policy must be unique."))]
fn documents_are_checked_as_iam_does(
    #[case] kind: Kind,
    #[case] text: &str,
    #[case] refused: Option<&str>,
) {
    assert_eq!(parse(text, kind).err().as_deref(), refused);
}

#[rstest]
#[case::exact(json!({"Service": "logs.amazonaws.com"}), json!({}), true)]
#[case::another_service(json!({"Service": "sns.amazonaws.com"}), json!({}), false)]
#[case::anyone(json!("*"), json!({}), true)]
#[case::right_account(json!("*"), json!({"StringEquals": {"AWS:sourceaccount": ACCOUNT}}), true)]
#[case::wrong_account(json!("*"), json!({"StringEquals": {"aws:SourceAccount": "210987654321"}}), false)]
#[case::arn_pattern(json!("*"), json!({"ArnLike": {"aws:SourceArn": "arn:aws:logs:*:*:log-group:a*"}}), true)]
#[case::absent_key(json!("*"), json!({"StringEquals": {"aws:SourceVpc": "vpc-1"}}), false)]
#[case::optional_key(json!("*"), json!({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}), true)]
fn statements_match_by_principal_and_condition(
    #[case] principal: serde_json::Value,
    #[case] condition: serde_json::Value,
    #[case] allowed: bool,
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
