//! Deleting a cluster: protection is lifted, and a last snapshot and the backups stay as declared.

use globecart_aws::engine::{CallResult, Kept};
use globecart_aws::{Aws, Doing, absent_is_fine};

use super::Was;

/// The snapshot that stays of a cluster: a name that no other destroy uses, and the same for every repeat of this one.
pub(crate) fn final_snapshot(was: &Was) -> String {
    let resource = was.outputs.resource_id.as_str().to_ascii_lowercase();
    let tail = &resource[resource.len().saturating_sub(12)..];
    format!("{}-final-{tail}", was.outputs.id)
}

/// What a delete of the cluster leaves.
pub(super) fn kept(was: &Was) -> Vec<Kept> {
    let mut kept = Vec::new();
    if was.args.final_snapshot {
        kept.push(Kept::new("RDS cluster snapshot", final_snapshot(was)));
    }
    if was.args.keep_automated_backups {
        kept.push(Kept::new("RDS automated backup", was.outputs.resource_id.as_str()));
    }
    kept
}

pub(super) async fn one(aws: &Aws, was: &Was) -> CallResult<()> {
    let id = was.outputs.id.as_str();
    if was.args.deletion_protection {
        let call = aws.rds().modify_db_cluster().db_cluster_identifier(id);
        let call = call.deletion_protection(false).apply_immediately(true).send().await;
        absent_is_fine(call.map(|_| ()).doing("lifting the cluster's deletion protection"))?;
    }
    let call = aws.rds().delete_db_cluster().db_cluster_identifier(id);
    let call = if was.args.final_snapshot {
        call.skip_final_snapshot(false).final_db_snapshot_identifier(final_snapshot(was))
    } else {
        call.skip_final_snapshot(true)
    };
    let call = call.delete_automated_backups(!was.args.keep_automated_backups);
    match call.send().await.map(|_| ()).doing("deleting the cluster") {
        Err(error) if error.message.contains("already being deleted") => Ok(()),
        answer => absent_is_fine(answer),
    }
}
