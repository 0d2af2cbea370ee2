//! The last snapshots of caches.

use aws_sdk_elasticache::types::Snapshot;
use globecart_engine::{CallResult, Class};

use super::Sort;
use crate::tags::{KEPT, STACK};
use crate::{Aws, Doing, absent_is_fine};

/// Snapshots that somebody has taken, not those that `ElastiCache` takes every day, which go with their cache.
pub(super) const CACHE_SNAPSHOTS: Sort = Sort {
    what: "ElastiCache snapshot",
    find: |aws, stack| Box::pin(find(aws, stack)),
    remove: |aws, arn| Box::pin(remove(aws, arn)),
};

async fn find(aws: &Aws, stack: &str) -> CallResult<Vec<String>> {
    let call = aws.elasticache().describe_snapshots().snapshot_source("user");
    let call = call.into_paginator().items();
    let snapshots = call.send().try_collect().await.doing("reading cache snapshots")?;
    let mut kept = Vec::new();
    for arn in snapshots.into_iter().filter_map(|snapshot: Snapshot| snapshot.arn) {
        if is_kept(aws, &arn, stack).await? {
            kept.push(arn);
        }
    }
    Ok(kept)
}

async fn is_kept(aws: &Aws, arn: &str, stack: &str) -> CallResult<bool> {
    let answer = aws.elasticache().list_tags_for_resource().resource_name(arn).send().await;
    let tags = match answer.doing("reading a cache snapshot's tags") {
        Err(error) if error.class == Class::NotFound => return Ok(false),
        answer => answer?.tag_list.unwrap_or_default(),
    };
    let has = |key: &str, value: Option<&str>| {
        tags.iter().any(|tag| tag.key() == Some(key) && (value.is_none() || tag.value() == value))
    };
    Ok(has(KEPT, None) && has(STACK, Some(stack)))
}

async fn remove(aws: &Aws, arn: &str) -> CallResult<()> {
    let name = arn.rsplit(':').next().unwrap_or_default();
    let answer = aws.elasticache().delete_snapshot().snapshot_name(name).send().await;
    let answer = answer.map(|_| ()).doing("deleting the cache snapshot");
    match answer {
        Err(error) if error.message.contains("deleting") => Ok(()),
        answer => absent_is_fine(answer),
    }
}
