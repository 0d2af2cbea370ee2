//! Rotation of key material: <https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html>
//!
//! All materials of a key are kept, so what was encrypted before a rotation is decrypted after it.

use super::{key_state, reference};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::KMS_KEY;
use serde_json::{Value, json};

const DAY_SECONDS: f64 = 24.0 * 3600.0;
const USUAL_DAYS: u32 = 365;
const ON_DEMAND_QUOTA: usize = 25;

/// New key material; `kind` is how the rotation came about that made it.
pub(super) fn new_material(call: &mut Call, kind: Option<&str>) -> Value {
    let id = call.new_hex("kms.material", 64);
    let secret = call.new_hex("kms.secret", 64);
    json!({"id": id, "secret": secret, "kind": kind, "at": call.now()})
}

/// `EnableKeyRotation`.
pub(super) fn enable(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = changeable(call, input.text("KeyId"))?;
    let asked = input.int("RotationPeriodInDays").and_then(|days| u32::try_from(days).ok());
    let days = asked.unwrap_or(USUAL_DAYS);
    let running = call.get(KMS_KEY, &id).and_then(|key| key["_rotation"].int("days"));
    if running != Some(i64::from(days)) {
        start(call, &id, days);
    }
    Ok(json!({}))
}

/// Lets a key rotate every so many days from now on.
pub(super) fn start(call: &mut Call, id: &str, days: u32) {
    let next = call.now() + f64::from(days) * DAY_SECONDS;
    call.merge(KMS_KEY, id, json!({"_rotation": {"days": days, "next": next}}));
    resume(call, id);
}

/// Schedules the next rotation of a key that rotates.
pub(super) fn resume(call: &mut Call, id: &str) {
    call.unschedule(KMS_KEY, id);
    let next = call.get(KMS_KEY, id).and_then(|key| key["_rotation"].number("next"));
    if let Some(next) = next {
        call.schedule(next - call.now(), KMS_KEY, id, Step::Run("rotate_key", json!(id)));
    }
}

/// Rotates a key whose period is over. A disabled key is not rotated, its period goes on.
pub(super) fn rotate_due(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    let Some(key) = call.get(KMS_KEY, id).cloned() else { return };
    if key.flag("Enabled") {
        rotate(call, id, "AUTOMATIC");
    }
    let days = key["_rotation"].int("days").and_then(|days| u32::try_from(days).ok());
    if let Some(days) = days {
        start(call, id, days);
    }
}

fn rotate(call: &mut Call, id: &str, kind: &str) {
    let material = new_material(call, Some(kind));
    call.update(KMS_KEY, id, |key| {
        key["CurrentKeyMaterialId"] = material["id"].clone();
        if let Some(materials) = key["_materials"].as_array_mut() {
            materials.push(material);
        }
    });
}

/// `DisableKeyRotation`.
pub(super) fn disable(call: &mut Call) -> Result<Value, Fault> {
    let id = changeable(call, call.input().text("KeyId"))?;
    call.merge(KMS_KEY, &id, json!({"_rotation": null}));
    call.unschedule(KMS_KEY, &id);
    Ok(json!({}))
}

/// `GetKeyRotationStatus`.
pub(super) fn status(call: &mut Call) -> Result<Value, Fault> {
    let (id, key) = reference::key(call, call.input().text("KeyId"))?;
    let rotation = &key["_rotation"];
    let pending = key.text("KeyState") == "PendingDeletion";
    let mut status = json!({"KeyId": id, "KeyRotationEnabled": rotation.is_object() && !pending});
    if rotation.is_object() {
        status["RotationPeriodInDays"] = rotation["days"].clone();
        status["NextRotationDate"] = if pending { Value::Null } else { rotation["next"].clone() };
    }
    Ok(status)
}

/// `RotateKeyOnDemand`.
pub(super) fn rotate_on_demand(call: &mut Call) -> Result<Value, Fault> {
    let id = changeable(call, call.input().text("KeyId"))?;
    let materials = call.get(KMS_KEY, &id).map_or(&[][..], |key| key.items("_materials"));
    let done = materials.iter().filter(|material| material.text("kind") == "ON_DEMAND").count();
    if done >= call.quota("kms.on_demand_rotations_of_a_key", ON_DEMAND_QUOTA) {
        return Err(Fault::new(
            "LimitExceededException",
            "The number of on-demand rotations of the key has reached its quota.",
        ));
    }
    rotate(call, &id, "ON_DEMAND");
    Ok(json!({"KeyId": id}))
}

/// `ListKeyRotations`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, key) = reference::key(call, input.text("KeyId"))?;
    let all = input.text("IncludeKeyMaterial") == "ALL_KEY_MATERIAL";
    let materials = key.items("_materials").iter().filter(|material| all || material.has("kind"));
    let rotations = materials.map(|material| {
        let current = material.text("id") == key.text("CurrentKeyMaterialId");
        let date = if material.has("kind") { &material["at"] } else { &Value::Null };
        json!({
            "KeyId": id, "KeyMaterialId": material["id"], "KeyMaterialState": if current { "CURRENT" } else { "NON_CURRENT" },
            "RotationDate": date, "RotationType": material["kind"],
        })
    });
    Ok(json!({"Rotations": rotations.collect::<Vec<Value>>()}))
}

fn changeable(call: &Call, key: &str) -> Result<String, Fault> {
    let (id, key) = reference::key(call, key)?;
    key_state::own(&key)?;
    key_state::enabled(&key)?;
    Ok(id)
}
