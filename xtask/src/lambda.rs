//! `cargo xtask lambda`: the packages of the rotation Lambda. A deployment takes them as files and never builds.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command;
use crate::failure::Failure;
use crate::report::say;
use crate::workspace::Workspace;

mod archive;
mod build;
mod check;
mod program;
mod start;

pub(crate) use build::Architecture;

/// What is built, and how it is checked.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// What Lambda is to run it on
    #[arg(long, value_name = "ARCH", value_enum)]
    arch: Option<Which>,
    /// Build quickly, for this machine and for the embedded AWS alone
    #[arg(long, conflicts_with = "check")]
    host: bool,
    /// Build from two folders, and compare
    #[arg(long)]
    check: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Which {
    #[value(name = "x86_64")]
    X86_64,
    Arm64,
    All,
}

impl Which {
    fn architectures(self) -> &'static [Architecture] {
        match self {
            Self::X86_64 => &[Architecture::X86_64],
            Self::Arm64 => &[Architecture::Arm64],
            Self::All => &Architecture::ALL,
        }
    }
}

/// Builds what is asked for; by default what Lambda runs on `x86_64`.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let workspace = Workspace::load()?;
    if options.host {
        host(&workspace)?;
        if options.arch.is_none() {
            return Ok(());
        }
    }
    for &architecture in options.arch.unwrap_or(Which::X86_64).architectures() {
        let package = for_aws(&workspace, architecture)?;
        if options.check {
            check::run(&workspace, architecture, &package)?;
        }
    }
    Ok(())
}

/// The package for the embedded AWS on this machine; returns where it is.
pub(crate) fn host(workspace: &Workspace) -> Result<PathBuf, Failure> {
    // With the features of the whole workspace, whose dependencies are there already.
    let selection =
        ["--workspace", "--bin", "bootstrap", "--features", "globecart-rotation/embedded"];
    command::run(workspace.cargo().args(["build", "--locked", "--quiet"]).args(selection))?;
    let program = read(&workspace.target_directory.join("debug/bootstrap"))?;
    let comment = comment(&program, &build::host_target()?, "embedded")?;
    let path = folder(workspace)?.join("rotation-host.zip");
    write(&path, &archive::pack(&program, &comment, archive::Effort::Quick)?)?;
    say(format_args!("{}: {}", path.display(), sizes(&program, &read(&path)?)));
    Ok(path)
}

/// The package for AWS; returns where it is.
fn for_aws(workspace: &Workspace, architecture: Architecture) -> Result<PathBuf, Failure> {
    let target_directory = folder(workspace)?.join("build");
    let program = read(&build::program(&workspace.root, &target_directory, architecture)?)?;
    let package = pack(&program, architecture)?;
    let path = folder(workspace)?.join(format!("rotation-{}.zip", architecture.name()));
    write(&path, &package)?;
    let newest = program::newest_glibc(&program)
        .map_or_else(|| "no GLIBC".to_owned(), |(major, minor)| format!("GLIBC_{major}.{minor}"));
    say(format_args!("{}: {}, {newest}", path.display(), sizes(&program, &package)));
    Ok(path)
}

/// Looks at what was built, and packs it if Lambda can run it.
fn pack(program: &[u8], architecture: Architecture) -> Result<Vec<u8>, Failure> {
    program::check(program, architecture)?;
    let comment = comment(program, architecture.target(), "aws")?;
    archive::pack(program, &comment, archive::Effort::Best)
}

/// What `globecart_rotation::Package` reads: the program says itself what it was built from.
fn comment(program: &[u8], target: &str, place: &str) -> Result<String, Failure> {
    let source = program::source(program)
        .ok_or_else(|| Failure::new("the bootstrap does not say what it was built from"))?;
    Ok(format!("globecart-rotation source={source} target={target} for={place}"))
}

fn folder(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let folder = workspace.target_directory.join("lambda");
    fs::create_dir_all(&folder).map_err(|error| Failure::while_doing(folder.display(), error))?;
    Ok(folder)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::while_doing(path.display(), error))
}

/// As a whole: nobody finds half a package.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let part = path.with_extension("part");
    let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, path));
    written.map_err(|error| Failure::while_doing(path.display(), error))
}

fn sizes(program: &[u8], package: &[u8]) -> String {
    format!("{} bytes, `bootstrap` in it {} bytes", package.len(), program.len())
}

#[cfg(test)]
mod tests {
    use super::comment;

    /// The same text stands in the tests of `globecart_rotation::Package`, which reads it.
    #[test]
    fn a_package_says_what_it_was_built_from() {
        let hash = "5e0f".repeat(16);
        let program = format!("\x7fELF…globecart-rotation source={hash}…");
        let said = comment(program.as_bytes(), "x86_64-unknown-linux-gnu", "aws").unwrap();
        let expected = "globecart-rotation source=5e0f target=x86_64-unknown-linux-gnu for=aws";
        assert_eq!(said.replace(&hash, "5e0f"), expected);
        assert!(comment(b"\x7fELF", "x86_64-unknown-linux-gnu", "aws").is_err());
    }
}
