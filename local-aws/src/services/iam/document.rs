//! Policy documents as IAM takes, keeps and answers them.

use crate::call::Call;
use crate::fault::Fault;
use crate::services::policy::{self, Kind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What RFC 3986 leaves as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Refuses what IAM refuses. Lengths count without white space.
pub(super) fn check(text: &str, kind: Kind, most: usize) -> Result<(), Fault> {
    policy::parse(text, kind).map_err(|message| Fault::new("MalformedPolicyDocument", message))?;
    let length = text.chars().filter(|char| !char.is_whitespace()).count();
    if length > most {
        let message = format!("Cannot exceed quota for policy size: {most}");
        return Err(Fault::new("LimitExceeded", message));
    }
    Ok(())
}

/// Refuses a trust policy with a principal that does not exist.
pub(super) fn check_trust(call: &Call, text: &str) -> Result<(), Fault> {
    check(text, Kind::Trust, 2048)?;
    let document = policy::parse(text, Kind::Trust)
        .map_err(|message| Fault::new("MalformedPolicyDocument", message))?;
    match policy::unknown_principal(call, &document) {
        Some(name) => {
            let message = format!("Invalid principal in policy: \"AWS\":\"{name}\"");
            Err(Fault::new("MalformedPolicyDocument", message))
        }
        None => Ok(()),
    }
}

/// The document as IAM answers it: percent-encoded.
pub(super) fn answered(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}
