//! What requests call a secret: its name, its ARN, or its ARN without the six random characters at the end.
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen>

use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::Value;

/// Secrets by name: a `DescribeSecretResponse` without its versions, with `_policy`.
pub(super) const SECRET: Table = Table::regional("secretsmanager.secret");

/// The name and the row of a secret that is there, also when it waits for its deletion.
pub(super) fn any(call: &Call, id: &str) -> Result<(String, Value), Fault> {
    let row = if id.starts_with("arn:") {
        let called = |row: &Value| {
            let arn = row.text("ARN");
            arn == id || arn.len() == id.len() + 7 && arn.starts_with(id)
        };
        call.rows(SECRET).map(|(_, row)| row).find(|row| called(row))
    } else {
        call.get(SECRET, id)
    };
    let row = row.filter(|row| !row.flag("_gone")).ok_or_else(no_secret)?;
    Ok((row.text("Name").to_owned(), row.clone()))
}

/// The same, refused for one that waits for its deletion.
pub(super) fn live(call: &Call, id: &str) -> Result<(String, Value), Fault> {
    let (name, row) = any(call, id)?;
    if row.has("DeletedDate") {
        return Err(invalid_request(
            "You can't perform this operation on the secret because it was marked for deletion.",
        ));
    }
    Ok((name, row))
}

/// The same, refused for one that another service manages.
pub(super) fn own(call: &Call, id: &str) -> Result<(String, Value), Fault> {
    let (name, row) = live(call, id)?;
    unmanaged(&row)?;
    Ok((name, row))
}

/// Secrets of other services are changed through those alone.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html>
pub(super) fn unmanaged(row: &Value) -> Result<(), Fault> {
    match row.opt("OwningService") {
        None => Ok(()),
        Some(service) => Err(invalid_request(&format!(
            "You can't perform this operation on the secret because it is managed by {service}."
        ))),
    }
}

pub(super) fn no_secret() -> Fault {
    not_found("Secrets Manager can't find the specified secret.")
}

pub(super) fn not_found(message: &str) -> Fault {
    Fault::new("ResourceNotFoundException", message)
}

pub(super) fn invalid_request(message: &str) -> Fault {
    Fault::new("InvalidRequestException", message)
}

pub(super) fn invalid_parameter(message: &str) -> Fault {
    Fault::new("InvalidParameterException", message)
}
