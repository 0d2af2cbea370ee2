//! Aliases: <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html>

use super::{key_state, reference};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::{KMS_ALIAS, KMS_KEY};
use serde_json::{Value, json};

const QUOTA_OF_A_KEY: usize = 50;

/// `CreateAlias`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("AliasName");
    check(name)?;
    let target = target(call, input.text("TargetKeyId"))?;
    let arn = call.arn("kms", name);
    if call.get(KMS_ALIAS, name).is_some() {
        return Err(Fault::new(
            "AlreadyExistsException",
            format!("An alias with the name {arn} already exists"),
        ));
    }
    if call.rows(KMS_ALIAS).filter(|(_, alias)| alias.text("TargetKeyId") == target).count()
        >= call.quota("kms.aliases_of_a_key", QUOTA_OF_A_KEY)
    {
        return Err(Fault::new(
            "LimitExceededException",
            "The number of aliases of the key has reached its quota.",
        ));
    }
    let now = call.now();
    let row = json!({
        "AliasName": name, "AliasArn": arn, "TargetKeyId": target, "CreationDate": now, "LastUpdatedDate": now, "_key": name,
    });
    call.put(KMS_ALIAS, name, row);
    Ok(json!({}))
}

/// `UpdateAlias`.
pub(super) fn update(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("AliasName");
    check(name)?;
    known(call, name)?;
    let target = target(call, input.text("TargetKeyId"))?;
    let now = call.now();
    call.merge(KMS_ALIAS, name, json!({"TargetKeyId": target, "LastUpdatedDate": now}));
    Ok(json!({}))
}

/// `DeleteAlias`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("AliasName");
    check(name)?;
    known(call, name)?;
    call.remove(KMS_ALIAS, name);
    Ok(json!({}))
}

/// `ListAliases`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    call.default_page_size(50);
    let of = call.input().opt("KeyId").map(|key| reference::key_id(call, key)).transpose()?;
    let wanted = |alias: &&Value| of.as_ref().is_none_or(|id| alias.text("TargetKeyId") == id);
    let aliases: Vec<&Value> =
        call.rows(KMS_ALIAS).map(|(_, alias)| alias).filter(wanted).collect();
    Ok(json!({"Aliases": aliases}))
}

fn target(call: &Call, key: &str) -> Result<String, Fault> {
    let id = reference::key_id(call, key)?;
    let row = call.get(KMS_KEY, &id).unwrap_or(&Value::Null);
    key_state::own(row)?;
    key_state::not_pending(row)?;
    Ok(id)
}

fn known(call: &Call, name: &str) -> Result<(), Fault> {
    if call.get(KMS_ALIAS, name).is_some() {
        return Ok(());
    }
    Err(reference::not_found(format!("Alias {} is not found.", call.arn("kms", name))))
}

fn check(name: &str) -> Result<(), Fault> {
    let Some(rest) = name.strip_prefix("alias/") else {
        let message = "Alias must start with the prefix \"alias/\". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html";
        return Err(Fault::new("ValidationException", message));
    };
    if rest.starts_with("aws/") {
        return Err(Fault::new(
            "NotAuthorizedException",
            "Names that begin with alias/aws/ are reserved for AWS managed keys.",
        ));
    }
    if rest.is_empty() || rest.contains(':') {
        return Err(Fault::new(
            "InvalidAliasNameException",
            format!("{name} is not a valid alias name."),
        ));
    }
    Ok(())
}
