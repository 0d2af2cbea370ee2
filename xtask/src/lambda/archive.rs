//! The zip archive: the same bytes for the same program, whenever and wherever it is packed.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::failure::Failure;

/// What Lambda starts.
const ENTRY: &str = "bootstrap";

/// How much is done for a small package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// As quickly as it gets.
    Quick,
    /// As small as it gets.
    Best,
}

/// An archive with the program and nothing else.
pub(super) fn pack(program: &[u8], comment: &str, effort: Effort) -> Result<Vec<u8>, Failure> {
    let failure = |error: &dyn std::fmt::Display| Failure::while_doing("packing", error);
    let level = match effort {
        Effort::Quick => 1,
        Effort::Best => 9,
    };
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(level))
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o755);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.set_comment(comment).map_err(|error| failure(&error))?;
    archive.start_file(ENTRY, options).map_err(|error| failure(&error))?;
    archive.write_all(program).map_err(|error| failure(&error))?;
    Ok(archive.finish().map_err(|error| failure(&error))?.into_inner())
}

/// Unpacks it again; fails unless it holds the program alone, as Lambda needs it.
pub(super) fn unpack(package: &[u8]) -> Result<Vec<u8>, Failure> {
    let failure = |error: &dyn std::fmt::Display| Failure::while_doing("unpacking", error);
    let mut archive = ZipArchive::new(Cursor::new(package)).map_err(|error| failure(&error))?;
    let names = archive.file_names().map(|name| name.map(String::from));
    let names: Vec<String> = names.collect::<Result<_, _>>().map_err(|error| failure(&error))?;
    if names != [ENTRY] {
        return Err(Failure::new(format!("the package must hold `{ENTRY}` alone: {names:?}")));
    }
    let mut entry = archive.by_index(0).map_err(|error| failure(&error))?;
    if entry.unix_mode().map(|mode| mode & 0o777) != Some(0o755) {
        return Err(Failure::new(format!("`{ENTRY}` in the package cannot be started")));
    }
    let mut program = Vec::new();
    entry.read_to_end(&mut program).map_err(|error| failure(&error))?;
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        let program: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        for effort in [Effort::Quick, Effort::Best] {
            let package = pack(&program, "globecart-rotation …", effort).unwrap();
            assert_eq!(unpack(&package).unwrap(), program);
            assert_eq!(pack(&program, "globecart-rotation …", effort).unwrap(), package);
            let archive = ZipArchive::new(Cursor::new(&package[..])).unwrap();
            assert_eq!(archive.comment(), "globecart-rotation …".as_bytes());
        }
    }

    #[test]
    fn other_packages_are_refused() {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file("other", SimpleFileOptions::default()).unwrap();
        let other = archive.finish().unwrap().into_inner();
        assert!(unpack(&other).unwrap_err().to_string().contains("alone: [\"other\"]"));
        assert!(unpack(b"no archive").is_err());
    }
}
