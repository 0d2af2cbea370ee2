//! Environment variables of functions: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>

use super::invalid;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::kms::{self, Unusable};
use serde_json::{Value, json};

/// Bytes that the variables of a function may have as JSON.
const MOST: usize = 4096;

/// Variables that Lambda itself sets.
const RESERVED: [&str; 19] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
];

/// Checks the variables and the key of a request.
pub(super) fn check(call: &mut Call, input: &Value) -> Result<(), Fault> {
    variables(&input["Environment"]["Variables"])?;
    match input.opt("KMSKeyArn").filter(|key| !key.is_empty()) {
        None => Ok(()),
        Some(key) => key_usable(call, key),
    }
}

fn variables(given: &Value) -> Result<(), Fault> {
    let names = given.as_object().into_iter().flat_map(|names| names.keys());
    let reserved: Vec<&str> =
        names.map(String::as_str).filter(|name| RESERVED.contains(name)).collect();
    let cannot = "Lambda was unable to configure your environment variables because the environment variables you have provided";
    if !reserved.is_empty() {
        return Err(invalid(format!(
            "{cannot} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: {}",
            reserved.join(", ")
        )));
    }
    if given.is_object() && given.to_string().len() > MOST {
        return Err(invalid(format!("{cannot} exceeded the 4KB limit. String measured: {given}")));
    }
    Ok(())
}

/// Lambda decrypts later by a grant that it takes now.
fn key_usable(call: &mut Call, key: &str) -> Result<(), Fault> {
    let actions = ["kms:CreateGrant", "kms:Encrypt", "kms:Decrypt"];
    let Err(unusable) = kms::usable_via(call, key, "lambda", &actions) else { return Ok(()) };
    Err(invalid(match unusable {
        Unusable::NotFound => format!(
            "Lambda was unable to configure access to your environment variables because the KMS key {key} does not exist."
        ),
        Unusable::State => format!(
            "Lambda was unable to configure access to your environment variables because the KMS key {key} is disabled or pending deletion."
        ),
        Unusable::Denied(action) => format!(
            "Lambda was unable to configure access to your environment variables because the KMS key is invalid for {}. Please check your KMS key settings.",
            action.trim_start_matches("kms:")
        ),
    }))
}

/// Sets variables and key on a row.
pub(super) fn apply(_: &mut Call, row: &mut Value, input: &Value) -> Result<(), Fault> {
    if input.has("Environment") {
        let given = input["Environment"].get("Variables").cloned().unwrap_or_else(|| json!({}));
        let none = given.as_object().is_none_or(serde_json::Map::is_empty);
        row["Environment"] = if none { Value::Null } else { json!({"Variables": given}) };
    }
    match input.opt("KMSKeyArn") {
        None => {}
        Some("") => row["KMSKeyArn"] = Value::Null,
        Some(key) => row["KMSKeyArn"] = json!(key),
    }
    Ok(())
}
