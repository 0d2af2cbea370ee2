//! Computes the hash of the sources, by which a deployment tells whether a package was built from them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use sha2::{Digest, Sha256};

/// What a package is built from.
const SOURCES: [&str; 3] = ["Cargo.toml", "data", "src"];

/// The names, without their ends, of what is below them for tests alone, and changes nothing in a package.
const TESTS: [&str; 2] = ["testing", "tests"];

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut files = Vec::new();
    for source in SOURCES {
        // Cargo looks into folders by itself.
        directive("rerun-if-changed", source);
        collect(&folder, Path::new(source), &mut files)?;
    }
    files.sort();
    directive("rustc-env", &format!("GLOBECART_ROTATION_SOURCE={}", hash(&folder, &files)?));
    Ok(())
}

/// The paths of all files at or below `path`, relative to the crate.
fn collect(folder: &Path, path: &Path, files: &mut Vec<String>) -> io::Result<()> {
    if path.file_stem().is_some_and(|name| TESTS.iter().any(|tests| name == *tests)) {
        return Ok(());
    }
    if !folder.join(path).is_dir() {
        // The same on every system, or the hash is not.
        files.push(path.to_string_lossy().replace('\\', "/"));
        return Ok(());
    }
    for entry in fs::read_dir(folder.join(path))? {
        collect(folder, &path.join(entry?.file_name()), files)?;
    }
    Ok(())
}

/// Over names, lengths and contents, so that no two sets of files read alike.
fn hash(folder: &Path, files: &[String]) -> io::Result<String> {
    let mut hash = Sha256::new();
    for file in files {
        // A checkout may have changed the line ends.
        let content = fs::read_to_string(as_written(&folder.join(file)))?.replace("\r\n", "\n");
        hash.update(format!("{file}\0{}\0{content}", content.len()));
    }
    let mut hex = String::new();
    for byte in hash.finalize() {
        write!(hex, "{byte:02x}").map_err(io::Error::other)?;
    }
    Ok(hex)
}

/// Publishing a crate rewrites its manifest, and keeps it as it was beside it.
fn as_written(file: &Path) -> PathBuf {
    let before = file.with_extension("toml.orig");
    if before.is_file() { before } else { file.to_owned() }
}

fn directive(name: &str, value: &str) {
    println!("cargo::{name}={value}");
}
