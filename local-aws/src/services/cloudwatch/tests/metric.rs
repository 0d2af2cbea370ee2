use crate::testing::{Probe, START};
use serde_json::{Value, json};

fn put(cloud: &Probe, datum: Value) -> Result<Value, String> {
    let input = json!({"Namespace": "Test", "MetricData": [datum]});
    cloud.call("cloudwatch", "PutMetricData", &input).map_err(|(code, _)| code)
}

fn statistics(members: Value) -> Value {
    let mut all = json!({
        "Namespace": "Test", "MetricName": "m", "StartTime": START, "EndTime": START + 120.0, "Period": 60,
    });
    members.as_object().unwrap().iter().for_each(|(name, value)| all[name] = value.clone());
    all
}

#[test]
fn samples_become_statistics_of_their_period() {
    let cloud = Probe::new();
    put(&cloud, json!({"MetricName": "m", "Values": [1, 3], "Counts": [3, 1], "Unit": "Count"}))
        .unwrap();
    put(&cloud, json!({"MetricName": "m", "Value": 10, "Timestamp": START + 60.0})).unwrap();
    let set = json!({"SampleCount": 2, "Sum": 30, "Minimum": 10, "Maximum": 20});
    put(&cloud, json!({"MetricName": "m", "StatisticValues": set, "Timestamp": START + 60.0}))
        .unwrap();
    let all = json!({"Statistics": ["SampleCount", "Average", "Sum", "Minimum", "Maximum"]});
    let answer = cloud.ok("cloudwatch", "GetMetricStatistics", statistics(all));
    let expected = json!([
        {"Timestamp": START, "Unit": "Count", "SampleCount": 4.0, "Average": 1.5, "Sum": 6.0, "Minimum": 1.0, "Maximum": 3.0},
        {"Timestamp": START + 60.0, "Unit": "None", "SampleCount": 3.0, "Average": 40.0 / 3.0, "Sum": 40.0, "Minimum": 10.0, "Maximum": 20.0},
    ]);
    assert_eq!(answer["Datapoints"], expected);
    let percentiles = cloud.ok(
        "cloudwatch",
        "GetMetricStatistics",
        statistics(json!({"ExtendedStatistics": ["p50", "p90"]})),
    );
    assert_eq!(percentiles["Datapoints"][0]["ExtendedStatistics"], json!({"p50": 1.0, "p90": 3.0}));
}

#[test]
fn samples_that_make_no_sense_are_refused() {
    let cloud = Probe::new();
    let refused = [
        (json!({"MetricName": "m"}), "InvalidParameterCombinationException"),
        (
            json!({"MetricName": "m", "Value": 1, "Values": [1]}),
            "InvalidParameterCombinationException",
        ),
        (
            json!({"MetricName": "m", "Values": [1, 2], "Counts": [1]}),
            "InvalidParameterValueException",
        ),
        (
            json!({"MetricName": "m", "Value": 1, "Timestamp": START - 15.0 * 86_400.0}),
            "InvalidParameterValueException",
        ),
        (
            json!({"MetricName": "m", "Value": 1, "Timestamp": START + 10_000.0}),
            "InvalidParameterValueException",
        ),
        (json!({"MetricName": "m", "Value": 1, "Unit": "Apples"}), "ValidationError"),
    ];
    for (datum, code) in refused {
        assert_eq!(put(&cloud, datum.clone()), Err(code.to_owned()), "{datum}");
    }
    let backwards = statistics(json!({"Statistics": ["Sum"], "EndTime": START - 1.0}));
    assert_eq!(
        cloud.err("cloudwatch", "GetMetricStatistics", backwards),
        "InvalidParameterValueException"
    );
}

#[test]
fn metrics_are_listed_by_dimension_while_they_are_young() {
    let cloud = Probe::new();
    for zone in ["a", "b"] {
        put(
            &cloud,
            json!({"MetricName": "m", "Value": 1, "Dimensions": [{"Name": "Zone", "Value": zone}]}),
        )
        .unwrap();
    }
    let list = |members: Value| {
        cloud.ok("cloudwatch", "ListMetrics", members)["Metrics"].as_array().unwrap().len()
    };
    assert_eq!(list(json!({"Namespace": "Test"})), 2);
    assert_eq!(list(json!({"Dimensions": [{"Name": "Zone", "Value": "b"}]})), 1);
    assert_eq!(list(json!({"MetricName": "other"})), 0);
    cloud.pass(15.0 * 86_400.0);
    assert_eq!(list(json!({})), 0);
}
