//! Versions of secrets and their staging labels:
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version>

use super::reference::{self, SECRET, invalid_parameter, invalid_request, not_found};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::kms::{self, Unusable};
use crate::store::Table;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Versions by the secret's ARN, a slash and the version's id: a `SecretVersionsListEntry` with the encrypted value in
/// `_blob`, which is a `SecretBinary` if `_binary`. One that a rotation has begun with has no value yet.
pub(super) const VERSION: Table = Table::regional("secretsmanager.version");

/// The label of the version that is in use.
pub(super) const CURRENT: &str = "AWSCURRENT";

/// The label of the version that was in use before.
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";

/// The label of the version that a rotation makes.
pub(super) const PENDING: &str = "AWSPENDING";

/// The service's name in conditions of key policies.
const VIA: &str = "secretsmanager";

const QUOTA: usize = 100;

const LABEL_QUOTA: usize = 20;

/// A secret's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plain {
    Text(String),
    /// In base64, as requests have it.
    Binary(String),
}

impl Plain {
    /// The value in a request, if it has one.
    fn of_request(input: &Value) -> Result<Option<Self>, Fault> {
        match (input.opt("SecretString"), input.opt("SecretBinary")) {
            (Some(_), Some(_)) => Err(invalid_parameter(
                "You can't specify both a binary secret value and a string secret value in the same secret.",
            )),
            (Some(text), None) => Ok(Some(Self::Text(text.to_owned()))),
            (None, Some(binary)) => Ok(Some(Self::Binary(binary.to_owned()))),
            (None, None) => Ok(None),
        }
    }

    /// The member that answers have it in, and its text.
    pub(super) fn member(&self) -> (&'static str, &str) {
        match self {
            Self::Text(text) => ("SecretString", text),
            Self::Binary(binary) => ("SecretBinary", binary),
        }
    }
}

fn key(row: &Value, id: &str) -> String {
    format!("{}/{id}", row.text("ARN"))
}

/// The ids of the rows of a secret's versions.
pub(super) fn ids(call: &Call, secret: &Value) -> Vec<String> {
    let start = key(secret, "");
    let mine = call.rows(VERSION).filter(|(id, _)| id.starts_with(&start));
    mine.map(|(id, _)| id.to_owned()).collect()
}

/// A secret's labelled versions: their ids with their labels.
pub(super) fn stages(call: &Call, secret: &Value) -> Value {
    let rows = ids(call, secret).into_iter().filter_map(|id| call.get(VERSION, &id));
    let labelled = rows.filter(|row| !row.items("VersionStages").is_empty());
    labelled.map(|row| (row.text("VersionId").to_owned(), row["VersionStages"].clone())).collect()
}

/// The version of a secret with a label.
pub(super) fn with_label<'c>(call: &'c Call, secret: &Value, label: &str) -> Option<&'c Value> {
    let rows = ids(call, secret).into_iter().filter_map(|id| call.get(VERSION, &id));
    rows.into_iter().find(|row| row.texts("VersionStages").contains(&label))
}

/// The version of a secret with an id.
pub(super) fn with_id<'c>(call: &'c Call, secret: &Value, id: &str) -> Option<&'c Value> {
    call.get(VERSION, &key(secret, id))
}

/// Makes a version of the value in a request, if there is one; its id.
pub(super) fn of_request(
    call: &mut Call,
    name: &str,
    input: &Value,
    labels: &[&str],
) -> Result<Value, Fault> {
    let Some(plain) = Plain::of_request(input)? else { return Ok(Value::Null) };
    let Some(token) = input.opt("ClientRequestToken") else {
        return Err(invalid_request(
            "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
        ));
    };
    add(call, name, token, &plain, labels)?;
    Ok(json!(token))
}

/// Adds a version and gives it labels. The same id with the same value is fine; with another one it is not.
pub(super) fn add(
    call: &mut Call,
    name: &str,
    id: &str,
    plain: &Plain,
    labels: &[&str],
) -> Result<(), Fault> {
    let secret = call.get(SECRET, name).cloned().unwrap_or_default();
    match with_id(call, &secret, id).cloned() {
        Some(known) if known.has("_blob") => {
            if value(call, &secret, &known)? != *plain {
                let message =
                    "You can't modify an existing version, you can only add a new version.";
                return Err(Fault::new("ResourceExistsException", message));
            }
        }
        known => {
            if known.is_none() {
                room(call, &secret)?;
            }
            let mut row = new_row(call, &secret, id, plain)?;
            if let Some(known) = known {
                row["VersionStages"] = known["VersionStages"].clone();
            }
            call.put(VERSION, &key(&secret, id), row);
        }
    }
    for label in labels {
        move_label(call, &secret, label, Some(id));
    }
    forget_old(call, &secret);
    call.merge(SECRET, name, json!({"LastChangedDate": call.now()}));
    Ok(())
}

/// Refuses one more version than a secret may have.
fn room(call: &Call, secret: &Value) -> Result<(), Fault> {
    if ids(call, secret).len() < call.quota("secretsmanager.versions", QUOTA) {
        return Ok(());
    }
    let message = "You've exceeded the maximum number of versions allowed per secret.";
    Err(Fault::new("LimitExceededException", message))
}

/// Makes the pending version of a rotation, which has no value until the function puts one.
pub(super) fn reserve(call: &mut Call, name: &str, id: &str) -> Result<(), Fault> {
    let secret = call.get(SECRET, name).cloned().unwrap_or_default();
    if with_id(call, &secret, id).is_some() {
        let message = "A version with this ClientRequestToken is there already.";
        return Err(Fault::new("ResourceExistsException", message));
    }
    forget_old(call, &secret);
    room(call, &secret)?;
    let row = json!({"VersionId": id, "VersionStages": [], "CreatedDate": call.now()});
    call.put(VERSION, &key(&secret, id), row);
    move_label(call, &secret, PENDING, Some(id));
    Ok(())
}

/// Removes a version that a test was made with, unless it is in use by now.
pub(super) fn discard(call: &mut Call, secret: &Value, id: &str) {
    let current =
        |row: &Value| row.texts("VersionStages").into_iter().any(|label| label == CURRENT);
    if with_id(call, secret, id).is_some_and(|row| !current(row)) {
        call.remove(VERSION, &key(secret, id));
    }
}

fn new_row(call: &mut Call, secret: &Value, id: &str, plain: &Plain) -> Result<Value, Fault> {
    let bytes = match plain {
        Plain::Text(text) => text.as_bytes().to_vec(),
        Plain::Binary(binary) => STANDARD.decode(binary).unwrap_or_default(),
    };
    let key = secret.opt("KmsKeyId").unwrap_or("alias/aws/secretsmanager");
    let wrapped = kms::wrap(call, (key, VIA), &context(secret, id), &bytes);
    let (_, blob) = wrapped.map_err(|why| unusable(&why, "EncryptionFailure"))?;
    let key = secret.opt("KmsKeyId").unwrap_or("DefaultEncryptionKey");
    Ok(json!({
        "VersionId": id, "VersionStages": [], "CreatedDate": call.now(), "KmsKeyIds": [key], "_blob": blob,
        "_binary": matches!(plain, Plain::Binary(_)),
    }))
}

fn context(secret: &Value, id: &str) -> Value {
    json!({"SecretARN": secret["ARN"], "SecretVersionId": id})
}

fn unusable(why: &Unusable, code: &str) -> Fault {
    match why {
        Unusable::Denied(_) => Fault::new("AccessDeniedException", "Access to KMS is not allowed"),
        Unusable::NotFound | Unusable::State => Fault::new(
            code,
            "Secrets Manager can't use the provided KMS key. Check that the key is available, enabled, and not in an invalid state.",
        ),
    }
}

/// The value of a version.
pub(super) fn value(call: &mut Call, secret: &Value, version: &Value) -> Result<Plain, Fault> {
    let context = context(secret, version.text("VersionId"));
    let plain = kms::unwrap(call, (version.text("_blob"), VIA), &context);
    let plain = plain.map_err(|why| unusable(&why, "DecryptionFailure"))?;
    Ok(if version.flag("_binary") {
        Plain::Binary(STANDARD.encode(plain))
    } else {
        Plain::Text(String::from_utf8_lossy(&plain).into_owned())
    })
}

/// Whether a secret has the version that a request would make: the same token with the same value, or no value.
pub(super) fn holds(
    call: &mut Call,
    secret: &Value,
    token: &str,
    input: &Value,
) -> Result<bool, Fault> {
    let Some(known) = with_id(call, secret, token).cloned() else { return Ok(false) };
    if !known.has("_blob") {
        return Ok(false);
    }
    let asked = Plain::of_request(input)?;
    Ok(asked.is_some_and(|asked| value(call, secret, &known).is_ok_and(|plain| plain == asked)))
}

/// Encrypts the labelled versions under the secret's new key.
pub(super) fn encrypt_again(call: &mut Call, name: &str) -> Result<(), Fault> {
    let secret = call.get(SECRET, name).cloned().unwrap_or_default();
    for id in ids(call, &secret) {
        let Some(old) = call.get(VERSION, &id).cloned() else { continue };
        if old.items("VersionStages").is_empty() || !old.has("_blob") {
            continue;
        }
        let plain = value(call, &secret, &old)?;
        let fresh = new_row(call, &secret, old.text("VersionId"), &plain)?;
        call.merge(VERSION, &id, json!({"_blob": fresh["_blob"], "KmsKeyIds": fresh["KmsKeyIds"]}));
    }
    Ok(())
}

/// Moves a label to a version (or takes it away); the version that was current becomes the previous one.
pub(super) fn move_label(call: &mut Call, secret: &Value, label: &str, to: Option<&str>) {
    let from = with_label(call, secret, label).map(|row| row.text("VersionId").to_owned());
    if from.as_deref() == to {
        return;
    }
    if let Some(from) = &from {
        set(call, secret, from, |labels| labels.retain(|known| known != label));
    }
    if let Some(to) = to {
        set(call, secret, to, |labels| labels.push(label.to_owned()));
    }
    if let (CURRENT, Some(from)) = (label, from) {
        if let Some(to) = to {
            set(call, secret, to, |labels| labels.retain(|known| known != PREVIOUS));
        }
        move_label(call, secret, PREVIOUS, Some(&from));
    }
}

fn set(call: &mut Call, secret: &Value, id: &str, change: impl FnOnce(&mut Vec<String>)) {
    call.update(VERSION, &key(secret, id), |row| {
        let mut labels: Vec<String> =
            row.texts("VersionStages").into_iter().map(str::to_owned).collect();
        change(&mut labels);
        row["VersionStages"] = json!(labels);
    });
}

/// Versions without a label are deprecated, and gone after a day once there are more than a hundred: here the day does not matter.
fn forget_old(call: &mut Call, secret: &Value) {
    let all = ids(call, secret);
    if all.len() < QUOTA {
        return;
    }
    let bare = |id: &&String| {
        call.get(VERSION, id).is_some_and(|row| row.items("VersionStages").is_empty())
    };
    let gone: Vec<String> = all.iter().filter(bare).cloned().collect();
    for id in gone {
        call.remove(VERSION, &id);
    }
}

/// `ListSecretVersionIds`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, secret) = reference::any(call, input.text("SecretId"))?;
    let shown =
        |row: &&Value| input.flag("IncludeDeprecated") || !row.items("VersionStages").is_empty();
    let rows = ids(call, &secret).into_iter().filter_map(|id| call.get(VERSION, &id));
    let versions: Vec<Value> = rows.filter(shown).cloned().collect();
    Ok(json!({"ARN": secret["ARN"], "Name": name, "Versions": versions}))
}

/// `UpdateSecretVersionStage`.
pub(super) fn update_stage(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, secret) = reference::own(call, input.text("SecretId"))?;
    let label = input.text("VersionStage");
    let (from, to) = (input.opt("RemoveFromVersionId"), input.opt("MoveToVersionId"));
    let holder = with_label(call, &secret, label).map(|row| row.text("VersionId").to_owned());
    for id in [from, to].into_iter().flatten() {
        if with_id(call, &secret, id).is_none() {
            return Err(not_found(&format!(
                "Secrets Manager can't find the specified secret value for VersionId: {id}"
            )));
        }
    }
    check_stage(label, from, to, holder.as_deref())?;
    if let Some(to) = to {
        let labels = with_id(call, &secret, to).map_or(0, |row| row.items("VersionStages").len());
        if labels >= LABEL_QUOTA {
            let message =
                "You've exceeded the maximum number of staging labels allowed per version.";
            return Err(Fault::new("LimitExceededException", message));
        }
    }
    move_label(call, &secret, label, to);
    if label == CURRENT {
        settle_pending(call, &secret, to);
    }
    call.merge(SECRET, &name, json!({"LastChangedDate": call.now()}));
    Ok(json!({"ARN": secret["ARN"], "Name": name}))
}

/// The version of a rotation that has become the current one is pending no longer.
fn settle_pending(call: &mut Call, secret: &Value, to: Option<&str>) {
    let pending = with_label(call, secret, PENDING).map(|row| row.text("VersionId").to_owned());
    if secret.flag("RotationEnabled") && pending.is_some() && pending.as_deref() == to {
        move_label(call, secret, PENDING, None);
    }
}

fn check_stage(
    label: &str,
    from: Option<&str>,
    to: Option<&str>,
    holder: Option<&str>,
) -> Result<(), Fault> {
    if from.is_none() && to.is_none() {
        return Err(invalid_parameter(
            "You must specify at least one of RemoveFromVersionId and MoveToVersionId.",
        ));
    }
    if label == CURRENT && to.is_none() {
        return Err(invalid_parameter(&format!(
            "You can only move staging label {CURRENT} to a different secret version. It can't be completely removed."
        )));
    }
    match (from, holder) {
        (Some(from), Some(holder)) if from == holder => Ok(()),
        (Some(from), _) => Err(invalid_parameter(&format!(
            "The staging label {label} isn't attached to version {from}."
        ))),
        (None, Some(holder)) if to != Some(holder) => Err(invalid_parameter(&format!(
            "The parameter RemoveFromVersionId can't be empty. Staging label {label} is currently attached to version {holder}, so you must explicitly reference that version in RemoveFromVersionId."
        ))),
        (None, _) => Ok(()),
    }
}
