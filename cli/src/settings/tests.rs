use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Config {
    environment: String,
    tags: BTreeMap<String, String>,
    alerts: Vec<String>,
    network: Network,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Network {
    zones: u8,
    nat: Nat,
    endpoints: Vec<Endpoint>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Nat {
    #[default]
    PerZone,
    Single,
    Fixed {
        addresses: u8,
    },
}

#[derive(Debug, Default, PartialEq, Deserialize)]
struct Endpoint {
    name: String,
}

fn settings(text: &str) -> Result<Settings, SettingsError> {
    Settings::parse(Path::new("globecart.toml"), text)
}

fn problem(text: &str) -> String {
    let read = settings(text).and_then(|settings| settings.config::<Config>());
    read.expect_err("these settings are wrong").to_string()
}

#[test]
fn settings_become_the_programs_own_type() {
    let text = r#"
        region = "eu-central-1"
        alerts = ["ops@example.com"]
        tags = { Team = "shop" }
        [network]
        zones = 2
        nat.fixed.addresses = 3
        endpoints = [{ name = "ecr.api" }]
    "#;
    let mut settings = settings(text).unwrap();
    settings.set_environment("development");
    assert_eq!(settings.region().unwrap().as_deref(), Some("eu-central-1"));
    let expected = Config {
        environment: "development".to_owned(),
        tags: BTreeMap::from([("Team".to_owned(), "shop".to_owned())]),
        alerts: vec!["ops@example.com".to_owned()],
        network: Network {
            zones: 2,
            nat: Nat::Fixed { addresses: 3 },
            endpoints: vec![Endpoint { name: "ecr.api".to_owned() }],
        },
    };
    assert_eq!(settings.config::<Config>().unwrap(), expected);
}

#[test]
fn a_stack_without_settings_takes_the_common_ones() {
    assert_eq!(settings("region = 'eu-west-1'").unwrap().config::<()>().unwrap(), ());
    let problem = settings("zones = 2")
        .unwrap()
        .config::<()>()
        .expect_err("there is no such setting")
        .to_string();
    insta::assert_snapshot!(problem, @"globecart.toml: `zones` is no setting; known are `environment`, `region`");
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_what_was_meant() {
    insta::assert_snapshot!(problem("netwrok = 1"), @"globecart.toml: `netwrok` is no setting; did you mean `network`?");
    insta::assert_snapshot!(problem("regoin = 'x'"), @"globecart.toml: `regoin` is no setting; did you mean `region`?");
    insta::assert_snapshot!(problem("colour = 'red'"), @"globecart.toml: `colour` is no setting; known are `alerts`, `environment`, `network`, `region`, `tags`");
    insta::assert_snapshot!(problem("[network]\nzone = 2"), @"globecart.toml: `network.zone` is no setting; did you mean `zones`?");
    insta::assert_snapshot!(problem("[network]\nzones = 'two'"), @r#"globecart.toml: `network.zones` cannot be used: invalid type: string "two", expected u8"#);
    insta::assert_snapshot!(problem("[network]\nzones = 300"), @"globecart.toml: `network.zones` cannot be used: invalid value: integer `300`, expected u8");
    insta::assert_snapshot!(problem("[network]\nnat = 'singel'"), @"globecart.toml: `network.nat` cannot be `singel`; did you mean `single`?");
    insta::assert_snapshot!(problem("[network]\nnat.fixed.adresses = 1"), @"globecart.toml: `network.nat.fixed.adresses` is no setting; did you mean `addresses`?");
    insta::assert_snapshot!(problem("[network]\nnat = 3"), @"globecart.toml: `network.nat` must be one name, or a table with one name");
    insta::assert_snapshot!(problem("[[network.endpoints]]"), @"globecart.toml: `network.endpoints.0` must be set: `name` has no default");
    insta::assert_snapshot!(problem("[[network.endpoints]]\nname = 'a'\nnames = 'b'"), @"globecart.toml: `network.endpoints.0.names` is no setting; did you mean `name`?");
    insta::assert_snapshot!(problem("alerts = 'ops'"), @r#"globecart.toml: `alerts` cannot be used: invalid type: string "ops", expected a sequence"#);
    insta::assert_snapshot!(problem("[network]\n  zones = = 2"), @"globecart.toml is not valid TOML: line 2, column 11: extra `=`, expected nothing");
}
