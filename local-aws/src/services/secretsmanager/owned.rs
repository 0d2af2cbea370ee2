//! Secrets that another service makes, rotates and deletes for its users.
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html>

use super::reference::{self, SECRET};
use super::secret;
use super::version::{self, CURRENT, Plain};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

const DAY_SECONDS: f64 = 24.0 * 3600.0;

/// A secret that a service makes.
pub(crate) struct Owned<'a> {
    /// The service, such as `rds`.
    pub(crate) service: &'a str,
    /// The secret's name, such as `rds!cluster-…`.
    pub(crate) name: &'a str,
    /// What it is for.
    pub(crate) description: &'a str,
    /// The key; without one the AWS-managed key of Secrets Manager.
    pub(crate) key: Option<&'a str>,
    /// Tags of the service, which may start with `aws:`.
    pub(crate) tags: Vec<Value>,
    /// After how many days the service rotates it.
    pub(crate) rotation_days: u16,
    /// The value.
    pub(crate) value: &'a str,
}

/// Makes the secret; its ARN.
pub(crate) fn create_owned(call: &mut Call, owned: &Owned) -> Result<String, Fault> {
    let mut input = json!({"Description": owned.description});
    if let Some(key) = owned.key {
        input["KmsKeyId"] = json!(key);
    }
    let mut tags = owned.tags.clone();
    tags.push(json!({"Key": "aws:secretsmanager:owningService", "Value": owned.service}));
    let mut row = secret::new_row(call, owned.name, &input, tags);
    row["OwningService"] = json!(owned.service);
    row["RotationEnabled"] = json!(true);
    row["RotationRules"] = json!({"AutomaticallyAfterDays": owned.rotation_days});
    row["NextRotationDate"] = json!(call.now() + f64::from(owned.rotation_days) * DAY_SECONDS);
    let arn = row.text("ARN").to_owned();
    call.put(SECRET, owned.name, row);
    let id = call.new_uuid("secretsmanager.version");
    version::add(call, owned.name, &id, &Plain::Text(owned.value.to_owned()), &[CURRENT])?;
    Ok(arn)
}

/// Gives the secret a new value, as of now.
pub(crate) fn rotate_owned(call: &mut Call, arn: &str, value: &str) -> Result<(), Fault> {
    let (name, row) = reference::any(call, arn)?;
    let id = call.new_uuid("secretsmanager.version");
    version::add(call, &name, &id, &Plain::Text(value.to_owned()), &[CURRENT])?;
    let now = call.now();
    let days = row["RotationRules"].number("AutomaticallyAfterDays").unwrap_or(7.0);
    let dates = json!({"LastRotatedDate": now, "NextRotationDate": now + days * DAY_SECONDS});
    call.merge(SECRET, &name, dates);
    Ok(())
}

/// Encrypts the secret under another key.
pub(crate) fn rekey_owned(call: &mut Call, arn: &str, key: &str) -> Result<(), Fault> {
    let (name, _) = reference::any(call, arn)?;
    call.merge(SECRET, &name, json!({"KmsKeyId": key}));
    version::encrypt_again(call, &name)
}

/// Removes the secret at once.
pub(crate) fn delete_owned(call: &mut Call, arn: &str) {
    if let Ok((name, _)) = reference::any(call, arn) {
        secret::remove(call, &name);
    }
}

/// The current value of a secret, if it is text.
pub(crate) fn current_text(call: &mut Call, arn: &str) -> Option<String> {
    let (_, row) = reference::any(call, arn).ok()?;
    let current = version::with_label(call, &row, CURRENT).cloned()?;
    match version::value(call, &row, &current).ok()? {
        Plain::Text(text) => Some(text),
        Plain::Binary(_) => None,
    }
}
