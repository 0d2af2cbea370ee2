use super::*;
use crate::workspace::{Dependency, Resolve};

fn package(name: &str, dependencies: &[(&str, Option<Kind>, bool)]) -> Package {
    Package {
        id: name.to_owned(),
        name: name.to_owned(),
        version: "0.1.0".to_owned(),
        license: None,
        source: None,
        manifest_path: name.into(),
        dependencies: (dependencies.iter())
            .map(|&(name, kind, optional)| Dependency { name: name.to_owned(), kind, optional })
            .collect(),
    }
}

/// Whether the check accepts that `from` depends on `to`.
#[track_caller]
fn check_arrow(from: &str, to: &str, kind: Option<Kind>, expected: bool) {
    let from_package = package(from, &[(to, kind, false)]);
    let to_package = package(to, &[]);
    let members: Vec<_> =
        [&from_package, &to_package].into_iter().filter(|p| Layer::of(&p.name).is_some()).collect();
    let refused = refused(&from_package, &members);
    assert_eq!(refused.is_empty(), expected, "{from} -> {to}: {refused:?}");
}

#[test]
fn arrows_point_down() {
    check_arrow("globecart-aws", "globecart-engine", None, true);
    check_arrow("globecart-network", "globecart-aws", None, true);
    check_arrow("globecart-cli", "globecart-local-aws", None, true);
    check_arrow("globecart-app", "globecart-network", None, true);
    check_arrow("globecart-tests", "globecart-app", None, true);
    check_arrow("globecart-engine", "globecart-aws", None, false);
    check_arrow("globecart-engine", "globecart-local-aws", Some(Kind::Dev), false);
    check_arrow("globecart-aws", "globecart-network", None, false);
    check_arrow("globecart-cli", "globecart-network", None, false);
    check_arrow("globecart-cli", "globecart-app", Some(Kind::Dev), false);
    check_arrow("globecart-network", "globecart-rotation", None, true);
    check_arrow("globecart-rotation", "globecart-engine", None, false);
    check_arrow("globecart-rotation", "globecart-local-aws", Some(Kind::Dev), false);
    check_arrow("globecart-cli", "globecart-rotation", None, false);
    check_arrow("xtask", "globecart-engine", None, false);
}

#[test]
fn components_do_not_know_one_another() {
    for kind in [None, Some(Kind::Dev)] {
        assert!(!Layer::Component.may_use(Layer::Component, kind), "{kind:?}");
    }
    check_arrow("globecart-network", "globecart-cli", None, false);
}

#[test]
fn a_crate_may_test_itself_with_its_own_features() {
    check_arrow("globecart-engine", "globecart-engine", Some(Kind::Dev), true);
}

#[test]
fn the_embedded_cloud_is_for_tests_and_the_command_line() {
    check_arrow("globecart-network", "globecart-local-aws", Some(Kind::Dev), true);
    check_arrow("globecart-network", "globecart-local-aws", None, false);
    check_arrow("globecart-network", "globecart-local-aws", Some(Kind::Build), false);
    check_arrow("globecart-aws", "globecart-local-aws", Some(Kind::Dev), true);
    check_arrow("globecart-app", "globecart-local-aws", None, false);
}

#[test]
fn of_the_sdk_local_aws_has_one_optional_crate() {
    let refused_for = |name, kind, optional| {
        let local_aws = package("globecart-local-aws", &[(name, kind, optional)]);
        refused(&local_aws, &[&local_aws])
    };
    assert_eq!(refused_for("aws-smithy-runtime-api", None, true), [""; 0]);
    assert_eq!(refused_for("hyper", None, false), [""; 0]);
    assert_eq!(refused_for("aws-smithy-runtime-api", None, false).len(), 1);
    assert_eq!(refused_for("aws-sdk-ec2", None, true).len(), 1);
    assert_eq!(refused_for("aws-sdk-ec2", Some(Kind::Dev), false).len(), 1);
}

#[test]
fn a_new_crate_needs_a_layer() {
    let new = package("globecart-new", &[("globecart-engine", None, false)]);
    let user = package("globecart-app", &[("globecart-new", None, false)]);
    let members = [&new, &user];
    assert_eq!(
        refused(&new, &members),
        ["globecart-new has no place in the map: give it a layer in xtask/src/arrows.rs"]
    );
    assert_eq!(refused(&user, &members), [""; 0]);
}

#[test]
fn the_engine_has_no_aws_crate_below_it() {
    let node = |id: &str, dependencies: &[&str]| Node {
        id: id.to_owned(),
        dependencies: dependencies.iter().map(|&id| id.to_owned()).collect(),
    };
    let mut workspace = Workspace {
        packages: ["globecart-engine", "serde", "helper", "aws-types"]
            .map(|name| package(name, &[]))
            .into(),
        resolve: Resolve {
            nodes: vec![
                node("globecart-engine", &["serde"]),
                node("helper", &["aws-types"]),
                node("serde", &[]),
            ],
        },
        member_ids: vec!["globecart-engine".to_owned()],
        root: "root".into(),
        target_directory: "target".into(),
    };
    assert_eq!(check(&workspace).unwrap(), 1);
    workspace.resolve.nodes[0].dependencies.push("helper".to_owned());
    let failure = check(&workspace).unwrap_err().to_string();
    assert!(failure.contains("aws-types is below the engine"));
}
