//! Engines and their versions.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which engine a cache runs, and which version of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// Redis OSS 7.1, the newest that `ElastiCache` has.
    #[default]
    Redis,
    /// Valkey, which clients of Redis OSS speak to as before. A group of Redis OSS is upgraded to it in place.
    Valkey(ValkeyVersion),
}

/// A version of Valkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ValkeyVersion {
    /// 7.2.
    #[serde(rename = "7.2")]
    V7_2,
    /// 8.0.
    #[serde(rename = "8.0")]
    V8_0,
    /// 8.1.
    #[serde(rename = "8.1")]
    V8_1,
    /// 8.2.
    #[serde(rename = "8.2")]
    V8_2,
    /// 9.0.
    #[serde(rename = "9.0")]
    V9_0,
    /// 9.1.
    #[serde(rename = "9.1")]
    V9_1,
}

/// An engine without its version, as users, their groups and replication groups have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineName {
    /// Redis OSS.
    Redis,
    /// Valkey.
    Valkey,
}

impl Engine {
    /// The engine without its version.
    pub fn name(self) -> EngineName {
        match self {
            Self::Redis => EngineName::Redis,
            Self::Valkey(_) => EngineName::Valkey,
        }
    }

    /// Major and minor version, as in `7.1`.
    pub fn version(self) -> &'static str {
        match self {
            Self::Redis => "7.1",
            Self::Valkey(ValkeyVersion::V7_2) => "7.2",
            Self::Valkey(ValkeyVersion::V8_0) => "8.0",
            Self::Valkey(ValkeyVersion::V8_1) => "8.1",
            Self::Valkey(ValkeyVersion::V8_2) => "8.2",
            Self::Valkey(ValkeyVersion::V9_0) => "9.0",
            Self::Valkey(ValkeyVersion::V9_1) => "9.1",
        }
    }

    /// The family of its parameter groups, as in `redis7`.
    pub fn family(self) -> &'static str {
        match self {
            Self::Redis => "redis7",
            Self::Valkey(ValkeyVersion::V7_2) => "valkey7",
            Self::Valkey(ValkeyVersion::V8_0 | ValkeyVersion::V8_1 | ValkeyVersion::V8_2) => {
                "valkey8"
            }
            Self::Valkey(ValkeyVersion::V9_0 | ValkeyVersion::V9_1) => "valkey9",
        }
    }
}

impl EngineName {
    /// What the API calls it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Redis => "redis",
            Self::Valkey => "valkey",
        }
    }

    /// What the API describes; `None` for another engine.
    pub(crate) fn described(text: Option<&str>) -> Option<Self> {
        [Self::Redis, Self::Valkey].into_iter().find(|engine| text == Some(engine.as_str()))
    }
}

impl fmt::Display for EngineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
