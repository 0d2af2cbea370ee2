//! States of keys: <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>

use super::grant::GRANT;
use super::{reference, rotation};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::{KMS_ALIAS, KMS_KEY};
use serde_json::{Value, json};

const DAY_SECONDS: f64 = 24.0 * 3600.0;

/// `ScheduleKeyDeletion`.
pub(super) fn schedule_deletion(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, key) = reference::key(call, input.text("KeyId"))?;
    let days = input.int("PendingWindowInDays").unwrap_or(30);
    let window = u32::try_from(days).ok().filter(|days| (7..=30).contains(days));
    let Some(window) = window else {
        let message =
            format!("PendingWindowInDays must be between 7 and 30 days (inclusive), not {days}.");
        return Err(Fault::new("ValidationException", message));
    };
    own(&key)?;
    not_pending(&key)?;
    let wait = f64::from(window) * DAY_SECONDS;
    let due = call.now() + wait;
    call.unschedule(KMS_KEY, &id);
    call.merge(
        KMS_KEY,
        &id,
        json!({"KeyState": "PendingDeletion", "Enabled": false, "DeletionDate": due}),
    );
    call.schedule(wait, KMS_KEY, &id, Step::Run("remove_key", json!(id)));
    Ok(
        json!({"KeyId": key["Arn"], "DeletionDate": due, "KeyState": "PendingDeletion", "PendingWindowInDays": window}),
    )
}

/// Removes a key whose waiting period is over, with its aliases and grants.
pub(super) fn remove(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    let Some(key) = call.remove(KMS_KEY, id) else { return };
    let aliases = call.rows(KMS_ALIAS).filter(|(_, alias)| alias.text("TargetKeyId") == id);
    let aliases: Vec<String> = aliases.map(|(name, _)| name.to_owned()).collect();
    let grants = call.rows(GRANT).filter(|(_, grant)| grant.text("KeyId") == key.text("Arn"));
    let grants: Vec<String> = grants.map(|(name, _)| name.to_owned()).collect();
    for alias in aliases {
        call.remove(KMS_ALIAS, &alias);
    }
    for grant in grants {
        call.remove(GRANT, &grant);
    }
}

/// `CancelKeyDeletion`: the key is disabled afterwards.
pub(super) fn cancel_deletion(call: &mut Call) -> Result<Value, Fault> {
    let (id, key) = reference::key(call, call.input().text("KeyId"))?;
    if key.text("KeyState") != "PendingDeletion" {
        return Err(invalid(format!("{} is not pending deletion.", key.text("Arn"))));
    }
    call.unschedule(KMS_KEY, &id);
    call.merge(
        KMS_KEY,
        &id,
        json!({"KeyState": "Disabled", "Enabled": false, "DeletionDate": null}),
    );
    rotation::resume(call, &id);
    Ok(json!({"KeyId": key["Arn"]}))
}

/// `EnableKey`.
pub(super) fn enable(call: &mut Call) -> Result<Value, Fault> {
    switch(call, true)
}

/// `DisableKey`.
pub(super) fn disable(call: &mut Call) -> Result<Value, Fault> {
    switch(call, false)
}

fn switch(call: &mut Call, on: bool) -> Result<Value, Fault> {
    let (id, key) = reference::key(call, call.input().text("KeyId"))?;
    own(&key)?;
    not_pending(&key)?;
    call.merge(
        KMS_KEY,
        &id,
        json!({"KeyState": if on { "Enabled" } else { "Disabled" }, "Enabled": on}),
    );
    Ok(json!({}))
}

/// AWS-managed keys are not the account's to change.
pub(super) fn own(key: &Value) -> Result<(), Fault> {
    if key.text("KeyManager") == "AWS" {
        let message =
            format!("{} is an AWS managed key, which its service controls.", key.text("Arn"));
        return Err(Fault::new("AccessDeniedException", message));
    }
    Ok(())
}

/// Most changes of a key are refused while it waits for its deletion.
pub(super) fn not_pending(key: &Value) -> Result<(), Fault> {
    if key.text("KeyState") == "PendingDeletion" {
        return Err(invalid(format!("{} is pending deletion.", key.text("Arn"))));
    }
    Ok(())
}

/// Using a key needs it enabled.
pub(super) fn enabled(key: &Value) -> Result<(), Fault> {
    not_pending(key)?;
    if key.text("KeyState") == "Enabled" {
        return Ok(());
    }
    Err(Fault::new("DisabledException", format!("{} is disabled.", key.text("Arn"))))
}

fn invalid(message: String) -> Fault {
    Fault::new("KMSInvalidStateException", message)
}
