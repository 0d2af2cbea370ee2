//! How long recovery points are kept.
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateRecoveryPointLifecycle.html>

use super::recovery_point::{self, RECOVERY_POINT};
use super::{access_policy, invalid};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

const DAY: f64 = 24.0 * 3600.0;

/// How long a recovery point stays at least in cold storage, in days.
const COLD_DAYS: i64 = 90;

/// When a recovery point moves and goes.
pub(super) fn calculated(lifecycle: &Value, created: f64) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "days that AWS takes are far below 2^52")]
    let at = |member: &str| lifecycle.int(member).map(|days| created + days as f64 * DAY);
    json!({"MoveToColdStorageAt": at("MoveToColdStorageAfterDays"), "DeleteAt": at("DeleteAfterDays")})
}

/// Lets a recovery point vanish when its time has come; without one it stays.
pub(super) fn schedule(call: &mut Call, arn: &str) {
    let row = call.get(RECOVERY_POINT, arn);
    let Some(at) = row.and_then(|row| row["CalculatedLifecycle"].number("DeleteAt")) else {
        return;
    };
    call.schedule(at - call.now(), RECOVERY_POINT, arn, Step::Remove);
}

/// `UpdateRecoveryPointLifecycle`.
pub(super) fn update(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (vault, row) = recovery_point::of_request(call, &input)?;
    let arn = row.text("RecoveryPointArn");
    access_policy::permits(call, &vault, "backup:UpdateRecoveryPointLifecycle", arn)?;
    if row.text("Status") != "COMPLETED" {
        let message = format!("Recovery point {arn} is not complete.");
        return Err(Fault::new("InvalidRequestException", message));
    }
    let lifecycle = &input["Lifecycle"];
    check(lifecycle)?;
    let calculated = calculated(lifecycle, row.number("CreationDate").unwrap_or_default());
    call.unschedule(RECOVERY_POINT, arn);
    call.merge(
        RECOVERY_POINT,
        arn,
        json!({"Lifecycle": lifecycle, "CalculatedLifecycle": calculated}),
    );
    schedule(call, arn);
    Ok(json!({
        "BackupVaultArn": vault["BackupVaultArn"], "RecoveryPointArn": arn, "Lifecycle": lifecycle,
        "CalculatedLifecycle": calculated,
    }))
}

fn check(lifecycle: &Value) -> Result<(), Fault> {
    let [cold, gone] =
        ["MoveToColdStorageAfterDays", "DeleteAfterDays"].map(|name| lifecycle.int(name));
    if [cold, gone].into_iter().flatten().any(|days| days < 1) {
        return Err(invalid("A lifecycle has whole days from 1 on."));
    }
    match (cold, gone) {
        (Some(cold), Some(gone)) if gone < cold + COLD_DAYS => Err(invalid(format!(
            "DeleteAfterDays must be at least {COLD_DAYS} days after MoveToColdStorageAfterDays."
        ))),
        _ => Ok(()),
    }
}
