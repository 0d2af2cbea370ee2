//! The two alarms that AWS makes for every target tracking policy.
//! <https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html>

use super::{invalid, reference};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::cloudwatch;
use serde_json::{Value, json};

/// Minutes for which the metric must be above, or below 9 tenths of, the target.
const HIGH_PERIODS: i64 = 3;
const LOW_PERIODS: i64 = 15;
const LOW_SHARE: f64 = 0.9;

/// Checks a configuration: one metric, and a target above 0.
pub(super) fn check(configuration: &Value) -> Result<(), Fault> {
    if configuration.number("TargetValue").is_none_or(|target| target <= 0.0) {
        return Err(invalid("TargetValue must be greater than 0."));
    }
    let (predefined, own) = (
        configuration.has("PredefinedMetricSpecification"),
        configuration.has("CustomizedMetricSpecification"),
    );
    if predefined == own {
        return Err(invalid(
            "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be given.",
        ));
    }
    if own {
        return check_own(&configuration["CustomizedMetricSpecification"]);
    }
    let specification = &configuration["PredefinedMetricSpecification"];
    let labelled = specification.has("ResourceLabel");
    match specification.text("PredefinedMetricType") {
        "ECSServiceAverageCPUUtilization" | "ECSServiceAverageMemoryUtilization" if labelled => {
            Err(invalid("A resource label is only for ALBRequestCountPerTarget."))
        }
        "ECSServiceAverageCPUUtilization" | "ECSServiceAverageMemoryUtilization" => Ok(()),
        "ALBRequestCountPerTarget" => match label(specification) {
            Some(_) => Ok(()),
            None => Err(invalid(
                "The resource label must be app/NAME/ID/targetgroup/NAME/ID, as in the ARNs of the load balancer and the target group.",
            )),
        },
        other => Err(invalid(format!("The metric {other} is not one of ECS services."))),
    }
}

fn check_own(specification: &Value) -> Result<(), Fault> {
    if specification.has("Metrics") {
        return Err(Fault::not_implemented("target tracking on metric math"));
    }
    match ["MetricName", "Namespace", "Statistic"].iter().find(|name| !specification.has(name)) {
        Some(name) => Err(invalid(format!("{name} must be given for a customized metric."))),
        None => Ok(()),
    }
}

/// Load balancer and target group of a label.
fn label(specification: &Value) -> Option<(&str, String)> {
    let (balancer, group) = specification.text("ResourceLabel").split_once("/targetgroup/")?;
    let whole = balancer.starts_with("app/") && balancer.matches('/').count() == 2;
    (whole && group.matches('/').count() == 1).then(|| (balancer, format!("targetgroup/{group}")))
}

/// The metric of a policy: namespace, name, statistic, dimensions.
fn metric(policy: &Value) -> Value {
    let configuration = &policy["TargetTrackingScalingPolicyConfiguration"];
    if configuration.has("CustomizedMetricSpecification") {
        let own = &configuration["CustomizedMetricSpecification"];
        return json!({
            "Namespace": own["Namespace"], "MetricName": own["MetricName"], "Statistic": own["Statistic"],
            "Dimensions": own.items("Dimensions"),
        });
    }
    let specification = &configuration["PredefinedMetricSpecification"];
    let dimension = |name: &str, value: &str| json!({"Name": name, "Value": value});
    if let Some((balancer, group)) = label(specification) {
        return json!({
            "Namespace": "AWS/ApplicationELB", "MetricName": "RequestCountPerTarget", "Statistic": "Sum",
            "Dimensions": [dimension("TargetGroup", &group), dimension("LoadBalancer", balancer)],
        });
    }
    let (cluster, service) = reference::service(policy.text("ResourceId")).unwrap_or_default();
    let memory = specification.text("PredefinedMetricType") == "ECSServiceAverageMemoryUtilization";
    json!({
        "Namespace": "AWS/ECS", "MetricName": if memory { "MemoryUtilization" } else { "CPUUtilization" },
        "Statistic": "Average",
        "Dimensions": [dimension("ClusterName", cluster), dimension("ServiceName", service)],
    })
}

/// Makes the alarms of a policy, or changes those that it had; as the policy describes them.
pub(super) fn put(call: &mut Call, policy: &Value, old: Option<&Value>) -> Result<Value, Fault> {
    let configuration = &policy["TargetTrackingScalingPolicyConfiguration"];
    let target = configuration.number("TargetValue").unwrap_or_default();
    let scales_in = !configuration.flag("DisableScaleIn");
    let low = ("AlarmLow", "LessThanThreshold", target * LOW_SHARE, LOW_PERIODS);
    let wanted = [("AlarmHigh", "GreaterThanThreshold", target, HIGH_PERIODS)];
    let wanted = wanted.into_iter().chain(scales_in.then_some(low));
    let mut alarms = Vec::new();
    for (end, operator, threshold, periods) in wanted {
        let name = name_of(call, policy, old, end);
        let mut alarm = metric(policy);
        let members = json!({
            "AlarmName": name, "ComparisonOperator": operator, "Threshold": threshold, "EvaluationPeriods": periods,
            "Period": 60, "AlarmActions": [policy["PolicyARN"]],
            "AlarmDescription": format!("DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {}.", policy.text("PolicyARN")),
        });
        for (member, value) in members.as_object().into_iter().flatten() {
            alarm[member] = value.clone();
        }
        cloudwatch::put_for(call, &alarm)?;
        alarms.push(json!({"AlarmName": name, "AlarmARN": call.arn("cloudwatch", &format!("alarm:{name}"))}));
    }
    for gone in names(old).filter(|name| !alarms.iter().any(|one| one.text("AlarmName") == *name)) {
        cloudwatch::delete_for(call, gone);
    }
    Ok(json!(alarms))
}

fn names(policy: Option<&Value>) -> impl Iterator<Item = &str> {
    let alarms = policy.map_or(&[][..], |policy| policy.items("Alarms"));
    alarms.iter().map(|alarm| alarm.text("AlarmName"))
}

/// The name of an alarm of a policy: what it was, or a new one.
fn name_of(call: &mut Call, policy: &Value, old: Option<&Value>, end: &str) -> String {
    let infix = format!("-{end}-");
    if let Some(known) = names(old).find(|name| name.contains(&infix)) {
        return known.to_owned();
    }
    let short = call.new_uuid("autoscaling.alarm");
    format!("TargetTracking-{}{infix}{short}", policy.text("ResourceId"))
}

/// The alarm of a policy that rings when there are too many, or too few.
pub(super) fn of<'p>(policy: &'p Value, end: &str) -> Option<&'p str> {
    names(Some(policy)).find(|name| name.contains(&format!("-{end}-")))
}

/// Deletes the alarms of a policy.
pub(super) fn delete(call: &mut Call, policy: &Value) {
    let alarms: Vec<String> = if policy.text("PolicyType") == "TargetTrackingScaling" {
        names(Some(policy)).map(str::to_owned).collect()
    } else {
        Vec::new()
    };
    for name in alarms {
        cloudwatch::delete_for(call, &name);
    }
}
