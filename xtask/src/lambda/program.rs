//! What a built `bootstrap` says about itself.

use super::Architecture;
use crate::failure::Failure;

/// The glibc of `provided.al2023`: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>.
pub(super) const GLIBC: (u32, u32) = (2, 34);

const MARK: &[u8] = b"globecart-rotation source=";

/// The hash of its sources.
pub(super) fn source(program: &[u8]) -> Option<&str> {
    let is_hash = |hash: &&[u8]| hash.iter().all(u8::is_ascii_hexdigit);
    let hash = after(program, MARK).filter_map(|rest| rest.get(..64)).find(is_hash)?;
    std::str::from_utf8(hash).ok()
}

/// The newest version of glibc's symbols that it names.
///
/// What a program needs of a library is named by a text in the file, so that none is missed; a text that happens to look
/// like one would only be reported too much.
pub(super) fn newest_glibc(program: &[u8]) -> Option<(u32, u32)> {
    after(program, b"GLIBC_").filter_map(version).max()
}

/// `2.34` and whatever follows.
fn version(text: &[u8]) -> Option<(u32, u32)> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.')?;
    let mut numbers = std::str::from_utf8(&text[..end]).ok()?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn after<'a>(bytes: &'a [u8], mark: &'static [u8]) -> impl Iterator<Item = &'a [u8]> {
    let starts = bytes.windows(mark.len()).enumerate().filter(move |(_, window)| *window == mark);
    starts.map(move |(start, _)| &bytes[start + mark.len()..])
}

/// Whether Lambda can run it, and nobody can send it to another database.
pub(super) fn check(program: &[u8], architecture: Architecture) -> Result<(), Failure> {
    if machine(program) != Some(architecture.machine()) {
        let name = architecture.name();
        return Err(Failure::new(format!("what was built is no program for Linux on {name}")));
    }
    if let Some(newest) = newest_glibc(program).filter(|newest| *newest > GLIBC) {
        return Err(Failure::new(format!(
            "what was built needs glibc {}.{}, and Lambda has {}.{}; {}",
            newest.0,
            newest.1,
            GLIBC.0,
            GLIBC.1,
            super::build::INSTALL
        )));
    }
    if after(program, b"GLOBECART_EMBEDDED_").next().is_some() {
        let message = "what was built takes its database from the runtime, as only a build for the \
            embedded AWS may";
        return Err(Failure::new(message));
    }
    Ok(())
}

/// `e_machine` of a 64-bit little-endian ELF file.
fn machine(program: &[u8]) -> Option<u16> {
    let is_elf = program.starts_with(b"\x7fELF\x02\x01");
    let machine = program.get(18..20).filter(|_| is_elf)?;
    Some(u16::from_le_bytes([machine[0], machine[1]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(texts: &str) -> Vec<u8> {
        let mut header = b"\x7fELF\x02\x01".to_vec();
        header.resize(18, 0);
        [&header, &[62, 0][..], texts.as_bytes()].concat()
    }

    #[track_caller]
    fn check_refused(texts: &str, expected: &str) {
        let error = check(&program(texts), Architecture::X86_64).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn versions_compare_as_numbers() {
        let newest = |texts: &str| newest_glibc(&program(texts));
        assert_eq!(newest("GLIBC_2.2.5\0GLIBC_2.34\0GLIBC_2.9\0GLIBC_PRIVATE\0"), Some((2, 34)));
        assert_eq!(newest("none"), None);
    }

    #[test]
    fn what_lambda_cannot_run_is_refused() {
        check(&program("GLIBC_2.34\0"), Architecture::X86_64).unwrap();
        check_refused("GLIBC_2.34\0GLIBC_2.36\0", "needs glibc 2.36, and Lambda has 2.34");
        check_refused("GLOBECART_EMBEDDED_DATABASE_CA", "only a build for the embedded AWS");
        let other = check(&program(""), Architecture::Arm64).unwrap_err().to_string();
        assert!(other.contains("no program for Linux on arm64"), "{other}");
        assert!(check(b"MZ", Architecture::X86_64).is_err());
    }

    #[test]
    fn only_a_whole_hash_is_a_source() {
        let hash = "0123456789abcdef".repeat(4);
        let texts = format!("globecart-rotation source=\0 globecart-rotation source={hash}more");
        assert_eq!(source(&program(&texts)), Some(&*hash));
        assert_eq!(source(&program("globecart-rotation source=0123")), None);
    }
}
