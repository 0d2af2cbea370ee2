//! Parameters of the engine, in the parameter groups of clusters and of instances.

use std::collections::BTreeMap;

use aws_sdk_rds::types::{ApplyMethod, Parameter as Described};
use globecart_aws::engine::{Argument, Effect, Invalid};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A parameter's value, and when it takes effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// The value, as RDS writes it: a switch is `0` or `1`.
    pub value: String,
    /// When it takes effect.
    pub apply: Apply,
}

/// When a parameter takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Apply {
    /// At once: what RDS calls a dynamic parameter.
    AtOnce,
    /// At the next reboot of each instance, which it needs for static parameters.
    AtReboot,
}

/// Parameters by name.
pub type Parameters = BTreeMap<String, Parameter>;

/// How many parameters one call changes.
const BATCH: usize = 20;

impl Parameter {
    /// Takes effect at once.
    pub fn at_once(value: impl Into<String>) -> Self {
        Self { value: value.into(), apply: Apply::AtOnce }
    }

    /// Takes effect at the next reboot.
    pub fn at_reboot(value: impl Into<String>) -> Self {
        Self { value: value.into(), apply: Apply::AtReboot }
    }
}

/// What a change of the parameters means: at a reboot if one of those that change needs it.
pub(crate) fn argument(old: &Value, new: &Value) -> Argument {
    let waits = |parameters: &Value, other: &Value| {
        let named = parameters.as_object().into_iter().flatten();
        let changed =
            named.filter(|(name, parameter)| other.get(name.as_str()) != Some(*parameter));
        changed.into_iter().any(|(_, parameter)| parameter["apply"] == "at_reboot")
    };
    let reboot = waits(old, new) || waits(new, old);
    Argument::InPlace(if reboot { Effect::AtReboot } else { Effect::AtOnce })
}

pub(crate) fn check(parameters: &Parameters) -> Result<(), Invalid> {
    match parameters.iter().find(|(name, parameter)| name.is_empty() || parameter.value.is_empty())
    {
        Some((name, _)) => Err(Invalid::new("parameters", format!("`{name}` has no value"))),
        None => Ok(()),
    }
}

/// What is to be set, in batches as RDS takes them.
pub(crate) fn set(new: &Parameters, old: &Parameters) -> Vec<Vec<Described>> {
    let changed = new.iter().filter(|(name, parameter)| old.get(*name) != Some(*parameter));
    batches(changed)
}

/// What goes back to the engine's default, in batches as RDS takes them.
pub(crate) fn reset(new: &Parameters, old: &Parameters) -> Vec<Vec<Described>> {
    batches(old.iter().filter(|(name, _)| !new.contains_key(*name)))
}

fn batches<'p>(
    parameters: impl Iterator<Item = (&'p String, &'p Parameter)>,
) -> Vec<Vec<Described>> {
    let all: Vec<Described> = parameters.map(|(name, parameter)| in_api(name, parameter)).collect();
    all.chunks(BATCH).map(<[Described]>::to_vec).collect()
}

fn in_api(name: &str, parameter: &Parameter) -> Described {
    let method = match parameter.apply {
        Apply::AtOnce => ApplyMethod::Immediate,
        Apply::AtReboot => ApplyMethod::PendingReboot,
    };
    Described::builder()
        .parameter_name(name)
        .parameter_value(&parameter.value)
        .apply_method(method)
        .build()
}

/// What somebody set.
pub(crate) fn described(parameters: &[Described]) -> Parameters {
    let one = |parameter: &Described| {
        let apply = match parameter.apply_method() {
            Some(ApplyMethod::PendingReboot) => Apply::AtReboot,
            _ => Apply::AtOnce,
        };
        let value = parameter.parameter_value()?.to_owned();
        Some((parameter.parameter_name()?.to_owned(), Parameter { value, apply }))
    };
    parameters.iter().filter_map(one).collect()
}
