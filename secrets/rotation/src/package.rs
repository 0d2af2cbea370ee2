//! The zip that Lambda runs, and what it says about itself.

use std::fmt;

/// What a package says about itself, in the comment of its zip archive.
///
/// It is text like `globecart-rotation source=HASH target=x86_64-unknown-linux-gnu for=aws`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The hash of the sources it was built from; to be compared with [`SOURCE_HASH`](crate::SOURCE_HASH).
    pub source: String,
    /// What it runs on, as Rust names it.
    pub target: String,
    /// Where it may be deployed.
    pub place: Place,
}

/// Where a package may be deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On AWS, and everywhere else.
    Aws,
    /// On the embedded AWS alone: built quickly, for the machine it was built on, to reach a database through the runtime.
    Embedded,
}

impl Package {
    /// The file name of the package for `x86_64`, under `lambda` in the target folder.
    pub const X86_64: &str = "rotation-x86_64.zip";
    /// The file name of the package for `arm64`.
    pub const ARM64: &str = "rotation-arm64.zip";
    /// The file name of the package for the machine it was built on, for the embedded AWS.
    pub const HOST: &str = "rotation-host.zip";

    /// Reads the comment of a zip archive; none if it is no archive, or none of this function.
    pub fn of(zip: &[u8]) -> Option<Self> {
        let comment = std::str::from_utf8(archive_comment(zip)?).ok()?;
        let mut words = comment.strip_prefix("globecart-rotation ")?.split(' ');
        let mut value = |name: &str| words.next()?.strip_prefix(name)?.strip_prefix('=');
        let (source, target) = (value("source")?, value("target")?);
        let place = match value("for")? {
            "aws" => Place::Aws,
            "embedded" => Place::Embedded,
            _ => return None,
        };
        let (source, target) = (source.to_owned(), target.to_owned());
        Some(Self { source, target, place })
    }
}

/// The comment as [`Package::of`] reads it.
impl fmt::Display for Package {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, target, place } = self;
        write!(out, "globecart-rotation source={source} target={target} for={place}")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Aws => "aws",
            Self::Embedded => "embedded",
        })
    }
}

/// The end of central directory record: a signature, 16 bytes, the comment's length, the comment.
///
/// <https://pkwaredownloads.blob.core.windows.net/pem/APPNOTE.txt>, section 4.3.16.
fn archive_comment(zip: &[u8]) -> Option<&[u8]> {
    const SIGNATURE: &[u8] = b"PK\x05\x06";
    const FIXED: usize = 22;
    let last = zip.len().checked_sub(FIXED)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    (first..=last).rev().find_map(|start| {
        let (record, comment) = zip[start..].split_at(FIXED);
        let length = u16::from_le_bytes([record[20], record[21]]);
        (record.starts_with(SIGNATURE) && comment.len() == usize::from(length)).then_some(comment)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end of an archive with that comment.
    fn archive(comment: &str) -> Vec<u8> {
        let length = u16::try_from(comment.len()).unwrap().to_le_bytes();
        let end = [b"PK\x05\x06".as_slice(), &[0; 16], &length, comment.as_bytes()].concat();
        [b"PK\x03\x04 entries".as_slice(), &end].concat()
    }

    /// What `cargo xtask lambda` writes.
    const COMMENT: &str = "globecart-rotation source=5e0f target=x86_64-unknown-linux-gnu for=aws";

    #[test]
    fn a_package_says_what_it_was_built_from() {
        let package = Package::of(&archive(COMMENT)).unwrap();
        let expected = Package {
            source: "5e0f".to_owned(),
            target: "x86_64-unknown-linux-gnu".to_owned(),
            place: Place::Aws,
        };
        assert_eq!(package, expected);
        assert_eq!(package.to_string(), COMMENT);
        let embedded = Package { place: Place::Embedded, ..expected };
        assert_eq!(Package::of(&archive(&embedded.to_string())), Some(embedded));
    }

    #[test]
    fn other_archives_are_no_packages() {
        let no_archive = [&b""[..], b"PK", b"PK\x05\x06", COMMENT.as_bytes()];
        let foreign = ["", "made by hand", "globecart-rotation", "globecart-rotation source=5e0f"];
        let longer = [archive(COMMENT), b"behind the end".to_vec()].concat();
        let all = no_archive.map(<[u8]>::to_vec).into_iter().chain(foreign.map(archive));
        for zip in all.chain([longer]) {
            assert_eq!(Package::of(&zip), None, "{:?}", String::from_utf8_lossy(&zip));
        }
    }
}
