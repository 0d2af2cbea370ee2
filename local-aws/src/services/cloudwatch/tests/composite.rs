use super::{cpu, described, sent, state};
use crate::testing::Probe;
use serde_json::{Value, json};

fn set(cloud: &Probe, name: &str, value: &str) {
    cloud.ok(
        "cloudwatch",
        "SetAlarmState",
        json!({"AlarmName": name, "StateValue": value, "StateReason": "drill"}),
    );
    cloud.pass(2.0);
}

/// Alarms `a`, `b`, `c d` that keep the state they are set to.
fn cloud() -> Probe {
    let cloud = Probe::new();
    for name in ["a", "b", "c d"] {
        let mut alarm = cpu(name);
        alarm["TreatMissingData"] = json!("ignore");
        cloud.ok("cloudwatch", "PutMetricAlarm", alarm);
    }
    cloud
}

fn composite(rule: &str) -> Value {
    json!({"AlarmName": "all", "AlarmRule": rule})
}

#[track_caller]
fn check(rule: &str, expected: &str) {
    let cloud = cloud();
    set(&cloud, "a", "ALARM");
    set(&cloud, "b", "OK");
    cloud.ok("cloudwatch", "PutCompositeAlarm", composite(rule));
    cloud.pass(2.0);
    assert_eq!(state(&cloud, "all"), expected, "{rule}");
}

#[test]
fn a_rule_combines_states() {
    check("ALARM(a)", "ALARM");
    check("ALARM(a) AND ALARM(b)", "OK");
    check("ALARM(a) OR ALARM(b)", "ALARM");
    check("ALARM(b) OR ALARM(a) AND OK(b)", "ALARM");
    check("ALARM(a) AND NOT (OK(b) OR FALSE)", "OK");
    check("INSUFFICIENT_DATA(\"c d\")", "ALARM");
    check("ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:a)", "ALARM");
    check("AT_LEAST(2, NOT ALARM, (a, b, \"c d\"))", "ALARM");
    check("AT_LEAST(50%, ALARM, (a, b, \"c d\"))", "OK");
    check("TRUE", "ALARM");
}

#[test]
fn a_composite_alarm_follows_its_children_and_holds_them() {
    let cloud = cloud();
    let topic = cloud.ok("sns", "CreateTopic", json!({"Name": "a"}))["TopicArn"].clone();
    let mut asked = composite("ALARM(a) AND ALARM(b)");
    asked["AlarmActions"] = json!([topic]);
    cloud.ok("cloudwatch", "PutCompositeAlarm", asked);
    assert_eq!(state(&cloud, "all"), "INSUFFICIENT_DATA");
    cloud.pass(2.0);
    assert_eq!(state(&cloud, "all"), "OK");
    set(&cloud, "a", "ALARM");
    assert_eq!(state(&cloud, "all"), "OK");
    set(&cloud, "b", "ALARM");
    assert_eq!(state(&cloud, "all"), "ALARM");
    assert_eq!((sent(&cloud).len(), &sent(&cloud)[0]["AlarmName"]), (1, &json!("all")));
    let children = cloud.ok("cloudwatch", "DescribeAlarms", json!({"ChildrenOfAlarmName": "all"}));
    assert_eq!(children["MetricAlarms"].as_array().unwrap().len(), 2);
    let parents = cloud.ok("cloudwatch", "DescribeAlarms", json!({"ParentsOfAlarmName": "a"}));
    assert_eq!(parents["CompositeAlarms"][0]["AlarmName"], "all");
    assert_eq!(
        cloud.ok("cloudwatch", "DescribeAlarms", json!({"AlarmNames": ["all"]}))["CompositeAlarms"],
        json!([])
    );
    assert_eq!(
        cloud.err("cloudwatch", "DeleteAlarms", json!({"AlarmNames": ["c d", "a"]})),
        "ValidationError"
    );
    cloud.ok("cloudwatch", "DeleteAlarms", json!({"AlarmNames": ["all"]}));
    cloud.ok("cloudwatch", "DeleteAlarms", json!({"AlarmNames": ["c d", "a", "b"]}));
}

#[test]
fn rules_that_cannot_be_are_refused() {
    let cloud = cloud();
    let rules = [
        "ALARM(none)",
        "ALARM(a",
        "ALARM(a) ALARM(b)",
        "a",
        "AT_LEAST(4, ALARM, (a, b))",
        "BROKEN(a)",
        "NOT",
    ];
    for rule in rules {
        assert_eq!(
            cloud.err("cloudwatch", "PutCompositeAlarm", composite(rule)),
            "ValidationError",
            "{rule}"
        );
    }
    assert_eq!(
        cloud.err(
            "cloudwatch",
            "PutCompositeAlarm",
            json!({"AlarmName": "a", "AlarmRule": "TRUE"})
        ),
        "ValidationError"
    );
}

#[test]
fn a_suppressor_keeps_a_composite_alarm_quiet() {
    let cloud = cloud();
    let topic = cloud.ok("sns", "CreateTopic", json!({"Name": "a"}))["TopicArn"].clone();
    let mut asked = composite("ALARM(a)");
    asked["AlarmActions"] = json!([topic]);
    asked["ActionsSuppressor"] = json!("b");
    assert_eq!(cloud.err("cloudwatch", "PutCompositeAlarm", asked.clone()), "ValidationError");
    asked["ActionsSuppressorWaitPeriod"] = json!(60);
    asked["ActionsSuppressorExtensionPeriod"] = json!(120);
    cloud.ok("cloudwatch", "PutCompositeAlarm", asked);
    let by = |cloud: &Probe| {
        described(cloud, "all").get("ActionsSuppressedBy").cloned().unwrap_or_default()
    };
    set(&cloud, "a", "ALARM");
    assert_eq!((by(&cloud), sent(&cloud).len()), (json!("WaitPeriod"), 0));
    set(&cloud, "b", "ALARM");
    cloud.pass(100.0);
    assert_eq!((by(&cloud), sent(&cloud).len()), (json!("Alarm"), 0));
    set(&cloud, "b", "OK");
    assert_eq!((by(&cloud), sent(&cloud).len()), (json!("ExtensionPeriod"), 0));
    cloud.pass(121.0);
    assert_eq!((by(&cloud), sent(&cloud).len()), (Value::Null, 1));
}
