//! What users of EventBridge rely on.

mod pattern;

use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

const PATTERN: &str = r#"{"source":["shop"],"detail":{"total":[{"numeric":[">",100]}]}}"#;

fn ask(cloud: &Probe, operation: &str, input: Value) -> Value {
    cloud.ok("events", operation, input)
}

fn rule(cloud: &Probe) -> String {
    let input = json!({"Name": "r", "EventPattern": PATTERN, "Tags": [{"Key": "a", "Value": "1"}]});
    ask(cloud, "PutRule", input).text("RuleArn").to_owned()
}

/// A topic that EventBridge may publish to for a rule, or not.
fn topic(cloud: &Probe, rule: Option<&str>) -> String {
    let made = cloud.ok("sns", "CreateTopic", json!({"Name": "t"}));
    let topic = made.text("TopicArn").to_owned();
    if let Some(rule) = rule {
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish", "Resource": topic,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }]});
        let input = json!({"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": policy.to_string()});
        cloud.ok("sns", "SetTopicAttributes", input);
    }
    topic
}

fn sold(cloud: &Probe, total: u32) -> Value {
    let detail = json!({"total": total, "customer": "a \"b\""}).to_string();
    let entry =
        json!({"Source": "shop", "DetailType": "Sold", "Detail": detail, "Resources": ["r1"]});
    ask(cloud, "PutEvents", json!({"Entries": [entry]}))
}

fn messages(cloud: &Probe) -> Vec<String> {
    let rows = cloud.within(crate::Cloud::rows).into_iter();
    rows.filter(|row| row.table == "sns.message")
        .map(|row| row.value.text("Message").to_owned())
        .collect()
}

fn failures(cloud: &Probe) -> Value {
    let metric = json!({
        "Namespace": "AWS/Events", "MetricName": "FailedInvocations", "Dimensions": [{"Name": "RuleName", "Value": "r"}], "Period": 60,
        "StartTime": cloud.now() - 600.0, "EndTime": cloud.now() + 60.0, "Statistics": ["Sum"],
    });
    cloud.ok("cloudwatch", "GetMetricStatistics", metric)["Datapoints"][0]["Sum"].clone()
}

#[test]
fn an_event_that_fits_reaches_the_topic() {
    let cloud = Probe::new();
    let arn = rule(&cloud);
    let topic = topic(&cloud, Some(&arn));
    ask(&cloud, "PutTargets", json!({"Rule": "r", "Targets": [{"Id": "t", "Arn": topic}]}));
    sold(&cloud, 100);
    assert_eq!(messages(&cloud), Vec::<String>::new());
    assert_eq!(sold(&cloud, 101)["FailedEntryCount"], 0);
    let event: Value = serde_json::from_str(&messages(&cloud)[0]).unwrap();
    assert_eq!((event.text("source"), event.text("detail-type")), ("shop", "Sold"));
    assert_eq!((event.text("account"), event.text("region")), ("123456789012", "us-east-1"));
    assert_eq!((&event["detail"]["total"], &event["resources"]), (&json!(101), &json!(["r1"])));
    ask(&cloud, "DisableRule", json!({"Name": "r"}));
    sold(&cloud, 102);
    assert_eq!(messages(&cloud).len(), 1);
}

#[test]
fn a_topic_whose_policy_refuses_counts_as_a_failure() {
    let cloud = Probe::new();
    rule(&cloud);
    let topic = topic(&cloud, None);
    ask(&cloud, "PutTargets", json!({"Rule": "r", "Targets": [{"Id": "t", "Arn": topic}]}));
    sold(&cloud, 101);
    assert_eq!(messages(&cloud), Vec::<String>::new());
    assert_eq!(failures(&cloud), 1.0);
}

#[test]
fn targets_get_what_they_ask_for() {
    let cases = [
        (json!({"Input": "{\"a\":1}"}), r#"{"a":1}"#),
        (json!({"InputPath": "$.detail.total"}), "101"),
        (
            json!({"InputTransformer": {"InputPathsMap": {"total": "$.detail.total", "who": "$.detail.customer"}, "InputTemplate": "\"<who> paid <total> by <aws.events.rule-name>\""}}),
            r#""a \"b\" paid 101 by r""#,
        ),
        (
            json!({"InputTransformer": {"InputPathsMap": {"total": "$.detail.total", "who": "$.detail.customer"}, "InputTemplate": "{\"who\": <who>, \"total\": <total>}"}}),
            r#"{"who": "a \"b\"", "total": 101}"#,
        ),
    ];
    for (mut target, expected) in cases {
        let cloud = Probe::new();
        let arn = rule(&cloud);
        target["Id"] = json!("t");
        target["Arn"] = json!(topic(&cloud, Some(&arn)));
        ask(&cloud, "PutTargets", json!({"Rule": "r", "Targets": [target]}));
        sold(&cloud, 101);
        assert_eq!(messages(&cloud), [expected]);
    }
}

#[test]
fn a_rule_is_replaced_as_a_whole_and_keeps_targets_and_tags() {
    let cloud = Probe::new();
    let arn = rule(&cloud);
    let topic = topic(&cloud, Some(&arn));
    ask(&cloud, "PutTargets", json!({"Rule": "r", "Targets": [{"Id": "t", "Arn": topic}]}));
    let again = json!({"Name": "r", "ScheduleExpression": "rate(1 day)", "Description": "x", "Tags": [{"Key": "b", "Value": "2"}]});
    ask(&cloud, "PutRule", again);
    let found = ask(&cloud, "DescribeRule", json!({"Name": "r"}));
    assert_eq!((&found["EventPattern"], found.text("Description")), (&Value::Null, "x"));
    let targets = ask(&cloud, "ListTargetsByRule", json!({"Rule": "r"}));
    assert_eq!(targets["Targets"][0]["Arn"], topic);
    let tags = ask(&cloud, "ListTagsForResource", json!({"ResourceARN": arn}));
    assert_eq!(tags["Tags"], json!([{"Key": "a", "Value": "1"}]));
    let by_target = ask(&cloud, "ListRuleNamesByTarget", json!({"TargetArn": topic}));
    assert_eq!(by_target["RuleNames"], json!(["r"]));
    cloud.pass(24.0 * 3600.0 + 1.0);
    ask(&cloud, "ListRules", json!({}));
    let event: Value = serde_json::from_str(&messages(&cloud)[0]).unwrap();
    assert_eq!(
        (event.text("source"), event.text("detail-type")),
        ("aws.events", "Scheduled Event")
    );
}

#[test]
fn a_rule_with_targets_stays() {
    let cloud = Probe::new();
    let arn = rule(&cloud);
    let topic = topic(&cloud, Some(&arn));
    ask(&cloud, "PutTargets", json!({"Rule": "r", "Targets": [{"Id": "t", "Arn": topic}]}));
    assert_eq!(cloud.err("events", "DeleteRule", json!({"Name": "r"})), "ValidationException");
    ask(&cloud, "RemoveTargets", json!({"Rule": "r", "Ids": ["t"]}));
    ask(&cloud, "DeleteRule", json!({"Name": "r"}));
    ask(&cloud, "DeleteRule", json!({"Name": "r"}));
    assert_eq!(
        cloud.err("events", "DescribeRule", json!({"Name": "r"})),
        "ResourceNotFoundException"
    );
}

#[test]
fn what_cannot_be_a_rule_or_a_target_is_refused() {
    let cloud = Probe::new();
    rule(&cloud);
    for (input, code) in [
        (json!({"Name": "x"}), "ValidationException"),
        (json!({"Name": "x", "ScheduleExpression": "rate(1 minutes)"}), "ValidationException"),
        (
            json!({"Name": "x", "EventPattern": "{\"source\":\"a\"}"}),
            "InvalidEventPatternException",
        ),
        (
            json!({"Name": "x", "EventPattern": PATTERN, "EventBusName": "other"}),
            "ResourceNotFoundException",
        ),
    ] {
        assert_eq!(cloud.err("events", "PutRule", input), code);
    }
    let target = |arn: &str| json!({"Rule": "r", "Targets": [{"Id": "t", "Arn": arn}]});
    assert_eq!(cloud.err("events", "PutTargets", target("topic")), "ValidationException");
    let queue = "arn:aws:sqs:us-east-1:123456789012:q";
    assert_eq!(cloud.err("events", "PutTargets", target(queue)), "NotImplemented");
    let unknown =
        json!({"Rule": "x", "Targets": [{"Id": "t", "Arn": "arn:aws:sns:us-east-1:1:t"}]});
    assert_eq!(cloud.err("events", "PutTargets", unknown), "ResourceNotFoundException");
    let aws = json!({"Entries": [{"Source": "aws.x", "DetailType": "x", "Detail": "{}"}, {"Source": "x", "DetailType": "x", "Detail": "["}]});
    let answer = ask(&cloud, "PutEvents", aws);
    assert_eq!(answer["FailedEntryCount"], 2);
    assert_eq!(answer["Entries"][1]["ErrorCode"], "MalformedDetail");
}
