//! What EC2's answers have in common, for the resource types of this crate.

use aws_sdk_ec2::types::{Tag, UnsuccessfulItem};
use globecart_aws::engine::{CallError, CallResult, Class, Input, Intent};
use globecart_aws::tags::{self, STACK};
use globecart_aws::{absent_is_fine, classify, found};

/// The id in the answer to a create call. Without one the call may still have had its effect.
pub(crate) fn id(id: Option<String>, doing: &str) -> CallResult<String> {
    id.ok_or_else(|| CallError::new(Class::Ambiguous, doing, "the answer has no id"))
}

/// Whether these are the tags that this very intent set. Filters by tag are checked again here, because not
/// every server applies them.
pub(crate) fn own(intent: &Intent, live: &[Tag]) -> bool {
    found::is_made_by(intent, &tags::from_ec2(live))
}

/// Whether these are the tags of a resource of the same stack.
pub(crate) fn same_stack(intent: &Intent, live: &[Tag]) -> bool {
    let live = tags::from_ec2(live);
    live.contains_key(STACK) && live.get(STACK) == intent.tags().get(STACK)
}

/// The first real refusal in an answer that looks like success.
pub(crate) fn refused(items: Option<Vec<UnsuccessfulItem>>, doing: &str) -> CallResult<()> {
    for item in items.unwrap_or_default() {
        let Some(error) = item.error else { continue };
        let (code, message) = (error.code.unwrap_or_default(), error.message.unwrap_or_default());
        let class = classify(&code, &message, Some(400));
        let what = item.resource_id.map(|id| format!("{id}: {message}")).unwrap_or(message);
        absent_is_fine(Err(CallError::new(class, doing, what).with_code(code)))?;
    }
    Ok(())
}

/// What must be added to `now`, and what taken away, to come to `wanted`.
pub(crate) fn difference<T: AsRef<str>>(
    wanted: &[Input<T>],
    now: &[String],
) -> (Option<Vec<String>>, Option<Vec<String>>) {
    let wanted: Vec<&str> = wanted.iter().map(|id| id.known().as_ref()).collect();
    let add = wanted.iter().filter(|id| !now.iter().any(|other| other == **id));
    let remove = now.iter().filter(|id| !wanted.contains(&id.as_str()));
    let some = |ids: Vec<String>| (!ids.is_empty()).then_some(ids);
    (some(add.map(ToString::to_string).collect()), some(remove.cloned().collect()))
}
