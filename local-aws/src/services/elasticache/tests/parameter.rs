//! Parameter groups and engine versions.

use super::{CACHE, Net, net};
use crate::fields::Fields;
use serde_json::{Value, json};

fn create(net: &Net, name: &str) {
    let input = json!({"CacheParameterGroupName": name, "CacheParameterGroupFamily": "redis7", "Description": "d"});
    net.cloud.ok(CACHE, "CreateCacheParameterGroup", input);
}

fn set(name: &str, values: &[(&str, &str)]) -> Value {
    let values: Vec<Value> = values
        .iter()
        .map(|(name, value)| json!({"ParameterName": name, "ParameterValue": value}))
        .collect();
    json!({"CacheParameterGroupName": name, "ParameterNameValues": values})
}

/// What somebody has set in a group.
fn own(net: &Net, name: &str) -> Vec<(String, String)> {
    let input = json!({"CacheParameterGroupName": name, "Source": "user"});
    let found = net.cloud.ok(CACHE, "DescribeCacheParameters", input);
    let pair =
        |one: &Value| (one.text("ParameterName").to_owned(), one.text("ParameterValue").to_owned());
    found.items("Parameters").iter().map(pair).collect()
}

#[test]
fn parameters_are_set_and_reset() {
    let net = net();
    create(&net, "sessions");
    let values = [
        ("maxmemory-policy", "noeviction"),
        ("cluster-enabled", "yes"),
        ("reserved-memory-percent", "30"),
    ];
    net.cloud.ok(CACHE, "ModifyCacheParameterGroup", set("sessions", &values));
    assert_eq!(
        own(&net, "sessions"),
        [
            ("cluster-enabled".to_owned(), "yes".to_owned()),
            ("maxmemory-policy".to_owned(), "noeviction".to_owned()),
            ("reserved-memory-percent".to_owned(), "30".to_owned()),
        ]
    );
    net.cloud.ok(CACHE, "ResetCacheParameterGroup", set("sessions", &[("maxmemory-policy", "x")]));
    assert_eq!(own(&net, "sessions").len(), 2);
    net.cloud.ok(
        CACHE,
        "ResetCacheParameterGroup",
        json!({"CacheParameterGroupName": "sessions", "ResetAllParameters": true}),
    );
    assert!(own(&net, "sessions").is_empty());
    let all = net.cloud.ok(
        CACHE,
        "DescribeCacheParameters",
        json!({"CacheParameterGroupName": "sessions"}),
    );
    let policy =
        all.items("Parameters").iter().find(|one| one.text("ParameterName") == "maxmemory-policy");
    assert_eq!(policy.unwrap()["ParameterValue"], "volatile-lru");
    assert_eq!(all["CacheNodeTypeSpecificParameters"][0]["ParameterName"], "maxmemory");
}

#[test]
fn parameters_that_cannot_be_are_refused() {
    let net = net();
    create(&net, "g");
    for (name, value) in [
        ("no-such", "1"),
        ("maxmemory-policy", "keep-all"),
        ("maxclients", "10"),
        ("reserved-memory-percent", "101"),
        ("timeout", "5"),
        ("timeout", "soon"),
        ("set-max-listpack-entries", "1"),
    ] {
        net.refused(
            "ModifyCacheParameterGroup",
            set("g", &[(name, value)]),
            "InvalidParameterValue",
        );
    }
    net.cloud.ok(
        CACHE,
        "ModifyCacheParameterGroup",
        set("g", &[("timeout", "0"), ("list-max-listpack-size", "-3")]),
    );
    let own = set("default.redis7", &[("timeout", "20")]);
    net.refused("ModifyCacheParameterGroup", own, "InvalidParameterValue");
    net.refused(
        "ModifyCacheParameterGroup",
        set("none", &[("timeout", "20")]),
        "CacheParameterGroupNotFound",
    );
    let again = json!({"CacheParameterGroupName": "g", "CacheParameterGroupFamily": "redis7", "Description": "d"});
    net.refused("CreateCacheParameterGroup", again, "CacheParameterGroupAlreadyExists");
    let family = json!({"CacheParameterGroupName": "h", "CacheParameterGroupFamily": "redis9", "Description": "d"});
    net.refused("CreateCacheParameterGroup", family, "InvalidParameterValue");
}

#[test]
fn a_group_in_use_stays_and_keeps_its_mode() {
    let net = net();
    create(&net, "on");
    net.cloud.ok(CACHE, "ModifyCacheParameterGroup", set("on", &[("cluster-enabled", "yes")]));
    net.make(json!({"CacheParameterGroupName": "on"}));
    net.cloud.ok(CACHE, "ModifyCacheParameterGroup", set("on", &[("timeout", "300")]));
    let off = set("on", &[("cluster-enabled", "no")]);
    net.refused("ModifyCacheParameterGroup", off, "InvalidCacheParameterGroupState");
    let delete = json!({"CacheParameterGroupName": "on"});
    net.refused("DeleteCacheParameterGroup", delete.clone(), "InvalidCacheParameterGroupState");
    net.modify(json!({"CacheParameterGroupName": "default.redis7.cluster.on"}));
    net.cloud.pass(120.0);
    net.cloud.ok(CACHE, "DeleteCacheParameterGroup", delete.clone());
    net.refused("DeleteCacheParameterGroup", delete, "CacheParameterGroupNotFound");
}

#[test]
fn versions_and_defaults_are_told() {
    let net = net();
    let newest = net.cloud.ok(CACHE, "DescribeCacheEngineVersions", json!({"DefaultOnly": true}));
    let newest: Vec<&str> = newest
        .items("CacheEngineVersions")
        .iter()
        .map(|version| version.text("EngineVersion"))
        .collect();
    assert_eq!(newest, ["7.1", "9.1"]);
    let of_family = json!({"CacheParameterGroupFamily": "valkey8"});
    let found = net.cloud.ok(CACHE, "DescribeCacheEngineVersions", of_family.clone());
    assert_eq!(found.items("CacheEngineVersions").len(), 3);
    let defaults = net.cloud.ok(CACHE, "DescribeEngineDefaultParameters", of_family);
    let parameters = defaults["EngineDefaults"].items("Parameters");
    let lazy = parameters.iter().find(|one| one.text("ParameterName") == "lazyfree-lazy-expire");
    assert_eq!(lazy.unwrap()["ParameterValue"], "yes");
}
