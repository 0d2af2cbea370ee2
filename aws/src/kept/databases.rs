//! What RDS keeps of clusters that are gone: final snapshots, and the backups until their retention is over.

use aws_sdk_rds::types::{DbClusterAutomatedBackup, DbClusterSnapshot, Filter, Tag};
use globecart_engine::CallResult;

use super::Sort;
use crate::tags::STACK;
use crate::{Aws, Doing, absent_is_fine};

/// Manual snapshots of clusters that carry the stack's tags.
pub(super) const SNAPSHOTS: Sort = Sort {
    what: "RDS cluster snapshot",
    find: |aws, stack| Box::pin(snapshots(aws, stack)),
    remove: |aws, id| Box::pin(remove_snapshot(aws, id)),
};

/// Automated backups that were kept, by the resource id of their cluster.
pub(super) const BACKUPS: Sort = Sort {
    what: "RDS automated backup",
    find: |aws, stack| Box::pin(backups(aws, stack)),
    remove: |aws, id| Box::pin(remove_backup(aws, id)),
};

fn is_of(stack: &str, tags: &[Tag]) -> bool {
    tags.iter().any(|tag| tag.key() == Some(STACK) && tag.value() == Some(stack))
}

async fn snapshots(aws: &Aws, stack: &str) -> CallResult<Vec<String>> {
    let call = aws.rds().describe_db_cluster_snapshots().snapshot_type("manual").into_paginator();
    let all = call.items().send().try_collect().await.doing("looking for cluster snapshots")?;
    let ours = all.into_iter().filter(|one: &DbClusterSnapshot| is_of(stack, one.tag_list()));
    Ok(ours.filter_map(|one| one.db_cluster_snapshot_identifier).collect())
}

async fn remove_snapshot(aws: &Aws, id: &str) -> CallResult<()> {
    let call = aws.rds().delete_db_cluster_snapshot().db_cluster_snapshot_identifier(id);
    absent_is_fine(call.send().await.map(|_| ()).doing("deleting the cluster snapshot"))
}

async fn backups(aws: &Aws, stack: &str) -> CallResult<Vec<String>> {
    let kept = Filter::builder().name("status").values("retained").build();
    let call = aws.rds().describe_db_cluster_automated_backups().filters(kept).into_paginator();
    let all = call.items().send().try_collect().await.doing("looking for automated backups")?;
    let ours =
        all.into_iter().filter(|one: &DbClusterAutomatedBackup| is_of(stack, one.tag_list()));
    Ok(ours.filter_map(|one| one.db_cluster_resource_id).collect())
}

async fn remove_backup(aws: &Aws, id: &str) -> CallResult<()> {
    let call = aws.rds().delete_db_cluster_automated_backup().db_cluster_resource_id(id);
    absent_is_fine(call.send().await.map(|_| ()).doing("deleting the automated backup"))
}
