//! Logs: <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.CloudWatch.html>

use serde::{Deserialize, Serialize};

/// A log that goes to CloudWatch Logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogExport {
    /// What PostgreSQL writes: errors, connections, slow statements, the audit.
    Postgresql,
    /// Why IAM identities could not connect.
    IamDbAuthError,
    /// What the instance itself writes.
    Instance,
}

impl LogExport {
    /// All logs.
    pub const ALL: [Self; 3] = [Self::Postgresql, Self::IamDbAuthError, Self::Instance];

    /// Its name, as in the name of its log group.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgresql => "postgresql",
            Self::IamDbAuthError => "iam-db-auth-error",
            Self::Instance => "instance",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|log| log.name() == name)
    }
}
