//! How the health of targets is checked.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html>

use super::{TARGET_GROUP, named, view};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elbv2::{invalid_configuration, validation};
use serde_json::{Value, json};

/// What a request can say of health checks.
const MEMBERS: [&str; 9] = [
    "HealthCheckEnabled",
    "HealthCheckIntervalSeconds",
    "HealthCheckPath",
    "HealthCheckPort",
    "HealthCheckProtocol",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "Matcher",
    "UnhealthyThresholdCount",
];

/// The checks of a new target group, with AWS's defaults.
pub(super) fn of_new(input: &Value, version: &str) -> Result<Value, Fault> {
    let grpc = version == "GRPC";
    let mut checks = json!({
        "HealthCheckEnabled": true, "HealthCheckIntervalSeconds": 30, "HealthCheckTimeoutSeconds": 5,
        "HealthCheckPath": if grpc { "/AWS.ALB/healthcheck" } else { "/" }, "HealthCheckPort": "traffic-port",
        "HealthCheckProtocol": "HTTP", "HealthyThresholdCount": 5, "UnhealthyThresholdCount": 2,
        "Matcher": if grpc { json!({"GrpcCode": "12"}) } else { json!({"HttpCode": "200"}) },
    });
    set(&mut checks, input)?;
    Ok(checks)
}

fn set(checks: &mut Value, input: &Value) -> Result<(), Fault> {
    for member in MEMBERS.into_iter().filter(|member| input.has(member)) {
        checks[member] = input[member].clone();
    }
    check(checks)
}

fn check(checks: &Value) -> Result<(), Fault> {
    let number = |member: &str| checks.int(member).unwrap_or_default();
    if !checks.flag("HealthCheckEnabled") {
        return Err(invalid_configuration(
            "Health check enabled must be true for target groups with target type 'ip' or 'instance'",
        ));
    }
    if !["HTTP", "HTTPS"].contains(&checks.text("HealthCheckProtocol")) {
        return Err(validation(format!(
            "Health check protocol '{}' is not supported for target groups with the protocol HTTP or HTTPS",
            checks.text("HealthCheckProtocol")
        )));
    }
    if number("HealthCheckIntervalSeconds") <= number("HealthCheckTimeoutSeconds") {
        return Err(validation("Health check interval must be greater than the timeout"));
    }
    let port = checks.text("HealthCheckPort");
    let numbered = port.parse::<u16>().is_ok_and(|port| port > 0);
    if port != "traffic-port" && !numbered {
        return Err(validation(format!("Health check port '{port}' is not valid")));
    }
    if !checks.text("HealthCheckPath").starts_with('/') {
        return Err(validation("Health check path must begin with a '/' character"));
    }
    let matcher = &checks["Matcher"];
    let fits = match (matcher.opt("HttpCode"), matcher.opt("GrpcCode")) {
        (Some(codes), None) => in_ranges(codes, 200, 499),
        (None, Some(codes)) => in_ranges(codes, 0, 99),
        _ => false,
    };
    if fits { Ok(()) } else { Err(validation("Health check matcher is not valid")) }
}

/// Whether a text is a list of codes and ranges of codes, all between two numbers.
fn in_ranges(codes: &str, least: u16, most: u16) -> bool {
    let code = |text: &str| text.parse().is_ok_and(|code: u16| (least..=most).contains(&code));
    codes.split(',').all(|part| match part.split_once('-') {
        Some((from, to)) => code(from) && code(to),
        None => code(part),
    })
}

/// `ModifyTargetGroup`.
pub(in super::super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut row = named(call, input.text("TargetGroupArn"))?;
    set(&mut row, &input)?;
    call.put(TARGET_GROUP, row.text("_arn"), row.clone());
    Ok(json!({"TargetGroups": [view(call, &row)]}))
}
