//! What ECS's answers have in common.

use aws_sdk_ecs::types::Tag;
use globecart_aws::engine::{CallError, CallResult, Class, Intent, Operation, Place, Tags};
use globecart_aws::{Aws, Doing};

/// The ARN of a thing of a kind such as `cluster`.
pub(crate) fn arn(place: &Place, kind: &str, name: &str) -> String {
    format!("arn:{}:ecs:{}:{}:{kind}/{name}", place.partition, place.region, place.account)
}

/// The tags that the intent's create call sets.
pub(crate) fn tags(intent: &Intent) -> Vec<Tag> {
    to_api(intent.tags())
}

fn to_api(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// Tags as ECS describes them, without those that AWS sets itself.
pub(crate) fn from_api(tags: &[Tag]) -> Tags {
    let pair =
        |tag: &Tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()));
    tags.iter().filter_map(pair).filter(|(key, _)| !key.starts_with("aws:")).collect()
}

/// Sets and removes tags of a thing.
pub(crate) async fn retag(aws: &Aws, arn: &str, set: &Tags, unset: &[String]) -> CallResult<()> {
    if !set.is_empty() {
        let call = aws.ecs().tag_resource().resource_arn(arn).set_tags(Some(to_api(set)));
        call.send().await.doing("setting tags")?;
    }
    if !unset.is_empty() {
        let call = aws.ecs().untag_resource().resource_arn(arn).set_tag_keys(Some(unset.to_vec()));
        call.send().await.doing("removing tags")?;
    }
    Ok(())
}

/// An answer without what it must have. The call may still have had its effect.
pub(crate) fn incomplete(doing: &str) -> CallError {
    CallError::new(Class::Ambiguous, doing, "the answer is incomplete")
}

/// Where something else is under way, or is still there, ECS says so with codes of its own.
pub(crate) fn class_of(error: &CallError, operation: Operation) -> Class {
    let code = error.code.as_deref().unwrap_or_default();
    let says = |part: &str| error.message.contains(part);
    if code.starts_with("ClusterContains") || code.starts_with("UpdateInProgress") {
        return Class::Dependency;
    }
    if operation == Operation::Delete && code.starts_with("ServiceNotActive") {
        return Class::NotFound;
    }
    if says("does not have an associated load balancer") || says("still Draining") {
        return Class::Dependency;
    }
    if says("Unable to assume the service linked role") || says("unable to assume the role") {
        return Class::Propagation;
    }
    if says("was not idempotent") {
        return Class::AlreadyExists;
    }
    error.class
}
