//! Plain data that many places share without copying it.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Arguments or outputs in JSON.
pub type Document = Shared<Value>;

/// Plain data that many places hold without a copy of their own; a clone is cheap.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Shared<T>(Arc<T>);

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Serialize> Serialize for Shared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::from)
    }
}

/// JSON for what is seldom looked at: as its text, which takes a tenth of the room.
#[derive(Debug, Clone)]
pub(crate) enum Compact {
    Text(Box<str>),
    /// What does not read back as exactly what it was: some fractions of 16 digits and more.
    Value(Value),
}

impl Compact {
    pub(crate) fn of(value: Value) -> Self {
        let text = value.to_string();
        if has_fraction(&value) && parsed(&text) != value {
            return Self::Value(value);
        }
        Self::Text(text.into())
    }

    pub(crate) fn read(&self) -> Value {
        match self {
            Self::Text(text) => parsed(text),
            Self::Value(value) => value.clone(),
        }
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("the text of a value reads back")
}

fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_fraction),
        Value::Object(map) => map.values().any(has_fraction),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
