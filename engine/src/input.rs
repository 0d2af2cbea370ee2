//! Values that may not be known yet: [`Input`], and what a reference to an output looks like in JSON.
//!
//! Invariant: a resource serialises to plain JSON in which every unknown is an object with a key that
//! starts with `$`; so dependencies are found, and resolved, without knowing the resource's type.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::Address;

/// A value, or a typed reference to an output of a resource that may not exist yet.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input<T>(Repr<T>);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Repr<T> {
    Known(T),
    Unknown(Vec<Part>, PhantomData<fn() -> T>),
}

/// An output that the create call itself answers, so that [`Early::accepted`] exists on it.
#[derive(Clone, PartialEq, Eq)]
pub struct Early<T>(Input<T>);

/// From which moment on a reference can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// The create call was accepted; the id is known, the resource is still being made.
    Accepted,
    /// The resource can be used.
    Ready,
}

/// A reference to one output of one resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The resource that has the output.
    pub address: Address,
    /// The output's field name.
    pub output: String,
    /// What the user of the reference waits for.
    pub when: When,
    /// The stack value that made the reference; 0 once it has been checked.
    pub(crate) stack: u64,
}

/// One piece of a text that has references inside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Literal text.
    Text(String),
    /// The text of an output.
    Ref(Reference),
}

impl<T> Input<T> {
    /// A reference to `output` of the resource at `address`, made by the stack `stack`.
    pub(crate) fn reference(address: Address, output: &str, when: When, stack: u64) -> Self {
        let reference = Reference { address, output: output.to_owned(), when, stack };
        Self(Repr::Unknown(vec![Part::Ref(reference)], PhantomData))
    }

    /// A text put together from literals and other inputs.
    pub fn join(parts: impl IntoIterator<Item = Part>) -> Self {
        let mut parts: Vec<Part> = parts.into_iter().collect();
        // A single reference would read as that reference's own value, of any type.
        if parts.len() == 1 {
            parts.push(Part::Text(String::new()));
        }
        Self(Repr::Unknown(parts, PhantomData))
    }

    /// The value, where it is known.
    pub fn get(&self) -> Option<&T> {
        match &self.0 {
            Repr::Known(value) => Some(value),
            Repr::Unknown(..) => None,
        }
    }

    /// The value. Inside a resource's methods every input is known.
    ///
    /// # Panics
    /// When called on an unresolved reference, that is outside a resource's methods.
    #[track_caller]
    pub fn known(&self) -> &T {
        self.get().expect("inputs are resolved before a resource's methods are called")
    }
}

impl<T: AsRef<str>> Input<T> {
    /// The same value as text, for a place that takes any text, such as a policy's resource.
    pub fn text(&self) -> Input<String> {
        match &self.0 {
            Repr::Known(value) => Input(Repr::Known(value.as_ref().to_owned())),
            Repr::Unknown(parts, _) => Input(Repr::Unknown(parts.clone(), PhantomData)),
        }
    }

    /// The parts of this text, to put into a longer one with [`Input::join`].
    pub fn part(&self) -> Vec<Part> {
        match &self.0 {
            Repr::Known(value) => vec![Part::Text(value.as_ref().to_owned())],
            Repr::Unknown(parts, _) => parts.clone(),
        }
    }
}

impl<T> Early<T> {
    pub(crate) fn new(input: Input<T>) -> Self {
        Self(input)
    }
}

impl<T: Clone> Early<T> {
    /// The same output, usable as soon as AWS has accepted the create call.
    #[must_use]
    pub fn accepted(&self) -> Input<T> {
        let mut input = self.0.clone();
        if let Repr::Unknown(parts, _) = &mut input.0 {
            for part in parts {
                if let Part::Ref(reference) = part {
                    reference.when = When::Accepted;
                }
            }
        }
        input
    }
}

impl<T> Deref for Early<T> {
    type Target = Input<T>;

    fn deref(&self) -> &Input<T> {
        &self.0
    }
}

impl<T> From<T> for Input<T> {
    fn from(value: T) -> Self {
        Self(Repr::Known(value))
    }
}

impl<T: Clone> From<&Input<T>> for Input<T> {
    fn from(input: &Input<T>) -> Self {
        input.clone()
    }
}

impl<T> From<Early<T>> for Input<T> {
    fn from(early: Early<T>) -> Self {
        early.0
    }
}

impl<T: Clone> From<&Early<T>> for Input<T> {
    fn from(early: &Early<T>) -> Self {
        early.0.clone()
    }
}

impl From<&str> for Input<String> {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl<T> From<T> for Early<T> {
    fn from(value: T) -> Self {
        Self(value.into())
    }
}

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T: fmt::Debug> fmt::Debug for Input<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Known(value) => value.fmt(f),
            Repr::Unknown(parts, _) => parts.fmt(f),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Early<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Serialize> Serialize for Input<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Repr::Known(value) => value.serialize(serializer),
            Repr::Unknown(parts, _) => unknown_to_json(parts).serialize(serializer),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Input<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match unknown_from_json(&value) {
            Some(parts) => Ok(Self(Repr::Unknown(parts, PhantomData))),
            None => Ok(Self(Repr::Known(serde_json::from_value(value).map_err(D::Error::custom)?))),
        }
    }
}

fn unknown_to_json(parts: &[Part]) -> Value {
    match parts {
        [Part::Ref(reference)] => reference_to_json(reference),
        parts => {
            let parts: Vec<Value> = (parts.iter())
                .map(|part| match part {
                    Part::Text(text) => json!(text),
                    Part::Ref(reference) => reference_to_json(reference),
                })
                .collect();
            json!({ "$join": parts })
        }
    }
}

fn reference_to_json(reference: &Reference) -> Value {
    let Reference { address, output, when, stack } = reference;
    let mut json = json!({ "$ref": address, "output": output, "when": when });
    if *stack != 0 {
        json["stack"] = json!(stack);
    }
    json
}

fn unknown_from_json(value: &Value) -> Option<Vec<Part>> {
    if let Some(reference) = reference_from_json(value) {
        return Some(vec![Part::Ref(reference)]);
    }
    let parts = value.get("$join")?.as_array()?;
    let parts = parts.iter().map(|part| match part {
        Value::String(text) => Some(Part::Text(text.clone())),
        other => reference_from_json(other).map(Part::Ref),
    });
    parts.collect()
}

fn reference_from_json(value: &Value) -> Option<Reference> {
    Some(Reference {
        address: Address::new(value.get("$ref")?.as_str()?),
        output: value.get("output")?.as_str()?.to_owned(),
        when: When::deserialize(value.get("when")?).ok()?,
        stack: value.get("stack").and_then(Value::as_u64).unwrap_or(0),
    })
}

/// A key that starts with `$` although its map is no reference.
pub(crate) fn stray_key(document: &Value) -> Option<&str> {
    match document {
        Value::Object(map) => {
            let stray = map.keys().find(|key| key.starts_with('$'));
            match stray.filter(|_| unknown_from_json(document).is_none()) {
                Some(key) => Some(key),
                None => map.values().find_map(stray_key),
            }
        }
        Value::Array(items) => items.iter().find_map(stray_key),
        _ => None,
    }
}

/// Calls `each` with every reference in a document, the parts of joined texts included.
pub(crate) fn each_reference(document: &Value, each: &mut impl FnMut(Reference)) {
    match document {
        Value::Object(map) => match unknown_from_json(document) {
            Some(parts) => parts.into_iter().for_each(|part| {
                if let Part::Ref(reference) = part {
                    each(reference);
                }
            }),
            None => map.values().for_each(|value| each_reference(value, each)),
        },
        Value::Array(items) => items.iter().for_each(|item| each_reference(item, each)),
        _ => {}
    }
}

/// Replaces every reference for which `value_of` knows a value; returns whether nothing unknown is left.
pub(crate) fn resolve(
    document: &mut Value,
    value_of: &impl Fn(&Reference) -> Option<Value>,
) -> bool {
    match document {
        Value::Object(map) if !map.keys().any(|key| key.starts_with('$')) => {
            // Not `all`, which would stop at the first unknown and leave the rest as it is.
            let mut known = true;
            for value in map.values_mut() {
                known &= resolve(value, value_of);
            }
            known
        }
        Value::Array(items) => {
            let mut known = true;
            for item in items {
                known &= resolve(item, value_of);
            }
            known
        }
        Value::Object(_) => match unknown_from_json(document) {
            Some(parts) => match join_known(&parts, value_of) {
                Some(value) => {
                    *document = value;
                    true
                }
                None => false,
            },
            None => true,
        },
        _ => true,
    }
}

fn join_known(parts: &[Part], value_of: &impl Fn(&Reference) -> Option<Value>) -> Option<Value> {
    if let [Part::Ref(reference)] = parts {
        return value_of(reference).filter(|value| !value.is_null());
    }
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(literal) => text.push_str(literal),
            Part::Ref(reference) => match value_of(reference)? {
                Value::String(value) => text.push_str(&value),
                Value::Null => return None,
                other => text.push_str(&other.to_string()),
            },
        }
    }
    Some(Value::String(text))
}

/// Forgets which stack made the references of a document, once that has been checked.
pub(crate) fn forget_stack(document: &mut Value) {
    match document {
        Value::Object(map) => {
            if map.contains_key("$ref") {
                map.remove("stack");
            }
            map.values_mut().for_each(forget_stack);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_stack),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
