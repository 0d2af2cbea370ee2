//! The words of AWS's errors that end up in a stopped task's reason.

use crate::call::{ACCOUNT, Call};
use crate::fields::Fields;
use serde_json::Value;

/// The start of every error about secrets and registries.
pub(super) const FETCHING: &str = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ";

/// The error for a task without the role that it needs.
pub(super) const NO_ROLE: &str = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: the task definition has no execution role";

/// Who a role is refused something as.
pub(super) fn denied(task: &Value, role: &str, action: &str, resource: &str) -> String {
    let name = role.rsplit('/').next().unwrap_or_default();
    let session = task.text("taskArn").rsplit('/').next().unwrap_or_default();
    format!(
        "AccessDeniedException: User: arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session} is not authorized to perform: {action} on resource: {resource} because no identity-based policy allows the {action} action"
    )
}

/// A service of the region that nobody answers from.
pub(super) fn timed_out(call: &Call, service: &str, verb: &str) -> String {
    let region = call.region();
    format!(
        "RequestError: send request failed caused by: {verb} \"https://{service}.{region}.amazonaws.com/\": dial tcp: i/o timeout. Please check your task network configuration."
    )
}
