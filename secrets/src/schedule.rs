//! When a secret is rotated.

use globecart_aws::engine::Invalid;
use serde::{Deserialize, Serialize};

/// When a secret is rotated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Every so many days, 1 to 1,000.
    Days(u16),
    /// As an expression of Secrets Manager says, in UTC, as in `cron(0 16 1,15 * ? *)` or `rate(10 days)`; every four
    /// hours at most.
    ///
    /// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html>
    Expression(String),
}

impl Default for Schedule {
    fn default() -> Self {
        Self::Days(30)
    }
}

impl Schedule {
    pub(crate) fn check(&self, field: &str) -> Result<(), Invalid> {
        match self {
            Self::Days(1..=1000) => Ok(()),
            Self::Days(days) => {
                Err(Invalid::new(field, format!("must be 1 to 1000 days, not {days}")))
            }
            Self::Expression(text) => {
                let sort = ["rate(", "cron("].iter().any(|start| text.starts_with(start));
                if sort && text.ends_with(')') && text.len() <= 256 {
                    return Ok(());
                }
                let problem = format!("`{text}` must be `rate(…)` or `cron(…)`");
                Err(Invalid::new(field, problem))
            }
        }
    }
}
