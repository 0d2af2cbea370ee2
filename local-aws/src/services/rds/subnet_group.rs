//! DB subnet groups: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html>

use super::query::{Query, invalid};
use super::reference::{CLUSTER, INSTANCE, SUBNET_GROUP};
use super::resource_tags;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::{self, Spot};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const QUOTA: usize = 50;

const SUBNET_QUOTA: usize = 20;

const QUERY: Query = Query {
    table: SUBNET_GROUP,
    id: "DBSubnetGroupName",
    kind: "subgrp",
    missing: no_group,
    filters: &[],
};

/// `CreateDBSubnetGroup`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("DBSubnetGroupName").to_ascii_lowercase();
    check_name(&name)?;
    let tags = resource_tags::checked(input.items("Tags"))?;
    if call.get(SUBNET_GROUP, &name).is_some() {
        let message = format!("The DB subnet group '{name}' already exists.");
        return Err(Fault::new("DBSubnetGroupAlreadyExists", message));
    }
    if call.rows(SUBNET_GROUP).count() >= call.quota("rds.db_subnet_groups", QUOTA) {
        let message = "The quota of DB subnet groups has been reached.";
        return Err(Fault::new("DBSubnetGroupQuotaExceeded", message));
    }
    let subnets = subnets(call, &input)?;
    let arn = call.arn("rds", &format!("subgrp:{name}"));
    let row = json!({
        "DBSubnetGroupName": name, "DBSubnetGroupDescription": input["DBSubnetGroupDescription"], "VpcId": subnets.0,
        "SubnetGroupStatus": "Complete", "Subnets": subnets.1, "DBSubnetGroupArn": arn, "SupportedNetworkTypes": ["IPV4"],
        "Tags": tags, "_arn": arn,
    });
    call.put(SUBNET_GROUP, &name, row.clone());
    Ok(json!({"DBSubnetGroup": row}))
}

fn check_name(name: &str) -> Result<(), Fault> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._- ".contains(&byte);
    if name == "default" || name.is_empty() || name.len() > 255 || !name.bytes().all(allowed) {
        return Err(invalid(format!(
            "The parameter DBSubnetGroupName is not valid: {name}. It must contain no more than 255 letters, numbers, periods, underscores, spaces, or hyphens, and must not be \"default\"."
        )));
    }
    Ok(())
}

/// The VPC and the description of the subnets of a request, which are in two zones at least.
fn subnets(call: &Call, input: &Value) -> Result<(String, Value), Fault> {
    let ids: BTreeSet<&str> = input.texts("SubnetIds").into_iter().collect();
    let spots: Vec<(&str, Option<Spot>)> =
        ids.iter().map(|id| (*id, ec2::spot(call, id))).collect();
    let unknown: Vec<&str> =
        spots.iter().filter(|(_, spot)| spot.is_none()).map(|(id, _)| *id).collect();
    if !unknown.is_empty() || ids.is_empty() {
        let message = format!("Some input subnets in :[{}] are invalid.", unknown.join(", "));
        return Err(Fault::new("InvalidSubnet", message));
    }
    let spots: Vec<(&str, Spot)> =
        spots.into_iter().filter_map(|(id, spot)| Some((id, spot?))).collect();
    let vpcs: BTreeSet<&str> = spots.iter().map(|(_, spot)| spot.vpc.as_str()).collect();
    let zones: BTreeSet<&str> = spots.iter().map(|(_, spot)| spot.zone.as_str()).collect();
    if vpcs.len() > 1 {
        let message = "The requested subnet is invalid, or multiple subnets were requested that are not all in a common VPC.";
        return Err(Fault::new("InvalidSubnet", message));
    }
    if zones.len() < 2 {
        let message = format!(
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: {}. Add subnets to cover at least 2 AZs.",
            zones.iter().copied().collect::<Vec<_>>().join(", ")
        );
        return Err(Fault::new("DBSubnetGroupDoesNotCoverEnoughAZs", message));
    }
    if spots.len() > call.quota("rds.subnets_per_db_subnet_group", SUBNET_QUOTA) {
        let message = "The quota of subnets in a DB subnet group has been reached.";
        return Err(Fault::new("DBSubnetQuotaExceededFault", message));
    }
    let vpc = vpcs.iter().next().map_or_else(String::new, |vpc| (*vpc).to_owned());
    let shown = spots.iter().map(|(id, spot)| {
        json!({
            "SubnetIdentifier": id, "SubnetAvailabilityZone": {"Name": spot.zone}, "SubnetOutpost": {},
            "SubnetStatus": "Active",
        })
    });
    Ok((vpc, shown.collect()))
}

/// `DescribeDBSubnetGroups`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"DBSubnetGroups": QUERY.run(call, |_, row| row.clone())?}))
}

/// `ModifyDBSubnetGroup`: subnets in which instances are must stay.
pub(super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("DBSubnetGroupName").to_ascii_lowercase();
    let row = group(call, &name)?;
    let (vpc, subnets) = subnets(call, &input)?;
    if vpc != row.text("VpcId") {
        let message = "The requested subnet is invalid, or multiple subnets were requested that are not all in a common VPC.";
        return Err(Fault::new("InvalidSubnet", message));
    }
    let kept: Vec<&str> =
        subnets.as_array().into_iter().flatten().map(|one| one.text("SubnetIdentifier")).collect();
    let used = call.rows(INSTANCE).find(|(_, instance)| {
        instance.text("_subnet_group") == name && !kept.contains(&instance.text("_subnet"))
    });
    if let Some((id, instance)) = used {
        let message = format!(
            "The subnet {} is in use by the DB instance {id} and cannot be removed.",
            instance.text("_subnet")
        );
        return Err(Fault::new("SubnetAlreadyInUse", message));
    }
    let mut members = json!({"Subnets": subnets});
    if input.has("DBSubnetGroupDescription") {
        members["DBSubnetGroupDescription"] = input["DBSubnetGroupDescription"].clone();
    }
    call.merge(SUBNET_GROUP, &name, members);
    Ok(json!({"DBSubnetGroup": call.get(SUBNET_GROUP, &name)}))
}

/// `DeleteDBSubnetGroup`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let name = call.input().text("DBSubnetGroupName").to_ascii_lowercase();
    group(call, &name)?;
    let user = call.rows(CLUSTER).find(|(_, row)| row.text("DBSubnetGroup") == name);
    if let Some((user, _)) = user {
        let message = format!(
            "Cannot delete the subnet group '{name}' because at least one database cluster: {user} is still using it."
        );
        return Err(Fault::new("InvalidDBSubnetGroupStateFault", message));
    }
    call.remove(SUBNET_GROUP, &name);
    Ok(json!({}))
}

/// A group by its name.
pub(super) fn group(call: &Call, name: &str) -> Result<Value, Fault> {
    call.get(SUBNET_GROUP, name).cloned().ok_or_else(|| no_group(name))
}

/// The zones of a group, with the first subnet in each.
pub(super) fn zones(group: &Value) -> Vec<(String, String)> {
    let mut zones: Vec<(String, String)> = Vec::new();
    for subnet in group.items("Subnets") {
        let zone = subnet["SubnetAvailabilityZone"].text("Name").to_owned();
        if !zones.iter().any(|(known, _)| *known == zone) {
            zones.push((zone, subnet.text("SubnetIdentifier").to_owned()));
        }
    }
    zones.sort();
    zones
}

fn no_group(name: &str) -> Fault {
    Fault::new("DBSubnetGroupNotFoundFault", format!("DB Subnet group '{name}' does not exist."))
}
