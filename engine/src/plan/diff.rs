//! Comparing arguments field by field, and tags key by key.

use serde_json::{Map, Value, json};

use super::Field;
use crate::address::short_hash;
use crate::resource::{Argument, Effect, Order, Tags};
use crate::state::Life;
use crate::{Address, Kind, Place, Stack};

/// The fields in which the declaration differs from what is live.
pub(super) fn fields<C>(kind: &Kind<C>, desired: &Value, recorded: &Value, live: &Value) -> Vec<Field> {
    let empty = Map::new();
    let object = |value: &'_ Value| value.as_object().cloned().unwrap_or_else(|| empty.clone());
    let (desired, recorded, live) = (object(desired), object(recorded), object(live));
    let mut names: Vec<&String> = desired.keys().chain(live.keys()).collect();
    names.sort();
    names.dedup();
    let of = |map: &Map<String, Value>, name: &String| map.get(name).cloned().unwrap_or_default();
    let field = |name: &String| {
        let (old, new, before) = (of(&live, name), of(&desired, name), of(&recorded, name));
        compare(kind, name, old, new, &before)
    };
    names.into_iter().filter_map(field).collect()
}

fn compare<C>(kind: &Kind<C>, name: &str, old: Value, new: Value, before: &Value) -> Option<Field> {
    let argument = kind.0.argument(name, &old, &new);
    let (changed, effect, replaces) = match argument {
        Argument::Initial => (false, None, false),
        // Somebody else may have set it since; only a changed declaration sets it again.
        Argument::Owned(effect) => (new != *before, Some(effect), false),
        Argument::InPlace(effect) => (new != old, Some(effect), false),
        Argument::Replace(_) => (new != old, None, true),
    };
    let drifted = changed && new == *before;
    changed.then(|| Field { name: name.to_owned(), old, new, effect, replaces, drifted })
}

/// The order that a field forces.
pub(super) fn order<C>(kind: &Kind<C>, field: &Field) -> Order {
    match kind.0.argument(&field.name, &field.old, &field.new) {
        Argument::Replace(order) => order,
        _ => Order::CreateFirst,
    }
}

/// Tags to set or remove. Tags that nobody declared and we never set are somebody else's and stay.
pub(super) fn tags(wanted: &Tags, recorded: &Tags, live: &Tags) -> Option<Field> {
    let (mut old, mut new) = (Map::new(), Map::new());
    for (key, value) in wanted.iter().filter(|(key, value)| live.get(*key) != Some(*value)) {
        old.insert(key.clone(), json!(live.get(key)));
        new.insert(key.clone(), json!(value));
    }
    for key in recorded.keys().filter(|key| !wanted.contains_key(*key) && live.contains_key(*key)) {
        old.insert(key.clone(), json!(live[key]));
        new.insert(key.clone(), Value::Null);
    }
    let drifted = wanted == recorded;
    let (old, new) = (Value::Object(old), Value::Object(new));
    let changed = new.as_object().is_some_and(|new| !new.is_empty());
    let effect = Some(Effect::AtOnce);
    changed.then(|| Field { name: "tags".to_owned(), old, new, effect, replaces: false, drifted })
}

/// The tag value by which one life is told from every other of the stack.
pub(crate) fn life_tag(life: Life) -> String {
    format!("{life:x}")
}

/// The end of a physical name: no other life, address, stack, account or region has it.
pub(crate) fn name_hash<C>(stack: &Stack<C>, address: &Address, life: Life) -> String {
    let Place { account, region, .. } = &stack.place;
    short_hash(&[account, region, &stack.name, address.as_str(), &life_tag(life)], 8)
}

/// The tags of a resource: the user's and ours. `Name` is what AWS's console shows.
pub(crate) fn desired_tags<C>(stack: &Stack<C>, address: &Address, life: Life) -> Tags {
    let mut tags = stack.tags.clone();
    tags.entry("Name".to_owned()).or_insert_with(|| format!("{}/{address}", stack.name));
    tags.insert("globecart:stack".to_owned(), stack.name.clone());
    tags.insert("globecart:resource".to_owned(), address.to_string());
    tags.insert("globecart:life".to_owned(), life_tag(life));
    tags
}
