//! Event patterns: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>

mod operator;

use super::invalid;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Map, Value, json};

/// The members that an event is tested to have.
const REQUIRED: [&str; 7] =
    ["id", "account", "source", "time", "region", "resources", "detail-type"];

/// The key of alternatives.
const OR: &str = "$or";

/// A pattern from its text, checked.
pub(super) fn parse(text: &str) -> Result<Map<String, Value>, String> {
    let parsed = serde_json::from_str::<Value>(text).map_err(|error| error.to_string())?;
    let Value::Object(pattern) = parsed else { return Err("Filter is not an object".to_owned()) };
    if pattern.is_empty() {
        return Err("Empty objects are not allowed".to_owned());
    }
    check(&pattern)?;
    Ok(pattern)
}

pub(super) fn refused(reason: String) -> Fault {
    Fault::new(
        "InvalidEventPatternException",
        format!("Event pattern is not valid. Reason: {reason}"),
    )
}

fn check(pattern: &Map<String, Value>) -> Result<(), String> {
    for (name, value) in pattern {
        match value {
            Value::Object(inner) if inner.is_empty() => {
                return Err("Empty objects are not allowed".to_owned());
            }
            Value::Object(inner) => check(inner)?,
            Value::Array(alternatives)
                if name == OR && alternatives.iter().all(Value::is_object) =>
            {
                if alternatives.len() < 2 {
                    return Err(
                        "There must have at least 2 Objects in $or relationship.".to_owned()
                    );
                }
                for inner in alternatives.iter().filter_map(Value::as_object) {
                    check(inner)?;
                }
            }
            Value::Array(values) if values.is_empty() => {
                return Err("Empty arrays are not allowed".to_owned());
            }
            Value::Array(values) => values.iter().try_for_each(operator::check)?,
            _ => return Err(format!("\"{name}\" must be an object or an array")),
        }
    }
    Ok(())
}

/// Whether an event, or an object inside it, has what a pattern asks for.
pub(super) fn matches(pattern: &Map<String, Value>, event: &Value) -> bool {
    pattern.iter().all(|(name, wanted)| match wanted {
        Value::Array(alternatives) if name == OR && alternatives.iter().all(Value::is_object) => {
            let mut alternatives = alternatives.iter().filter_map(Value::as_object);
            alternatives.any(|inner| matches(inner, event))
        }
        Value::Object(inner) => {
            objects(event.get(name)).any(|object| matches(inner, object))
                || absent(inner, event.get(name))
        }
        Value::Array(values) => values.iter().any(|value| operator::fits(value, event.get(name))),
        _ => false,
    })
}

/// The objects at a member: itself, or those of a list.
fn objects(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let list = match value {
        Some(Value::Array(elements)) => elements.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    list.iter().filter(|element| element.is_object())
}

/// A pattern that only asks for absence is fulfilled by a missing object.
fn absent(pattern: &Map<String, Value>, value: Option<&Value>) -> bool {
    value.is_none() && matches(pattern, &Value::Null)
}

/// `TestEventPattern`.
pub(super) fn test(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let pattern = parse(input.text("EventPattern")).map_err(refused)?;
    let event = serde_json::from_str::<Value>(input.text("Event")).unwrap_or_default();
    if !event.is_object() {
        return Err(invalid("Parameter Event is not valid."));
    }
    if let Some(member) = REQUIRED.iter().find(|member| event.get(**member).is_none()) {
        return Err(invalid(format!(
            "Parameter Event is not valid. Reason: {member} is a required field."
        )));
    }
    Ok(json!({"Result": matches(&pattern, &event)}))
}
