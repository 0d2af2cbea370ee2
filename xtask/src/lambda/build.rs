//! Building for Lambda, on whatever machine.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::program::GLIBC;
use crate::command;
use crate::failure::Failure;

/// What builds against an older glibc than this machine's, and for another architecture.
pub(super) const INSTALL: &str = "install cargo-zigbuild with its compiler (`pip install ziglang \
    cargo-zigbuild`) and run this again";

/// A processor architecture of Lambda.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Architecture {
    X86_64,
    Arm64,
}

impl Architecture {
    pub(super) const ALL: [Self; 2] = [Self::X86_64, Self::Arm64];

    /// Lambda's name for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }

    /// Rust's name for Linux on it.
    pub(super) fn target(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Arm64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// ELF's number for it.
    pub(super) fn machine(self) -> u16 {
        match self {
            Self::X86_64 => 62,
            Self::Arm64 => 183,
        }
    }
}

/// Builds the workspace in that folder; returns where the program is.
///
/// The program tells nothing of the folders that it was built in, and so does not differ by them.
pub(super) fn program(
    root: &Path,
    target_directory: &Path,
    architecture: Architecture,
) -> Result<PathBuf, Failure> {
    let target = architecture.target();
    has_library(target)?;
    let mut cargo = command::cargo();
    cargo.current_dir(root);
    if command::works(Command::new("cargo-zigbuild").arg("--version")) {
        cargo.args(["zigbuild", "--target", &format!("{target}.{}.{}", GLIBC.0, GLIBC.1)]);
    } else if host_target()? == target {
        // Whether this machine's glibc is old enough shows in what was built.
        cargo.args(["build", "--target", target]);
    } else {
        return Err(Failure::new(format!("nothing here links programs for {target}; {INSTALL}")));
    }
    cargo.args(["--package", "globecart-rotation", "--bin", "bootstrap", "--profile", "lambda"]);
    cargo.args(["--locked", "--target-dir"]).arg(target_directory);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", without_folders(root, target_directory)?);
    // They would be taken in place of the flags above.
    cargo.env_remove("RUSTFLAGS");
    command::run(&mut cargo)?;
    Ok(place(target_directory, architecture))
}

/// Where [`program`] puts it.
pub(super) fn place(target_directory: &Path, architecture: Architecture) -> PathBuf {
    target_directory.join(architecture.target()).join("lambda/bootstrap")
}

/// The compiler that cargo uses.
fn rustc() -> Command {
    Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

/// This machine, as Rust names it.
pub(super) fn host_target() -> Result<String, Failure> {
    let about = command::stdout_of(rustc().arg("-vV"))?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Failure::new("rustc does not say what it runs on"))
}

/// Fails where the compiler has no standard library for the target, before minutes of building.
fn has_library(target: &str) -> Result<(), Failure> {
    let folder =
        command::stdout_of(rustc().args(["--print", "target-libdir", "--target", target]))?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "Rust's standard library for {target} is not installed; add it (`rustup target add \
         {target}`, or set RUSTC to a compiler that has it) and run this again"
    )))
}

fn without_folders(root: &Path, target_directory: &Path) -> Result<String, Failure> {
    let sysroot = command::stdout_of(rustc().args(["--print", "sysroot"]))?;
    let home = || env::home_dir().map(|home| home.join(".cargo"));
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home);
    // Of several that fit, the last one counts: the target folder may be inside the root.
    let folders = [
        cargo.map(|folder| (folder, "/cargo")),
        Some((PathBuf::from(sysroot.trim()), "/rust")),
        Some((root.to_owned(), "/globecart")),
        Some((target_directory.to_owned(), "/target")),
    ];
    let flags = folders.into_iter().flatten();
    let flags = flags.map(|(folder, to)| format!("--remap-path-prefix={}={to}", folder.display()));
    Ok(flags.collect::<Vec<_>>().join("\x1f"))
}
