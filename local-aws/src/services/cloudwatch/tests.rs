//! What users of CloudWatch rely on.

mod alarm;
mod composite;
mod dashboard;
mod evaluation;
mod math;
mod metric;

use crate::testing::Probe;
use serde_json::{Value, json};

fn cpu(name: &str) -> Value {
    json!({
        "AlarmName": name, "Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Statistic": "Average", "Period": 60,
        "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Threshold": 80.5, "ComparisonOperator": "GreaterThanThreshold",
        "Dimensions": [{"Name": "InstanceId", "Value": "i-1"}],
    })
}

fn with(mut base: Value, members: Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        base[name] = value.clone();
        if value.is_null() {
            base.as_object_mut().unwrap().remove(name);
        }
    }
    base
}

fn described(cloud: &Probe, name: &str) -> Value {
    let types = json!(["MetricAlarm", "CompositeAlarm"]);
    let all = cloud.ok(
        "cloudwatch",
        "DescribeAlarms",
        json!({"AlarmNames": [name], "AlarmTypes": types}),
    );
    let found = all["MetricAlarms"].get(0).or_else(|| all["CompositeAlarms"].get(0));
    found.cloned().unwrap_or_default()
}

/// Gives one value of the metric that [`cpu`] is about, now.
fn sample(cloud: &Probe, value: f64) {
    let dimensions = json!([{"Name": "InstanceId", "Value": "i-1"}]);
    let datum = json!({"MetricName": "CPUUtilization", "Value": value, "Dimensions": dimensions});
    cloud.ok("cloudwatch", "PutMetricData", json!({"Namespace": "AWS/EC2", "MetricData": [datum]}));
}

#[track_caller]
fn state(cloud: &Probe, name: &str) -> String {
    described(cloud, name)["StateValue"].as_str().unwrap().to_owned()
}

/// The messages that alarms have sent, in order.
fn sent(cloud: &Probe) -> Vec<Value> {
    let rows = cloud.cloud.rows().into_iter().filter(|row| row.table == "sns.message");
    rows.map(|row| serde_json::from_str(row.value["Message"].as_str().unwrap()).unwrap()).collect()
}

#[test]
fn alarms_are_found_by_their_metric_and_silenced() {
    let cloud = Probe::new();
    for name in ["a", "b"] {
        cloud.ok("cloudwatch", "PutMetricAlarm", cpu(name));
    }
    let metric = json!({
        "Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Dimensions": [{"Name": "InstanceId", "Value": "i-1"}],
    });
    let found = cloud.ok("cloudwatch", "DescribeAlarmsForMetric", metric.clone());
    assert_eq!(found["MetricAlarms"].as_array().unwrap().len(), 2);
    let other = with(metric, json!({"Statistic": "Sum"}));
    assert_eq!(cloud.ok("cloudwatch", "DescribeAlarmsForMetric", other)["MetricAlarms"], json!([]));
    let names = json!({"AlarmNames": ["a"]});
    cloud.ok("cloudwatch", "DisableAlarmActions", names.clone());
    assert_eq!(described(&cloud, "a")["ActionsEnabled"], false);
    cloud.ok("cloudwatch", "EnableAlarmActions", names);
    assert_eq!(described(&cloud, "a")["ActionsEnabled"], true);
}
