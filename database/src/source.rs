//! What a new cluster begins with.

use serde::{Deserialize, Serialize};

/// What a new cluster begins with. Only a creation looks at it: a later change is ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Nothing: an empty database.
    #[default]
    New,
    /// A snapshot, by its identifier, or by its ARN if it is another account's.
    Snapshot(String),
    /// What a cluster held at some time.
    PointInTime {
        /// Whose data it is.
        of: Original,
        /// The time.
        at: RestoreTime,
    },
    /// What a cluster holds now, sharing its storage until one of the two changes it: made in minutes, however much it is.
    Clone(String),
}

/// Whose data is restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Original {
    /// A cluster that is there, by its identifier.
    Cluster(String),
    /// A cluster that is gone, by its resource id, of which automated backups were kept.
    Kept(String),
}

/// To which time data is restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestoreTime {
    /// The latest that there is, usually five minutes ago.
    Latest,
    /// So many seconds after the beginning of 1970, in UTC.
    Epoch(i64),
}

impl Source {
    /// Whether users, database and version come from somewhere else.
    pub fn is_restored(&self) -> bool {
        *self != Self::New
    }
}
