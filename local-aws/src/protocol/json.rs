//! JSON bodies.

use super::scalar;
use crate::fault::Fault;
use crate::model::{Kind, Model, Reference, Shape};
use serde_json::{Map, Value, json};

pub(super) fn content_type(model: &Model) -> &'static str {
    match model.metadata.json_version.as_deref() {
        Some("1.0") => "application/x-amz-json-1.0",
        Some(_) => "application/x-amz-json-1.1",
        None => "application/json",
    }
}

/// The members in a body: `null` is absent, timestamps are seconds. What does not fit the model stays, to be reported.
pub(crate) fn input(model: &Model, shape: &Shape, body: &Value) -> Value {
    let Value::Object(given) = body else { return body.clone() };
    let mut members = Map::new();
    for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
        let member = shape.members.iter().find(|(known, member)| wire_name(known, member) == name);
        match member {
            Some((known, member)) => members.insert(known.clone(), value_in(model, member, value)),
            None => members.insert(name.clone(), value.clone()),
        };
    }
    Value::Object(members)
}

fn wire_name<'a>(name: &'a str, member: &'a Reference) -> &'a str {
    member.location_name.as_deref().unwrap_or(name)
}

fn value_in(model: &Model, reference: &Reference, value: &Value) -> Value {
    let shape = model.shape(reference);
    match (shape.kind, value) {
        (Kind::Structure, Value::Object(_)) => input(model, shape, value),
        (Kind::List, Value::Array(elements)) => {
            let Some(member) = &shape.member else { return value.clone() };
            elements.iter().map(|element| value_in(model, member, element)).collect()
        }
        (Kind::Map, Value::Object(entries)) => {
            let Some(values) = &shape.value else { return value.clone() };
            let entries = entries.iter().filter(|(_, value)| !value.is_null());
            entries.map(|(key, value)| (key.clone(), value_in(model, values, value))).collect()
        }
        (Kind::Timestamp, Value::String(text)) => {
            scalar::seconds(text).map_or_else(|| value.clone(), Value::from)
        }
        _ => value.clone(),
    }
}

/// The body of an answer: members of the model alone, timestamps in seconds.
pub(crate) fn answer(model: &Model, shape: &Shape, output: &Value) -> Value {
    let mut members = Map::new();
    for (name, member) in shape.members.iter().filter(|(_, member)| member.location.is_none()) {
        if let Some(value) = output.get(name).filter(|value| !value.is_null()) {
            members.insert(wire_name(name, member).to_owned(), value_out(model, member, value));
        }
    }
    Value::Object(members)
}

fn value_out(model: &Model, reference: &Reference, value: &Value) -> Value {
    let shape = model.shape(reference);
    match (shape.kind, value) {
        (Kind::Structure, Value::Object(_)) => answer(model, shape, value),
        (Kind::List, Value::Array(elements)) => {
            let Some(member) = &shape.member else { return value.clone() };
            elements.iter().map(|element| value_out(model, member, element)).collect()
        }
        (Kind::Map, Value::Object(entries)) => {
            let Some(values) = &shape.value else { return value.clone() };
            entries
                .iter()
                .map(|(key, value)| (key.clone(), value_out(model, values, value)))
                .collect()
        }
        (Kind::Timestamp, Value::Number(seconds)) => {
            json!(milliseconds(seconds.as_f64().unwrap_or_default()))
        }
        _ => value.clone(),
    }
}

/// Seconds cut to whole milliseconds, as AWS answers them.
pub(super) fn milliseconds(seconds: f64) -> f64 {
    (seconds * 1000.0).floor() / 1000.0
}

/// The body of an error.
pub(super) fn error(shape: &str, fault: &Fault) -> Value {
    let mut body = fault.members.clone();
    body.insert("__type".to_owned(), json!(shape));
    body.insert("message".to_owned(), json!(fault.message));
    Value::Object(body)
}
