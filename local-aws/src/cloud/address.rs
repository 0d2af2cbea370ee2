//! Which resource of a stack a request is about.

use super::State;
use crate::fields::Fields;
use crate::tags;
use serde_json::Value;

/// The `globecart:resource` tag in a request, or on a row that it names.
pub(super) fn of_request(state: &State, input: &Value) -> Option<String> {
    tagged(input).or_else(|| {
        let mut texts = Vec::new();
        collect_texts(input, &mut texts);
        let mut rows = texts.iter().flat_map(|text| state.store.everywhere(text));
        rows.find_map(|row| tags::value(row, tags::ADDRESS)).map(str::to_owned)
    })
}

fn tagged(value: &Value) -> Option<String> {
    match value {
        Value::Object(members) => {
            let key = value.opt("Key").or_else(|| value.opt("TagKey"));
            if key == Some(tags::ADDRESS) {
                return value.opt("Value").or_else(|| value.opt("TagValue")).map(str::to_owned);
            }
            let in_map = members.get(tags::ADDRESS).and_then(Value::as_str).map(str::to_owned);
            in_map.or_else(|| members.values().find_map(tagged))
        }
        Value::Array(elements) => elements.iter().find_map(tagged),
        _ => None,
    }
}

fn collect_texts<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Object(members) => members.values().for_each(|value| collect_texts(value, texts)),
        Value::Array(elements) => elements.iter().for_each(|value| collect_texts(value, texts)),
        _ => {}
    }
}
