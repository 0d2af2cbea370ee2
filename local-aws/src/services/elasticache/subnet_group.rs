//! Subnet groups: <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheSubnetGroup.html>

use super::cache_cluster;
use super::kind::{Kind, invalid_value, within_quota};
use super::replication_group;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `CacheSubnetGroup`.
pub(super) const SUBNET_GROUP: Kind = Kind {
    table: Table::regional("elasticache.subnet_group"),
    name: "CacheSubnetGroupName",
    arn: "subnetgroup",
    noun: "CacheSubnetGroup",
    not_found: "CacheSubnetGroupNotFoundFault",
};

/// Subnet groups of an account and region.
const QUOTA: usize = 300;

/// Subnets of one group.
const SUBNETS_QUOTA: usize = 20;

/// `CreateCacheSubnetGroup`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("CacheSubnetGroupName").to_ascii_lowercase();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._ ".contains(&byte);
    if name.is_empty() || name.len() > 255 || name == "default" || !name.bytes().all(allowed) {
        return Err(invalid_value(format!(
            "The parameter CacheSubnetGroupName {name} must have 1 to 255 letters, digits and hyphens, and must not be default."
        )));
    }
    if call.get(SUBNET_GROUP.table, &name).is_some() {
        let message = format!("Cache subnet group {name} already exists.");
        return Err(Fault::new("CacheSubnetGroupAlreadyExists", message));
    }
    let quota = (SUBNET_GROUP.table, "elasticache.subnet_groups", QUOTA);
    within_quota(call, quota, "CacheSubnetGroupQuotaExceeded")?;
    let (vpc, subnets) = subnets(call, &input.texts("SubnetIds"))?;
    let row = json!({
        "CacheSubnetGroupDescription": input["CacheSubnetGroupDescription"], "VpcId": vpc, "Subnets": subnets,
        "SupportedNetworkTypes": ["ipv4"],
    });
    let row = SUBNET_GROUP.create(call, &name, row)?;
    Ok(json!({"CacheSubnetGroup": row}))
}

/// The subnets of a group and their VPC.
fn subnets(call: &Call, ids: &[&str]) -> Result<(String, Vec<Value>), Fault> {
    let invalid = |message: String| Fault::new("InvalidSubnet", message);
    if ids.is_empty() {
        return Err(invalid_value(
            "The parameter SubnetIds must be provided and must not be blank.",
        ));
    }
    if ids.len() > call.quota("elasticache.subnets_per_group", SUBNETS_QUOTA) {
        let message = "The number of subnets in a cache subnet group exceeds its quota.";
        return Err(Fault::new("CacheSubnetQuotaExceededFault", message));
    }
    let mut found = Vec::new();
    for id in ids {
        let spot = ec2::spot(call, id)
            .ok_or_else(|| invalid(format!("The subnet {id} does not exist.")))?;
        found.push((*id, spot));
    }
    let vpc = found[0].1.vpc.clone();
    if let Some((id, _)) = found.iter().find(|(_, spot)| spot.vpc != vpc) {
        return Err(invalid(format!("The subnet {id} is in another VPC than {}.", ids[0])));
    }
    let described = |(id, spot): &(&str, ec2::Spot)| json!({"SubnetIdentifier": id, "SubnetAvailabilityZone": {"Name": spot.zone}, "SupportedNetworkTypes": ["ipv4"]});
    Ok((vpc, found.iter().map(described).collect()))
}

/// `DescribeCacheSubnetGroups`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"CacheSubnetGroups": SUBNET_GROUP.describe(call, |_, row| row.clone())?}))
}

/// `ModifyCacheSubnetGroup`.
pub(super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut row = SUBNET_GROUP.row(call, input.text("CacheSubnetGroupName"))?;
    if input.has("CacheSubnetGroupDescription") {
        row["CacheSubnetGroupDescription"] = input["CacheSubnetGroupDescription"].clone();
    }
    if input.has("SubnetIds") {
        let ids = input.texts("SubnetIds");
        let (vpc, subnets) = subnets(call, &ids)?;
        if vpc != row.text("VpcId") {
            let message = format!("The subnets are not in {} like the others.", row.text("VpcId"));
            return Err(Fault::new("InvalidSubnet", message));
        }
        let old = row.items("Subnets").iter().map(|subnet| subnet.text("SubnetIdentifier"));
        let mut gone = old.filter(|id| !ids.contains(id));
        if let Some(id) = gone.find(|id| cache_cluster::is_in_subnet(call, id)) {
            let message = format!("The subnet {id} is used by a cache node.");
            return Err(Fault::new("SubnetInUse", message));
        }
        row["Subnets"] = json!(subnets);
    }
    call.put(SUBNET_GROUP.table, row.text("_key"), row.clone());
    Ok(json!({"CacheSubnetGroup": row}))
}

/// `DeleteCacheSubnetGroup`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = SUBNET_GROUP.row(call, input.text("CacheSubnetGroupName"))?;
    let name = row.text("_key");
    if replication_group::uses(call, "_subnet_group", name) {
        let message = format!("Cache subnet group {name} is currently in use by a cache cluster.");
        return Err(Fault::new("CacheSubnetGroupInUse", message));
    }
    call.remove(SUBNET_GROUP.table, name);
    Ok(json!({}))
}
