use super::{cpu, described, sample, sent, state, with};
use crate::testing::Probe;
use serde_json::{Value, json};

/// An alarm on one value a minute, with an action.
fn one_minute(cloud: &Probe, members: Value) -> Value {
    let topic = cloud.ok("sns", "CreateTopic", json!({"Name": "a"}))["TopicArn"].clone();
    let base = json!({"EvaluationPeriods": 1, "DatapointsToAlarm": null, "AlarmActions": [topic], "OKActions": [topic]});
    cloud.ok("cloudwatch", "PutMetricAlarm", with(with(cpu("cpu"), base), members));
    topic
}

#[test]
fn an_alarm_follows_its_metric_and_tells_its_topic() {
    let cloud = Probe::new();
    one_minute(&cloud, json!({}));
    sample(&cloud, 50.0);
    cloud.pass(61.0);
    assert_eq!(state(&cloud, "cpu"), "OK");
    sample(&cloud, 99.0);
    cloud.pass(61.0);
    let alarm = described(&cloud, "cpu");
    assert_eq!(alarm["StateValue"], "ALARM");
    let reason = "Threshold Crossed: 1 out of the last 1 datapoint [99.0 (01/01/26 00:01:00)] was greater than the threshold (80.5) (minimum 1 datapoint for OK -> ALARM transition).";
    assert_eq!(alarm["StateReason"], reason);
    let told = sent(&cloud);
    let states: Vec<&str> =
        told.iter().map(|message| message["NewStateValue"].as_str().unwrap()).collect();
    assert_eq!(states, ["OK", "ALARM"]);
    assert!(told[1]["StateChangeTime"].as_str().unwrap().ends_with(".000+0000"), "{}", told[1]);
    assert_eq!(
        (&told[1]["OldStateValue"], &told[1]["Trigger"]["MetricName"]),
        (&json!("OK"), &json!("CPUUtilization"))
    );
    // Without new values the alarm knows nothing any more, and then nothing is left to do.
    cloud.pass(86_400.0);
    assert_eq!(state(&cloud, "cpu"), "INSUFFICIENT_DATA");
    let history = cloud.ok(
        "cloudwatch",
        "DescribeAlarmHistory",
        json!({"AlarmName": "cpu", "HistoryItemType": "StateUpdate"}),
    );
    let summaries: Vec<&Value> = history["AlarmHistoryItems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["HistorySummary"])
        .collect();
    assert_eq!(summaries[0], "Alarm updated from ALARM to INSUFFICIENT_DATA");
    assert_eq!(summaries.len(), 3);
}

#[test]
fn two_of_three_values_make_an_alarm() {
    let cloud = Probe::new();
    cloud.ok("cloudwatch", "PutMetricAlarm", cpu("cpu"));
    let mut states = Vec::new();
    for value in [90.0, 10.0, 90.0, 10.0, 10.0] {
        sample(&cloud, value);
        cloud.pass(60.0);
        states.push(state(&cloud, "cpu"));
    }
    assert_eq!(states, ["OK", "OK", "ALARM", "OK", "OK"]);
}

/// Checks the state of a new alarm without any data after two minutes.
#[track_caller]
fn check_missing(treatment: &str, expected: &str) {
    let cloud = Probe::new();
    one_minute(&cloud, json!({"TreatMissingData": treatment}));
    cloud.pass(120.0);
    assert_eq!(state(&cloud, "cpu"), expected);
}

#[test]
fn missing_data_count_as_the_alarm_says() {
    check_missing("missing", "INSUFFICIENT_DATA");
    check_missing("ignore", "INSUFFICIENT_DATA");
    check_missing("breaching", "ALARM");
    check_missing("notBreaching", "OK");
}

#[test]
fn a_state_set_by_hand_lasts_until_the_next_evaluation() {
    let cloud = Probe::new();
    one_minute(&cloud, json!({"TreatMissingData": "notBreaching"}));
    let set =
        |name: &str| json!({"AlarmName": name, "StateValue": "ALARM", "StateReason": "drill"});
    cloud.ok("cloudwatch", "SetAlarmState", set("cpu"));
    assert_eq!((state(&cloud, "cpu"), sent(&cloud).len()), ("ALARM".to_owned(), 1));
    cloud.pass(61.0);
    assert_eq!((state(&cloud, "cpu"), sent(&cloud).len()), ("OK".to_owned(), 2));
    cloud.ok("cloudwatch", "DisableAlarmActions", json!({"AlarmNames": ["cpu"]}));
    cloud.ok("cloudwatch", "SetAlarmState", set("cpu"));
    assert_eq!(sent(&cloud).len(), 2);
    assert_eq!(cloud.err("cloudwatch", "SetAlarmState", set("none")), "ResourceNotFound");
}

#[test]
fn an_action_that_fails_is_in_the_history() {
    let cloud = Probe::new();
    let key = cloud.ok("kms", "CreateKey", json!({}))["KeyMetadata"]["KeyId"].clone();
    let topic = one_minute(&cloud, json!({"TreatMissingData": "breaching"}));
    let encrypt =
        json!({"TopicArn": topic, "AttributeName": "KmsMasterKeyId", "AttributeValue": key});
    cloud.ok("sns", "SetTopicAttributes", encrypt);
    cloud.pass(61.0);
    let history =
        cloud.ok("cloudwatch", "DescribeAlarmHistory", json!({"HistoryItemType": "Action"}));
    let summary = history["AlarmHistoryItems"][0]["HistorySummary"].as_str().unwrap();
    assert!(
        summary.contains("does not have authorization to access the SNS topic encryption key"),
        "{summary}"
    );
    assert_eq!(sent(&cloud).len(), 0);
}

#[test]
fn an_alarm_on_an_expression_follows_it() {
    let cloud = Probe::new();
    let metric = |name: &str| json!({"Metric": {"Namespace": "Web", "MetricName": name}, "Period": 60, "Stat": "Sum"});
    let queries = json!([
        {"Id": "rate", "Expression": "IF(requests > 10, errors / requests * 100, 0)"},
        {"Id": "errors", "MetricStat": metric("Errors"), "ReturnData": false},
        {"Id": "requests", "MetricStat": metric("Requests"), "ReturnData": false},
    ]);
    let alarm = json!({
        "AlarmName": "rate", "Metrics": queries, "EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold",
    });
    cloud.ok("cloudwatch", "PutMetricAlarm", alarm);
    let give = |errors: f64, requests: f64| {
        let data = json!([{"MetricName": "Errors", "Value": errors}, {"MetricName": "Requests", "Value": requests}]);
        cloud.ok("cloudwatch", "PutMetricData", json!({"Namespace": "Web", "MetricData": data}));
        cloud.pass(60.0);
        state(&cloud, "rate")
    };
    assert_eq!([give(1.0, 100.0), give(10.0, 100.0), give(5.0, 5.0)], ["OK", "ALARM", "OK"]);
}
