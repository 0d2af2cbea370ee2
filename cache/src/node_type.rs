//! What follows from the size of a node.
//!
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html>

use std::fmt;
use std::str::FromStr;

use globecart_aws::engine::Invalid;
use serde::{Deserialize, Serialize};

/// The size of a node, as in `cache.t4g.small`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NodeType {
    family: String,
    size: String,
}

/// The memory of a size in mebibytes for keys and values (the parameter `maxmemory`), by family.
const MEMORY: [(&str, &[(&str, u64)]); 7] = [
    ("t3", BURSTABLE),
    ("t4g", BURSTABLE),
    ("m5", GENERAL),
    ("m6g", GENERAL),
    ("m7g", GENERAL),
    ("r6g", MEMORY_OPTIMIZED),
    ("r7g", MEMORY_OPTIMIZED),
];

const BURSTABLE: &[(&str, u64)] = &[("micro", 512), ("small", 1402), ("medium", 3164)];

const GENERAL: &[(&str, u64)] = &[
    ("large", 6537),
    ("xlarge", 13_248),
    ("2xlarge", 26_671),
    ("4xlarge", 53_516),
    ("8xlarge", 106_168),
    ("12xlarge", 159_252),
    ("16xlarge", 214_577),
];

const MEMORY_OPTIMIZED: &[(&str, u64)] = &[
    ("large", 13_386),
    ("xlarge", 26_952),
    ("2xlarge", 54_084),
    ("4xlarge", 108_346),
    ("8xlarge", 214_577),
    ("12xlarge", 325_399),
    ("16xlarge", 429_154),
];

impl NodeType {
    /// The memory for keys and values in mebibytes, before what is reserved; `None` for a type that is not known here.
    pub fn memory_mib(&self) -> Option<u64> {
        let (_, sizes) = MEMORY.iter().find(|(family, _)| *family == self.family)?;
        sizes.iter().find(|(size, _)| *size == self.size).map(|(_, memory)| *memory)
    }

    /// The percentage of memory that is kept for snapshots and failovers, after AWS's guidance: small nodes need more.
    ///
    /// <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/redis-memory-management.html>
    pub fn reserved_memory_percent(&self) -> u8 {
        match self.size.as_str() {
            "micro" => 50,
            "small" => 30,
            _ => 25,
        }
    }

    /// The memory that is left for keys and values, in mebibytes.
    pub fn usable_mib(&self) -> Option<u64> {
        let left = u64::from(100 - self.reserved_memory_percent());
        self.memory_mib().map(|memory| memory * left / 100)
    }

    /// How many virtual processors it has.
    pub fn vcpus(&self) -> u32 {
        let times = self.size.strip_suffix("xlarge").map(|times| times.parse().unwrap_or(1));
        times.map_or(2, |times: u32| 4 * times)
    }
}

impl FromStr for NodeType {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let parts: Vec<&str> = text.split('.').collect();
        match parts.as_slice() {
            ["cache", family, size] if !family.is_empty() && !size.is_empty() => {
                Ok(Self { family: (*family).to_owned(), size: (*size).to_owned() })
            }
            _ => Err(Invalid::new(
                "node_type",
                format!("`{text}` must be a node type such as `cache.t4g.small`"),
            )),
        }
    }
}

impl TryFrom<String> for NodeType {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<NodeType> for String {
    fn from(node_type: NodeType) -> Self {
        node_type.to_string()
    }
}

impl fmt::Display for NodeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cache.{}.{}", self.family, self.size)
    }
}
