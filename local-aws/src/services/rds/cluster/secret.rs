//! The master user's password in Secrets Manager:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html>

use super::super::backing;
use super::super::query::invalid;
use super::super::reference::CLUSTER;
use super::ROTATE;
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::secretsmanager::{self as secrets, Owned};
use crate::services::{kms, secretsmanager};
use serde_json::{Value, json};

/// RDS gives the user a new password every week.
const ROTATION_DAYS: u16 = 7;

const DAY_SECONDS: f64 = 24.0 * 3600.0;

const PASSWORD_LETTERS: usize = 32;

/// Makes the secret of a cluster.
pub(super) fn make(call: &mut Call, cluster: &str, key: Option<&str>) -> Result<(), Fault> {
    let Some(row) = call.get(CLUSTER, cluster).cloned() else { return Ok(()) };
    let name = format!("rds!cluster-{}", call.new_uuid("rds.secret"));
    let arn = row.text("DBClusterArn");
    let description = format!("The secret associated with the primary RDS DB cluster: {arn}");
    let value = value(call, row.text("MasterUsername"));
    let owned = Owned {
        service: "rds",
        name: &name,
        description: &description,
        key,
        tags: vec![json!({"Key": "aws:rds:primaryDBClusterArn", "Value": arn})],
        rotation_days: ROTATION_DAYS,
        value: &value,
    };
    let made = secrets::create_owned(call, &owned)?;
    let key = key_arn(call, key)?;
    let state = if row.text("Status") == "creating" { "creating" } else { "active" };
    let shown = json!({"SecretArn": made, "SecretStatus": state, "KmsKeyId": key});
    call.merge(CLUSTER, cluster, json!({"MasterUserSecret": shown}));
    backing::password(call, cluster, None, 0.0);
    let seconds = f64::from(ROTATION_DAYS) * DAY_SECONDS;
    call.schedule(seconds, CLUSTER, cluster, Step::Run(ROTATE, json!([cluster, made])));
    Ok(())
}

fn key_arn(call: &mut Call, key: Option<&str>) -> Result<String, Fault> {
    let key = key.unwrap_or("alias/aws/secretsmanager");
    let arn = kms::usable_via(call, key, "secretsmanager", &["kms:Decrypt", "kms:GenerateDataKey"]);
    arn.map_err(|_| {
        let message = format!("The specified KMS key [{key}] cannot be used for the secret.");
        Fault::new("KMSKeyNotAccessibleFault", message)
    })
}

fn value(call: &mut Call, user: &str) -> String {
    let password = secretsmanager::random_password(call, PASSWORD_LETTERS);
    json!({"username": user, "password": password}).to_string()
}

/// The secret can be used once the cluster can.
pub(super) fn ready(call: &mut Call, cluster: &str) {
    call.update(CLUSTER, cluster, |row| {
        if row.has("MasterUserSecret") {
            row["MasterUserSecret"]["SecretStatus"] = json!("active");
        }
    });
}

/// Gives the master user a new password, and so again a week later. A secret that is no longer the cluster's rests.
pub(in super::super) fn rotate(call: &mut Call, about: &Value) {
    let cluster = about[0].as_str().unwrap_or_default();
    let Some(row) = call.get(CLUSTER, cluster).cloned() else { return };
    let arn = row["MasterUserSecret"].text("SecretArn").to_owned();
    if about[1].as_str() != Some(arn.as_str()) {
        return;
    }
    // A key that cannot be used leaves the password as it is: RDS tries again later.
    let failed = now(call, cluster).is_err();
    let seconds = if failed { DAY_SECONDS } else { f64::from(ROTATION_DAYS) * DAY_SECONDS };
    call.schedule(seconds, CLUSTER, cluster, Step::Run(ROTATE, json!([cluster, arn])));
}

/// Gives the master user a new password at once.
pub(super) fn now(call: &mut Call, cluster: &str) -> Result<(), Fault> {
    let Some(row) = call.get(CLUSTER, cluster).cloned() else { return Ok(()) };
    let value = value(call, row.text("MasterUsername"));
    secrets::rotate_owned(call, row["MasterUserSecret"].text("SecretArn"), &value)?;
    backing::password(call, cluster, None, 0.0);
    Ok(())
}

/// Rotates at once the password whose secret has an ARN, for a user of Secrets Manager.
pub(crate) fn rotate_master(call: &mut Call, secret: &str) -> Result<(), Fault> {
    let holds = |row: &Value| row["MasterUserSecret"].text("SecretArn") == secret;
    let found = call.rows(CLUSTER).find(|(_, row)| holds(row)).map(|(id, _)| id.to_owned());
    match found {
        Some(cluster) => now(call, &cluster),
        None => Err(invalid("The secret belongs to no DB cluster.")),
    }
}

/// Encrypts the secret under another key.
pub(super) fn rekey(call: &mut Call, cluster: &str, key: &str) -> Result<(), Fault> {
    let Some(row) = call.get(CLUSTER, cluster).cloned() else { return Ok(()) };
    let arn = key_arn(call, Some(key))?;
    secrets::rekey_owned(call, row["MasterUserSecret"].text("SecretArn"), key)?;
    call.update(CLUSTER, cluster, |row| row["MasterUserSecret"]["KmsKeyId"] = json!(arn));
    Ok(())
}

/// Removes the secret of a cluster, if it has one.
pub(super) fn remove(call: &mut Call, cluster: &str) {
    let Some(row) = call.get(CLUSTER, cluster).cloned() else { return };
    if let Some(arn) = row["MasterUserSecret"].opt("SecretArn") {
        secrets::delete_owned(call, arn);
        call.merge(CLUSTER, cluster, json!({"MasterUserSecret": null}));
    }
}

/// A password that the engine takes.
pub(super) fn check_password(password: &str) -> Result<(), Fault> {
    if !(8..=128).contains(&password.len()) {
        return Err(invalid(
            "The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters or longer than 128 characters.",
        ));
    }
    let printable = |byte: u8| byte.is_ascii_graphic() && !b"/\"@".contains(&byte);
    if password.bytes().all(printable) {
        return Ok(());
    }
    Err(invalid(
        "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.",
    ))
}
