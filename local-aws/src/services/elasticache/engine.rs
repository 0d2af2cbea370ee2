//! Engines and their versions: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/supported-engine-versions.html>

use super::kind::{MOST_RECORDS, check_page, invalid_combination, invalid_value};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// A version of an engine as requests name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version {
    /// `redis` or `valkey`.
    pub(super) engine: &'static str,
    /// Major and minor, such as `7.1`.
    pub(super) name: &'static str,
    /// As clusters describe it.
    pub(super) patch: &'static str,
    /// The family of its parameter groups.
    pub(super) family: &'static str,
}

/// Every version, by engine in the order of upgrades; Redis OSS before 7.0 is not part of this cloud.
pub(super) const VERSIONS: [Version; 8] = [
    Version { engine: "redis", name: "7.0", patch: "7.0.7", family: "redis7" },
    Version { engine: "redis", name: "7.1", patch: "7.1.0", family: "redis7" },
    Version { engine: "valkey", name: "7.2", patch: "7.2.6", family: "valkey7" },
    Version { engine: "valkey", name: "8.0", patch: "8.0.1", family: "valkey8" },
    Version { engine: "valkey", name: "8.1", patch: "8.1.0", family: "valkey8" },
    Version { engine: "valkey", name: "8.2", patch: "8.2.0", family: "valkey8" },
    Version { engine: "valkey", name: "9.0", patch: "9.0.0", family: "valkey9" },
    Version { engine: "valkey", name: "9.1", patch: "9.1.0", family: "valkey9" },
];

/// Versions that AWS still has and this cloud does not.
const OLDER: [&str; 6] = ["3.2", "4.0", "5.0", "6.0", "6.2", "6.x"];

/// The version of an engine with a name such as `7.1` or `7.1.0`; without a name the newest one.
pub(super) fn version(engine: &str, name: Option<&str>) -> Result<Version, Fault> {
    let engine = engine.to_ascii_lowercase();
    if engine == "memcached" {
        return Err(Fault::not_implemented("elasticache with the engine memcached"));
    }
    let mut of_engine = VERSIONS.iter().filter(|version| version.engine == engine);
    let Some(name) = name else {
        return of_engine.next_back().copied().ok_or_else(|| {
            invalid_value(format!("Invalid value for the parameter Engine: {engine}"))
        });
    };
    let found = of_engine.find(|version| version.name == name || version.patch == name);
    found.copied().ok_or_else(|| {
        if engine == "redis" && OLDER.iter().any(|older| name.starts_with(older)) {
            return Fault::not_implemented(&format!("elasticache with redis version {name}"));
        }
        invalid_value(format!("Cannot find version {name} for {engine}"))
    })
}

/// Refuses another version that is not newer: engines are upgraded, and Redis OSS to Valkey, never back.
pub(super) fn check_upgrade(from: Version, to: Version) -> Result<(), Fault> {
    let place = |version| VERSIONS.iter().position(|known| *known == version);
    if place(to) >= place(from) {
        return Ok(());
    }
    Err(invalid_combination(format!(
        "Cannot downgrade from {} {} to {} {}.",
        from.engine, from.patch, to.engine, to.patch
    )))
}

/// `DescribeCacheEngineVersions`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    check_page(&input, MOST_RECORDS)?;
    let newest = |version: &Version| {
        VERSIONS.iter().rfind(|other| other.engine == version.engine) == Some(version)
    };
    let wanted = |version: &&Version| {
        let is = |member: &str, value: &str| input.opt(member).is_none_or(|asked| asked == value);
        is("Engine", version.engine)
            && is("CacheParameterGroupFamily", version.family)
            && (is("EngineVersion", version.name) || is("EngineVersion", version.patch))
            && (!input.flag("DefaultOnly") || newest(version))
    };
    let versions = VERSIONS.iter().filter(wanted).map(described);
    Ok(json!({"CacheEngineVersions": versions.collect::<Vec<Value>>()}))
}

fn described(version: &Version) -> Value {
    let name = if version.engine == "redis" { "Redis" } else { "Valkey" };
    json!({
        "Engine": version.engine, "EngineVersion": version.name, "CacheParameterGroupFamily": version.family,
        "CacheEngineDescription": name, "CacheEngineVersionDescription": format!("{} version {}", version.engine, version.patch),
    })
}
