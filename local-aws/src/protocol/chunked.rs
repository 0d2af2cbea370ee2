//! `aws-chunked` bodies: chunks with their sizes in hexadecimal, then trailing headers.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};

/// The content of a chunked body, and its trailing headers. `None` if the framing is broken.
pub(super) fn decode(body: &[u8]) -> Option<(Bytes, HeaderMap)> {
    let mut content = BytesMut::new();
    let mut rest = body;
    loop {
        let (head, after) = line(rest)?;
        let size = head.split(|byte| *byte == b';').next()?;
        let size = usize::from_str_radix(std::str::from_utf8(size).ok()?.trim(), 16).ok()?;
        if size == 0 {
            return Some((content.freeze(), trailers(after)));
        }
        content.extend_from_slice(after.get(..size)?);
        rest = after.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

fn line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.windows(2).position(|pair| pair == b"\r\n")?;
    Some((&text[..end], &text[end + 2..]))
}

fn trailers(mut rest: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    while let Some((text, after)) = line(rest) {
        rest = after;
        let parts = std::str::from_utf8(text).ok().and_then(|text| text.split_once(':'));
        let Some((name, value)) = parts else { continue };
        if let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name.trim()), HeaderValue::try_from(value.trim()))
        {
            headers.insert(name, value);
        }
    }
    headers
}
