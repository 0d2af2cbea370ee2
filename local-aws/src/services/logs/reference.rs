//! What requests call a log group: its name, or its ARN with or without the trailing `:*`.

use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::LOG_GROUP;
use serde_json::Value;

/// A group's row, or the error for one that does not exist.
pub(super) fn group<'c>(call: &'c Call, name: &str) -> Result<&'c Value, Fault> {
    call.get(LOG_GROUP, name).ok_or_else(no_group)
}

/// The name that a name or ARN means. An ARN of another account or region names no group here.
pub(super) fn name<'i>(call: &Call, identifier: &'i str) -> Result<&'i str, Fault> {
    if !identifier.starts_with("arn:") {
        return Ok(identifier);
    }
    let rest = identifier.strip_prefix(&call.arn("logs", "log-group:")).ok_or_else(no_group)?;
    Ok(rest.strip_suffix(":*").unwrap_or(rest))
}

/// The name of the group that exactly one of two members means: its name, or an identifier.
pub(super) fn one_of(call: &Call, input: &Value, identifier: &str) -> Result<String, Fault> {
    let name = match (input.opt("logGroupName"), input.opt(identifier)) {
        (Some(name), None) => name,
        (None, Some(given)) => name(call, given)?,
        _ => {
            let message =
                format!("Exactly one of logGroupName and {identifier} must be specified.");
            return Err(invalid(message));
        }
    };
    group(call, name)?;
    Ok(name.to_owned())
}

pub(super) fn no_group() -> Fault {
    not_found("The specified log group does not exist.")
}

pub(super) fn not_found(message: &str) -> Fault {
    Fault::new("ResourceNotFoundException", message)
}

pub(super) fn exists(message: &str) -> Fault {
    Fault::new("ResourceAlreadyExistsException", message)
}

pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterException", message)
}

/// The time in milliseconds since 1970, which is how this service tells time.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds of any year AWS knows fit")]
pub(super) fn now(call: &Call) -> i64 {
    (call.now() * 1000.0).floor() as i64
}
