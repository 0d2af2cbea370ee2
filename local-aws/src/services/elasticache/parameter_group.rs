//! Parameter groups: <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheParameterGroup.html>

use super::engine::VERSIONS;
use super::kind::{
    Kind, MOST_RECORDS, check_page, checked_name, invalid_combination, invalid_value, within_quota,
};
use super::parameter;
use super::replication_group;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Rows are a `CacheParameterGroup` with `_values`, what somebody has set by parameter. AWS's own groups have no row.
pub(super) const PARAMETER_GROUP: Kind = Kind {
    table: Table::regional("elasticache.parameter_group"),
    name: "CacheParameterGroupName",
    arn: "parametergroup",
    noun: "CacheParameterGroup",
    not_found: "CacheParameterGroupNotFound",
};

/// Parameter groups of an account and region.
const QUOTA: usize = 300;

/// Most parameters of one modification.
const MOST_CHANGES: usize = 20;

/// Every family.
fn families() -> BTreeSet<&'static str> {
    VERSIONS.iter().map(|version| version.family).collect()
}

/// The group with a name, AWS's own ones among them.
pub(super) fn named(call: &Call, name: &str) -> Result<Value, Fault> {
    let name = name.to_ascii_lowercase();
    match call.get(PARAMETER_GROUP.table, &name) {
        Some(row) => Ok(row.clone()),
        None => of_aws(call, &name).ok_or_else(|| PARAMETER_GROUP.missing(&name)),
    }
}

/// A group of AWS such as `default.redis7` or `default.redis7.cluster.on`.
fn of_aws(call: &Call, name: &str) -> Option<Value> {
    let rest = name.strip_prefix("default.")?;
    let (family, values, mode) = match rest.strip_suffix(".cluster.on") {
        Some(family) => (family, json!({"cluster-enabled": "yes"}), " with cluster mode on"),
        None => (rest, json!({}), ""),
    };
    let family = families().into_iter().find(|known| *known == family)?;
    Some(json!({
        "CacheParameterGroupName": name, "CacheParameterGroupFamily": family, "IsGlobal": false, "_values": values, "_key": name,
        "Description": format!("Default parameter group for {family}{mode}"), "ARN": PARAMETER_GROUP.arn_of(call, name),
    }))
}

/// The name of AWS's group for a family.
pub(super) fn default_name(family: &str, cluster_enabled: bool) -> String {
    format!("default.{family}{}", if cluster_enabled { ".cluster.on" } else { "" })
}

/// `CreateCacheParameterGroup`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = checked_name("CacheParameterGroupName", input.text("CacheParameterGroupName"), 255)?;
    let family = input.text("CacheParameterGroupFamily");
    if !families().contains(family) {
        return Err(invalid_value(format!(
            "CacheParameterGroupFamily {family} is not a valid parameter group family."
        )));
    }
    if input.text("Description").is_empty() {
        return Err(invalid_value(
            "The parameter Description must be provided and must not be blank.",
        ));
    }
    if call.get(PARAMETER_GROUP.table, &name).is_some() {
        let message = format!("CacheParameterGroup {name} already exists.");
        return Err(Fault::new("CacheParameterGroupAlreadyExists", message));
    }
    let quota = (PARAMETER_GROUP.table, "elasticache.parameter_groups", QUOTA);
    within_quota(call, quota, "CacheParameterGroupQuotaExceeded")?;
    let row = json!({"CacheParameterGroupFamily": family, "Description": input["Description"], "IsGlobal": false, "_values": {}});
    let row = PARAMETER_GROUP.create(call, &name, row)?;
    Ok(json!({"CacheParameterGroup": row}))
}

/// `DescribeCacheParameterGroups`, AWS's own groups among them.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    check_page(&input, MOST_RECORDS)?;
    if let Some(name) = input.opt("CacheParameterGroupName") {
        return Ok(json!({"CacheParameterGroups": [named(call, name)?]}));
    }
    let own = call.rows(PARAMETER_GROUP.table).map(|(_, row)| row.clone());
    let of_aws = families().into_iter().flat_map(|family| {
        [default_name(family, false), default_name(family, true)].map(|name| of_aws(call, &name))
    });
    let mut groups: Vec<Value> = own.chain(of_aws.flatten()).collect();
    groups.sort_by_key(|group| group.text("_key").to_owned());
    Ok(json!({"CacheParameterGroups": groups}))
}

/// `DescribeCacheParameters`.
pub(super) fn describe_parameters(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    check_page(&input, MOST_RECORDS)?;
    let group = named(call, input.text("CacheParameterGroupName"))?;
    let source = input.opt("Source");
    if source.is_some_and(|source| !["user", "system", "engine-default"].contains(&source)) {
        return Err(invalid_value("The parameter Source must be user, system or engine-default."));
    }
    let family = group.text("CacheParameterGroupFamily");
    let parameters = parameter::of_family(family)
        .map(|parameter| parameter.described(family, group["_values"].opt(&parameter.name)))
        .filter(|parameter| source.is_none_or(|source| parameter.text("Source") == source));
    let by_node_type = if source.is_none_or(|source| source == "system") {
        parameter::by_node_type(family)
    } else {
        json!([])
    };
    Ok(json!({
        "Parameters": parameters.collect::<Vec<Value>>(), "CacheNodeTypeSpecificParameters": by_node_type,
    }))
}

/// `DescribeEngineDefaultParameters`.
pub(super) fn describe_defaults(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    check_page(&input, MOST_RECORDS)?;
    let family = input.text("CacheParameterGroupFamily");
    if !families().contains(family) {
        return Err(invalid_value(format!(
            "CacheParameterGroupFamily {family} is not a valid parameter group family."
        )));
    }
    let parameters =
        parameter::of_family(family).map(|parameter| parameter.described(family, None));
    Ok(json!({"EngineDefaults": {
        "CacheParameterGroupFamily": family, "Parameters": parameters.collect::<Vec<Value>>(),
        "CacheNodeTypeSpecificParameters": parameter::by_node_type(family),
    }}))
}

/// `ModifyCacheParameterGroup`.
pub(super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, group) = own(call, input.text("CacheParameterGroupName"))?;
    let changes = input.items("ParameterNameValues");
    if changes.is_empty() || changes.len() > MOST_CHANGES {
        return Err(invalid_value(format!(
            "A request must have 1 to {MOST_CHANGES} parameters to modify."
        )));
    }
    let family = group.text("CacheParameterGroupFamily");
    let mut values = group["_values"].as_object().cloned().unwrap_or_default();
    for change in changes {
        let (parameter, value) = (change.text("ParameterName"), change.text("ParameterValue"));
        parameter::named(family, parameter)?.check(value)?;
        values.insert(parameter.to_owned(), json!(value));
    }
    set(call, &name, &group, values)
}

/// `ResetCacheParameterGroup`.
pub(super) fn reset(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, group) = own(call, input.text("CacheParameterGroupName"))?;
    let named = input.items("ParameterNameValues");
    if input.flag("ResetAllParameters") != named.is_empty() {
        let message = "Either ResetAllParameters must be true or parameters must be named.";
        return Err(invalid_combination(message));
    }
    let family = group.text("CacheParameterGroupFamily");
    let mut values = group["_values"].as_object().cloned().unwrap_or_default();
    for one in named {
        parameter::named(family, one.text("ParameterName"))?;
        values.remove(one.text("ParameterName"));
    }
    if named.is_empty() {
        values.clear();
    }
    set(call, &name, &group, values)
}

/// Gives a group its values, if the replication groups that use it can have them.
fn set(
    call: &mut Call,
    name: &str,
    group: &Value,
    values: Map<String, Value>,
) -> Result<Value, Fault> {
    let mut changed = group.clone();
    changed["_values"] = Value::Object(values);
    let mode = |group: &Value| parameter::value_in(group, "cluster-enabled").to_owned();
    if mode(group) != mode(&changed) && replication_group::uses(call, "_parameter_group", name) {
        let message =
            format!("cluster-enabled cannot be changed while replication groups use {name}.");
        return Err(Fault::new("InvalidCacheParameterGroupState", message));
    }
    call.put(PARAMETER_GROUP.table, name, changed);
    Ok(json!({"CacheParameterGroupName": name}))
}

/// `DeleteCacheParameterGroup`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, _) = own(call, input.text("CacheParameterGroupName"))?;
    if replication_group::uses(call, "_parameter_group", &name) {
        let message = format!(
            "One or more cache clusters are still members of this parameter group {name}, so the group cannot be deleted."
        );
        return Err(Fault::new("InvalidCacheParameterGroupState", message));
    }
    call.remove(PARAMETER_GROUP.table, &name);
    Ok(json!({}))
}

/// A group that is not AWS's own.
fn own(call: &Call, name: &str) -> Result<(String, Value), Fault> {
    let name = name.to_ascii_lowercase();
    if of_aws(call, &name).is_some() {
        let message = format!("Cannot modify or delete the default parameter group {name}.");
        return Err(invalid_value(message));
    }
    let row = PARAMETER_GROUP.row(call, &name)?;
    Ok((name, row))
}
