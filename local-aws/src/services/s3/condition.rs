//! Requests that hold only under a condition.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html>

use super::object;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::Value;

/// Checks `If-Match` and `If-None-Match` of a write against the object that is there.
pub(super) fn check_write(input: &Value, current: Option<&Value>) -> Result<(), Fault> {
    match input.opt("IfNoneMatch") {
        Some("*") if current.is_some() => return Err(failed("If-None-Match")),
        None | Some("*") => {}
        Some(_) => {
            let message = "A header you provided implies functionality that is not implemented";
            return Err(Fault::new("NotImplemented", message)
                .with_status(501)
                .with("Header", "If-None-Match"));
        }
    }
    match (input.opt("IfMatch"), current) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(object::no_such_key(input.text("Key"))),
        (Some(wanted), Some(current)) if matches(wanted, current) => Ok(()),
        (Some(_), Some(_)) => Err(failed("If-Match")),
    }
}

/// Checks the conditions of a read; their members start with `prefix`, as for the source of a copy.
pub(super) fn check_read(input: &Value, prefix: &str, version: &Value) -> Result<(), Fault> {
    let text = |name: &str| input.opt(&format!("{prefix}{name}"));
    let time = |name: &str| input.number(&format!("{prefix}{name}"));
    // Headers say no more than seconds.
    let changed = version.number("LastModified").unwrap_or_default().floor();
    let unchanged = if prefix.is_empty() { not_modified as fn(&str) -> Fault } else { failed };
    match (text("IfMatch"), time("IfUnmodifiedSince")) {
        (Some(wanted), _) if !matches(wanted, version) => return Err(failed("If-Match")),
        (None, Some(since)) if changed > since => return Err(failed("If-Unmodified-Since")),
        _ => {}
    }
    match (text("IfNoneMatch"), time("IfModifiedSince")) {
        (Some(unwanted), _) if matches(unwanted, version) => Err(unchanged("If-None-Match")),
        (None, Some(since)) if changed <= since => Err(unchanged("If-Modified-Since")),
        _ => Ok(()),
    }
}

/// Whether an `ETag`, a list of them, or `*` means a version.
pub(super) fn matches(wanted: &str, version: &Value) -> bool {
    let plain = |tag: &str| tag.trim().trim_start_matches("W/").trim_matches('"').to_owned();
    let own = plain(version.text("ETag"));
    wanted.split(',').any(|tag| tag.trim() == "*" || plain(tag) == own)
}

/// The refusal of a request whose condition does not hold.
pub(super) fn failed(condition: &str) -> Fault {
    let message = "At least one of the pre-conditions you specified did not hold";
    Fault::new("PreconditionFailed", message).with_status(412).with("Condition", condition)
}

fn not_modified(_: &str) -> Fault {
    Fault::new("NotModified", "Not Modified").with_status(304)
}
