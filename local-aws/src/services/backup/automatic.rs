//! The vault and the plan of EFS's automatic backups.
//! <https://docs.aws.amazon.com/efs/latest/ug/automatic-backups.html>

use super::lifecycle;
use super::recovery_point::RECOVERY_POINT;
use super::vault::{self, VAULT};
use crate::call::{self, ACCOUNT, Call, Step};
use crate::services::iam::ensure_linked_role;
use serde_json::{Value, json};

/// The vault's name.
pub(crate) const VAULT_NAME: &str = "aws/efs/automatic-backup-vault";

/// The key of vaults that name none.
pub(super) const KEY: &str = "alias/aws/backup";

/// When the plan's daily rule runs, in UTC.
const CRON: &str = "cron(0 5 ? * * *)";
const HOUR: f64 = 5.0 * 3600.0;
const DAY: f64 = 24.0 * 3600.0;

/// How long the plan keeps a recovery point.
const KEPT_DAYS: u32 = 35;

/// What is backed up.
pub(crate) struct Source<'a> {
    /// Its ARN.
    pub(crate) arn: &'a str,
    /// Its name, if it has one.
    pub(crate) name: Option<&'a str>,
    /// How large it is.
    pub(crate) bytes: i64,
    /// Whether it is encrypted.
    pub(crate) encrypted: bool,
    /// Its tags, which its recovery points get too.
    pub(crate) tags: Vec<Value>,
}

/// Seconds until the plan's rule runs next.
pub(crate) fn seconds_to_next(now: f64) -> f64 {
    DAY - (now - HOUR).rem_euclid(DAY)
}

/// Makes the vault, unless it is there, with the policy that keeps everybody from deleting what is in it.
pub(crate) fn ensure(call: &mut Call) {
    ensure_linked_role(call, "backup.amazonaws.com");
    if call.get(VAULT, VAULT_NAME).is_some() {
        return;
    }
    // The key is AWS's own, which every service may use.
    let Ok(mut row) = vault::new_row(call, VAULT_NAME, KEY) else { return };
    row["_policy"] = json!(policy().to_string());
    call.put(VAULT, VAULT_NAME, row);
}

fn policy() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": {"AWS": "*"}, "Resource": "*",
        "Action": [
            "backup:DeleteBackupVault", "backup:DeleteBackupVaultAccessPolicy", "backup:DeleteRecoveryPoint",
            "backup:StartCopyJob", "backup:StartRestoreJob", "backup:UpdateRecoveryPointLifecycle",
        ],
    }]})
}

/// Makes a recovery point, which is complete after a while and gone after five weeks.
pub(crate) fn back_up(call: &mut Call, source: &Source) {
    ensure(call);
    let Some(vault) = call.get(VAULT, VAULT_NAME).cloned() else { return };
    let id = call.new_uuid("backup.recovery_point");
    let arn = call.arn("backup", &format!("recovery-point:{id}"));
    let now = call.now();
    let kept = json!({"DeleteAfterDays": KEPT_DAYS});
    let role = "role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup";
    let row = json!({
        "RecoveryPointArn": arn, "BackupVaultName": VAULT_NAME, "BackupVaultArn": vault["BackupVaultArn"],
        "ResourceArn": source.arn, "ResourceType": "EFS", "ResourceName": source.name, "CreatedBy": creator(call),
        "IamRoleArn": call.global_arn("iam", role), "Status": "CREATING", "CreationDate": now, "InitiationDate": now,
        "BackupSizeInBytes": source.bytes, "Lifecycle": kept, "CalculatedLifecycle": lifecycle::calculated(&kept, now),
        "EncryptionKeyArn": vault["EncryptionKeyArn"], "IsEncrypted": true, "IsParent": false, "VaultType": "BACKUP_VAULT",
        "StorageClass": "WARM", "Tags": source.tags, "_encrypted": source.encrypted,
    });
    call.put(RECOVERY_POINT, &arn, row);
    let seconds = call.latency("backup.recovery_point", "create");
    let complete = json!({"Status": "COMPLETED", "CompletionDate": now + seconds});
    call.schedule(seconds, RECOVERY_POINT, &arn, Step::Merge(complete));
    lifecycle::schedule(call, &arn);
}

/// The plan and its rule, which are the same all the time.
fn creator(call: &Call) -> Value {
    let made =
        |what: &str| call::uuid(&call::digest(&format!("{ACCOUNT}/{}/{what}", call.region())));
    let plan = format!("aws/efs/{}", made("plan"));
    json!({
        "BackupPlanArn": call.arn("backup", &format!("backup-plan:{plan}")), "BackupPlanId": plan,
        "BackupPlanName": "aws/efs/automatic-backup-plan", "BackupPlanVersion": made("version"),
        "BackupRuleId": made("rule"), "BackupRuleName": "DailyBackups", "BackupRuleCron": CRON, "BackupRuleTimezone": "Etc/UTC",
    })
}
