//! Recovery points of EFS's automatic backups.

use aws_sdk_backup::types::RecoveryPointStatus;
use globecart_engine::{CallResult, Class};
use serde_json::{Value, json};

use super::Sort;
use crate::tags::{KEPT, STACK};
use crate::{Aws, Doing, absent_is_fine, absent_is_none};

/// The vault that automatic backups of EFS go to, all of a region's.
const VAULT: &str = "aws/efs/automatic-backup-vault";

/// What the vault's policy keeps everybody from.
const DELETE: &str = "backup:DeleteRecoveryPoint";

/// Recovery points that are marked as kept. They have copies of the tags of their file system.
pub(super) const RECOVERY_POINTS: Sort = Sort {
    what: WHAT,
    find: |aws, stack| Box::pin(find(aws, stack)),
    remove: |aws, arn| Box::pin(remove(aws, arn)),
};

/// What one is called.
pub const WHAT: &str = "EFS recovery point";

/// The recovery points of a resource that are there to be restored, by ARN. Where AWS Backup is not offered there are none.
///
/// # Errors
/// When AWS Backup does not answer.
pub async fn recovery_points(aws: &Aws, resource_arn: &str) -> CallResult<Vec<String>> {
    let call = aws.backup().list_recovery_points_by_resource().resource_arn(resource_arn);
    let answer = call.into_paginator().items().send().try_collect().await;
    let points = match answer.doing("reading recovery points") {
        Err(error) if matches!(error.class, Class::NotFound | Class::Unsupported) => Vec::new(),
        answer => answer?,
    };
    let there =
        points.into_iter().filter(|point| point.status() != Some(&RecoveryPointStatus::Deleting));
    Ok(there.filter_map(|point| point.recovery_point_arn).collect())
}

/// Marks the recovery points of a resource, which is about to go, as kept.
///
/// # Errors
/// When AWS Backup refuses.
pub async fn keep_recovery_points(aws: &Aws, resource_arn: &str) -> CallResult<()> {
    for arn in recovery_points(aws, resource_arn).await? {
        let call = aws.backup().tag_resource().resource_arn(arn).tags(KEPT, "true");
        absent_is_fine(call.send().await.map(|_| ()).doing("marking a recovery point as kept"))?;
    }
    Ok(())
}

async fn find(aws: &Aws, stack: &str) -> CallResult<Vec<String>> {
    let call = aws.backup().list_recovery_points_by_backup_vault().backup_vault_name(VAULT);
    let answer = call.into_paginator().items().send().try_collect().await;
    let points = match answer.doing("reading recovery points") {
        // The first backup makes the vault.
        Err(error) if error.class == Class::NotFound => return Ok(Vec::new()),
        answer => answer?,
    };
    let there =
        points.into_iter().filter(|point| point.status() != Some(&RecoveryPointStatus::Deleting));
    let mut kept = Vec::new();
    for arn in there.filter_map(|point| point.recovery_point_arn) {
        if is_kept(aws, &arn, stack).await? {
            kept.push(arn);
        }
    }
    Ok(kept)
}

async fn is_kept(aws: &Aws, arn: &str, stack: &str) -> CallResult<bool> {
    let answer = aws.backup().list_tags().resource_arn(arn).send().await;
    let tags = match answer.doing("reading a recovery point's tags") {
        Err(error) if error.class == Class::NotFound => return Ok(false),
        answer => answer?.tags.unwrap_or_default(),
    };
    Ok(tags.contains_key(KEPT) && tags.get(STACK).is_some_and(|of| of == stack))
}

/// Deletes a recovery point. Where the vault's policy forbids that, it is lifted for the moment: the vault is shared by
/// the file systems of the whole account, and goes on keeping theirs.
async fn remove(aws: &Aws, arn: &str) -> CallResult<()> {
    match delete(aws, arn).await {
        Err(error) if error.class == Class::Denied => {
            let Some(policy) = policy(aws).await? else { return Err(error) };
            let Some(open) = without_the_ban(&policy) else { return Err(error) };
            put_policy(aws, &open).await?;
            let deleted = delete(aws, arn).await;
            put_policy(aws, &policy).await.and(deleted)
        }
        deleted => deleted,
    }
}

async fn delete(aws: &Aws, arn: &str) -> CallResult<()> {
    let call = aws.backup().delete_recovery_point().backup_vault_name(VAULT);
    let answer = call.recovery_point_arn(arn).send().await;
    absent_is_fine(answer.map(|_| ()).doing("deleting the recovery point"))
}

async fn policy(aws: &Aws) -> CallResult<Option<String>> {
    let call = aws.backup().get_backup_vault_access_policy().backup_vault_name(VAULT);
    let answer = absent_is_none(call.send().await.doing("reading the vault's access policy"))?;
    Ok(answer.and_then(|answer| answer.policy))
}

async fn put_policy(aws: &Aws, policy: &str) -> CallResult<()> {
    let call = aws.backup().put_backup_vault_access_policy().backup_vault_name(VAULT);
    call.policy(policy).send().await.map(|_| ()).doing("changing the vault's access policy")
}

/// The policy without the statements' ban on deleting recovery points; `None` where it has none that is plainly one.
fn without_the_ban(policy: &str) -> Option<String> {
    let mut policy: Value = serde_json::from_str(policy).ok()?;
    let mut found = false;
    for statement in policy["Statement"].as_array_mut()? {
        let actions = match &statement["Action"] {
            Value::Array(actions) => actions.clone(),
            one => vec![one.clone()],
        };
        let (banned, rest): (Vec<_>, Vec<_>) = actions
            .into_iter()
            .partition(|action| statement["Effect"] == "Deny" && *action == DELETE);
        found |= !banned.is_empty();
        if rest.is_empty() {
            // A statement without actions is none, and what it denied otherwise is nothing that anybody does.
            statement["Action"] = json!(["backup:StartCopyJob"]);
        } else {
            statement["Action"] = Value::Array(rest);
        }
    }
    found.then(|| policy.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ban_is_lifted() {
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": ["backup:StartCopyJob", DELETE], "Resource": "*"},
            {"Effect": "Allow", "Principal": {"AWS": "1"}, "Action": DELETE, "Resource": "*"},
        ]});
        let open: Value =
            serde_json::from_str(&without_the_ban(&policy.to_string()).unwrap()).unwrap();
        assert_eq!(open["Statement"][0]["Action"], json!(["backup:StartCopyJob"]));
        assert_eq!(
            open["Statement"][1],
            json!({"Effect": "Allow", "Principal": {"AWS": "1"}, "Action": [DELETE], "Resource": "*"})
        );
        assert_eq!(without_the_ban(&open.to_string()), None);
    }
}
