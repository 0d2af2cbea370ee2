//! Names: the address of a resource in its stack, and the physical name that AWS sees.

use std::borrow::Borrow;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// Where a resource stands in its stack: component names and its own, as in `network/private-a`. A clone is cheap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(Arc<str>);

impl Address {
    /// Takes the text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `scope` itself or stands below it.
    pub fn is_within(&self, scope: &str) -> bool {
        match self.0.strip_prefix(scope) {
            Some(rest) => rest.is_empty() || rest.starts_with('/'),
            None => false,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl Borrow<str> for Address {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// What AWS allows in the physical name of a resource type.
#[derive(Debug, Clone, Copy)]
pub struct NameRule {
    /// The longest name, in characters.
    pub max: usize,
    /// Whether upper case is folded.
    pub lower: bool,
    /// What is allowed besides ASCII letters, digits and `-`.
    pub extra: &'static str,
}

impl NameRule {
    /// Letters, digits and `-`, at most `max` characters.
    pub const fn new(max: usize) -> Self {
        Self { max, lower: false, extra: "" }
    }

    /// Folds upper case.
    #[must_use]
    pub const fn lower(mut self) -> Self {
        self.lower = true;
        self
    }

    /// Allows these characters too.
    #[must_use]
    pub const fn allow(mut self, extra: &'static str) -> Self {
        self.extra = extra;
        self
    }

    /// Cuts `stack` and `address` to this rule and ends in `hash`, which keeps cut names apart.
    pub(crate) fn name(&self, stack: &str, address: &Address, hash: &str) -> String {
        let full = format!("{stack}-{address}");
        let room = self.max.saturating_sub(hash.len() + 1);
        let mut name = String::new();
        for char in full.chars() {
            let char = if self.lower { char.to_ascii_lowercase() } else { char };
            let fits = char.is_ascii_alphanumeric() || self.extra.contains(char);
            let char = if fits { char } else { '-' };
            // Several services refuse two hyphens in a row.
            if name.len() < room && !(char == '-' && name.ends_with('-')) {
                name.push(char);
            }
        }
        format!("{}-{hash}", name.trim_end_matches('-'))
    }
}

/// The first `digits` hexadecimal digits of the SHA-256 of the parts, each ended by a zero byte.
pub(crate) fn short_hash(parts: &[&str], digits: usize) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut text = String::with_capacity(digits + 1);
    for byte in hash.finalize().iter().take(digits.div_ceil(2)) {
        write!(text, "{byte:02x}").expect("a text takes every write");
    }
    text.truncate(digits);
    text
}

#[cfg(test)]
mod tests;
