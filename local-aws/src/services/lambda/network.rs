//! Functions in a VPC, and the interfaces that Lambda puts there: one for each subnet and set of security groups, which
//! all functions with both share, and which stay for long after the last of these is gone.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>

use super::invalid;
use super::reference::FUNCTION;
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::{self, Placed};
use crate::services::iam::{Said, said_by_role};
use crate::services::policy::{Asked, Who};
use crate::store::Table;
use serde_json::{Value, json};

/// Lambda's interfaces by `SUBNET/GROUP,GROUP`: `interface`.
const INTERFACE: Table = Table::regional("lambda.network_interface");

/// Puts a function into the subnets that the request names; the simulated seconds until it is ready.
pub(super) fn attach(
    call: &mut Call,
    row: &mut Value,
    input: &Value,
    phase: &str,
) -> Result<f64, Fault> {
    let asked = &input["VpcConfig"];
    if !asked.has("SubnetIds") && !asked.has("SecurityGroupIds") {
        return Ok(call.latency("lambda.function", phase));
    }
    let (subnets, groups) = (asked.texts("SubnetIds"), sorted(asked.texts("SecurityGroupIds")));
    if subnets.is_empty() && groups.is_empty() {
        row["VpcConfig"] = json!({"SubnetIds": [], "SecurityGroupIds": [], "VpcId": ""});
        return Ok(call.latency("lambda.function", phase));
    }
    if subnets.is_empty() || groups.is_empty() {
        return Err(invalid("SubnetIds and SecurityIds must coexist or be both empty list."));
    }
    let vpc = vpc_of(call, &subnets, &groups)?;
    may_place(call, row.text("Role"))?;
    let mut fresh = false;
    for subnet in &subnets {
        fresh |= ensure(call, row.text("FunctionName"), subnet, &groups)?;
    }
    row["VpcConfig"] = json!({
        "SubnetIds": subnets, "SecurityGroupIds": groups, "VpcId": vpc, "Ipv6AllowedForDualStack": asked.flag("Ipv6AllowedForDualStack"),
    });
    Ok(call.latency("lambda.function", if fresh { "create_in_vpc" } else { phase }))
}

fn sorted(groups: Vec<&str>) -> Vec<String> {
    let mut groups: Vec<String> = groups.into_iter().map(str::to_owned).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

fn vpc_of(call: &Call, subnets: &[&str], groups: &[String]) -> Result<String, Fault> {
    let mut vpc = None;
    for subnet in subnets {
        let spot = ec2::spot(call, subnet).ok_or_else(|| {
            invalid(format!(
                "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID '{subnet}' does not exist"
            ))
        })?;
        if *vpc.get_or_insert_with(|| spot.vpc.clone()) != spot.vpc {
            return Err(invalid("Subnets must all belong to the same VPC."));
        }
    }
    let vpc = vpc.unwrap_or_default();
    for group in groups {
        let of = ec2::vpc_of_group(call, group).ok_or_else(|| {
            invalid(format!(
                "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error Message: The security group '{group}' does not exist"
            ))
        })?;
        if of != vpc {
            return Err(invalid(
                "Security Groups are required to be in the same VPC as the Subnets.",
            ));
        }
    }
    Ok(vpc)
}

/// The function's role must let Lambda make interfaces. A policy may limit that to the account's region, not to one
/// interface: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>
fn may_place(call: &Call, role: &str) -> Result<(), Fault> {
    let any = call.arn("ec2", "network-interface/*");
    for (action, resource) in [
        ("CreateNetworkInterface", any.as_str()),
        ("DescribeNetworkInterfaces", "*"),
        ("DeleteNetworkInterface", any.as_str()),
    ] {
        let full = format!("ec2:{action}");
        let asked = Asked { who: Who::Holder, action: &full, resource, context: &[] };
        if said_by_role(call, role, &asked) != Said::Allowed {
            return Err(invalid(format!(
                "The provided execution role does not have permissions to call {action} on EC2"
            )));
        }
    }
    Ok(())
}

/// Makes the interface of a subnet and groups, unless there is one.
fn ensure(call: &mut Call, function: &str, subnet: &str, groups: &[String]) -> Result<bool, Fault> {
    let id = key(subnet, groups);
    if call.get(INTERFACE, &id).is_some() {
        call.unschedule(INTERFACE, &id);
        return Ok(false);
    }
    let number = call.new_uuid("lambda.interface");
    let placed = Placed {
        subnet,
        groups,
        private_ip: None,
        description: &format!("AWS Lambda VPC ENI-{function}-{number}"),
        requester: "amazon-aws",
    };
    let (interface, _) = ec2::place(call, &placed).map_err(|fault| {
        invalid(format!(
            "Lambda was not able to create an ENI in the VPC of the Lambda function. EC2 Error Code: {}. EC2 Error Message: {}",
            fault.code, fault.message
        ))
    })?;
    ec2::of_type(call, &interface, "lambda");
    call.put(INTERFACE, &id, json!({"interface": interface, "_key": id}));
    Ok(true)
}

fn key(subnet: &str, groups: &[String]) -> String {
    format!("{subnet}/{}", groups.join(","))
}

/// The interfaces that a configuration uses.
fn keys(row: &Value) -> Vec<String> {
    let config = &row["VpcConfig"];
    let groups = sorted(config.texts("SecurityGroupIds"));
    config.texts("SubnetIds").into_iter().map(|subnet| key(subnet, &groups)).collect()
}

/// Lets go of the interfaces of a function that is gone or has others now: those that nobody uses go later.
pub(super) fn detach(call: &mut Call, before: &Value) {
    for id in keys(before) {
        if !used(call, &id) && call.get(INTERFACE, &id).is_some() {
            let seconds = call.latency("lambda.function", "eni_release_after_delete");
            call.unschedule(INTERFACE, &id);
            call.schedule(seconds, INTERFACE, &id, Step::Run("release", json!(id)));
        }
    }
}

fn used(call: &Call, id: &str) -> bool {
    call.rows(FUNCTION).any(|(_, row)| keys(row).iter().any(|key| key == id))
}

/// The end of an interface that no function uses any more.
pub(super) fn release(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    if used(call, id) {
        return;
    }
    if let Some(row) = call.remove(INTERFACE, id) {
        ec2::withdraw(call, row.text("interface"));
    }
}
