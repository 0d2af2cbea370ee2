//! Database Insights: <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DatabaseInsights.html>

use aws_sdk_rds::types::{DatabaseInsightsMode, DbCluster};
use globecart_aws::engine::Invalid;
use serde::{Deserialize, Serialize};

/// How much Database Insights looks at, and for how many days it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Insights {
    /// It is switched off: what RDS tells of a cluster that somebody changed. Nothing declares it.
    #[doc(hidden)]
    Off,
    /// The load of the database, for 7 days, a number of months (31 days each, up to 23), or 731 days. Seven days are
    /// free.
    Standard {
        /// The days.
        days: u16,
    },
    /// All that there is, for 465 days at least.
    Advanced {
        /// The days.
        days: u16,
    },
}

/// The least retention of the advanced mode.
const ADVANCED_DAYS: u16 = 465;

impl Default for Insights {
    fn default() -> Self {
        Self::Standard { days: 7 }
    }
}

impl Insights {
    pub(crate) fn check(self) -> Result<(), Invalid> {
        let days = self.days();
        if !(days == 7 || days == 731 || (days.is_multiple_of(31) && (31..=713).contains(&days))) {
            let problem =
                format!("must be kept 7 days, 31 to 713 in steps of 31, or 731, not {days}");
            return Err(Invalid::new("insights", problem));
        }
        match self {
            Self::Advanced { days } if days < ADVANCED_DAYS => {
                let problem =
                    format!("`advanced` needs `days` {ADVANCED_DAYS} at least, not {days}");
                Err(Invalid::new("insights", problem))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn days(self) -> u16 {
        match self {
            Self::Off => 7,
            Self::Standard { days } | Self::Advanced { days } => days,
        }
    }

    pub(crate) fn is_on(self) -> bool {
        self != Self::Off
    }

    pub(crate) fn mode(self) -> DatabaseInsightsMode {
        match self {
            Self::Advanced { .. } => DatabaseInsightsMode::Advanced,
            Self::Off | Self::Standard { .. } => DatabaseInsightsMode::Standard,
        }
    }

    pub(crate) fn described(cluster: &DbCluster) -> Self {
        if cluster.performance_insights_enabled() != Some(true) {
            return Self::Off;
        }
        let days = cluster.performance_insights_retention_period().unwrap_or_default();
        let days = u16::try_from(days).unwrap_or_default();
        match cluster.database_insights_mode() {
            Some(DatabaseInsightsMode::Advanced) => Self::Advanced { days },
            _ => Self::Standard { days },
        }
    }
}
