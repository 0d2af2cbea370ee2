//! `cargo xtask lambda --check`: the same package from another folder, and what is in it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::{Architecture, archive, build, folder, pack, read, start};
use crate::failure::Failure;
use crate::report::say;
use crate::workspace::Workspace;

/// What a build leaves in the root of a workspace.
const MADE: [&str; 4] = [".git", ".globecart", ".mypy_cache", "target"];

pub(super) fn run(
    workspace: &Workspace,
    architecture: Architecture,
    package: &Path,
) -> Result<(), Failure> {
    let package = read(package)?;
    let program = archive::unpack(&package)?;
    say(format_args!(
        "it holds `bootstrap` ({} bytes, may be started) and nothing else",
        program.len()
    ));
    say(format_args!("{}", started(workspace, architecture)?));
    let elsewhere = folder(workspace)?.join("a copy in another folder");
    let copied = copy(workspace, &elsewhere);
    copied.map_err(|error| Failure::while_doing(elsewhere.display(), error))?;
    let target_directory = elsewhere.join("built here");
    let other = read(&build::program(&elsewhere, &target_directory, architecture)?)?;
    let other = pack(&other, architecture)?;
    fs::remove_dir_all(&elsewhere)
        .map_err(|error| Failure::while_doing(elsewhere.display(), error))?;
    if other != package {
        return Err(Failure::new(format!(
            "built from another folder the package for {} is another: {} and {} bytes",
            architecture.name(),
            package.len(),
            other.len()
        )));
    }
    say(format_args!("built from another folder it is the same, byte for byte"));
    Ok(())
}

fn started(workspace: &Workspace, architecture: Architecture) -> Result<String, Failure> {
    if build::host_target()? != architecture.target() {
        return Ok(format!("it was not started: this machine is no {}", architecture.name()));
    }
    let program = build::place(&folder(workspace)?.join("build"), architecture);
    let (median, shortest) = start::cold(&program)?;
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    Ok(format!(
        "started, it asks for its first invocation after {:.1} ms (median; the quickest {:.1} ms)",
        millis(median),
        millis(shortest)
    ))
}

fn copy(workspace: &Workspace, to: &Path) -> std::io::Result<()> {
    if to.exists() {
        // Of a run that did not get to its end.
        fs::remove_dir_all(to)?;
    }
    copy_folder(&workspace.root, to, &|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let in_root = path.parent() == Some(&workspace.root);
        path == workspace.target_directory || (in_root && MADE.contains(&name))
    })
}

fn copy_folder(from: &Path, to: &Path, is_left_out: &dyn Fn(&Path) -> bool) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if is_left_out(&path) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy_folder(&path, &to, is_left_out)?;
        } else {
            fs::copy(&path, &to)?;
        }
    }
    Ok(())
}
