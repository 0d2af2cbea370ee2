//! JSON values and their differences on one line.

use std::fmt::Write;

use serde_json::Value;

/// How many characters of a value are shown unless all of them are asked for.
const LONGEST: usize = 100;

const UNKNOWN: &str = "(known after apply)";

/// A difference at one place inside a field.
#[derive(Debug, PartialEq)]
pub(super) struct Difference<'a> {
    /// The field's name, and the keys down to the place.
    pub(super) path: String,
    pub(super) change: Change<'a>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Change<'a> {
    /// One value became another.
    Value(&'a Value, &'a Value),
    /// A list lost and got members.
    Members { gone: Vec<&'a Value>, new: Vec<&'a Value> },
}

/// The places in which a field's values differ.
pub(super) fn differences<'a>(name: &str, old: &'a Value, new: &'a Value) -> Vec<Difference<'a>> {
    let mut found = Vec::new();
    compare(name.to_owned(), old, new, &mut found);
    found
}

fn compare<'a>(path: String, old: &'a Value, new: &'a Value, found: &mut Vec<Difference<'a>>) {
    if old == new {
        return;
    }
    match (old, new) {
        (Value::Object(before), Value::Object(after)) if !is_unknown(new) => {
            let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let of =
                    |map: &'a serde_json::Map<String, Value>| map.get(key).unwrap_or(&Value::Null);
                compare(format!("{path}.{key}"), of(before), of(after), found);
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            members(path, old, new, before, after, found);
        }
        _ => found.push(Difference { path, change: Change::Value(old, new) }),
    }
}

/// A list in which one member changed is followed into that member; otherwise members came and went.
fn members<'a>(
    path: String,
    old: &'a Value,
    new: &'a Value,
    before: &'a [Value],
    after: &'a [Value],
    found: &mut Vec<Difference<'a>>,
) {
    let differing: Vec<usize> =
        (0..before.len().min(after.len())).filter(|at| before[*at] != after[*at]).collect();
    if let ([at], true) = (differing.as_slice(), before.len() == after.len()) {
        return compare(format!("{path}.{at}"), &before[*at], &after[*at], found);
    }
    let gone: Vec<_> = before.iter().filter(|item| !after.contains(item)).collect();
    let come: Vec<_> = after.iter().filter(|item| !before.contains(item)).collect();
    let reordered = gone.is_empty() && come.is_empty();
    let change =
        if reordered { Change::Value(old, new) } else { Change::Members { gone, new: come } };
    found.push(Difference { path, change });
}

fn is_unknown(value: &Value) -> bool {
    value.as_object().is_some_and(|map| map.keys().any(|key| key.starts_with('$')))
}

/// A value on one line: JSON, in which what is not known yet says so.
pub(super) fn shown(value: &Value, full: bool) -> String {
    let mut text = String::new();
    match value {
        Value::Null => text.push_str("none"),
        value => write_value(&mut text, value),
    }
    if full || text.chars().count() <= LONGEST {
        return text;
    }
    let cut: String = text.chars().take(LONGEST - 1).collect();
    format!("{cut}…")
}

fn write_value(text: &mut String, value: &Value) {
    match value {
        Value::Object(map) => match map.get("$join").and_then(Value::as_array) {
            Some(parts) => write_joined(text, parts),
            None if is_unknown(value) => text.push_str(UNKNOWN),
            None => write_list(text, ('{', '}'), map, |text, (key, value)| {
                write!(text, "{key}: ").expect("writing to a string does not fail");
                write_value(text, value);
            }),
        },
        Value::Array(items) => write_list(text, ('[', ']'), items, write_value),
        plain => text.push_str(&plain.to_string()),
    }
}

fn write_joined(text: &mut String, parts: &[Value]) {
    text.push('"');
    for part in parts {
        text.push_str(part.as_str().unwrap_or(UNKNOWN));
    }
    text.push('"');
}

fn write_list<T>(
    text: &mut String,
    (open, close): (char, char),
    items: impl IntoIterator<Item = T>,
    write_item: impl Fn(&mut String, T),
) {
    text.push(open);
    for (index, item) in items.into_iter().enumerate() {
        text.push_str(if index == 0 { "" } else { ", " });
        write_item(text, item);
    }
    text.push(close);
}
