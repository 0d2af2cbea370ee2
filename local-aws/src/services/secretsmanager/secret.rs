//! Secrets: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>

use super::reference::{self, SECRET, invalid_parameter, invalid_request};
use super::version::{self, CURRENT, VERSION};
use super::{rotation, secret_tags};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

const QUOTA: usize = 500_000;

const DAY_SECONDS: f64 = 24.0 * 3600.0;

/// `CreateSecret`. The token becomes the version's id, so that a repeated request makes nothing twice.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    refuse_unsupported(call)?;
    let input = call.input();
    let name = input.text("Name");
    check_name(name)?;
    let tags = secret_tags::checked(input.items("Tags"))?;
    if let Some(known) = call.get(SECRET, name).cloned() {
        return again(call, &known, &input);
    }
    if call.rows(SECRET).count() >= call.quota("secretsmanager.secrets", QUOTA) {
        let message = "You've exceeded the maximum number of secrets allowed per account.";
        return Err(Fault::new("LimitExceededException", message));
    }
    let row = new_row(call, name, &input, tags);
    let arn = row.text("ARN").to_owned();
    call.put(SECRET, name, row);
    let made = version::of_request(call, name, &input, &[CURRENT])?;
    Ok(json!({"ARN": arn, "Name": name, "VersionId": made}))
}

/// The row of a new secret; its ARN ends in six random characters, so that a later secret of the name is another one.
pub(super) fn new_row(call: &mut Call, name: &str, input: &Value, tags: Vec<Value>) -> Value {
    let suffix = letters(&call.new_hex("secretsmanager.suffix", 12));
    let arn = call.arn("secretsmanager", &format!("secret:{name}-{suffix}"));
    let now = call.now();
    let mut row = json!({
        "ARN": arn, "Name": name, "CreatedDate": now, "LastChangedDate": now, "Tags": tags, "_arn": arn, "_key": name,
    });
    for member in ["Description", "KmsKeyId"] {
        if input.has(member) {
            row[member] = input[member].clone();
        }
    }
    row
}

fn letters(hex: &str) -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let number =
        |at: usize| hex.get(at..at + 2).and_then(|pair| usize::from_str_radix(pair, 16).ok());
    (0..hex.len() / 2)
        .filter_map(|index| number(index * 2))
        .map(|number| char::from(LETTERS[number % LETTERS.len()]))
        .collect()
}

/// A name that is taken: fine if the request is the one that took it.
fn again(call: &mut Call, known: &Value, input: &Value) -> Result<Value, Fault> {
    if known.has("DeletedDate") || known.flag("_gone") {
        return Err(invalid_request(
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        ));
    }
    let name = known.text("Name");
    let token = input.text("ClientRequestToken");
    if version::holds(call, known, token, input)? {
        return Ok(json!({"ARN": known["ARN"], "Name": name, "VersionId": token}));
    }
    let message = format!("The operation failed because the secret {name} already exists.");
    Err(Fault::new("ResourceExistsException", message))
}

fn check_name(name: &str) -> Result<(), Fault> {
    let allowed = |letter: u8| letter.is_ascii_alphanumeric() || b"/_+=.@-!".contains(&letter);
    if name.bytes().all(allowed) {
        return Ok(());
    }
    let message = "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";
    Err(Fault::new("ValidationException", message))
}

fn refuse_unsupported(call: &Call) -> Result<(), Fault> {
    let input = call.input();
    let asked = ["AddReplicaRegions", "CrossAccountPrimaryARN", "Type"];
    match asked.iter().find(|member| input.has(member)) {
        None => Ok(()),
        Some(member) => Err(Fault::not_implemented(&format!(
            "secretsmanager {} with the parameter {member}",
            call.operation()
        ))),
    }
}

/// `DescribeSecret`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let (_, row) = reference::any(call, call.input().text("SecretId"))?;
    Ok(described(call, row, "VersionIdsToStages"))
}

/// A secret as it is described, with its labelled versions in the member named.
pub(super) fn described(call: &Call, mut row: Value, versions: &str) -> Value {
    let stages = version::stages(call, &row);
    if stages.as_object().is_some_and(|stages| !stages.is_empty()) {
        row[versions] = stages;
    }
    row
}

/// `UpdateSecret`: what the request names; a value becomes a new version.
pub(super) fn update(call: &mut Call) -> Result<Value, Fault> {
    refuse_unsupported(call)?;
    let input = call.input();
    let (name, row) = reference::own(call, input.text("SecretId"))?;
    let mut members = json!({"LastChangedDate": call.now()});
    for member in ["Description", "KmsKeyId"] {
        if input.has(member) {
            // An empty key stands for the one that AWS manages, which is not told.
            let keyless = member == "KmsKeyId" && input.text(member).is_empty();
            members[member] = if keyless { Value::Null } else { input[member].clone() };
        }
    }
    call.merge(SECRET, &name, members);
    if input.has("KmsKeyId") && input["KmsKeyId"] != row["KmsKeyId"] {
        version::encrypt_again(call, &name)?;
    }
    let made = version::of_request(call, &name, &input, &[CURRENT])?;
    Ok(json!({"ARN": row["ARN"], "Name": name, "VersionId": made}))
}

/// `DeleteSecret`: after a time in which it can be restored, or at once.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let at_once = input.flag("ForceDeleteWithoutRecovery");
    let days = window(&input, at_once)?;
    let id = input.text("SecretId");
    let (name, row) = match reference::any(call, id) {
        // Deleting by force what is gone succeeds.
        Err(_) if at_once => return Ok(json!({"ARN": id, "Name": id, "DeletionDate": call.now()})),
        found => found?,
    };
    reference::unmanaged(&row)?;
    if row.has("DeletedDate") && !at_once {
        return Err(invalid_request(
            "You can't perform this operation on the secret because it was already scheduled for deletion.",
        ));
    }
    call.unschedule(SECRET, &name);
    let now = call.now();
    call.merge(SECRET, &name, json!({"DeletedDate": now, "_gone": at_once}));
    let seconds = if at_once {
        call.latency("secretsmanager.secret", "delete")
    } else {
        f64::from(days) * DAY_SECONDS
    };
    call.schedule(seconds, SECRET, &name, Step::Run("forget", json!(name)));
    let date = if at_once { now } else { now + seconds };
    Ok(json!({"ARN": row["ARN"], "Name": name, "DeletionDate": date}))
}

fn window(input: &Value, at_once: bool) -> Result<u8, Fault> {
    let days = input.int("RecoveryWindowInDays");
    if at_once && days.is_some() {
        return Err(invalid_parameter(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        ));
    }
    let days = u8::try_from(days.unwrap_or(30)).ok().filter(|days| (7..=30).contains(days));
    days.ok_or_else(|| {
        invalid_parameter(
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
        )
    })
}

/// The end of a secret, with its versions.
pub(super) fn forget(call: &mut Call, name: &Value) {
    remove(call, name.as_str().unwrap_or_default());
}

/// Removes a secret and its versions.
pub(super) fn remove(call: &mut Call, name: &str) {
    let Some(row) = call.remove(SECRET, name) else { return };
    for id in version::ids(call, &row) {
        call.remove(VERSION, &id);
    }
}

/// `RestoreSecret`.
pub(super) fn restore(call: &mut Call) -> Result<Value, Fault> {
    let (name, row) = reference::any(call, call.input().text("SecretId"))?;
    reference::unmanaged(&row)?;
    call.unschedule(SECRET, &name);
    call.merge(SECRET, &name, json!({"DeletedDate": null}));
    rotation::resume(call, &name);
    Ok(json!({"ARN": row["ARN"], "Name": name}))
}
