//! What users of CloudWatch Logs rely on.

mod events;
mod patterns;
mod policies;

use crate::testing::Probe;
use serde_json::{Value, json};

const ARN: &str = "arn:aws:logs:us-east-1:123456789012:log-group:";

fn group(cloud: &Probe, name: &str) -> Value {
    let answer = cloud.ok("logs", "DescribeLogGroups", json!({"logGroupIdentifiers": [name]}));
    answer["logGroups"][0].clone()
}

#[test]
fn a_group_answers_what_it_was_given() {
    let cloud = Probe::new();
    let asked =
        json!({"logGroupName": "/app", "deletionProtectionEnabled": true, "tags": {"a": "1"}});
    cloud.ok("logs", "CreateLogGroup", asked.clone());
    assert_eq!(cloud.err("logs", "CreateLogGroup", asked), "ResourceAlreadyExistsException");
    let expected = json!({
        "logGroupName": "/app", "arn": format!("{ARN}/app:*"), "logGroupArn": format!("{ARN}/app"), "logGroupClass": "STANDARD",
        "creationTime": 1_767_225_600_000_i64, "deletionProtectionEnabled": true, "metricFilterCount": 0, "storedBytes": 0,
    });
    assert_eq!(group(&cloud, "/app"), expected);
    assert_eq!(group(&cloud, &format!("{ARN}/app")), expected);
    assert_eq!(
        cloud.err("logs", "DeleteLogGroup", json!({"logGroupName": "/app"})),
        "ValidationException"
    );
    let off =
        json!({"logGroupIdentifier": format!("{ARN}/app"), "deletionProtectionEnabled": false});
    cloud.ok("logs", "PutLogGroupDeletionProtection", off);
    cloud.ok("logs", "DeleteLogGroup", json!({"logGroupName": "/app"}));
    assert_eq!(group(&cloud, "/app"), Value::Null);
    assert_eq!(
        cloud.err("logs", "DeleteLogGroup", json!({"logGroupName": "/app"})),
        "ResourceNotFoundException"
    );
}

#[test]
fn names_and_retention_are_those_that_aws_allows() {
    let cloud = Probe::new();
    for name in ["aws/x", "a b", ""] {
        assert_eq!(
            cloud.err("logs", "CreateLogGroup", json!({"logGroupName": name})),
            "InvalidParameterException",
            "{name}"
        );
    }
    cloud.ok("logs", "CreateLogGroup", json!({"logGroupName": "a"}));
    let keep = |days: i64| json!({"logGroupName": "a", "retentionInDays": days});
    for days in [0, 2, 366] {
        assert_eq!(
            cloud.err("logs", "PutRetentionPolicy", keep(days)),
            "InvalidParameterException",
            "{days}"
        );
    }
    cloud.ok("logs", "PutRetentionPolicy", keep(365));
    assert_eq!(group(&cloud, "a")["retentionInDays"], 365);
    cloud.ok("logs", "DeleteRetentionPolicy", json!({"logGroupName": "a"}));
    assert_eq!(group(&cloud, "a")["retentionInDays"], Value::Null);
    let none = json!({"logGroupName": "none", "retentionInDays": 1});
    assert_eq!(cloud.err("logs", "PutRetentionPolicy", none), "ResourceNotFoundException");
}

#[track_caller]
fn check_names(cloud: &Probe, asked: Value, expected: &[&str]) {
    let answer = cloud.ok("logs", "DescribeLogGroups", asked);
    let names: Vec<&str> = answer["logGroups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["logGroupName"].as_str().unwrap())
        .collect();
    assert_eq!(names, expected);
}

#[test]
fn groups_are_found_by_prefix_pattern_class_and_list() {
    let cloud = Probe::new();
    for name in ["/a/1", "/a/2", "/b/1", "c"] {
        cloud.ok("logs", "CreateLogGroup", json!({"logGroupName": name}));
    }
    cloud.ok(
        "logs",
        "CreateLogGroup",
        json!({"logGroupName": "rare", "logGroupClass": "INFREQUENT_ACCESS"}),
    );
    check_names(&cloud, json!({}), &["/a/1", "/a/2", "/b/1", "c", "rare"]);
    check_names(&cloud, json!({"logGroupNamePrefix": "/a"}), &["/a/1", "/a/2"]);
    check_names(&cloud, json!({"logGroupNamePattern": "/1"}), &["/a/1", "/b/1"]);
    check_names(&cloud, json!({"logGroupClass": "INFREQUENT_ACCESS"}), &["rare"]);
    check_names(
        &cloud,
        json!({"logGroupIdentifiers": ["c", format!("{ARN}/b/1"), "none"]}),
        &["/b/1", "c"],
    );
    check_names(
        &cloud,
        json!({"accountIdentifiers": ["210987654321"], "includeLinkedAccounts": true}),
        &[],
    );
    for asked in [
        json!({"logGroupNamePrefix": "a", "logGroupNamePattern": "a"}),
        json!({"logGroupIdentifiers": ["a"], "logGroupNamePrefix": "a"}),
        json!({"logGroupIdentifiers": vec!["a"; 51]}),
        json!({"limit": 51}),
        json!({"nextToken": "nonsense"}),
    ] {
        assert_eq!(
            cloud.err("logs", "DescribeLogGroups", asked.clone()),
            "InvalidParameterException",
            "{asked}"
        );
    }
    let first = cloud.ok("logs", "DescribeLogGroups", json!({"limit": 3}));
    check_names(&cloud, json!({"limit": 3, "nextToken": first["nextToken"]}), &["c", "rare"]);
}

#[test]
fn groups_are_tagged_by_arn_and_by_name() {
    let cloud = Probe::new();
    let arn = format!("{ARN}a");
    cloud.ok("logs", "CreateLogGroup", json!({"logGroupName": "a", "tags": {"a": "1", "b": "2"}}));
    cloud.ok("logs", "TagResource", json!({"resourceArn": arn, "tags": {"b": "3", "c": "4"}}));
    cloud.ok("logs", "UntagResource", json!({"resourceArn": arn, "tagKeys": ["a", "x"]}));
    cloud.ok("logs", "TagLogGroup", json!({"logGroupName": "a", "tags": {"d": ""}}));
    cloud.ok("logs", "UntagLogGroup", json!({"logGroupName": "a", "tags": ["c"]}));
    let expected = json!({"tags": {"b": "3", "d": ""}});
    assert_eq!(cloud.ok("logs", "ListTagsForResource", json!({"resourceArn": arn})), expected);
    assert_eq!(cloud.ok("logs", "ListTagsLogGroup", json!({"logGroupName": "a"})), expected);
    let many: Value = (0..50).map(|n| (format!("k{n}"), json!("v"))).collect();
    assert_eq!(
        cloud.err("logs", "TagResource", json!({"resourceArn": arn, "tags": many})),
        "TooManyTagsException"
    );
    let reserved = json!({"resourceArn": arn, "tags": {"aws:x": "1"}});
    assert_eq!(cloud.err("logs", "TagResource", reserved), "InvalidParameterException");
    let absent = json!({"resourceArn": format!("{ARN}none"), "tags": {"a": "1"}});
    assert_eq!(cloud.err("logs", "TagResource", absent), "ResourceNotFoundException");
}

#[test]
fn a_key_must_let_logs_encrypt_this_group() {
    let cloud = Probe::new();
    let key = |extra: Value| {
        let account = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"});
        let policy = json!({"Version": "2012-10-17", "Statement": [account, extra]}).to_string();
        cloud.ok("kms", "CreateKey", json!({"Policy": policy}))["KeyMetadata"]["Arn"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let statement = |service: &str, groups: &str| {
        json!({
            "Effect": "Allow", "Principal": {"Service": service}, "Resource": "*",
            "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        })
    };
    let good = key(statement("logs.us-east-1.amazonaws.com", &format!("{ARN}app-*")));
    let elsewhere = key(statement("logs.eu-west-1.amazonaws.com", &format!("{ARN}app-*")));
    let with = |name: &str, key: &str| json!({"logGroupName": name, "kmsKeyId": key});
    cloud.ok("logs", "CreateLogGroup", with("app-1", &good));
    assert_eq!(group(&cloud, "app-1")["kmsKeyId"], good);
    cloud.ok("logs", "CreateLogGroup", json!({"logGroupName": "app-2"}));
    cloud.ok("logs", "AssociateKmsKey", with("app-2", &good));
    cloud.ok("logs", "DisassociateKmsKey", json!({"resourceIdentifier": format!("{ARN}app-2")}));
    assert_eq!(group(&cloud, "app-2")["kmsKeyId"], Value::Null);
    assert_eq!(cloud.err("logs", "CreateLogGroup", with("other", &good)), "AccessDeniedException");
    assert_eq!(
        cloud.err("logs", "AssociateKmsKey", with("app-2", &elsewhere)),
        "AccessDeniedException"
    );
    assert_eq!(group(&cloud, "other"), Value::Null);
    let missing = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-a000-000000000000";
    for bad in [missing, good.rsplit('/').next().unwrap()] {
        assert_eq!(
            cloud.err("logs", "AssociateKmsKey", with("app-2", bad)),
            "InvalidParameterException",
            "{bad}"
        );
    }
    cloud.ok("kms", "DisableKey", json!({"KeyId": good}));
    assert_eq!(
        cloud.err("logs", "AssociateKmsKey", with("app-2", &good)),
        "InvalidParameterException"
    );
}

#[test]
fn groups_are_listed_in_short() {
    let cloud = Probe::new();
    for (name, env) in [("/aws/a", "prod"), ("/aws/b", "dev"), ("app", "prod")] {
        cloud.ok("logs", "CreateLogGroup", json!({"logGroupName": name, "tags": {"env": env}}));
    }
    let names = |asked: Value| {
        let answer = cloud.ok("logs", "ListLogGroups", asked);
        let groups = answer["logGroups"].as_array().unwrap();
        let names: Vec<Value> = groups.iter().map(|group| group["logGroupName"].clone()).collect();
        (json!(names), answer["nextToken"].clone())
    };
    assert_eq!(names(json!({"logGroupNamePattern": "^/aws|xyz"})).0, json!(["/aws/a", "/aws/b"]));
    let tagged = |value: &str| json!({"logGroupTags": [{"key": "env", "values": [value]}]});
    assert_eq!(names(tagged("pr*")).0, json!(["/aws/a", "app"]));
    assert_eq!(names(tagged("!prod")).0, json!(["/aws/b"]));
    let (first, token) = names(json!({"limit": 2}));
    assert_eq!(first, json!(["/aws/a", "/aws/b"]));
    assert_eq!(names(json!({"limit": 2, "nextToken": token})), (json!(["app"]), Value::Null));
}
