//! Parts of objects: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>

use crate::fault::Fault;
use std::ops::Range;

/// The bytes that a `Range` header asks for; `None` if it asks for none, or in a form that S3 ignores.
pub(super) fn parse(header: Option<&str>, size: usize) -> Result<Option<Range<usize>>, Fault> {
    let Some(text) = header.and_then(|header| header.trim().strip_prefix("bytes=")) else {
        return Ok(None);
    };
    let Some((first, last)) = text.split_once('-') else { return Ok(None) };
    let number = |text: &str| text.trim().parse::<usize>().ok();
    let range = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Some(first), None) if last.trim().is_empty() => first..size,
        (None, Some(last)) if first.trim().is_empty() => size.saturating_sub(last)..size,
        _ => return Ok(None),
    };
    if range.start < range.end {
        return Ok(Some(range));
    }
    Err(Fault::new("InvalidRange", "The requested range is not satisfiable")
        .with_status(416)
        .with("RangeRequested", header.unwrap_or_default())
        .with("ActualObjectSize", size.to_string()))
}
