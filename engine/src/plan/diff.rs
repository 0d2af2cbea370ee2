//! Comparing arguments field by field, and tags key by key.

use serde_json::{Map, Value, json};

use super::Field;
use crate::address::short_hash;
use crate::resource::{Argument, Effect, Order, Tags};
use crate::state::{Entry, Life, Status};
use crate::{Address, Kind, Place, Stack};

/// The fields in which the declaration differs from what is live.
pub(crate) fn fields<C>(
    kind: &Kind<C>,
    desired: &Value,
    entry: &Entry,
    live: &Value,
) -> Vec<Field> {
    let mut names: Vec<&String> =
        [desired, live].into_iter().filter_map(Value::as_object).flat_map(Map::keys).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter_map(|name| compare(kind, name, [live, desired, &entry.args], entry.status))
        .collect()
}

/// Whether the record says what was last reached, and not what a run that was interrupted was about to do.
fn settled(status: Status) -> bool {
    !matches!(status, Status::Creating | Status::Accepted | Status::Updating)
}

/// Whether a difference from the record is somebody else's doing. Of what was adopted, the record is a guess.
fn drifts(status: Status) -> bool {
    settled(status) && status != Status::Adopted
}

fn compare<C>(kind: &Kind<C>, name: &str, in_each: [&Value; 3], status: Status) -> Option<Field> {
    let (settled, drifts) = (settled(status), drifts(status));
    let [old, new, before] =
        in_each.map(|document| document.get(name).cloned().unwrap_or_default());
    let (changed, effect, replaces) = match kind.0.argument(name, &old, &new) {
        Argument::Initial => (false, None, false),
        // Somebody else may have set it since; only a changed declaration sets it again.
        Argument::Owned(effect) if settled => (new != before, Some(effect), false),
        Argument::InPlace(effect) | Argument::Owned(effect) => (new != old, Some(effect), false),
        Argument::Replace(_) => (new != old, None, true),
    };
    let drifted = drifts && new == before;
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
pub(crate) fn tags(wanted: &Tags, entry: &Entry, live: &Tags) -> Option<Field> {
    let (mut old, mut new) = (Map::new(), Map::new());
    for (key, value) in wanted.iter().filter(|(key, value)| live.get(*key) != Some(*value)) {
        old.insert(key.clone(), json!(live.get(key)));
        new.insert(key.clone(), json!(value));
    }
    let ours = entry.tags.keys().chain(&entry.dropped);
    for key in ours.filter(|key| !wanted.contains_key(*key) && live.contains_key(*key)) {
        old.insert(key.clone(), json!(live[key]));
        new.insert(key.clone(), Value::Null);
    }
    if new.is_empty() {
        return None;
    }
    let drifted = drifts(entry.status) && *wanted == *entry.tags;
    let (old, new, effect) = (old.into(), new.into(), Some(Effect::AtOnce));
    Some(Field { name: "tags".to_owned(), old, new, effect, replaces: false, drifted })
}

/// The tag value by which one life is told from every other of the stack.
pub(crate) fn life_tag(life: Life) -> String {
    format!("{life:x}")
}

/// The life that tags name.
pub(crate) fn life_of(tags: &Tags) -> Option<Life> {
    Life::from_str_radix(tags.get("globecart:life")?, 16).ok()
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
