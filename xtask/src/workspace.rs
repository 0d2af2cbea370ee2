//! What `cargo metadata` says about the workspace and everything it depends on.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::command;
use crate::failure::Failure;

#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
    pub(crate) resolve: Resolve,
    #[serde(rename = "workspace_members")]
    pub(crate) member_ids: Vec<String>,
    #[serde(rename = "workspace_root")]
    pub(crate) root: PathBuf,
    pub(crate) target_directory: PathBuf,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    /// An SPDX expression.
    pub(crate) license: Option<String>,
    /// None for a package that is read from a folder.
    pub(crate) source: Option<String>,
    pub(crate) manifest_path: PathBuf,
    /// As declared, whether or not they were resolved.
    pub(crate) dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// None for a normal dependency.
    pub(crate) kind: Option<Kind>,
    pub(crate) optional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Dev,
    Build,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Resolve {
    pub(crate) nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Node {
    pub(crate) id: String,
    /// The ids of the packages, with all features and for all platforms.
    pub(crate) dependencies: Vec<String>,
}

impl Workspace {
    /// Asks cargo, with every feature on, so that optional dependencies are seen too.
    pub(crate) fn load() -> Result<Self, Failure> {
        let json = command::stdout_of(command::cargo().args([
            "metadata",
            "--format-version=1",
            "--all-features",
            "--quiet",
        ]))?;
        serde_json::from_str(&json)
            .map_err(|error| Failure::while_doing("reading cargo metadata", error))
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.is_member(package))
    }

    pub(crate) fn is_member(&self, package: &Package) -> bool {
        self.member_ids.contains(&package.id)
    }

    /// The cargo in use, to be run in the root.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = command::cargo();
        cargo.current_dir(&self.root);
        cargo
    }

    pub(crate) fn read(&self, file: impl AsRef<Path>) -> Result<String, Failure> {
        let path = self.root.join(file);
        std::fs::read_to_string(&path).map_err(|error| Failure::while_doing(path.display(), error))
    }
}

impl Package {
    /// The folder with the package's `Cargo.toml`.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }
}
