//! What users of the tagging API rely on.

use crate::options::Options;
use crate::testing::Probe;
use serde_json::{Value, json};

const TAGGING: &str = "resourcegroupstaggingapi";

/// A VPC, a subnet, a key, a topic and two log groups; only the second group has no tags.
fn stack() -> (Probe, String, String) {
    let cloud = Probe::new();
    let tags = |kind: &str, owner: &str| json!([{"ResourceType": kind, "Tags": [{"Key": "owner", "Value": owner}, {"Key": "kind", "Value": kind}]}]);
    let vpc = cloud.ok(
        "ec2",
        "CreateVpc",
        json!({"CidrBlock": "10.0.0.0/16", "TagSpecifications": tags("vpc", "a")}),
    );
    let vpc = vpc["Vpc"]["VpcId"].as_str().unwrap();
    cloud.ok(
        "ec2",
        "CreateSubnet",
        json!({"VpcId": vpc, "CidrBlock": "10.0.0.0/24", "TagSpecifications": tags("subnet", "b")}),
    );
    let key = cloud.ok("kms", "CreateKey", json!({"Tags": [{"TagKey": "owner", "TagValue": "a"}]}));
    cloud.ok("sns", "CreateTopic", json!({"Name": "t", "Tags": [{"Key": "owner", "Value": "b"}]}));
    cloud.ok(
        "logs",
        "CreateLogGroup",
        json!({"logGroupName": "g", "tags": {"owner": "c", "empty": ""}}),
    );
    cloud.ok("logs", "CreateLogGroup", json!({"logGroupName": "untagged"}));
    let vpc = format!("arn:aws:ec2:us-east-1:123456789012:vpc/{vpc}");
    (cloud, vpc, key["KeyMetadata"]["Arn"].as_str().unwrap().to_owned())
}

fn arns(answer: &Value) -> Vec<String> {
    let list = answer["ResourceTagMappingList"].as_array().unwrap();
    list.iter().map(|resource| resource["ResourceARN"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn check_found(cloud: &Probe, asked: Value, expected: &[&str]) {
    let mut found = arns(&cloud.ok(TAGGING, "GetResources", asked));
    found.retain(|arn| !arn.contains(":subnet/"));
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn filters_are_all_of_keys_and_any_of_values_and_types() {
    let (cloud, vpc, key) = stack();
    let topic = "arn:aws:sns:us-east-1:123456789012:t";
    let group = "arn:aws:logs:us-east-1:123456789012:log-group:g";
    check_found(&cloud, json!({}), &[&vpc, &key, topic, group]);
    check_found(&cloud, json!({"TagFilters": [{"Key": "owner", "Values": ["a"]}]}), &[&vpc, &key]);
    check_found(
        &cloud,
        json!({"TagFilters": [{"Key": "owner", "Values": ["a", "c"]}]}),
        &[&vpc, &key, group],
    );
    check_found(
        &cloud,
        json!({"TagFilters": [{"Key": "owner", "Values": ["a"]}, {"Key": "kind"}]}),
        &[&vpc],
    );
    check_found(&cloud, json!({"TagFilters": [{"Key": "empty"}]}), &[group]);
    check_found(&cloud, json!({"TagFilters": [{"Key": "Owner"}]}), &[]);
    check_found(&cloud, json!({"ResourceTypeFilters": ["ec2:vpc", "kms"]}), &[&vpc, &key]);
    check_found(
        &cloud,
        json!({"ResourceTypeFilters": ["kms:key", "logs:log-group", "sns:topic"]}),
        &[&key, topic, group],
    );
    check_found(&cloud, json!({"ResourceTypeFilters": ["ec2:vp"]}), &[]);
    check_found(
        &cloud,
        json!({"ResourceARNList": [vpc, group, "arn:aws:sns:us-east-1:123456789012:none"]}),
        &[&vpc, group],
    );
    let elsewhere = Probe::in_region("eu-west-1");
    check_found(&elsewhere, json!({}), &[]);
}

#[test]
fn parameters_that_exclude_each_other_are_refused() {
    let (cloud, vpc, _) = stack();
    for asked in [
        json!({"ResourceARNList": [vpc], "TagFilters": [{"Key": "owner"}]}),
        json!({"ResourceARNList": [vpc], "ResourceTypeFilters": ["ec2"]}),
        json!({"ResourceARNList": [vpc], "ResourcesPerPage": 1}),
        json!({"ResourceARNList": vec![&vpc; 101]}),
        json!({"ResourcesPerPage": 0}),
        json!({"ResourcesPerPage": 101}),
        json!({"TagsPerPage": 99}),
        json!({"ExcludeCompliantResources": true}),
        json!({"PaginationToken": "nonsense"}),
    ] {
        assert_eq!(
            cloud.err(TAGGING, "GetResources", asked.clone()),
            "InvalidParameterException",
            "{asked}"
        );
    }
    let compliance = cloud.ok(TAGGING, "GetResources", json!({"IncludeComplianceDetails": true}));
    assert_eq!(
        compliance["ResourceTagMappingList"][0]["ComplianceDetails"]["ComplianceStatus"],
        true
    );
}

#[track_caller]
fn check_pages(cloud: &Probe, asked: &Value, expected: &[usize]) {
    let mut asked = asked.clone();
    let (mut sizes, mut all) = (Vec::new(), Vec::new());
    loop {
        let answer = cloud.ok(TAGGING, "GetResources", asked.clone());
        sizes.push(arns(&answer).len());
        all.extend(arns(&answer));
        match answer["PaginationToken"].as_str() {
            Some(token) if !token.is_empty() => asked["PaginationToken"] = json!(token),
            _ => break,
        }
    }
    assert_eq!(sizes, expected);
    all.dedup();
    assert_eq!(all.len(), 22);
}

#[test]
fn pages_hold_so_many_resources_or_tags() {
    let cloud = Probe::new();
    for n in 0..22 {
        let tags: Value = (0..10).map(|tag| (format!("k{tag}"), json!("v"))).collect();
        cloud.ok(
            "logs",
            "CreateLogGroup",
            json!({"logGroupName": format!("g{n:02}"), "tags": tags}),
        );
    }
    check_pages(&cloud, &json!({"TagsPerPage": 100}), &[10, 10, 2]);
    check_pages(&cloud, &json!({"TagsPerPage": 105}), &[10, 10, 2]);
    check_pages(&cloud, &json!({"ResourcesPerPage": 15}), &[15, 7]);
    check_pages(&cloud, &json!({}), &[22]);
}

#[test]
fn tags_are_set_and_removed_on_many_resources() {
    let (cloud, vpc, key) = stack();
    let group = "arn:aws:logs:us-east-1:123456789012:log-group:untagged";
    let none = "arn:aws:sns:us-east-1:123456789012:none";
    let answer = cloud.ok(
        TAGGING,
        "TagResources",
        json!({"ResourceARNList": [vpc, key, group, none], "Tags": {"team": "x"}}),
    );
    let failed = answer["FailedResourcesMap"].as_object().unwrap();
    assert_eq!(failed.keys().collect::<Vec<_>>(), [none]);
    assert_eq!(failed[none]["ErrorCode"], "InvalidParameterException");
    let team = |cloud: &Probe| {
        arns(&cloud.ok(
            TAGGING,
            "GetResources",
            json!({"TagFilters": [{"Key": "team", "Values": ["x"]}]}),
        ))
    };
    assert_eq!(team(&cloud).len(), 3);
    let id = vpc.rsplit('/').next().unwrap();
    let described = cloud.ok(
        "ec2",
        "DescribeVpcs",
        json!({"Filters": [{"Name": "tag:team", "Values": ["x"]}]}),
    );
    assert_eq!(described["Vpcs"][0]["VpcId"], id);
    cloud.ok(
        TAGGING,
        "UntagResources",
        json!({"ResourceARNList": [vpc, group], "TagKeys": ["team"]}),
    );
    assert_eq!(team(&cloud), [key]);
    assert_eq!(
        cloud.ok(TAGGING, "GetTagKeys", json!({}))["TagKeys"],
        json!(["empty", "kind", "owner", "team"])
    );
    assert_eq!(
        cloud.ok(TAGGING, "GetTagValues", json!({"Key": "owner"}))["TagValues"],
        json!(["a", "b", "c"])
    );
    for asked in [
        json!({"ResourceARNList": ["x"], "Tags": {"a": "1"}}),
        json!({"ResourceARNList": [vpc], "Tags": {"aws:a": "1"}}),
    ] {
        assert_eq!(
            cloud.err(TAGGING, "TagResources", asked.clone()),
            "InvalidParameterException",
            "{asked}"
        );
    }
}

#[test]
fn a_set_lag_shows_tags_as_they_were() {
    let latencies = [("tagging.resource.visible".to_owned(), 60.0)].into();
    let cloud = Probe::with(Options { latencies, ..Options::default() });
    let group = "arn:aws:logs:us-east-1:123456789012:log-group:g";
    let seen = || {
        let answer = cloud.ok(TAGGING, "GetResources", json!({"ResourceARNList": [group]}));
        answer["ResourceTagMappingList"][0]["Tags"][0]["Value"].clone()
    };
    let tag = |value: &str| {
        cloud.ok("logs", "TagResource", json!({"resourceArn": group, "tags": {"k": value}}))
    };
    cloud.ok("logs", "CreateLogGroup", json!({"logGroupName": "g", "tags": {"k": "1"}}));
    assert_eq!(seen(), Value::Null);
    cloud.pass(30.0);
    tag("2");
    assert_eq!(seen(), Value::Null);
    cloud.pass(31.0);
    assert_eq!(seen(), "1");
    cloud.pass(30.0);
    assert_eq!(seen(), "2");
    cloud.ok("logs", "DeleteLogGroup", json!({"logGroupName": "g"}));
    assert_eq!(seen(), "2");
    assert_eq!(cloud.ok(TAGGING, "GetTagValues", json!({"Key": "k"}))["TagValues"], json!(["2"]));
    cloud.pass(61.0);
    assert_eq!(seen(), Value::Null);
}
