use super::{cpu, described, with};
use crate::testing::Probe;
use serde_json::{Value, json};

#[test]
fn an_alarm_is_described_as_it_was_put() {
    let cloud = Probe::new();
    let asked = with(
        cpu("cpu"),
        json!({
            "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:a"], "TreatMissingData": "notBreaching",
            "AlarmDescription": "busy", "Unit": "Percent", "Tags": [{"Key": "a", "Value": "1"}],
        }),
    );
    cloud.ok("cloudwatch", "PutMetricAlarm", asked.clone());
    let alarm = described(&cloud, "cpu");
    for (name, value) in asked.as_object().unwrap().iter().filter(|(name, _)| *name != "Tags") {
        assert_eq!(&alarm[name], value, "{name}");
    }
    assert_eq!(alarm["AlarmArn"], "arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu");
    assert_eq!(
        (&alarm["StateValue"], &alarm["ActionsEnabled"]),
        (&json!("INSUFFICIENT_DATA"), &json!(true))
    );
    assert_eq!(alarm["OKActions"], json!([]));
    let again = with(cpu("cpu"), json!({"Threshold": 10.0, "Tags": [{"Key": "b", "Value": "1"}]}));
    cloud.ok("cloudwatch", "PutMetricAlarm", again);
    let alarm = described(&cloud, "cpu");
    assert_eq!((&alarm["Threshold"], alarm.get("AlarmDescription")), (&json!(10.0), None));
    let of = json!({"ResourceARN": alarm["AlarmArn"]});
    assert_eq!(
        cloud.ok("cloudwatch", "ListTagsForResource", of.clone())["Tags"],
        json!([{"Key": "a", "Value": "1"}])
    );
    cloud.ok(
        "cloudwatch",
        "TagResource",
        with(of.clone(), json!({"Tags": [{"Key": "c", "Value": "2"}]})),
    );
    cloud.ok("cloudwatch", "UntagResource", with(of.clone(), json!({"TagKeys": ["a"]})));
    assert_eq!(
        cloud.ok("cloudwatch", "ListTagsForResource", of.clone())["Tags"],
        json!([{"Key": "c", "Value": "2"}])
    );
    cloud.ok("cloudwatch", "DeleteAlarms", json!({"AlarmNames": ["cpu"]}));
    assert_eq!(described(&cloud, "cpu"), Value::Null);
    assert_eq!(cloud.err("cloudwatch", "ListTagsForResource", of), "ResourceNotFoundException");
}

#[test]
fn a_metric_math_alarm_is_described_as_it_was_put() {
    let cloud = Probe::new();
    let stat = |name: &str| {
        let metric = json!({"Namespace": "AWS/NATGateway", "MetricName": name, "Dimensions": [{"Name": "NatGatewayId", "Value": "nat-1"}]});
        json!({"Metric": metric, "Period": 300, "Stat": "Sum"})
    };
    let asked = json!({
        "AlarmName": "math", "EvaluationPeriods": 2, "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Metrics": [
            {"Id": "e1", "Expression": "m1 / m2 * 100", "Label": "rate"},
            {"Id": "m1", "MetricStat": stat("Drops"), "ReturnData": false},
            {"Id": "m2", "MetricStat": stat("Packets"), "ReturnData": false},
        ],
    });
    cloud.ok("cloudwatch", "PutMetricAlarm", asked.clone());
    let mut metrics = asked["Metrics"].clone();
    metrics[0]["ReturnData"] = json!(true);
    assert_eq!(described(&cloud, "math")["Metrics"], metrics);
}

#[test]
fn alarms_that_make_no_sense_are_refused() {
    let cloud = Probe::new();
    let refused = [
        json!({"Threshold": null}),
        json!({"Statistic": null}),
        json!({"ExtendedStatistic": "p99"}),
        json!({"Period": 61}),
        json!({"EvaluationPeriods": 1441, "DatapointsToAlarm": null}),
        json!({"DatapointsToAlarm": 4}),
        json!({"TreatMissingData": "sometimes"}),
        json!({"AlarmActions": ["topic"]}),
        json!({"AlarmActions": ["arn:aws:sns:eu-west-1:123456789012:a"]}),
        json!({"ComparisonOperator": "Equals"}),
        json!({"Metrics": [{"Id": "m1", "Expression": "1"}]}),
    ];
    for members in refused {
        assert_eq!(
            cloud.err("cloudwatch", "PutMetricAlarm", with(cpu("a"), members.clone())),
            "ValidationError",
            "{members}"
        );
    }
    assert_eq!(
        cloud.err("cloudwatch", "DeleteAlarms", json!({"AlarmNames": ["none"]})),
        "ResourceNotFound"
    );
}

#[test]
fn alarms_are_found_by_prefix_and_page() {
    let cloud = Probe::new();
    for number in 0..5 {
        cloud.ok("cloudwatch", "PutMetricAlarm", cpu(&format!("a-{number}")));
    }
    cloud.ok("cloudwatch", "PutMetricAlarm", cpu("b"));
    let ask = json!({"AlarmNamePrefix": "a-", "MaxRecords": 3});
    let first = cloud.ok("cloudwatch", "DescribeAlarms", ask.clone());
    let second = cloud.ok(
        "cloudwatch",
        "DescribeAlarms",
        with(ask, json!({"NextToken": first["NextToken"]})),
    );
    let count = |page: &Value| page["MetricAlarms"].as_array().unwrap().len();
    assert_eq!((count(&first), count(&second), second.get("NextToken")), (3, 2, None));
}
