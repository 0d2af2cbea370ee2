use super::*;

#[test]
fn without_settings_everything_is_for_production() {
    assert_eq!(globecart_cli::settings::<Config>("").unwrap(), Config::default());
    assert_eq!(Config::default().environment, Environment::Production);
}

/// Every line that is commented out in the example is a setting, with its default or, where that is none, an example.
#[test]
fn the_example_shows_every_setting_and_its_default() {
    let example = include_str!("../../globecart.example.toml");
    let is_setting = |line: &str| line.starts_with("# ") && line.contains(" = ");
    let active: Vec<&str> =
        example.lines().map(|line| if is_setting(line) { &line[2..] } else { line }).collect();
    let active = active.join("\n");
    let expected = Config {
        network: NetworkSettings { nat: Some(Nat::PerZone), ..NetworkSettings::default() },
        cache: CacheSettings {
            valkey: Some(ValkeyVersion::V8_1),
            shards: Some(3),
            replicas: Some(1),
            node_type: Some("cache.t4g.small".parse().unwrap()),
            snapshot_retention_days: Some(5),
            restore_from: Some("globecart-cache-group-12345678-final".to_owned()),
            ..CacheSettings::default()
        },
        database: DatabaseSettings {
            min_capacity: Some(Acu::HALF),
            max_capacity: Some(Acu::whole(16)),
            readers: Some(1),
            backup_retention_days: Some(35),
            deletion_protection: Some(true),
            ..DatabaseSettings::default()
        },
        secrets: SecretSettings {
            recovery_window_days: Some(30),
            package: Some("rotation-x86_64.zip".into()),
            ..SecretSettings::default()
        },
        ..Config::default()
    };
    assert_eq!(globecart_cli::settings::<Config>(&active).unwrap(), expected);

    let named = |setting: &&&str| active.contains(&format!("\n{setting} = "));
    let settings = [
        "region",
        "environment",
        "tags",
        "emails",
        "cidr",
        "zones",
        "zone_ids",
        "public_prefix",
        "private_prefix",
        "data_prefix",
        "nat",
        "gateway_endpoints",
        "interface_endpoints",
        "flow_log_days",
        "path",
        "uid",
        "gid",
        "throughput",
        "valkey",
        "purpose",
        "shards",
        "replicas",
        "node_type",
        "snapshot_retention_days",
        "restore_from",
        "engine_version",
        "name",
        "min_capacity",
        "max_capacity",
        "pause_after_secs",
        "readers",
        "backup_retention_days",
        "log_retention_days",
        "deletion_protection",
        "events",
        "username",
        "rotation_days",
        "strategy",
        "recovery_window_days",
        "package",
    ];
    assert_eq!(settings.iter().filter(named).count(), settings.len());
}
