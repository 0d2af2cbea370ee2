//! Policy documents on their way in and out: IAM answers them URL-encoded, and counts their characters without white space.

use super::full;
use crate::fault::Fault;
use crate::services::policy::{self, Kind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A document as answers have it.
pub(super) fn encoded(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}

/// Reads a document of a request.
pub(super) fn parse(text: &str, kind: Kind) -> Result<Value, Fault> {
    policy::parse(text, kind).map_err(malformed)
}

pub(super) fn malformed(message: impl Into<String>) -> Fault {
    Fault::new("MalformedPolicyDocument", message)
}

/// Checks the size of documents together against a quota, which IAM's message names.
pub(super) fn within<'a>(
    documents: impl IntoIterator<Item = &'a str>,
    quota: &str,
    limit: usize,
) -> Result<(), Fault> {
    let size = |document: &str| document.chars().filter(|letter| !letter.is_whitespace()).count();
    let total: usize = documents.into_iter().map(size).sum();
    if total > limit { Err(full(quota, limit)) } else { Ok(()) }
}
