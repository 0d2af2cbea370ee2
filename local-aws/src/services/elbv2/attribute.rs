//! Attributes: texts by key, as load balancers, target groups and listeners have them.

use super::validation;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Map, Value, json};

/// Which values an attribute can have.
#[derive(Debug, Clone, Copy)]
pub(super) enum Allowed {
    /// `true` or `false`.
    Flag,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// A whole number.
    Number(i64, i64),
    /// 0, or a whole number in a range.
    ZeroOr(i64, i64),
    /// `off`, or a whole number in a range.
    OffOr(i64, i64),
    /// Any text that is no longer than this.
    Text(usize),
    /// Only its default.
    Fixed,
}

/// An attribute: its key, its default, and which values it can have.
pub(super) type Attribute = (&'static str, &'static str, Allowed);

/// The attributes that a new resource has.
pub(super) fn defaults(known: &[Attribute]) -> Value {
    known.iter().map(|(key, default, _)| ((*key).to_owned(), json!(default))).collect()
}

/// Attributes as they are described.
pub(super) fn listed(known: &[Attribute], row: &Value) -> Vec<Value> {
    let one = |(key, _, _): &Attribute| {
        let value = row["_attributes"].get(*key)?;
        Some(json!({"Key": key, "Value": value}))
    };
    known.iter().filter_map(one).collect()
}

/// The attributes of a request by key, each known and with a value that it can have.
pub(super) fn of_request(
    known: &[Attribute],
    given: &[Value],
) -> Result<Map<String, Value>, Fault> {
    let mut fresh = Map::new();
    for attribute in given {
        let (key, value) = (attribute.text("Key"), attribute.text("Value"));
        let unknown = || validation(format!("Attribute key '{key}' is not recognized"));
        let (_, default, allowed) =
            known.iter().find(|(known, _, _)| *known == key).ok_or_else(unknown)?;
        if fresh.contains_key(key) {
            return Err(validation(format!("Attribute key '{key}' is given more than once")));
        }
        if !fits(*allowed, default, value) {
            return Err(validation(format!(
                "The value '{value}' of the attribute '{key}' is not valid"
            )));
        }
        fresh.insert(key.to_owned(), json!(value));
    }
    Ok(fresh)
}

fn fits(allowed: Allowed, default: &str, value: &str) -> bool {
    let number = |least: i64, most: i64| {
        value.parse::<i64>().is_ok_and(|number| (least..=most).contains(&number))
    };
    match allowed {
        Allowed::Flag => ["true", "false"].contains(&value),
        Allowed::OneOf(values) => values.contains(&value),
        Allowed::Number(least, most) => number(least, most),
        Allowed::ZeroOr(least, most) => value == "0" || number(least, most),
        Allowed::OffOr(least, most) => value == "off" || number(least, most),
        Allowed::Text(most) => value.len() <= most,
        Allowed::Fixed => value == default,
    }
}

/// Sets attributes over those that a row has.
pub(super) fn set(row: &mut Value, fresh: Map<String, Value>) {
    for (key, value) in fresh {
        row["_attributes"][&key] = value;
    }
}
