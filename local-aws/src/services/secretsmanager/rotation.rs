//! Rotation: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html>

mod event;
mod rules;
mod run;

pub(super) use self::run::{due, retry, stepped, tested};

use super::reference::{self, SECRET, invalid_parameter, invalid_request, not_found};
use super::version::{self, CURRENT, PENDING};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::{lambda, rds};
use serde_json::{Value, json};

/// What Secrets Manager invokes functions as.
const PRINCIPAL: &str = "secretsmanager.amazonaws.com";

/// `RotateSecret`: keeps how and when the secret rotates, and by default rotates it now.
pub(super) fn rotate(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if let Some(member) = ["ExternalSecretRotationMetadata", "ExternalSecretRotationRoleArn"]
        .iter()
        .find(|name| input.has(name))
    {
        return Err(Fault::not_implemented(&format!(
            "secretsmanager RotateSecret with the parameter {member}"
        )));
    }
    let (name, row) = reference::live(call, input.text("SecretId"))?;
    if row.has("OwningService") {
        return rotate_managed(call, &row);
    }
    let Some(token) = input.opt("ClientRequestToken") else {
        return Err(invalid_request(
            "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
        ));
    };
    if unfinished(call, &row).is_some_and(|pending| pending == token) {
        return Ok(json!({"ARN": row["ARN"], "Name": name, "VersionId": token}));
    }
    let function = function(call, &input, &row)?;
    let rules = rules::of_request(&input["RotationRules"])?;
    ready(call, &row)?;
    let mut members = json!({"RotationEnabled": true, "RotationLambdaARN": function});
    if let Some(rules) = rules {
        members["RotationRules"] = rules;
    }
    members["LastChangedDate"] = json!(call.now());
    call.merge(SECRET, &name, members);
    rules::plan(call, &name);
    if input.opt_flag("RotateImmediately").unwrap_or(true) {
        run::start(call, &name, token)?;
    } else {
        run::test(call, &name, token)?;
    }
    Ok(json!({"ARN": row["ARN"], "Name": name, "VersionId": token}))
}

/// A secret of another service is rotated by that.
fn rotate_managed(call: &mut Call, row: &Value) -> Result<Value, Fault> {
    let input = call.input();
    if input.has("RotationLambdaARN") {
        return Err(invalid_request(&format!(
            "You can't specify a rotation function for a secret that is managed by {}.",
            row.text("OwningService")
        )));
    }
    if input.has("RotationRules") || input.opt_flag("RotateImmediately") == Some(false) {
        return Err(Fault::not_implemented("another rotation schedule of a managed secret"));
    }
    rds::rotate_master(call, row.text("ARN"))?;
    let current = version::with_label(call, row, CURRENT).map(|found| found["VersionId"].clone());
    Ok(json!({"ARN": row["ARN"], "Name": row["Name"], "VersionId": current}))
}

/// The function that rotates, if it is there and lets Secrets Manager in.
fn function(call: &Call, input: &Value, row: &Value) -> Result<String, Fault> {
    let given = input.opt("RotationLambdaARN").filter(|arn| !arn.is_empty());
    let Some(arn) = given.or(row.opt("RotationLambdaARN")) else {
        return Err(invalid_request(
            "No Lambda rotation function ARN is associated with this secret.",
        ));
    };
    if !arn.contains(":lambda:") {
        return Err(invalid_parameter("The Lambda rotation function ARN is invalid."));
    }
    if !lambda::exists(call, arn) {
        return Err(not_found("Secrets Manager can't find the specified Lambda function."));
    }
    if !admitted(call, arn, row) {
        return Err(Fault::new(
            "AccessDeniedException",
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.",
        ));
    }
    Ok(arn.to_owned())
}

/// Whether the function's policy lets Secrets Manager invoke it for a secret.
fn admitted(call: &Call, function: &str, row: &Value) -> bool {
    lambda::admits(call, PRINCIPAL, function, row.text("ARN"))
}

/// Refuses a secret without a value, and one whose last rotation is not over.
fn ready(call: &Call, row: &Value) -> Result<(), Fault> {
    if version::with_label(call, row, CURRENT).is_none() {
        return Err(invalid_request(
            "You can't rotate a secret that doesn't have a value with the staging label AWSCURRENT.",
        ));
    }
    match unfinished(call, row) {
        None => Ok(()),
        Some(_) => Err(invalid_request(
            "A previous rotation isn't complete. That rotation will be reattempted.",
        )),
    }
}

/// The id of a version that waits to become the current one.
fn unfinished(call: &Call, row: &Value) -> Option<String> {
    let pending = version::with_label(call, row, PENDING)?;
    let waits = !pending.texts("VersionStages").contains(&CURRENT);
    waits.then(|| pending.text("VersionId").to_owned())
}

/// `CancelRotateSecret`: no more rotations; one under way stops where it is.
pub(super) fn cancel(call: &mut Call) -> Result<Value, Fault> {
    let (name, row) = reference::own(call, call.input().text("SecretId"))?;
    if !row.has("RotationEnabled") {
        return Err(invalid_request("You can't cancel the rotation of a secret that has none."));
    }
    call.unschedule(SECRET, &name);
    let off = json!({"RotationEnabled": false, "NextRotationDate": null, "_rotation": null});
    call.merge(SECRET, &name, off);
    let pending = unfinished(call, &row);
    Ok(json!({"ARN": row["ARN"], "Name": name, "VersionId": pending}))
}

/// Takes up the schedule of a secret that was to be deleted.
pub(super) fn resume(call: &mut Call, name: &str) {
    rules::plan(call, name);
}

/// Refuses a value with the token of another rotation than the one under way.
pub(super) fn check_token(input: &Value, row: &Value) -> Result<(), Fault> {
    match input.opt("RotationToken") {
        Some(token) if token != row["_rotation"].text("token") => {
            Err(invalid_parameter("The rotation token isn't that of the rotation in progress."))
        }
        _ => Ok(()),
    }
}
