//! Recovery points: <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRecoveryPoint.html>

use super::{access_policy, missing, vault};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are what `DescribeRecoveryPoint` answers, by ARN. They are no resources of the tagging API.
pub(super) const RECOVERY_POINT: Table = Table::regional("backup.recovery_point");

/// The vault and the recovery point in it that a request names.
pub(super) fn of_request(call: &Call, input: &Value) -> Result<(Value, Value), Fault> {
    let vault = vault::named(call, input.text("BackupVaultName"))?;
    let arn = input.text("RecoveryPointArn");
    let row = call
        .get(RECOVERY_POINT, arn)
        .filter(|row| row["BackupVaultName"] == vault["BackupVaultName"]);
    let none = || missing(format!("Recovery point {arn} does not exist in the backup vault."));
    let row = row.cloned().ok_or_else(none)?;
    Ok((vault, row))
}

/// `DescribeRecoveryPoint`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    of_request(call, &call.input()).map(|(_, row)| row)
}

/// `DeleteRecoveryPoint`: only one that is complete, and if the vault's policy lets it.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let (vault, row) = of_request(call, &call.input())?;
    let arn = row.text("RecoveryPointArn");
    access_policy::permits(call, &vault, "backup:DeleteRecoveryPoint", arn)?;
    match row.text("Status") {
        "COMPLETED" | "EXPIRED" | "PARTIAL" | "AVAILABLE" => {}
        "DELETING" => return Ok(json!({})),
        state => {
            let message = format!("Recovery point {arn} cannot be deleted while it is {state}.");
            return Err(Fault::new("InvalidResourceStateException", message));
        }
    }
    call.unschedule(RECOVERY_POINT, arn);
    call.merge(RECOVERY_POINT, arn, json!({"Status": "DELETING"}));
    let seconds = call.latency("backup.recovery_point", "delete");
    call.schedule(seconds, RECOVERY_POINT, arn, Step::Remove);
    Ok(json!({}))
}

/// `GetRecoveryPointRestoreMetadata`: what a file system was made with.
pub(super) fn restore_metadata(call: &mut Call) -> Result<Value, Fault> {
    let (vault, row) = of_request(call, &call.input())?;
    let file_system = row.text("ResourceArn").rsplit('/').next().unwrap_or_default();
    Ok(json!({
        "BackupVaultArn": vault["BackupVaultArn"], "RecoveryPointArn": row["RecoveryPointArn"], "ResourceType": row["ResourceType"],
        "RestoreMetadata": {"file-system-id": file_system, "Encrypted": row["_encrypted"].to_string()},
    }))
}
