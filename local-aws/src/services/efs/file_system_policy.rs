//! File-system policies: <https://docs.aws.amazon.com/efs/latest/ug/API_PutFileSystemPolicy.html>

use super::file_system::{self, FILE_SYSTEM};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy::{self, Asked, Kind, Who};
use serde_json::{Value, json};

/// `PutFileSystemPolicy`: refused if the caller could not put another one afterwards.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = file_system::available(call, input.text("FileSystemId"))?;
    let text = input.text("Policy");
    let document = policy::parse(text, Kind::Resource).map_err(invalid)?;
    check(call, &row, &document)?;
    if !input.flag("BypassPolicyLockoutSafetyCheck") {
        stays_open(&row, &document)?;
    }
    call.merge(FILE_SYSTEM, row.text("FileSystemId"), json!({"_policy": text}));
    Ok(json!({"FileSystemId": row["FileSystemId"], "Policy": text}))
}

fn invalid(message: String) -> Fault {
    Fault::new("InvalidPolicyException", message)
}

/// Principals must exist, actions must be EFS's, and the only resource is the file system.
fn check(call: &Call, row: &Value, document: &Value) -> Result<(), Fault> {
    if let Some(name) = policy::unknown_principal(call, document) {
        return Err(invalid(format!("Policy contains an unknown principal: {name}")));
    }
    for statement in policy::statements(document) {
        let actions =
            policy::texts(&statement["Action"]).chain(policy::texts(&statement["NotAction"]));
        let of_others = |action: &str| {
            action != "*" && !action.to_ascii_lowercase().starts_with("elasticfilesystem:")
        };
        if let Some(action) = actions.into_iter().find(|action| of_others(action)) {
            return Err(invalid(format!("Policy contains an action that is not of EFS: {action}")));
        }
        let resources =
            policy::texts(&statement["Resource"]).chain(policy::texts(&statement["NotResource"]));
        let arn = row.text("FileSystemArn");
        let of_others = |resource: &str| !crate::filter::like(resource, arn);
        if let Some(resource) = resources.into_iter().find(|resource| of_others(resource)) {
            return Err(invalid(format!(
                "Policy contains a resource that is not the file system: {resource}"
            )));
        }
    }
    Ok(())
}

/// The caller is the account, whose own policies let it do everything: only a statement that denies locks it out.
fn stays_open(row: &Value, document: &Value) -> Result<(), Fault> {
    let asked = Asked {
        who: Who::Account,
        action: "elasticfilesystem:PutFileSystemPolicy",
        resource: row.text("FileSystemArn"),
        context: &[("aws:SecureTransport", "true")],
    };
    if policy::denies(document, &asked) {
        let message = "The policy would keep its author from making future PutFileSystemPolicy requests on this file system. Set BypassPolicyLockoutSafetyCheck if that is intended.";
        return Err(invalid(message.to_owned()));
    }
    Ok(())
}

/// `DescribeFileSystemPolicy`: the default policy is none that is described.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let row = file_system::named(call, call.input().text("FileSystemId"))?;
    let id = row.text("FileSystemId");
    let none =
        || Fault::new("PolicyNotFound", format!("There is no policy for the file system {id}."));
    let policy = row.opt("_policy").ok_or_else(none)?;
    Ok(json!({"FileSystemId": id, "Policy": policy}))
}

/// `DeleteFileSystemPolicy`: the default policy holds again.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let row = file_system::available(call, call.input().text("FileSystemId"))?;
    call.merge(FILE_SYSTEM, row.text("FileSystemId"), json!({"_policy": null}));
    Ok(json!({}))
}
