//! Tags of many resources at once: <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>
//!
//! The tagging API lags behind the services. So what it does not list as some stack's is asked of its own
//! service, and so is a resource that is read alone: reading it again by itself confirms a difference.

use std::collections::BTreeMap;

use globecart_engine::Tags;

use crate::Aws;
use crate::tags::{RESOURCE, STACK};

/// How many ARNs one call takes.
const BATCH: usize = 100;

/// The tags of those of `arns` that the tagging API lists as some stack's; whom it leaves out, ask the service.
pub(crate) async fn known(aws: &Aws, arns: &[&str]) -> BTreeMap<String, Tags> {
    let mut known = BTreeMap::new();
    if arns.len() < 2 {
        return known;
    }
    for batch in arns.chunks(BATCH) {
        let list = batch.iter().map(|arn| (*arn).to_owned()).collect();
        // A server without this API leaves every answer to the services.
        let Ok(answer) =
            aws.tagging().get_resources().set_resource_arn_list(Some(list)).send().await
        else {
            break;
        };
        for resource in answer.resource_tag_mapping_list.unwrap_or_default() {
            let tags =
                resource.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
            let tags: Tags = tags.collect();
            if let (Some(arn), true) =
                (resource.resource_arn, tags.contains_key(STACK) && tags.contains_key(RESOURCE))
            {
                known.insert(arn, tags);
            }
        }
    }
    known
}

/// How many calls the tags of `count` resources take.
pub(crate) fn calls(count: usize) -> usize {
    count.div_ceil(BATCH)
}
