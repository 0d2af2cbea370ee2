//! The four steps of a rotation, one invocation each, all with the same token; after a failure all of them again.
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html>

use super::super::reference::SECRET;
use super::super::version::{self, CURRENT, PENDING};
use super::{admitted, event, rules, unfinished};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::lambda;
use serde_json::{Value, json};

const STEPS: [&str; 4] = ["createSecret", "setSecret", "testSecret", "finishSecret"];

/// Seconds after which a rotation that failed is tried again; after the last of them with the next window.
const RETRIES: [f64; 5] = [60.0, 300.0, 900.0, 3600.0, 3600.0];

/// Begins a rotation: a pending version without a value, and the first step.
pub(super) fn start(call: &mut Call, name: &str, token: &str) -> Result<(), Fault> {
    version::reserve(call, name, token)?;
    attempt(call, name, token, 0);
    Ok(())
}

/// Runs the steps of a rotation from the first.
fn attempt(call: &mut Call, name: &str, token: &str, number: usize) {
    let secret_token = call.new_uuid("secretsmanager.rotation");
    let under_way = json!({"version": token, "token": secret_token, "attempt": number});
    call.merge(SECRET, name, json!({"_rotation": under_way}));
    let row = call.get(SECRET, name).cloned().unwrap_or_default();
    event::emit(call, &row, "RotationStarted", Value::Null);
    invoke(call, &row, 0);
}

/// Invokes the function for a step of the rotation under way.
fn invoke(call: &mut Call, row: &Value, step: usize) {
    let function = row.text("RotationLambdaARN");
    if !admitted(call, function, row) {
        failed(call, row, "Secrets Manager cannot invoke the Lambda function.");
        return;
    }
    let under_way = &row["_rotation"];
    let payload = payload(row, under_way, STEPS[step]);
    let about = json!([row["Name"], under_way["version"], under_way["attempt"], step]);
    lambda::invoke_for(call, function, &payload, ("secretsmanager", "rotation_stepped", &about));
}

fn payload(row: &Value, under_way: &Value, step: &str) -> String {
    json!({
        "Step": step, "SecretId": row["ARN"], "ClientRequestToken": under_way["version"], "RotationToken": under_way["token"],
    })
    .to_string()
}

/// What a step came to: `[[name, version, attempt, step], result]`.
pub(in super::super) fn stepped(call: &mut Call, told: &Value) {
    let (about, result) = (&told[0], &told[1]);
    let name = about[0].as_str().unwrap_or_default();
    let Some(row) = call.get(SECRET, name).cloned() else { return };
    let under_way = &row["_rotation"];
    let same = under_way["version"] == about[1] && under_way["attempt"] == about[2];
    if !same || !row.flag("RotationEnabled") {
        return;
    }
    if result.flag("error") {
        failed(call, &row, &reason(result));
        return;
    }
    let step = usize::try_from(about[3].as_u64().unwrap_or_default()).unwrap_or_default();
    if step + 1 < STEPS.len() {
        invoke(call, &row, step + 1);
    } else {
        finish(call, &row);
    }
}

/// What the function said, in one line.
fn reason(result: &Value) -> String {
    let said: Value = serde_json::from_str(result.text("payload")).unwrap_or_default();
    said.opt("errorMessage").unwrap_or("The function failed.").to_owned()
}

fn finish(call: &mut Call, row: &Value) {
    let current = version::with_label(call, row, CURRENT).map(|found| found["VersionId"].clone());
    if current.as_ref() != Some(&row["_rotation"]["version"]) {
        failed(call, row, "The function finished and AWSCURRENT was not moved.");
        return;
    }
    let name = row.text("Name");
    if unfinished(call, row).is_none() {
        version::move_label(call, row, PENDING, None);
    }
    let now = call.now();
    call.merge(
        SECRET,
        name,
        json!({"LastRotatedDate": now, "LastChangedDate": now, "_rotation": null}),
    );
    event::emit(call, row, "RotationSucceeded", Value::Null);
    rules::plan(call, name);
}

/// Notes a failure, and lets the rotation be tried again.
fn failed(call: &mut Call, row: &Value, reason: &str) {
    event::emit(call, row, "RotationFailed", json!(reason));
    let name = row.text("Name");
    let number = row["_rotation"].int("attempt").unwrap_or_default();
    let number = usize::try_from(number).unwrap_or_default();
    let again = json!([name, row["_rotation"]["version"], number + 1]);
    call.merge(SECRET, name, json!({"_rotation": null}));
    if let Some(seconds) = RETRIES.get(number) {
        call.schedule(*seconds, SECRET, name, Step::Run("rotation_retry", again));
    }
}

/// The time to try a rotation again: `[name, version, attempt]`. Without its label it has been given up.
pub(in super::super) fn retry(call: &mut Call, about: &Value) {
    let name = about[0].as_str().unwrap_or_default();
    let Some(row) = call.get(SECRET, name).cloned() else { return };
    let token = about[1].as_str().unwrap_or_default();
    if !row.flag("RotationEnabled") || row.has("_rotation") {
        return;
    }
    let is_current = version::with_label(call, &row, CURRENT)
        .is_some_and(|current| current.text("VersionId") == token);
    if !is_current && unfinished(call, &row).as_deref() != Some(token) {
        event::emit(call, &row, "RotationAbandoned", Value::Null);
        return;
    }
    let number = about[2].as_u64().and_then(|number| usize::try_from(number).ok());
    attempt(call, name, token, number.unwrap_or_default());
}

/// The window of a secret has opened: a new rotation, or the one that is not over once more.
pub(in super::super) fn due(call: &mut Call, name: &Value) {
    let name = name.as_str().unwrap_or_default();
    let Some(row) = call.get(SECRET, name).cloned() else { return };
    if !row.flag("RotationEnabled") || row.has("DeletedDate") {
        return;
    }
    rules::plan(call, name);
    if row.has("_rotation") {
        return;
    }
    if let Some(token) = unfinished(call, &row) {
        attempt(call, name, &token, 0);
        return;
    }
    let token = call.new_uuid("secretsmanager.version");
    // A secret that has too many versions is tried again with the next window.
    let _ = start(call, name, &token);
}

/// Tests the function, by its third step with a version that is gone afterwards.
pub(super) fn test(call: &mut Call, name: &str, token: &str) -> Result<(), Fault> {
    version::reserve(call, name, token)?;
    let row = call.get(SECRET, name).cloned().unwrap_or_default();
    let secret_token = call.new_uuid("secretsmanager.rotation");
    event::emit(call, &row, "TestRotationStarted", Value::Null);
    let payload = payload(&row, &json!({"version": token, "token": secret_token}), "testSecret");
    let about = json!([name, token]);
    let function = row.text("RotationLambdaARN");
    lambda::invoke_for(call, function, &payload, ("secretsmanager", "rotation_tested", &about));
    Ok(())
}

/// What a test came to: `[[name, version], result]`.
pub(in super::super) fn tested(call: &mut Call, told: &Value) {
    let (about, result) = (&told[0], &told[1]);
    let Some(row) = call.get(SECRET, about[0].as_str().unwrap_or_default()).cloned() else {
        return;
    };
    version::discard(call, &row, about[1].as_str().unwrap_or_default());
    if result.flag("error") {
        event::emit(call, &row, "TestRotationFailed", json!(reason(result)));
    } else {
        event::emit(call, &row, "TestRotationSucceeded", Value::Null);
    }
}
