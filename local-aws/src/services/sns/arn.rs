//! What every SNS operation says about the ARNs that it is given.

use crate::call::Call;
use crate::fault::Fault;
use crate::services::tables::SNS_TOPIC;
use serde_json::Value;

/// The error for a parameter, in SNS's words.
pub(super) fn invalid(what: &str) -> Fault {
    Fault::new("InvalidParameter", format!("Invalid parameter: {what}"))
}

/// Checks that a member is an ARN of SNS in the region of the request.
pub(super) fn check(call: &Call, member: &str, arn: &str) -> Result<(), Fault> {
    let parts: Vec<&str> = arn.split(':').collect();
    if parts.len() < 6 {
        let count = parts.len();
        return Err(invalid(&format!(
            "{member} Reason: An ARN must have at least 6 elements, not {count}"
        )));
    }
    if parts[0] != "arn" || parts[2] != "sns" || parts[3] != call.region() {
        return Err(invalid(member));
    }
    Ok(())
}

/// The topic that an ARN names.
pub(super) fn topic<'c>(call: &'c Call, member: &str, arn: &str) -> Result<&'c Value, Fault> {
    check(call, member, arn)?;
    call.get(SNS_TOPIC, arn).ok_or_else(|| Fault::new("NotFound", "Topic does not exist"))
}
