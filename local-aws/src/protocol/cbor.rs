//! CBOR bodies of Smithy's RPC v2.

use super::json;
use crate::fault::Fault;
use crate::model::{Kind, Model, Reference, Shape};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ciborium::Value as Cbor;
use serde_json::{Map, Number, Value};

/// The tag of a timestamp in seconds.
const EPOCH: u64 = 1;

/// A body as JSON: byte strings in base64, timestamps in seconds. `None` if it is not CBOR.
pub(super) fn decode(body: &[u8]) -> Option<Value> {
    if body.is_empty() {
        return Some(Value::Object(Map::new()));
    }
    plain(ciborium::from_reader(body).ok()?)
}

fn plain(value: Cbor) -> Option<Value> {
    Some(match value {
        Cbor::Integer(number) => Value::from(i64::try_from(i128::from(number)).ok()?),
        Cbor::Float(number) => Value::Number(Number::from_f64(number)?),
        Cbor::Bytes(bytes) => Value::from(STANDARD.encode(bytes)),
        Cbor::Text(text) => Value::from(text),
        Cbor::Bool(flag) => Value::from(flag),
        Cbor::Null => Value::Null,
        Cbor::Tag(_, value) => plain(*value)?,
        Cbor::Array(elements) => elements.into_iter().map(plain).collect::<Option<_>>()?,
        Cbor::Map(entries) => entries
            .into_iter()
            .map(|(key, value)| Some((key.into_text().ok()?, plain(value)?)))
            .collect::<Option<Map<_, _>>>()?
            .into(),
        _ => return None,
    })
}

/// The body of an answer.
pub(super) fn answer(model: &Model, shape: &Shape, output: &Value) -> Vec<u8> {
    encoded(&structure(model, shape, output))
}

/// The body of an error.
pub(super) fn error(shape: &str, fault: &Fault) -> Vec<u8> {
    encoded(&untyped(&json::error(shape, fault)))
}

fn encoded(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("writing to memory succeeds");
    bytes
}

fn structure(model: &Model, shape: &Shape, value: &Value) -> Cbor {
    let present =
        shape.members.iter().filter_map(|(name, member)| Some((name, member, value.get(name)?)));
    let pairs = present
        .filter(|(_, _, value)| !value.is_null())
        .map(|(name, member, value)| (Cbor::Text(name.clone()), typed(model, member, value)));
    Cbor::Map(pairs.collect())
}

fn typed(model: &Model, reference: &Reference, value: &Value) -> Cbor {
    let shape = model.shape(reference);
    match (shape.kind, value) {
        (Kind::Structure, Value::Object(_)) => structure(model, shape, value),
        (Kind::List, Value::Array(elements)) => {
            let Some(member) = &shape.member else { return Cbor::Null };
            Cbor::Array(elements.iter().map(|element| typed(model, member, element)).collect())
        }
        (Kind::Map, Value::Object(entries)) => {
            let Some(values) = &shape.value else { return Cbor::Null };
            Cbor::Map(
                entries
                    .iter()
                    .map(|(key, value)| (Cbor::Text(key.clone()), typed(model, values, value)))
                    .collect(),
            )
        }
        (Kind::Timestamp, Value::Number(number)) => {
            let seconds = json::milliseconds(number.as_f64().unwrap_or_default());
            Cbor::Tag(EPOCH, Box::new(Cbor::Float(seconds)))
        }
        (Kind::Blob, Value::String(text)) => Cbor::Bytes(STANDARD.decode(text).unwrap_or_default()),
        (Kind::Float | Kind::Double, Value::Number(number)) => {
            Cbor::Float(number.as_f64().unwrap_or_default())
        }
        _ => untyped(value),
    }
}

fn untyped(value: &Value) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(flag) => Cbor::Bool(*flag),
        Value::Number(number) => {
            let float = || Cbor::Float(number.as_f64().unwrap_or_default());
            number.as_i64().map_or_else(float, |number| Cbor::Integer(number.into()))
        }
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Array(elements) => Cbor::Array(elements.iter().map(untyped).collect()),
        Value::Object(entries) => Cbor::Map(
            entries.iter().map(|(key, value)| (Cbor::Text(key.clone()), untyped(value))).collect(),
        ),
    }
}
