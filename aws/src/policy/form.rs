//! The forms in which AWS answers what a document holds as lists.

use globecart_engine::Input;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::statement::{Conditions, Principal};

/// A list, or its only element.
pub(super) fn one_or_many<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    many(Value::deserialize(from)?).map_err(D::Error::custom)
}

/// Principals by kind, or `"*"`.
pub(super) fn principal<'de, D: Deserializer<'de>>(from: D) -> Result<Principal, D::Error> {
    let kinds = match Value::deserialize(from)? {
        Value::Object(kinds) => kinds,
        everybody => [("AWS".to_owned(), everybody)].into_iter().collect(),
    };
    let kinds = kinds.into_iter().map(|(kind, who)| Ok((kind, many(who)?)));
    kinds.collect::<Result<_, serde_json::Error>>().map_err(D::Error::custom)
}

/// Condition values, where AWS also answers bare booleans and numbers.
pub(super) fn conditions<'de, D: Deserializer<'de>>(from: D) -> Result<Conditions, D::Error> {
    let operators = serde_json::Map::deserialize(from)?.into_iter().map(|(operator, keys)| {
        let keys: serde_json::Map<String, Value> = serde_json::from_value(keys)?;
        let keys =
            keys.into_iter().map(|(key, values)| Ok((key, many::<Input<String>>(texts(values))?)));
        Ok((operator, keys.collect::<Result<_, serde_json::Error>>()?))
    });
    operators.collect::<Result<_, serde_json::Error>>().map_err(D::Error::custom)
}

fn many<T: DeserializeOwned>(value: Value) -> Result<Vec<T>, serde_json::Error> {
    match value {
        Value::Array(items) => items.into_iter().map(serde_json::from_value).collect(),
        one => Ok(vec![serde_json::from_value(one)?]),
    }
}

fn texts(value: Value) -> Value {
    match value {
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        Value::Array(items) => Value::Array(items.into_iter().map(texts).collect()),
        other => other,
    }
}
