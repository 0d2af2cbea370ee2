//! The parameters of each family: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html>

use super::kind::invalid_value;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A parameter of all families, or of those that it names.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Parameter {
    pub(super) name: String,
    default: String,
    /// Defaults of families that have another one.
    #[serde(default)]
    defaults: BTreeMap<String, String>,
    #[serde(rename = "type")]
    kind: String,
    /// Words, numbers and ranges such as `1-100` or `20-`.
    allowed: Option<String>,
    pub(super) modifiable: bool,
    change: String,
    description: String,
    families: Option<Vec<String>>,
}

static PARAMETERS: LazyLock<Vec<Parameter>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../data/elasticache-parameters.json"))
        .expect("the shipped parameters are valid")
});

/// The parameters of a family in the order of their names.
pub(super) fn of_family(family: &str) -> impl Iterator<Item = &'static Parameter> {
    PARAMETERS.iter().filter(move |parameter| {
        parameter.families.as_ref().is_none_or(|only| only.iter().any(|known| known == family))
    })
}

/// The parameter of a family with a name.
pub(super) fn named(family: &str, name: &str) -> Result<&'static Parameter, Fault> {
    of_family(family)
        .find(|parameter| parameter.name == name)
        .ok_or_else(|| invalid_value(format!("Could not find parameter with name: {name}")))
}

impl Parameter {
    /// What it is in a family unless a group says otherwise.
    pub(super) fn default_in(&self, family: &str) -> &str {
        self.defaults.get(family).unwrap_or(&self.default)
    }

    /// Refuses a value that it cannot have.
    pub(super) fn check(&self, value: &str) -> Result<(), Fault> {
        if !self.modifiable {
            let message = format!("The parameter {} cannot be modified.", self.name);
            return Err(invalid_value(message));
        }
        let fits = self.allowed.as_ref().is_none_or(|allowed| {
            allowed
                .split(',')
                .any(|one| if self.kind == "integer" { within(one, value) } else { one == value })
        });
        if fits {
            return Ok(());
        }
        let allowed = self.allowed.as_deref().unwrap_or_default();
        Err(invalid_value(format!(
            "The parameter value {value} for parameter name {} is invalid. Allowed values: {allowed}",
            self.name
        )))
    }

    /// As it is described with a value that somebody has set, or without one.
    pub(super) fn described(&self, family: &str, set: Option<&str>) -> Value {
        let source = if set.is_some() { "user" } else { "system" };
        json!({
            "ParameterName": self.name, "ParameterValue": set.unwrap_or_else(|| self.default_in(family)), "Description": self.description,
            "Source": source, "DataType": self.kind, "AllowedValues": self.allowed, "IsModifiable": self.modifiable,
            "MinimumEngineVersion": least_version(family), "ChangeType": self.change, "_key": self.name,
        })
    }
}

/// Whether a number is one, or in a range such as `1-100` or `-1-`.
fn within(allowed: &str, value: &str) -> bool {
    let Ok(number) = value.parse::<i64>() else { return false };
    let dash = allowed.char_indices().skip(1).find(|(_, letter)| *letter == '-').map(|(at, _)| at);
    match dash.map(|at| (&allowed[..at], &allowed[at + 1..])) {
        None => allowed.parse() == Ok(number),
        Some((least, most)) => {
            least.parse().is_ok_and(|least: i64| number >= least)
                && (most.is_empty() || most.parse().is_ok_and(|most: i64| number <= most))
        }
    }
}

fn least_version(family: &str) -> &'static str {
    match family {
        "redis7" => "7.0.4",
        "valkey7" => "7.2.6",
        "valkey8" => "8.0.1",
        _ => "9.0.0",
    }
}

/// The parameters that differ from node type to node type.
pub(super) fn by_node_type(family: &str) -> Value {
    let values: Vec<Value> = super::node_type::NODE_TYPES
        .iter()
        .map(|known| json!({"CacheNodeType": known.0, "Value": known.1.to_string()}))
        .collect();
    json!([{
        "ParameterName": "maxmemory", "Description": "The maximum number of bytes that keys and values may take", "Source": "system",
        "DataType": "integer", "AllowedValues": "0-", "IsModifiable": false, "MinimumEngineVersion": least_version(family),
        "ChangeType": "immediate", "CacheNodeTypeSpecificValues": values,
    }])
}

/// What a group of a family has for a parameter.
pub(super) fn value_in<'g>(group: &'g Value, name: &str) -> &'g str {
    let family = group.text("CacheParameterGroupFamily");
    group["_values"]
        .opt(name)
        .unwrap_or_else(|| named(family, name).map_or("", |parameter| parameter.default_in(family)))
}
