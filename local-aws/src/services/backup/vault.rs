//! Backup vaults: <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupVault.html>

use super::recovery_point::RECOVERY_POINT;
use super::{access_policy, automatic, invalid, missing, tags};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::kms::usable_via;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `BackupVaultListMember` without its count of recovery points, by name; `_policy` is its access policy's text.
pub(super) const VAULT: Table = Table::regional("backup.vault");

/// AWS's default quota per region.
const QUOTA: usize = 300;

/// A vault by name.
pub(super) fn named(call: &Call, name: &str) -> Result<Value, Fault> {
    let none = || missing(format!("Backup vault {name} does not exist."));
    call.get(VAULT, name).cloned().ok_or_else(none)
}

/// `CreateBackupVault`: repeated with the same request id it answers the same.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("BackupVaultName");
    if name.contains('/') {
        return Err(invalid(format!("{name} is not a valid name of a backup vault.")));
    }
    if let Some(known) = call.get(VAULT, name) {
        if input.has("CreatorRequestId") && known["CreatorRequestId"] == input["CreatorRequestId"] {
            return Ok(shown(known));
        }
        let message = format!("Backup vault with the same name already exists: {name}");
        let fault = Fault::new("AlreadyExistsException", message)
            .with("Arn", known["BackupVaultArn"].clone())
            .with("CreatorRequestId", known["CreatorRequestId"].clone());
        return Err(fault);
    }
    if call.rows(VAULT).count() >= call.quota("backup.vaults", QUOTA) {
        let message = "The number of backup vaults has reached its quota.";
        return Err(Fault::new("LimitExceededException", message));
    }
    let key = input.opt("EncryptionKeyArn").unwrap_or(automatic::KEY);
    let tags = tags::given(&input["BackupVaultTags"])?;
    let mut row = new_row(call, name, key)?;
    row["CreatorRequestId"] = input["CreatorRequestId"].clone();
    row["Tags"] = Value::Array(tags);
    call.put(VAULT, name, row.clone());
    Ok(shown(&row))
}

fn shown(row: &Value) -> Value {
    json!({"BackupVaultName": row["BackupVaultName"], "BackupVaultArn": row["BackupVaultArn"], "CreationDate": row["CreationDate"]})
}

/// A vault's row, with a key that AWS Backup may use.
pub(super) fn new_row(call: &mut Call, name: &str, key: &str) -> Result<Value, Fault> {
    const ACTIONS: [&str; 4] =
        ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"];
    let key = usable_via(call, key, "backup", &ACTIONS)
        .map_err(|_| invalid(format!("The KMS key {key} cannot be used for backups.")))?;
    let arn = call.arn("backup", &format!("backup-vault:{name}"));
    Ok(json!({
        "BackupVaultName": name, "BackupVaultArn": arn, "VaultType": "BACKUP_VAULT", "VaultState": "AVAILABLE",
        "CreationDate": call.now(), "EncryptionKeyArn": key, "Locked": false, "Tags": [], "_arn": arn, "_key": name,
    }))
}

fn view(call: &Call, row: &Value) -> Value {
    let name = row.text("BackupVaultName");
    let points = call.rows(RECOVERY_POINT).filter(|(_, it)| it.text("BackupVaultName") == name);
    let mut seen = row.clone();
    seen["NumberOfRecoveryPoints"] = json!(points.count());
    seen
}

/// `DescribeBackupVault`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let row = named(call, call.input().text("BackupVaultName"))?;
    Ok(view(call, &row))
}

/// `ListBackupVaults`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let wanted = |row: &Value| {
        input.opt("ByVaultType").is_none_or(|kind| kind == row.text("VaultType"))
            && !input.flag("ByShared")
    };
    let rows = call.rows(VAULT).map(|(_, row)| row).filter(|row| wanted(row));
    let vaults: Vec<Value> = rows.map(|row| view(call, row)).collect();
    Ok(json!({"BackupVaultList": vaults}))
}

/// `DeleteBackupVault`: only an empty one, and never one that AWS made.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("BackupVaultName");
    let row = named(call, name)?;
    access_policy::permits(call, &row, "backup:DeleteBackupVault", row.text("BackupVaultArn"))?;
    let refused = |message: String| Err(Fault::new("InvalidRequestException", message));
    if name == automatic::VAULT_NAME {
        return refused(format!("The backup vault {name} of automatic backups cannot be deleted."));
    }
    let inside = view(call, &row)["NumberOfRecoveryPoints"].clone();
    if inside != 0 {
        return refused(format!(
            "Backup vault cannot be deleted because it contains recovery points: {inside}."
        ));
    }
    call.remove(VAULT, name);
    Ok(json!({}))
}
