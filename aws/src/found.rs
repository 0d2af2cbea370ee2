//! What a create call does with something that is there already.

use std::future::Future;

use globecart_engine::{CallError, CallResult, Class, Found, Intent, Tags};

use crate::tags::{KEPT, RESOURCE, STACK};

/// Takes "already exists" as success where what exists is this intent's own earlier attempt.
pub async fn or_own<O>(
    made: CallResult<O>,
    find: impl Future<Output = CallResult<Found<O>>>,
) -> CallResult<O> {
    match made {
        Err(error) if error.class == Class::AlreadyExists => match find.await? {
            Found::Ours(outputs) => Ok(outputs),
            Found::Foreign(what) => {
                Err(CallError { message: format!("{} ({what})", error.message), ..error })
            }
            Found::Nothing => Err(error),
        },
        other => other,
    }
}

/// Whether `what`, found under its name, is ours: by the tags of stack and address, and not kept on purpose.
pub fn claim<O>(intent: &Intent, what: &str, live: &Tags, outputs: O) -> Found<O> {
    let same = |key: &str| live.contains_key(key) && live.get(key) == intent.tags().get(key);
    if live.contains_key(KEPT) {
        return Found::Foreign(format!("{what} was kept on purpose"));
    }
    if same(STACK) && same(RESOURCE) {
        return Found::Ours(outputs);
    }
    Found::Foreign(match (live.get(STACK), live.get(RESOURCE)) {
        (Some(stack), Some(address)) => format!("{what} is {address} of the stack {stack}"),
        _ => format!("{what} belongs to no stack"),
    })
}
