//! Licences and origins of everything the workspace is built from. The accepted licences stand in `deny.toml`.

use serde::Deserialize;

use crate::failure::Failure;
use crate::spdx::Expression;
use crate::workspace::{Package, Workspace};

const DEFAULT_REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

const HELP: &str = "use other crates; a licence that suits a program under MIT OR Apache-2.0 can be added to \
    `licenses.allow` in deny.toml; `cargo tree -i NAME` shows what brings a crate in";

/// Fails with one line per package that may not be used; returns how many were looked at.
pub(crate) fn check(workspace: &Workspace) -> Result<usize, Failure> {
    let allowed = allowed_licences(&workspace.read("deny.toml")?)?;
    let findings: Vec<_> = (workspace.packages.iter())
        .flat_map(|package| {
            let origin = origin(package, workspace.is_member(package));
            [licence(package, &allowed), origin].into_iter().flatten()
        })
        .collect();
    Failure::from_findings("packages may not be used", &findings, HELP)?;
    Ok(workspace.packages.len())
}

fn allowed_licences(deny: &str) -> Result<Vec<String>, Failure> {
    let deny: Deny =
        toml::from_str(deny).map_err(|error| Failure::while_doing("deny.toml", error))?;
    Ok(deny.licenses.allow)
}

fn licence(package: &Package, allowed: &[String]) -> Option<String> {
    let Package { name, version, license, .. } = package;
    let wrong = match license.as_deref().map(|text| (text, Expression::parse(text))) {
        None => "names no licence in its manifest".to_owned(),
        Some((text, Err(error))) => {
            format!("has the licence `{text}`, which cannot be read: {error}")
        }
        Some((_, Ok(expression))) if expression.is_met_by(allowed) => return None,
        Some((text, Ok(_))) => format!("is licensed `{text}`, which is not accepted"),
    };
    Some(format!("{name} {version} {wrong}"))
}

fn origin(package: &Package, is_member: bool) -> Option<String> {
    let Package { name, version, .. } = package;
    let origin = match package.source.as_deref() {
        Some(DEFAULT_REGISTRY) => return None,
        None if is_member => return None,
        None => format!("the folder {}", package.folder().display()),
        Some(source) => source.to_owned(),
    };
    Some(format!("{name} {version} comes from {origin}, and not from the default registry"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(license: Option<&str>, source: Option<&str>) -> Package {
        Package {
            id: String::new(),
            name: "guest".to_owned(),
            version: "1.0.0".to_owned(),
            license: license.map(str::to_owned),
            source: source.map(str::to_owned),
            manifest_path: "elsewhere/guest/Cargo.toml".into(),
            dependencies: Vec::new(),
        }
    }

    #[test]
    fn the_message_names_crate_and_licence() {
        let refused = |license| licence(&package(license, None), &["MIT".to_owned()]);
        assert_eq!(refused(Some("MIT OR GPL-3.0-only")), None);
        let message = refused(Some("AGPL-3.0-only")).unwrap();
        assert_eq!(message, "guest 1.0.0 is licensed `AGPL-3.0-only`, which is not accepted");
        assert!(refused(None).unwrap().starts_with("guest 1.0.0 names no licence in its manifest"));
        assert!(
            refused(Some("MIT OR"))
                .unwrap()
                .contains("cannot be read: a licence is missing at the end")
        );
    }

    #[test]
    fn only_the_default_registry_and_the_workspace() {
        assert_eq!(origin(&package(None, Some(DEFAULT_REGISTRY)), false), None);
        assert_eq!(origin(&package(None, None), true), None);
        let refused = |source| origin(&package(None, source), false).unwrap();
        assert!(refused(None).contains("comes from the folder elsewhere/guest"));
        assert!(
            refused(Some("git+https://example.com/guest"))
                .contains("comes from git+https://example.com/guest")
        );
    }
}
