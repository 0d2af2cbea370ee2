//! The last snapshot of a group, which outlives it and its stack.
//!
//! `DeleteReplicationGroup` takes no tags, so the snapshot is given its group's as soon as it is there, and the mark that it
//! is kept. A delete is not accepted before that is done: so no snapshot is left that nobody finds.

use aws_sdk_elasticache::types::Tag;
use globecart_aws::engine::{CallError, CallResult, Class, Kept, Tags};
use globecart_aws::tags::KEPT;
use globecart_aws::{Aws, Doing, ReplicationGroupId, absent_is_fine, absent_is_none};

use super::{Was, live};
use crate::answer;

/// What it is called where it is listed.
const WHAT: &str = "ElastiCache snapshot";

/// What the delete of a group leaves.
pub(super) fn kept(aws: &Aws, was: &Was) -> Vec<Kept> {
    let snapshot = || Kept::new(WHAT, arn(aws, &was.outputs.id));
    was.args.final_snapshot.then(snapshot).into_iter().collect()
}

/// Deletes a group; whether it is on its way and not gone yet.
pub(super) async fn delete(aws: &Aws, was: &Was) -> CallResult<bool> {
    let Some(group) = live::one(aws, &was.outputs.id).await? else { return Ok(false) };
    let tags = absent_is_none(answer::tags_of(aws, was.outputs.arn.as_str()).await)?;
    if group.status() != Some("deleting") {
        absent_is_fine(delete_group(aws, was).await)?;
    }
    if was.args.final_snapshot {
        mark(aws, &was.outputs.id, tags.unwrap_or_default()).await?;
    }
    Ok(true)
}

async fn delete_group(aws: &Aws, was: &Was) -> CallResult<()> {
    let id = &was.outputs.id;
    let snapshot = was.args.final_snapshot.then(|| name(id));
    let call = aws.elasticache().delete_replication_group().replication_group_id(id.as_str());
    let answer = call.set_final_snapshot_identifier(snapshot).send().await;
    answer.map(|_| ()).doing("deleting the replication group")
}

/// The group's id is never used again, so neither is this name.
fn name(id: &ReplicationGroupId) -> String {
    format!("{id}-final")
}

fn arn(aws: &Aws, id: &ReplicationGroupId) -> String {
    answer::arn(aws.place(), "snapshot", &name(id))
}

async fn mark(aws: &Aws, id: &ReplicationGroupId, mut tags: Tags) -> CallResult<()> {
    tags.insert(KEPT.to_owned(), "true".to_owned());
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    let call = aws.elasticache().add_tags_to_resource().resource_name(arn(aws, id));
    let answer = call.set_tags(Some(tags.collect())).send().await;
    // A snapshot that cannot be tagged yet will be: the delete is called again.
    answer.map(|_| ()).doing("marking the last snapshot as kept").map_err(not_yet)
}

fn not_yet(error: CallError) -> CallError {
    let class = match error.class {
        Class::NotFound | Class::Invalid => Class::Dependency,
        class => class,
    };
    CallError { class, ..error }
}
