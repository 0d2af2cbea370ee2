//! Attributes of target groups:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html>

use super::{TARGET_GROUP, named};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elbv2::attribute::{Allowed, Attribute, defaults, listed, of_request, set};
use crate::services::elbv2::invalid_configuration;
use serde_json::{Value, json};

/// A week, in seconds.
const WEEK: i64 = 604_800;

/// The most targets of a group.
const TARGETS: i64 = 1000;

const KNOWN: [Attribute; 14] = [
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        "1",
        Allowed::Number(1, TARGETS),
    ),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        "off",
        Allowed::OffOr(1, 100),
    ),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.count",
        "1",
        Allowed::OffOr(1, TARGETS),
    ),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        "off",
        Allowed::OffOr(1, 100),
    ),
    ("deregistration_delay.timeout_seconds", "300", Allowed::Number(0, 3600)),
    (
        "load_balancing.algorithm.type",
        "round_robin",
        Allowed::OneOf(&["round_robin", "least_outstanding_requests", "weighted_random"]),
    ),
    ("load_balancing.algorithm.anomaly_mitigation", "off", Allowed::OneOf(&["on", "off"])),
    (
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        Allowed::OneOf(&["true", "false", "use_load_balancer_configuration"]),
    ),
    ("slow_start.duration_seconds", "0", Allowed::ZeroOr(30, 900)),
    ("stickiness.enabled", "false", Allowed::Flag),
    ("stickiness.type", "lb_cookie", Allowed::OneOf(&["lb_cookie", "app_cookie"])),
    ("stickiness.lb_cookie.duration_seconds", "86400", Allowed::Number(1, WEEK)),
    ("stickiness.app_cookie.duration_seconds", "86400", Allowed::Number(1, WEEK)),
    ("stickiness.app_cookie.cookie_name", "", Allowed::Text(255)),
];

/// The attributes that a new target group has.
pub(super) fn of_new() -> Value {
    defaults(&KNOWN)
}

/// `DescribeTargetGroupAttributes`.
pub(in super::super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let row = named(call, call.input().text("TargetGroupArn"))?;
    Ok(json!({"Attributes": listed(&KNOWN, &row)}))
}

/// `ModifyTargetGroupAttributes`.
pub(in super::super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut row = named(call, input.text("TargetGroupArn"))?;
    set(&mut row, of_request(&KNOWN, input.items("Attributes"))?);
    check(&row["_attributes"])?;
    call.merge(TARGET_GROUP, row.text("_arn"), json!({"_attributes": row["_attributes"]}));
    Ok(json!({"Attributes": listed(&KNOWN, &row)}))
}

/// What does not go together.
fn check(all: &Value) -> Result<(), Fault> {
    let algorithm = all.text("load_balancing.algorithm.type");
    if all.text("slow_start.duration_seconds") != "0" && algorithm != "round_robin" {
        return Err(invalid_configuration(format!(
            "Slow start mode cannot be enabled with the algorithm {algorithm}"
        )));
    }
    let mitigates = all.text("load_balancing.algorithm.anomaly_mitigation") == "on";
    if mitigates && algorithm != "weighted_random" {
        return Err(invalid_configuration(format!(
            "Anomaly mitigation cannot be enabled with the algorithm {algorithm}"
        )));
    }
    let cookie = all.text("stickiness.app_cookie.cookie_name");
    let by_application =
        all.text("stickiness.enabled") == "true" && all.text("stickiness.type") == "app_cookie";
    if by_application && cookie.is_empty() {
        return Err(invalid_configuration(
            "stickiness.app_cookie.cookie_name must be specified for the type app_cookie",
        ));
    }
    if cookie.starts_with("AWSALB") {
        return Err(invalid_configuration("Cookie names that begin with AWSALB are reserved"));
    }
    Ok(())
}
