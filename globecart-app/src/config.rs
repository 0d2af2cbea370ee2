//! What `globecart.toml` may say.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The settings. Everything has a default, and the defaults are for production.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Config {
    /// Tags on every resource that takes tags.
    pub(crate) tags: BTreeMap<String, String>,
}
