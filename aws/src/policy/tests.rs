use globecart_engine::{Input, Place};
use serde_json::json;

use super::{PolicyDocument, Statement, suffixed};
use crate::LogGroupArn;

fn place() -> Place {
    let (partition, account) = ("aws".to_owned(), "123456789012".to_owned());
    Place { partition, account, region: "eu-central-1".to_owned(), zones: Vec::new() }
}

#[test]
fn a_document_is_written_with_lists() {
    #[track_caller]
    fn check(document: &PolicyDocument, statements: &serde_json::Value) {
        let written: serde_json::Value = serde_json::from_str(&document.to_json()).unwrap();
        assert_eq!(written, json!({ "Version": "2012-10-17", "Statement": statements }));
    }
    let arn: Input<LogGroupArn> =
        LogGroupArn::new("arn:aws:logs:eu-central-1:1:log-group:/a").into();
    let write = Statement::allow(["logs:PutLogEvents"]).sid("Write").on(suffixed(&arn, ":*"));
    let read = Statement::allow(["logs:DescribeLogGroups"]).on_any();
    let statements = json!([
        { "Sid": "Write", "Effect": "Allow", "Action": ["logs:PutLogEvents"],
          "Resource": ["arn:aws:logs:eu-central-1:1:log-group:/a:*"] },
        { "Effect": "Allow", "Action": ["logs:DescribeLogGroups"], "Resource": ["*"] },
    ]);
    check(&PolicyDocument::new([write, read]), &statements);
    let only_mine = json!({
        "ArnLike": { "aws:SourceArn": ["arn:aws:ec2:eu-central-1:123456789012:vpc-flow-log/*"] },
        "StringEquals": { "aws:SourceAccount": ["123456789012"] },
    });
    let source = "arn:aws:ec2:eu-central-1:123456789012:vpc-flow-log/*";
    let trust = PolicyDocument::trust("vpc-flow-logs.amazonaws.com", &place(), source);
    let service = json!({ "Service": ["vpc-flow-logs.amazonaws.com"] });
    let assume = json!({ "Effect": "Allow", "Principal": service, "Action": ["sts:AssumeRole"], "Condition": only_mine });
    check(&trust, &json!([assume]));
}

#[test]
fn what_aws_answers_means_what_was_declared() {
    #[track_caller]
    fn check(declared: &PolicyDocument, answered: &str, same: bool) {
        let live = PolicyDocument::live(answered, declared).unwrap();
        assert_eq!(live == *declared, same, "{answered}");
    }
    let declared = PolicyDocument::new([
        Statement::allow(["s3:GetObject", "s3:PutObject"])
            .identity("arn:aws:iam::123456789012:root")
            .on("arn:aws:s3:::b/*"),
        Statement::deny(["s3:*"]).anybody().on("arn:aws:s3:::b").when(
            "Bool",
            "aws:SecureTransport",
            "false",
        ),
    ]);
    let answered = r#"{"Version":"2012-10-17","Id":"x","Statement":[
        {"Sid":"","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b",
         "Condition":{"Bool":{"aws:securetransport":false}}},
        {"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":["s3:putobject","s3:GetObject"],"Resource":"arn:aws:s3:::b/*"}]}"#;
    check(&declared, answered, true);
    let encoded =
        percent_encoding::utf8_percent_encode(answered, percent_encoding::NON_ALPHANUMERIC)
            .to_string();
    check(&declared, &encoded, true);
    check(&declared, &answered.replace("false", "true"), false);
    check(&declared, &answered.replace("arn:aws:s3:::b/*", "*"), false);
    check(&declared, &answered.replace("\"Action\":\"s3:*\"", "\"NotAction\":\"s3:*\""), false);
    check(&declared, &answered.replace("2012-10-17", "2008-10-17"), false);
}

#[test]
fn what_is_too_much_is_refused() {
    #[track_caller]
    fn check(result: Result<(), globecart_engine::Invalid>, problem: &str) {
        let found = result.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(found.contains(problem) && found.is_empty() == problem.is_empty(), "{found}");
    }
    let identity = |statement| PolicyDocument::new([statement]).check_identity("document", 6144);
    check(identity(Statement::allow(["sts:GetCallerIdentity"]).on_any()), "");
    check(identity(Statement::allow(["kms:Decrypt"]).on_any()), "allows kms:Decrypt on `*`");
    check(identity(Statement::allow(["s3:*"]).on("arn:aws:s3:::b")), "the whole service `s3:*`");
    check(identity(Statement::allow(["s3:GetObject"])), "on what");
    check(identity(Statement::allow(["s3:GetObject"]).on("x").anybody()), "names no principal");
    check(
        identity(Statement::allow(["s3:GetObject"]).on("x").sid("not-plain")),
        "letters and digits",
    );
    check(
        identity(Statement::allow(["s3:GetObject"]).on("x".repeat(7000))),
        "characters, where AWS takes 6144",
    );

    let assume = || Statement::allow(["sts:AssumeRole"]).service("ec2.amazonaws.com");
    let trust = |statement| PolicyDocument::new([statement]).check_trust("trust");
    check(trust(assume()), "for any account");
    check(trust(assume().from_account(&place())), "");
    check(trust(Statement::allow(["sts:AssumeRole"]).anybody()), "everybody");
    check(PolicyDocument::new([]).check_trust("trust"), "no statement");
    check(PolicyDocument::for_key(&place(), []).check_resource("policy", 32_768), "");
}
