//! What ElastiCache's calls and answers have in common.

use aws_sdk_elasticache::types::Tag;
use globecart_aws::engine::{CallError, CallResult, Class, Intent, Operation, Place, Tags};
use globecart_aws::{Aws, Doing};

/// How many records one page has at most.
const PAGE: usize = 100;

/// How many calls a Describe of everything takes, and one more for the tags of each.
pub(crate) fn calls(count: usize) -> usize {
    count.div_ceil(PAGE) + count
}

/// The ARN of a thing of a kind such as `subnetgroup`.
pub(crate) fn arn(place: &Place, kind: &str, name: &str) -> String {
    format!("arn:{}:elasticache:{}:{}:{kind}:{name}", place.partition, place.region, place.account)
}

/// The tags that the intent's create call sets.
pub(crate) fn tags(intent: &Intent) -> Vec<Tag> {
    to_api(intent.tags())
}

fn to_api(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// The tags of a thing.
pub(crate) async fn tags_of(aws: &Aws, arn: &str) -> CallResult<Tags> {
    let answer = aws.elasticache().list_tags_for_resource().resource_name(arn).send().await;
    let tags = answer.doing("reading tags")?.tag_list.unwrap_or_default();
    let pair = |tag: Tag| Some((tag.key?, tag.value.unwrap_or_default()));
    Ok(tags.into_iter().filter_map(pair).collect())
}

/// Sets and removes tags of a thing.
pub(crate) async fn retag(aws: &Aws, arn: &str, set: &Tags, unset: &[String]) -> CallResult<()> {
    if !set.is_empty() {
        let call = aws.elasticache().add_tags_to_resource().resource_name(arn);
        call.set_tags(Some(to_api(set))).send().await.doing("setting tags")?;
    }
    if !unset.is_empty() {
        let call = aws.elasticache().remove_tags_from_resource().resource_name(arn);
        let call = call.set_tag_keys(Some(unset.to_vec()));
        call.send().await.doing("removing tags")?;
    }
    Ok(())
}

/// Where something else is under way, ElastiCache answers `Invalid…State`: not yet, rather than never.
pub(crate) fn class_of(error: &CallError, operation: Operation) -> Class {
    let code = error.code.as_deref().unwrap_or_default();
    let busy = code.starts_with("Invalid") && code.contains("State");
    let needed = code.starts_with("DefaultUserAssociatedToUserGroup");
    if (busy || needed) && operation != Operation::Create { Class::Dependency } else { error.class }
}
