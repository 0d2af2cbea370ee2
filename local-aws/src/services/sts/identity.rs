//! Who is calling: any credentials are the account's own, unless `AssumeRole` gave them out.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use super::session::SESSION;
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `GetCallerIdentity`.
pub(super) fn caller(call: &mut Call) -> Result<Value, Fault> {
    let session = call.access_key().and_then(|key| call.get(SESSION, key));
    Ok(match session {
        Some(session) => {
            json!({"Account": ACCOUNT, "Arn": session["Arn"], "UserId": session["AssumedRoleId"]})
        }
        None => {
            json!({"Account": ACCOUNT, "Arn": call.global_arn("iam", "root"), "UserId": ACCOUNT})
        }
    })
}

/// `GetAccessKeyInfo`: every key belongs to the one account.
pub(super) fn access_key(_: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"Account": ACCOUNT}))
}

/// `DecodeAuthorizationMessage`: this cloud encodes none, so none can be decoded.
pub(super) fn decode(call: &mut Call) -> Result<Value, Fault> {
    let length = call.input().text("EncodedMessage").len();
    let message = format!("Message is not valid: {length} characters that were not encoded here");
    Err(Fault::new("InvalidAuthorizationMessageException", message))
}
