//! Whose it is that a create call met under its own name, or that a search found.

use globecart_engine::{Found, Intent, Tags};

use crate::tags::{KEPT, RESOURCE, STACK};

/// Whether these are the tags that this very intent set, and what carries them is not kept on purpose.
pub fn is_made_by(intent: &Intent, live: &Tags) -> bool {
    let mut ours = intent.tags().iter().filter(|(key, _)| key.starts_with("globecart:"));
    !live.contains_key(KEPT) && ours.all(|(key, value)| live.get(key) == Some(value))
}

/// Whether `what`, found under its name, is ours: by the tags of stack and address, and not kept on purpose.
pub fn claim<O>(intent: &Intent, what: &str, live: &Tags, outputs: O) -> Found<O> {
    let same = |key: &str| live.contains_key(key) && live.get(key) == intent.tags().get(key);
    if live.contains_key(KEPT) {
        return Found::Foreign(format!("{what}, which was kept on purpose,"));
    }
    if same(STACK) && same(RESOURCE) {
        return Found::Ours(outputs);
    }
    Found::Foreign(match (live.get(STACK), live.get(RESOURCE)) {
        (Some(stack), Some(address)) => format!("{what}, which is {address} of the stack {stack},"),
        _ => what.to_owned(),
    })
}
