//! Streams and their events.

use crate::testing::Probe;
use serde_json::{Value, json};

const NOW: i64 = 1_767_225_600_000;
const HOUR: i64 = 3_600_000;

fn cloud() -> Probe {
    let cloud = Probe::new();
    cloud.ok("logs", "CreateLogGroup", json!({"logGroupName": "g"}));
    for stream in ["a", "b"] {
        cloud.ok("logs", "CreateLogStream", json!({"logGroupName": "g", "logStreamName": stream}));
    }
    cloud
}

fn batch(stream: &str, events: &[(i64, &str)]) -> Value {
    let events: Vec<Value> = events
        .iter()
        .map(|(at, message)| json!({"timestamp": NOW + at, "message": message}))
        .collect();
    json!({"logGroupName": "g", "logStreamName": stream, "logEvents": events})
}

fn messages(answer: &Value) -> Vec<&str> {
    let events = answer["events"].as_array().unwrap();
    events.iter().map(|event| event["message"].as_str().unwrap()).collect()
}

#[test]
fn events_are_read_page_by_page_in_both_directions() {
    let cloud = cloud();
    cloud.ok("logs", "PutLogEvents", batch("a", &[(1, "1"), (2, "2"), (4, "4")]));
    cloud.ok("logs", "PutLogEvents", batch("a", &[(3, "3"), (5, "5")]));
    let get = |extra: Value| {
        let mut asked = json!({"logGroupName": "g", "logStreamName": "a", "limit": 2});
        asked.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        cloud.ok("logs", "GetLogEvents", asked)
    };
    let latest = get(json!({}));
    assert_eq!(messages(&latest), ["4", "5"]);
    let first = get(json!({"startFromHead": true}));
    assert_eq!(messages(&first), ["1", "2"]);
    let second = get(json!({"nextToken": first["nextForwardToken"]}));
    assert_eq!(messages(&second), ["3", "4"]);
    assert_eq!(messages(&get(json!({"nextToken": second["nextBackwardToken"]}))), ["1", "2"]);
    let end = get(json!({"nextToken": latest["nextForwardToken"]}));
    assert_eq!((messages(&end).len(), &end["nextForwardToken"]), (0, &latest["nextForwardToken"]));
    cloud.ok("logs", "PutLogEvents", batch("a", &[(6, "6")]));
    assert_eq!(messages(&get(json!({"nextToken": end["nextForwardToken"]}))), ["6"]);
    let some = get(json!({"startTime": NOW + 2, "endTime": NOW + 4, "startFromHead": true}));
    assert_eq!(messages(&some), ["2", "3"]);
    let streams = cloud.ok("logs", "DescribeLogStreams", json!({"logGroupName": "g"}));
    let stream = &streams["logStreams"][0];
    assert_eq!(
        (&stream["firstEventTimestamp"], &stream["lastEventTimestamp"]),
        (&json!(NOW + 1), &json!(NOW + 6))
    );
    let bad = json!({"logGroupName": "g", "logStreamName": "a", "nextToken": "f/1/s"});
    assert_eq!(cloud.err("logs", "GetLogEvents", bad), "InvalidParameterException");
}

#[test]
fn events_of_many_streams_are_filtered_in_order_of_time() {
    let cloud = cloud();
    cloud.ok(
        "logs",
        "PutLogEvents",
        batch("a", &[(1, "ERROR one"), (3, "fine"), (4, "ERROR two")]),
    );
    cloud.ok("logs", "PutLogEvents", batch("b", &[(2, "ERROR three")]));
    #[rustfmt::skip]
    let cases = [
        (json!({}), vec!["ERROR one", "ERROR three", "fine", "ERROR two"]),
        (json!({"filterPattern": "ERROR"}), vec!["ERROR one", "ERROR three", "ERROR two"]),
        (json!({"filterPattern": "ERROR", "logStreamNames": ["b"]}), vec!["ERROR three"]),
        (json!({"filterPattern": "ERROR", "logStreamNamePrefix": "a"}), vec!["ERROR one", "ERROR two"]),
        (json!({"startTime": NOW + 2, "endTime": NOW + 3}), vec!["ERROR three", "fine"]),
        (json!({"startTime": NOW + 2, "startFromHead": false}), vec!["ERROR two", "fine", "ERROR three"]),
    ];
    for (mut asked, expected) in cases {
        asked["logGroupIdentifier"] = json!("arn:aws:logs:us-east-1:123456789012:log-group:g");
        assert_eq!(
            messages(&cloud.ok("logs", "FilterLogEvents", asked.clone())),
            expected,
            "{asked}"
        );
    }
    let page = cloud.ok("logs", "FilterLogEvents", json!({"logGroupName": "g", "limit": 3}));
    let next = json!({"logGroupName": "g", "limit": 3, "nextToken": page["nextToken"]});
    assert_eq!(messages(&cloud.ok("logs", "FilterLogEvents", next)), ["ERROR two"]);
    for (extra, code) in [
        (json!({"logStreamNames": ["a"], "logStreamNamePrefix": "a"}), "InvalidParameterException"),
        (json!({"logStreamNames": ["none"]}), "ResourceNotFoundException"),
        (json!({"logGroupIdentifier": "g"}), "InvalidParameterException"),
        (json!({"filterPattern": "{ $.x"}), "InvalidParameterException"),
        (json!({"startTime": 2, "endTime": 1}), "InvalidParameterException"),
    ] {
        let mut asked = extra;
        asked["logGroupName"] = json!("g");
        assert_eq!(cloud.err("logs", "FilterLogEvents", asked.clone()), code, "{asked}");
    }
}

#[test]
fn events_must_be_in_order_and_neither_old_nor_new() {
    let cloud = cloud();
    for events in [vec![(2, "b"), (1, "a")], vec![(-25 * HOUR, "a"), (0, "b")]] {
        let code = cloud.err("logs", "PutLogEvents", batch("a", &events));
        assert_eq!(code, "InvalidParameterException", "{events:?}");
    }
    let large = "x".repeat(1_048_576);
    assert_eq!(
        cloud.err("logs", "PutLogEvents", batch("a", &[(0, &large)])),
        "InvalidParameterException"
    );
    let day = 24 * HOUR;
    let mixed = [(-15 * day, "old"), (-4 * day, "kept"), (0, "now")];
    let keep = json!({"logGroupName": "g", "retentionInDays": 3});
    cloud.ok("logs", "PutRetentionPolicy", keep);
    let answer = cloud.ok(
        "logs",
        "PutLogEvents",
        batch("a", &[mixed[0], mixed[1], mixed[2], (3 * HOUR, "new")]),
    );
    let expected = json!({"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 2, "tooNewLogEventStartIndex": 3});
    assert_eq!(answer["rejectedLogEventsInfo"], expected);
    let read = || cloud.ok("logs", "FilterLogEvents", json!({"logGroupName": "g"}));
    assert_eq!(messages(&read()), ["now"]);
    cloud.pass(3.0 * 24.0 * 3600.0 + 1.0);
    assert!(messages(&read()).is_empty());
}

#[test]
fn streams_belong_to_their_group() {
    let cloud = cloud();
    let of = |group: &str, name: &str| json!({"logGroupName": group, "logStreamName": name});
    assert_eq!(
        cloud.err("logs", "CreateLogStream", of("g", "a")),
        "ResourceAlreadyExistsException"
    );
    assert_eq!(cloud.err("logs", "CreateLogStream", of("none", "a")), "ResourceNotFoundException");
    assert_eq!(cloud.err("logs", "DeleteLogStream", of("g", "none")), "ResourceNotFoundException");
    cloud.ok("logs", "PutLogEvents", batch("b", &[(1, "x")]));
    let names = |extra: Value| {
        let mut asked = extra;
        asked["logGroupName"] = json!("g");
        let answer = cloud.ok("logs", "DescribeLogStreams", asked);
        let streams = answer["logStreams"].as_array().unwrap();
        json!(streams.iter().map(|stream| stream["logStreamName"].clone()).collect::<Vec<_>>())
    };
    assert_eq!(names(json!({})), json!(["a", "b"]));
    assert_eq!(names(json!({"descending": true})), json!(["b", "a"]));
    assert_eq!(
        names(json!({"orderBy": "LastEventTime", "descending": true, "limit": 1})),
        json!(["b"])
    );
    assert_eq!(names(json!({"logStreamNamePrefix": "b"})), json!(["b"]));
    let both = json!({"logGroupName": "g", "orderBy": "LastEventTime", "logStreamNamePrefix": "a"});
    assert_eq!(cloud.err("logs", "DescribeLogStreams", both), "InvalidParameterException");
    let protect = |on: bool| json!({"logGroupIdentifier": "g", "deletionProtectionEnabled": on});
    cloud.ok("logs", "PutLogGroupDeletionProtection", protect(true));
    assert_eq!(cloud.err("logs", "DeleteLogStream", of("g", "a")), "ValidationException");
    cloud.ok("logs", "PutLogGroupDeletionProtection", protect(false));
    cloud.ok("logs", "DeleteLogGroup", json!({"logGroupName": "g"}));
    cloud.ok("logs", "CreateLogGroup", json!({"logGroupName": "g"}));
    assert_eq!(names(json!({})), json!([]));
    cloud.ok("logs", "CreateLogStream", of("g", "b"));
    let asked = of("g", "b");
    assert!(messages(&cloud.ok("logs", "GetLogEvents", asked)).is_empty());
}

#[test]
fn an_alarm_follows_what_a_metric_filter_counts() {
    let cloud = cloud();
    let to = json!([{"metricName": "errors", "metricNamespace": "N", "metricValue": "1"}]);
    let filter = json!({"logGroupName": "g", "filterName": "f", "filterPattern": "ERROR", "metricTransformations": to});
    cloud.ok("logs", "PutMetricFilter", filter);
    let alarm = json!({
        "AlarmName": "a", "MetricName": "errors", "Namespace": "N", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
        "Threshold": 0.0, "ComparisonOperator": "GreaterThanThreshold",
    });
    cloud.ok("cloudwatch", "PutMetricAlarm", alarm);
    cloud.ok("logs", "PutLogEvents", batch("a", &[(0, "ERROR")]));
    cloud.pass(120.0);
    let found = cloud.ok("cloudwatch", "DescribeAlarms", json!({"AlarmNames": ["a"]}));
    assert_eq!(found["MetricAlarms"][0]["StateValue"], "ALARM");
}
