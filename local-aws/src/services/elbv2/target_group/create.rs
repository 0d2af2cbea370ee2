//! Making target groups:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html>

use super::{TARGET_GROUP, attribute, by_name, health_check};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2;
use crate::services::elbv2::{account, name, tags, validation};
use serde_json::{Value, json};

/// `CreateTargetGroup`: the same name with the same settings answers the one that is there.
pub(in super::super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = row(call, &input)?;
    if let Some(existing) = by_name(call, input.text("Name")) {
        return same(&existing, &row);
    }
    if call.rows(TARGET_GROUP).count() >= account::limit(call, "target-groups") {
        let message = "The maximum number of target groups has been reached";
        return Err(Fault::new("TooManyTargetGroups", message));
    }
    let id = call.new_hex("elbv2.target_group", 16);
    let name = input.text("Name");
    let arn = call.arn("elasticloadbalancing", &format!("targetgroup/{name}/{id}"));
    let mut row = row;
    for member in ["TargetGroupArn", "_arn", "_key"] {
        row[member] = json!(arn);
    }
    call.put(TARGET_GROUP, &arn, row.clone());
    Ok(json!({"TargetGroups": [row]}))
}

fn row(call: &Call, input: &Value) -> Result<Value, Fault> {
    name::check("target group", input.text("Name"))?;
    let kind = input.opt("TargetType").unwrap_or("instance");
    if ["lambda", "alb"].contains(&kind) {
        return Err(Fault::not_implemented(&format!("target groups of the type {kind}")));
    }
    let protocol =
        input.opt("Protocol").ok_or_else(|| validation("A protocol must be specified"))?;
    if !["HTTP", "HTTPS"].contains(&protocol) {
        return Err(Fault::not_implemented(&format!("target groups with the protocol {protocol}")));
    }
    let port = input.int("Port").ok_or_else(|| validation("A port must be specified"))?;
    let vpc = input.opt("VpcId").ok_or_else(|| validation("A VPC ID must be specified"))?;
    if !ec2::vpc_exists(call, call.region(), vpc) {
        return Err(validation(format!("The VPC ID '{vpc}' is not found")));
    }
    for member in ["TargetControlPort"] {
        if input.has(member) {
            return Err(Fault::not_implemented(&format!("target groups with {member}")));
        }
    }
    if input.opt("IpAddressType") == Some("ipv6") {
        return Err(Fault::not_implemented("target groups with IPv6 addresses"));
    }
    let version = input.opt("ProtocolVersion").unwrap_or("HTTP1").to_uppercase();
    if !["HTTP1", "HTTP2", "GRPC"].contains(&version.as_str()) {
        return Err(validation(format!("Protocol version '{version}' is not supported")));
    }
    let mut row = json!({
        "TargetGroupName": input["Name"], "Protocol": protocol, "Port": port, "VpcId": vpc,
        "TargetType": kind, "ProtocolVersion": version, "IpAddressType": "ipv4", "LoadBalancerArns": [],
        "Tags": tags::of_request(input.items("Tags"))?, "_attributes": attribute::of_new(),
    });
    let checks = health_check::of_new(input, &version)?;
    for (member, value) in checks.as_object().into_iter().flatten() {
        row[member] = value.clone();
    }
    Ok(row)
}

/// The answer to a create of a name that is taken.
fn same(existing: &Value, wanted: &Value) -> Result<Value, Fault> {
    let compared = wanted.as_object().into_iter().flatten().filter(|(member, _)| {
        !["Tags", "_attributes", "LoadBalancerArns"].contains(&member.as_str())
    });
    let same = compared.into_iter().all(|(member, value)| existing[member] == *value)
        && tags::same(existing.items("Tags"), wanted.items("Tags"));
    if same {
        return Ok(json!({"TargetGroups": [existing]}));
    }
    let message = format!(
        "A target group with the same name '{}' exists, but with different settings",
        wanted.text("TargetGroupName")
    );
    Err(Fault::new("DuplicateTargetGroupName", message))
}
