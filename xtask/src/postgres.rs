//! The PostgreSQL that the end-to-end tests start: whatever the system has, in no cluster of the system's own.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;

/// What the tests need at least.
const OLDEST: u32 = 15;

const INSTALL: &str = "install PostgreSQL 15 or newer (Debian and Ubuntu: `apt-get install postgresql`; \
    Fedora: `dnf install postgresql-server`; macOS: `brew install postgresql@17`) and run this again; no server \
    needs to run";

/// The programs of a PostgreSQL that is new enough.
pub(crate) struct Postgres {
    programs: PathBuf,
    /// The first line of `postgres --version`.
    pub(crate) about: String,
}

impl Postgres {
    /// Looks where `GLOBECART_TEST_POSTGRES` says, where Debian puts the programs, and in `PATH`.
    pub(crate) fn find() -> Result<Self, Failure> {
        let mut seen = Vec::new();
        for programs in places() {
            let Some(about) = version(&programs) else { continue };
            match number(&about) {
                Some(found) if found >= OLDEST => return Ok(Self { programs, about }),
                _ => seen.push(about),
            }
        }
        let seen = if seen.is_empty() { "none was found".to_owned() } else { seen.join(", ") };
        Err(Failure::new(format!("the tests that use PostgreSQL cannot run: {seen}; {INSTALL}")))
    }

    /// The variable by which the tests find it; with it set, they leave nothing out.
    pub(crate) fn variable(&self) -> (&'static str, &Path) {
        ("GLOBECART_TEST_POSTGRES", &self.programs)
    }
}

fn places() -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> =
        env::var_os("GLOBECART_TEST_POSTGRES").map(PathBuf::from).into_iter().collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut versions: Vec<PathBuf> =
        versions.filter_map(|version| Some(version.ok()?.path().join("bin"))).collect();
    versions.sort_by_key(|programs| {
        let name = programs.parent().and_then(Path::file_name).and_then(OsStr::to_str);
        std::cmp::Reverse(name.and_then(|name| name.parse::<u32>().ok()))
    });
    places.extend(versions);
    places.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    places
}

/// None where one of the programs that the tests start is missing.
fn version(programs: &Path) -> Option<String> {
    if !["initdb", "pg_ctl"].iter().all(|program| programs.join(program).is_file()) {
        return None;
    }
    let answer = Command::new(programs.join("postgres")).arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
}

/// `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` is 15.
fn number(about: &str) -> Option<u32> {
    let version = about.split_whitespace().nth(2)?;
    let end = version.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(version.len());
    version[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn versions_are_read() {
        assert_eq!(number("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), Some(15));
        assert_eq!(number("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(number("postgres"), None);
    }
}
