//! What has been backed up.
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListProtectedResources.html>

use super::recovery_point::RECOVERY_POINT;
use super::{missing, vault};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Every resource with a recovery point, by ARN, as of its latest one.
fn protected(call: &Call, wanted: impl Fn(&Value) -> bool) -> BTreeMap<String, Value> {
    let mut latest: BTreeMap<String, &Value> = BTreeMap::new();
    let created = |row: &Value| row.number("CreationDate").unwrap_or_default();
    for (_, row) in call.rows(RECOVERY_POINT).filter(|(_, row)| wanted(row)) {
        let known = latest.entry(row.text("ResourceArn").to_owned()).or_insert(row);
        if created(row) > created(known) {
            *known = row;
        }
    }
    latest.into_iter().map(|(arn, row)| (arn, view(row))).collect()
}

fn view(row: &Value) -> Value {
    json!({
        "ResourceArn": row["ResourceArn"], "ResourceType": row["ResourceType"], "ResourceName": row["ResourceName"],
        "LastBackupTime": row["CreationDate"], "LastBackupVaultArn": row["BackupVaultArn"],
        "LastRecoveryPointArn": row["RecoveryPointArn"], "_key": row["ResourceArn"],
    })
}

/// `ListProtectedResources`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let all: Vec<Value> = protected(call, |_| true).into_values().collect();
    Ok(json!({"Results": all}))
}

/// `ListProtectedResourcesByBackupVault`.
pub(super) fn list_of_vault(call: &mut Call) -> Result<Value, Fault> {
    let vault = vault::named(call, call.input().text("BackupVaultName"))?;
    let inside = |row: &Value| row["BackupVaultName"] == vault["BackupVaultName"];
    let all: Vec<Value> = protected(call, inside).into_values().collect();
    Ok(json!({"Results": all}))
}

/// `DescribeProtectedResource`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("ResourceArn");
    let found = protected(call, |row| row.text("ResourceArn") == arn).remove(arn);
    found.ok_or_else(|| missing(format!("The resource {arn} has no recovery point.")))
}
