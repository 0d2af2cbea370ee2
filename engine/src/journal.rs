//! The journal's bytes: a header, then one line for every group of records that was synced together.
//!
//! Invariant: a line holds all records of one write, so a torn write is a torn last line and nothing else.

use serde::{Deserialize, Serialize};

use crate::state::Record;

/// The version of the form that journals and snapshots have.
pub(crate) const FORMAT: u32 = 1;

/// The first line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) format: u32,
    pub(crate) stack: String,
    pub(crate) account: String,
    pub(crate) region: String,
    /// Which snapshot the journal continues.
    pub(crate) generation: u64,
}

/// What a journal holds.
#[derive(Debug, PartialEq)]
pub(crate) struct Journal {
    pub(crate) header: Header,
    pub(crate) records: Vec<Record>,
    /// How many bytes are whole; a torn tail starts there.
    pub(crate) whole: usize,
}

/// Why a journal cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("line {line} (byte {byte}) is damaged: {why}")]
    Damaged { line: usize, byte: usize, why: &'static str },
    #[error("it has format {0}")]
    Newer(u32),
}

/// A line: the checksum of the text, its length in bytes, the text, a line feed.
pub(crate) fn line<T: Serialize + ?Sized>(content: &T) -> Vec<u8> {
    let text = serde_json::to_vec(content).expect("records are plain data that JSON can hold");
    let mut line = format!("{:08x} {} ", crc32fast::hash(&text), text.len()).into_bytes();
    line.extend_from_slice(&text);
    line.push(b'\n');
    line
}

/// What a line turns out to be.
enum Line<'a> {
    Whole(&'a [u8]),
    /// Shorter than it says, or with holes: the write was interrupted.
    Torn,
    Damaged,
}

/// Reads one line, `text` being without its line feed; `ended` says whether it had one.
fn read_line(text: &[u8], ended: bool) -> Line<'_> {
    let mut parts = text.splitn(3, |byte| *byte == b' ');
    let mut part = || parts.next().and_then(|part| std::str::from_utf8(part).ok());
    let (sum, len) = (part(), part().and_then(|len| len.parse::<usize>().ok()));
    let content = parts.next().unwrap_or_default();
    match (sum, len) {
        (Some(sum), Some(len)) if ended && content.len() == len => {
            // Compared as text: a checksum in upper case is a flipped bit too.
            if sum == format!("{:08x}", crc32fast::hash(content)) {
                Line::Whole(content)
            } else if content.contains(&0) {
                Line::Torn
            } else {
                Line::Damaged
            }
        }
        // The file was made longer before its blocks were written.
        _ if !ended && text.ends_with(&[0]) => Line::Torn,
        (Some(_), Some(len)) if content.len() > len => Line::Damaged,
        _ if ended && !text.contains(&0) => Line::Damaged,
        _ => Line::Torn,
    }
}

/// The content of a file that is one line, such as a snapshot.
pub(crate) fn single(bytes: &[u8]) -> Option<&[u8]> {
    match read_line(bytes.strip_suffix(b"\n")?, true) {
        Line::Whole(content) => Some(content),
        _ => None,
    }
}

/// Reads a journal. `None` where not even the header was written whole.
pub(crate) fn parse(bytes: &[u8]) -> Result<Option<Journal>, Unusable> {
    let mut journal: Option<Journal> = None;
    let (mut start, mut number) = (0, 0);
    while start < bytes.len() {
        number += 1;
        let end = bytes[start..].iter().position(|byte| *byte == b'\n').map(|at| start + at);
        let next = end.map_or(bytes.len(), |end| end + 1);
        let damage = |why| Unusable::Damaged { line: number, byte: start, why };
        let text = match read_line(&bytes[start..end.unwrap_or(bytes.len())], end.is_some()) {
            Line::Whole(text) => text,
            // Nothing follows, so this is the write that a crash interrupted; its records were never relied on.
            Line::Torn if next == bytes.len() => return Ok(journal),
            _ => return Err(damage("its checksum or length does not fit")),
        };
        match &mut journal {
            None => {
                // A newer format may have other fields besides.
                let value: serde_json::Value =
                    serde_json::from_slice(text).map_err(|_| damage("it is no header"))?;
                if let Some(format) =
                    value["format"].as_u64().filter(|format| *format > FORMAT.into())
                {
                    return Err(Unusable::Newer(u32::try_from(format).unwrap_or(u32::MAX)));
                }
                let header =
                    serde_json::from_value(value).map_err(|_| damage("it is no header"))?;
                journal = Some(Journal { header, records: Vec::new(), whole: next });
            }
            Some(journal) => {
                let group: Vec<Record> =
                    serde_json::from_slice(text).map_err(|_| damage("it holds no records"))?;
                journal.records.extend(group);
                journal.whole = next;
            }
        }
        start = next;
    }
    Ok(journal)
}

#[cfg(test)]
pub(crate) mod tests;
