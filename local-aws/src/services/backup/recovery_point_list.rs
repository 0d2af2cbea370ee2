//! Lists of recovery points.
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListRecoveryPointsByBackupVault.html>

use super::recovery_point::RECOVERY_POINT;
use super::vault;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `ListRecoveryPointsByBackupVault`.
pub(super) fn of_vault(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let vault = vault::named(call, input.text("BackupVaultName"))?;
    let same = |row: &Value, asked: &str, member: &str| {
        input.opt(asked).is_none_or(|wanted| wanted == row.text(member))
    };
    let created = |row: &Value| row.number("CreationDate").unwrap_or_default();
    let wanted = |row: &Value| {
        row["BackupVaultName"] == vault["BackupVaultName"]
            && same(row, "ByResourceArn", "ResourceArn")
            && same(row, "ByResourceType", "ResourceType")
            && input
                .opt("ByBackupPlanId")
                .is_none_or(|plan| plan == row["CreatedBy"].text("BackupPlanId"))
            && input.number("ByCreatedBefore").is_none_or(|before| created(row) < before)
            && input.number("ByCreatedAfter").is_none_or(|after| created(row) > after)
            && !input.has("ByParentRecoveryPointArn")
    };
    Ok(json!({"RecoveryPoints": listed(call, wanted)}))
}

/// `ListRecoveryPointsByResource`.
pub(super) fn of_resource(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("ResourceArn");
    let mut found = listed(call, |row| row.text("ResourceArn") == arn);
    for point in &mut found {
        point["BackupSizeBytes"] = point["BackupSizeInBytes"].clone();
        // The two lists have different members of a recovery point.
        *point = short(point);
    }
    Ok(json!({"RecoveryPoints": found}))
}

const SHORT: [&str; 10] = [
    "RecoveryPointArn",
    "CreationDate",
    "Status",
    "EncryptionKeyArn",
    "BackupSizeBytes",
    "BackupVaultName",
    "IsParent",
    "ResourceName",
    "VaultType",
    "_key",
];

fn short(point: &Value) -> Value {
    let members = SHORT.iter().filter(|name| point.has(name));
    members.map(|name| ((*name).to_owned(), point[*name].clone())).collect()
}

fn listed(call: &Call, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
    let rows = call.rows(RECOVERY_POINT).filter(|(_, row)| wanted(row));
    rows.map(|(arn, row)| {
        let mut seen = row.clone();
        seen["_key"] = json!(arn);
        // Told by `DescribeRecoveryPoint` alone.
        seen.as_object_mut().and_then(|seen| seen.remove("StorageClass"));
        seen
    })
    .collect()
}
