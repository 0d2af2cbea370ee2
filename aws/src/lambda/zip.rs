//! An archive of one file: <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>

/// The first of January 1980, as archives write dates: no build time gets in.
const DATE: u16 = 0x0021;

/// Made on Unix, so that the upper half of the attributes is a file mode.
const MADE_BY: u16 = 0x0314;

/// A file that anybody may run.
const MODE: u32 = 0o100_755 << 16;

/// An archive with this one file in it, uncompressed and executable; the same bytes for the same file.
pub(super) fn of_one(name: &str, content: &[u8]) -> Vec<u8> {
    let common = common(name, content);
    let mut archive = Vec::new();
    put(&mut archive, &[b"PK\x03\x04", &common, name.as_bytes(), content]);
    let directory = archive.len();
    put(&mut archive, &[b"PK\x01\x02", &MADE_BY.to_le_bytes(), &common]);
    // No comment, the first disk, no internal attributes; and the file stands at the very beginning.
    put(&mut archive, &[&[0; 6], &MODE.to_le_bytes(), &[0; 4], name.as_bytes()]);
    let size = length(archive.len() - directory);
    let one = 1_u16.to_le_bytes();
    put(&mut archive, &[b"PK\x05\x06", &[0; 4], &one, &one, &size]);
    put(&mut archive, &[&length(directory), &[0; 2]]);
    archive
}

/// What the local header and the directory's entry both have: version, flags, method, time, date, checksum, sizes, and
/// the lengths of the name and of no extra field.
fn common(name: &str, content: &[u8]) -> Vec<u8> {
    let (size, checksum) = (length(content.len()), crc32fast::hash(content).to_le_bytes());
    let name = u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes();
    let date = DATE.to_le_bytes();
    [&20_u16.to_le_bytes()[..], &[0; 6], &date, &checksum, &size, &size, &name, &[0; 2]].concat()
}

fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes()
}

fn put(archive: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        archive.extend_from_slice(part);
    }
}
