use crate::testing::Probe;
use crate::testing::START;
use serde_json::{Value, json};

/// Three minutes of two metrics: `a` is 1, 2, 4 and `b` is 2, nothing, 0.
fn cloud() -> Probe {
    let cloud = Probe::new();
    let datum = |name: &str, minute: f64, value: f64| json!({"MetricName": name, "Value": value, "Timestamp": START + 60.0 * minute});
    let data =
        [("a", 0.0, 1.0), ("a", 1.0, 2.0), ("a", 2.0, 4.0), ("b", 0.0, 2.0), ("b", 2.0, 0.0)];
    let data: Vec<Value> = data.map(|(name, minute, value)| datum(name, minute, value)).to_vec();
    cloud.ok("cloudwatch", "PutMetricData", json!({"Namespace": "Test", "MetricData": data}));
    cloud
}

fn queries(expression: &str) -> Value {
    let metric = |name: &str| json!({"Metric": {"Namespace": "Test", "MetricName": name}, "Period": 60, "Stat": "Average"});
    json!({
        "StartTime": START, "EndTime": START + 180.0, "ScanBy": "TimestampAscending",
        "MetricDataQueries": [
            {"Id": "e", "Expression": expression},
            {"Id": "a", "MetricStat": metric("a"), "ReturnData": false},
            {"Id": "b", "MetricStat": metric("b"), "ReturnData": false},
        ],
    })
}

#[track_caller]
fn check(expression: &str, expected: &[f64]) {
    let answer = cloud().ok("cloudwatch", "GetMetricData", queries(expression));
    let values: Vec<f64> = answer["MetricDataResults"][0]["Values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_f64().unwrap())
        .collect();
    assert_eq!(values, expected, "{expression}");
}

#[test]
fn operators_keep_their_precedence() {
    check("a", &[1.0, 2.0, 4.0]);
    check("1 + a * 2", &[3.0, 5.0, 9.0]);
    check("(1 + a) * 2", &[4.0, 6.0, 10.0]);
    check("-a + 2 ^ 3", &[7.0, 6.0, 4.0]);
    check("a - 1 - 1", &[-1.0, 0.0, 2.0]);
    check("a > 1 && a < 4", &[0.0, 1.0, 0.0]);
    check("a == 1 || a >= 4", &[1.0, 0.0, 1.0]);
}

#[test]
fn what_is_missing_on_one_side_is_missing_in_the_result() {
    check("a + b", &[3.0, 4.0]);
    check("a / b", &[0.5]);
    check("a + FILL(b, 10)", &[3.0, 12.0, 4.0]);
    check("FILL(b, REPEAT)", &[2.0, 2.0, 0.0]);
    check("FILL(b, LINEAR)", &[2.0, 1.0, 0.0]);
}

#[test]
fn functions_work_on_one_series_or_across_many() {
    check("SUM([a, b])", &[3.0, 2.0, 4.0]);
    check("MAX(METRICS())", &[2.0, 2.0, 4.0]);
    check("AVG([a, b])", &[1.5, 2.0, 2.0]);
    check("a / SUM(a)", &[1.0 / 7.0, 2.0 / 7.0, 4.0 / 7.0]);
    check("IF(a > 1, 10, 20)", &[20.0, 10.0, 10.0]);
    check("IF(a > 1, a, b)", &[2.0, 2.0, 4.0]);
    check("ABS(0 - a)", &[1.0, 2.0, 4.0]);
    check("a / PERIOD(a) * 60", &[1.0, 2.0, 4.0]);
    check("DIFF(a)", &[1.0, 2.0]);
    check("RUNNING_SUM(a)", &[1.0, 3.0, 7.0]);
    check("DATAPOINT_COUNT(b) + METRIC_COUNT([a, b])", &[4.0, 4.0, 4.0]);
    check("TIME_SERIES(5)", &[5.0, 5.0, 5.0]);
}

#[test]
fn what_is_not_understood_is_refused() {
    let cloud = cloud();
    for expression in
        ["a +", "a b", "c", "NONSENSE(a)", "(a", "IF(a, 1)", "e", "a $ b", "SUM(a, b)"]
    {
        assert_eq!(
            cloud.err("cloudwatch", "GetMetricData", queries(expression)),
            "ValidationError",
            "{expression}"
        );
    }
    for expression in
        ["ANOMALY_DETECTION_BAND(a, 2)", "SEARCH('x', 'Average')", "SELECT AVG(a) FROM b"]
    {
        assert_eq!(
            cloud.err("cloudwatch", "GetMetricData", queries(expression)),
            "NotImplemented",
            "{expression}"
        );
    }
}
