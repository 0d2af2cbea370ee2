//! Filter patterns and metric filters.

use crate::testing::{Probe, START};
use serde_json::{Value, json};

/// Which of the messages a pattern matches.
#[track_caller]
fn check(pattern: &str, messages: &[&str], expected: &[usize]) {
    let asked = json!({"filterPattern": pattern, "logEventMessages": messages});
    let answer = Probe::new().ok("logs", "TestMetricFilter", asked);
    let matches = answer["matches"].as_array().unwrap();
    let found: Vec<u64> =
        matches.iter().map(|one| one["eventNumber"].as_u64().unwrap() - 1).collect();
    assert_eq!(json!(found), json!(expected), "{pattern}");
}

#[test]
fn terms_match_texts() {
    let texts = ["[ERROR 400] bad request", "ERROR retry", "WARN slow", "nothing"];
    check("", &texts, &[0, 1, 2, 3]);
    check("ERROR", &texts, &[0, 1]);
    check("ERROR -retry", &texts, &[0]);
    check("?ERROR ?WARN", &texts, &[0, 1, 2]);
    check("\"[ERROR 400]\"", &texts, &[0]);
    check("bad request", &texts, &[0]);
    check("%4[0-9]{2}|slow%", &texts, &[0, 2]);
    check("error", &texts, &[]);
}

#[test]
fn json_patterns_match_members() {
    let texts = [
        r#"{"eventName": "ConsoleLogin", "user": {"type": "Root"}, "code": 401, "list": [{"a": 1}, {"a": 2}], "ok": true, "x-y": null}"#,
        r#"{"eventName": "DeleteTrail", "errorCode": "Client.UnauthorizedOperation", "code": 200, "user": {"type": "Root", "by": "aws"}}"#,
        "no JSON",
    ];
    check(r#"{ $.eventName = "ConsoleLogin" }"#, &texts, &[0]);
    check("{ ($.eventName=DeleteTrail) || ($.eventName=CreateTrail) }", &texts, &[1]);
    check(
        r#"{ $.user.type = "Root" && $.user.by NOT EXISTS && $.eventName != "X" }"#,
        &texts,
        &[0],
    );
    check(
        r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }"#,
        &texts,
        &[1],
    );
    check("{ $.code >= 400 && $.code < 500 }", &texts, &[0]);
    check("{ $.code = 200 }", &texts, &[1]);
    check("{ $.list[*].a = 2 }", &texts, &[0]);
    check("{ $.list[1].a = 1 }", &texts, &[]);
    check("{ $.ok IS TRUE }", &texts, &[0]);
    check("{ $.['x-y'] IS NULL }", &texts, &[0]);
    check("{ $['eventName'] = %^Delete% }", &texts, &[1]);
    check("{ $.missing != 1 }", &texts, &[]);
}

#[test]
fn column_patterns_match_words() {
    let texts = [
        r#"127.0.0.1 frank [10/Oct/2000 13:25:15] "GET /a.png HTTP/1.0" 404 1534"#,
        r#"127.0.0.2 james [10/Oct/2000 13:25:15] "POST /b HTTP/1.0" 500 20"#,
        "three short words",
    ];
    check("[ip, user, time, request, status, bytes]", &texts, &[0, 1]);
    check("[ip, user, time, request, status = 4*, bytes]", &texts, &[0]);
    check("[..., status, bytes > 1000]", &texts, &[0]);
    check("[ip, ..., request = \"*html*\" || request = \"POST*\", status, bytes]", &texts, &[1]);
    check("[w1 = three && w1 != four, ...]", &texts, &[2]);
    check("[..., status = %5[0-9]+%, bytes]", &texts, &[1]);
    let asked = json!({"filterPattern": "[ip, ..., size]", "logEventMessages": ["1.2.3.4 x 7"]});
    let answer = Probe::new().ok("logs", "TestMetricFilter", asked);
    let expected = json!({"$ip": "1.2.3.4", "$2": "x", "$size": "7"});
    assert_eq!(answer["matches"][0]["extractedValues"], expected);
}

#[test]
fn wrong_patterns_are_refused() {
    let cloud = Probe::new();
    for pattern in [
        "{ $.a = 1",
        "{ $.a }",
        "{ a = 1 }",
        "{ $.a = 1 } x",
        "[a, b",
        "[..., a, ...]",
        "[a = 1 && b = 2]",
        "a.b",
        "\"open",
        "%(a|b)%",
        "%a% %b% %c%",
        "{ $.a > x }",
    ] {
        let asked = json!({"filterPattern": pattern, "logEventMessages": ["x"]});
        assert_eq!(
            cloud.err("logs", "TestMetricFilter", asked),
            "InvalidParameterException",
            "{pattern}"
        );
    }
}

fn filter(name: &str, metric: &str) -> Value {
    let to = json!({"metricName": metric, "metricNamespace": "N", "metricValue": "1", "defaultValue": 0.0, "unit": "Count"});
    json!({"logGroupName": "g", "filterName": name, "filterPattern": "ERROR", "metricTransformations": [to]})
}

#[test]
fn metric_filters_are_put_found_and_deleted() {
    let cloud = Probe::new();
    let group = |name: &str, class: &str| json!({"logGroupName": name, "logGroupClass": class});
    cloud.ok("logs", "CreateLogGroup", group("g", "STANDARD"));
    cloud.ok("logs", "CreateLogGroup", group("rare", "INFREQUENT_ACCESS"));
    cloud.ok("logs", "PutMetricFilter", filter("f1", "M1"));
    cloud.pass(10.0);
    cloud.ok("logs", "PutMetricFilter", filter("f1", "M2"));
    cloud.ok("logs", "PutMetricFilter", filter("f2", "M2"));
    let names = |asked: Value| {
        let answer = cloud.ok("logs", "DescribeMetricFilters", asked);
        let filters = answer["metricFilters"].as_array().unwrap();
        json!(filters.iter().map(|filter| filter["filterName"].clone()).collect::<Vec<_>>())
    };
    assert_eq!(names(json!({"logGroupName": "g", "filterNamePrefix": "f2"})), json!(["f2"]));
    assert_eq!(names(json!({"metricName": "M2", "metricNamespace": "N"})), json!(["f1", "f2"]));
    assert_eq!(names(json!({"metricName": "M1", "metricNamespace": "N"})), json!([]));
    let described = cloud.ok("logs", "DescribeMetricFilters", json!({"logGroupName": "g"}));
    let mut expected = filter("f1", "M2");
    expected["creationTime"] = json!(1_767_225_600_000_i64);
    assert_eq!(described["metricFilters"][0], expected);
    let groups = cloud.ok("logs", "DescribeLogGroups", json!({"logGroupIdentifiers": ["g"]}));
    assert_eq!(groups["logGroups"][0]["metricFilterCount"], 2);
    cloud.ok("logs", "DeleteMetricFilter", json!({"logGroupName": "g", "filterName": "f1"}));
    let again = json!({"logGroupName": "g", "filterName": "f1"});
    assert_eq!(cloud.err("logs", "DeleteMetricFilter", again), "ResourceNotFoundException");
    cloud.ok("logs", "DeleteLogGroup", json!({"logGroupName": "g"}));
    assert_eq!(names(json!({})), json!([]));
    let mut elsewhere = filter("f", "M");
    assert_eq!(
        cloud.err("logs", "PutMetricFilter", elsewhere.clone()),
        "ResourceNotFoundException"
    );
    elsewhere["logGroupName"] = json!("rare");
    assert_eq!(cloud.err("logs", "PutMetricFilter", elsewhere), "InvalidOperationException");
}

#[test]
fn a_metric_filter_makes_data_of_what_it_matches() {
    let cloud = Probe::new();
    cloud.ok("logs", "CreateLogGroup", json!({"logGroupName": "g"}));
    cloud.ok("logs", "CreateLogStream", json!({"logGroupName": "g", "logStreamName": "s"}));
    let filter = |name: &str, pattern: &str, transformation: Value| json!({"logGroupName": "g", "filterName": name, "filterPattern": pattern, "metricTransformations": [transformation]});
    let slow = json!({"metricName": "Slow", "metricNamespace": "Shop", "metricValue": "$.ms", "dimensions": {"path": "$.path"}});
    cloud.ok("logs", "PutMetricFilter", filter("slow", "{ $.ms > 100 }", slow));
    let all = json!({"metricName": "Errors", "metricNamespace": "Shop", "metricValue": "1", "defaultValue": 0});
    cloud.ok("logs", "PutMetricFilter", filter("errors", "ERROR", all));
    let at = |seconds: i64, message: &str| json!({"timestamp": 1_767_225_600_000 + seconds * 1000, "message": message});
    let events = [
        at(0, r#"{"ms": 250, "path": "/pay"}"#),
        at(1, r#"{"ms": 50, "path": "/pay"}"#),
        at(2, "ERROR"),
    ];
    cloud.ok(
        "logs",
        "PutLogEvents",
        json!({"logGroupName": "g", "logStreamName": "s", "logEvents": events}),
    );
    let read = |name: &str, dimensions: Value| {
        let asked = json!({
            "Namespace": "Shop", "MetricName": name, "Dimensions": dimensions, "StartTime": START, "EndTime": START + 60.0,
            "Period": 60, "Statistics": ["Sum", "SampleCount"],
        });
        let point = cloud.ok("cloudwatch", "GetMetricStatistics", asked)["Datapoints"][0].clone();
        (point["Sum"].as_f64().unwrap(), point["SampleCount"].as_f64().unwrap())
    };
    assert_eq!(read("Slow", json!([{"Name": "path", "Value": "/pay"}])), (250.0, 1.0));
    assert_eq!(read("Errors", json!([])), (1.0, 3.0));
}
