//! Where tasks are put: subnets, security groups, and which zone comes next.

use super::invalid;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// AWS's limits of one configuration.
const SUBNETS: usize = 16;
const GROUPS: usize = 5;

/// Checks a network configuration; its defaults are spelled out in the answer.
pub(super) fn checked(call: &Call, given: &Value) -> Result<Value, Fault> {
    let given = &given["awsvpcConfiguration"];
    let subnets = given.texts("subnets");
    if subnets.is_empty() {
        let message =
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.";
        return Err(invalid(message));
    }
    if subnets.len() > SUBNETS || given.items("securityGroups").len() > GROUPS {
        let message = format!(
            "awsVpcConfiguration can have up to {SUBNETS} subnets and {GROUPS} securityGroups."
        );
        return Err(invalid(message));
    }
    let vpc = vpc_of(call, &subnets)?;
    let groups = groups(call, given, &vpc)?;
    let public = given.opt("assignPublicIp").unwrap_or("DISABLED");
    Ok(json!({"awsvpcConfiguration": {
        "subnets": subnets, "securityGroups": groups, "assignPublicIp": public,
    }}))
}

/// The one VPC of subnets.
fn vpc_of(call: &Call, subnets: &[&str]) -> Result<String, Fault> {
    let mut vpcs = BTreeSet::new();
    for id in subnets {
        let spot = ec2::spot(call, id).ok_or_else(|| {
            invalid(format!(
                "Error retrieving subnet information for [{id}]: The subnet ID '{id}' does not exist (ErrorCode: InvalidSubnetID.NotFound)"
            ))
        })?;
        vpcs.insert(spot.vpc);
    }
    let mut vpcs = vpcs.into_iter();
    match (vpcs.next(), vpcs.next()) {
        (Some(vpc), None) => Ok(vpc),
        _ => Err(invalid("All subnets must be in the same VPC.")),
    }
}

/// The groups of a configuration, or the VPC's default group.
fn groups(call: &Call, given: &Value, vpc: &str) -> Result<Vec<String>, Fault> {
    for id in given.texts("securityGroups") {
        let of = ec2::vpc_of_group(call, id).ok_or_else(|| {
            invalid(format!(
                "Error retrieving security group information for [{id}]: The security group '{id}' does not exist (ErrorCode: InvalidGroup.NotFound)"
            ))
        })?;
        if of != vpc {
            return Err(invalid(format!("The security group {id} is not in {vpc}.")));
        }
    }
    let named = given.texts("securityGroups");
    if named.is_empty() {
        return Ok(ec2::default_group(call, vpc).into_iter().collect());
    }
    Ok(named.into_iter().map(str::to_owned).collect())
}

/// The subnet for the next task: in a zone that works and has the fewest of these already.
pub(super) fn choose<'n>(call: &Call, network: &'n Value, taken: &[String]) -> Option<&'n str> {
    let zone = |subnet: &str| ec2::spot(call, subnet).map(|spot| spot.zone);
    let works = |subnet: &&str| zone(subnet).is_some_and(|zone| !call.zone_failed(&zone));
    let count = |subnet: &str| {
        let zone = zone(subnet).unwrap_or_default();
        taken.iter().filter(|one| **one == zone).count()
    };
    let subnets = network["awsvpcConfiguration"].texts("subnets").into_iter().filter(works);
    subnets.min_by_key(|subnet| count(subnet))
}

/// The zones that a configuration's subnets are in and that work.
pub(super) fn zones(call: &Call, network: &Value) -> BTreeSet<String> {
    let subnets = network["awsvpcConfiguration"].texts("subnets").into_iter();
    let zones = subnets.filter_map(|subnet| ec2::spot(call, subnet)).map(|spot| spot.zone);
    zones.filter(|zone| !call.zone_failed(zone)).collect()
}
