//! Who may do what with a vault.
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html>

use super::vault::{self, VAULT};
use super::{invalid, missing};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy::{self, Asked, Kind, Who};
use serde_json::{Value, json};

/// `PutBackupVaultAccessPolicy`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = vault::named(call, input.text("BackupVaultName"))?;
    let arn = row.text("BackupVaultArn");
    permits(call, &row, "backup:PutBackupVaultAccessPolicy", arn)?;
    let Some(text) = input.opt("Policy") else {
        return Err(Fault::new("MissingParameterValueException", "A policy must be given."));
    };
    let document = policy::parse(text, Kind::Resource).map_err(invalid)?;
    check(call, &document)?;
    call.merge(VAULT, row.text("BackupVaultName"), json!({"_policy": text}));
    Ok(json!({}))
}

/// Actions are named one by one, and other accounts are let in for copies alone.
fn check(call: &Call, document: &Value) -> Result<(), Fault> {
    if let Some(name) = policy::unknown_principal(call, document) {
        return Err(invalid(format!("Invalid principal in policy: {name}")));
    }
    for statement in policy::statements(document) {
        let mut actions = policy::texts(&statement["Action"]);
        if let Some(action) = actions.find(|action| action.contains('*')) {
            return Err(invalid(format!("The action {action} has a wildcard.")));
        }
        let only_copies = policy::texts(&statement["Action"])
            .all(|action| action == "backup:CopyIntoBackupVault");
        if statement.text("Effect") == "Allow" && !only_copies && lets_others_in(statement) {
            let message = "The specified policy cannot be added to the vault due to cross-account sharing restrictions. Amend the policy or the vault's settings, then retry request";
            return Err(invalid(message));
        }
    }
    Ok(())
}

fn lets_others_in(statement: &Value) -> bool {
    let principal = &statement["Principal"];
    let own = |name: &str| name == ACCOUNT || name.contains(&format!("::{ACCOUNT}:"));
    *principal == "*" || !policy::texts(&principal["AWS"]).all(own)
}

/// `GetBackupVaultAccessPolicy`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let row = vault::named(call, call.input().text("BackupVaultName"))?;
    let (name, arn) = (row.text("BackupVaultName"), row.text("BackupVaultArn"));
    let none = || missing(format!("There is no access policy on the backup vault {name}."));
    let policy = row.opt("_policy").ok_or_else(none)?;
    Ok(json!({"BackupVaultName": name, "BackupVaultArn": arn, "Policy": policy}))
}

/// `DeleteBackupVaultAccessPolicy`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let row = vault::named(call, call.input().text("BackupVaultName"))?;
    permits(call, &row, "backup:DeleteBackupVaultAccessPolicy", row.text("BackupVaultArn"))?;
    call.merge(VAULT, row.text("BackupVaultName"), json!({"_policy": null}));
    Ok(json!({}))
}

/// Whether the policy of a vault leaves an action to the account, whose own policies let it do everything.
pub(super) fn permits(
    call: &Call,
    vault: &Value,
    action: &str,
    resource: &str,
) -> Result<(), Fault> {
    let document: Value = serde_json::from_str(vault.text("_policy")).unwrap_or_default();
    let denied = |resource| {
        policy::denies(&document, &Asked { who: Who::Account, action, resource, context: &[] })
    };
    if !denied(resource) && !denied(vault.text("BackupVaultArn")) {
        return Ok(());
    }
    let user = call.global_arn("iam", "root");
    let message = format!(
        "User: {user} is not authorized to perform: {action} on resource: {resource} with an explicit deny in a resource-based policy"
    );
    Err(Fault::new("AccessDeniedException", message).with_status(403))
}
