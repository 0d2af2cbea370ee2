//! Which crate may depend on which. Nothing points upward, and components never know one another:
//!
//! ```text
//! globecart-app -> components -> aws -> engine
//!       |-> cli -> local-aws, aws, engine
//! secrets -> rotation, which depends on nothing of the workspace
//! tests -> everything
//! ```

use std::collections::{BTreeMap, BTreeSet};

use crate::failure::Failure;
use crate::workspace::{Dependency, Kind, Node, Package, Workspace};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    Engine,
    LocalAws,
    Aws,
    Component,
    Rotation,
    Cli,
    App,
    Tests,
    Xtask,
}

impl Layer {
    /// The layer of a crate of this workspace; none if it has not been given one.
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "globecart-engine" => Self::Engine,
            "globecart-local-aws" => Self::LocalAws,
            "globecart-aws" => Self::Aws,
            "globecart-cache" | "globecart-compute" | "globecart-database"
            | "globecart-network" | "globecart-secrets" | "globecart-storage" => Self::Component,
            "globecart-rotation" => Self::Rotation,
            "globecart-cli" => Self::Cli,
            "globecart-app" => Self::App,
            "globecart-tests" => Self::Tests,
            "xtask" => Self::Xtask,
            _ => return None,
        })
    }

    fn may_use(self, other: Self, kind: Option<Kind>) -> bool {
        use Layer::{App, Aws, Cli, Component, Engine, LocalAws, Rotation, Tests, Xtask};
        match self {
            Engine | LocalAws | Rotation | Xtask => false,
            Aws => other == Engine || in_tests(kind, other),
            Component => matches!(other, Engine | Aws | Rotation) || in_tests(kind, other),
            Cli => matches!(other, Engine | Aws | LocalAws),
            App => matches!(other, Engine | Aws | Component | Cli) || in_tests(kind, other),
            Tests => other != Xtask,
        }
    }
}

/// The embedded cloud is what the crates above the engine are tested on.
fn in_tests(kind: Option<Kind>, other: Layer) -> bool {
    kind == Some(Kind::Dev) && other == Layer::LocalAws
}

/// Fails with one line per dependency that the map does not have; returns how many crates were looked at.
pub(crate) fn check(workspace: &Workspace) -> Result<usize, Failure> {
    let members: Vec<_> = workspace.members().collect();
    let mut findings: Vec<_> =
        members.iter().flat_map(|package| refused(package, &members)).collect();
    findings.extend(aws_below_engine(workspace));
    let help =
        "the map stands in ARCHITECTURE.md; what two crates share goes into the one below both";
    Failure::from_findings("dependencies point where none may", &findings, help)?;
    Ok(members.len())
}

/// The declared dependencies of one crate that it should not have.
fn refused(package: &Package, members: &[&Package]) -> Vec<String> {
    let name = &package.name;
    let Some(layer) = Layer::of(name) else {
        return vec![format!(
            "{name} has no place in the map: give it a layer in xtask/src/arrows.rs"
        )];
    };
    let stays_in_map = |dependency: &Dependency| {
        let other = &dependency.name;
        if members.iter().any(|member| member.name == *other) {
            // A crate without a layer is reported once, for itself.
            return Layer::of(other).is_none_or(|other| layer.may_use(other, dependency.kind));
        }
        let adapter = other == "aws-smithy-runtime-api" && dependency.optional;
        layer != Layer::LocalAws || !other.starts_with("aws-") || adapter
    };
    (package.dependencies.iter())
        .filter(|dependency| dependency.name != *name && !stays_in_map(dependency))
        .map(|dependency| format!("{name} must not depend on {}: {}", dependency.name, why(layer)))
        .collect()
}

fn why(layer: Layer) -> &'static str {
    match layer {
        Layer::Engine => "the engine knows no cloud and no crate above it",
        Layer::LocalAws => {
            "the embedded AWS speaks only the wire protocols; of the SDK it knows \
             aws-smithy-runtime-api alone, behind the feature `sdk`"
        }
        Layer::Aws => "it may use the engine, and local-aws in its tests",
        Layer::Rotation => {
            "the function must build quickly and be small: it knows nothing of the rest"
        }
        Layer::Component => {
            "a component may use engine and aws, and local-aws in its tests; what it needs of \
             another component is a type in aws"
        }
        Layer::Cli => {
            "the command line serves any stack: it knows engine, aws and local-aws, and no component"
        }
        Layer::App => "the composition reaches the embedded AWS through the command line",
        Layer::Tests => "the tests see what a user sees",
        Layer::Xtask => "the developer commands must build quickly and while the rest does not",
    }
}

/// AWS crates that the engine gets through others, however far below.
fn aws_below_engine(workspace: &Workspace) -> Vec<String> {
    let nodes: BTreeMap<&str, &Node> =
        workspace.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let engine =
        workspace.members().filter(|member| Layer::of(&member.name) == Some(Layer::Engine));
    let mut open: Vec<&str> = engine.map(|engine| engine.id.as_str()).collect();
    let mut below = BTreeSet::new();
    while let Some(id) = open.pop() {
        if below.insert(id) {
            let node = nodes.get(id).into_iter();
            open.extend(node.flat_map(|node| &node.dependencies).map(String::as_str));
        }
    }
    (workspace.packages.iter())
        .filter(|package| package.name.starts_with("aws-") && below.contains(package.id.as_str()))
        .map(|Package { name, .. }| format!("{name} is below the engine: {}", why(Layer::Engine)))
        .collect()
}

#[cfg(test)]
mod tests;
