//! How a file system's throughput is decided: <https://docs.aws.amazon.com/efs/latest/ug/performance.html>

use aws_sdk_efs::types::ThroughputMode;
use globecart_aws::engine::Invalid;
use serde::{Deserialize, Serialize};

/// How a file system's throughput is decided. It can be changed, and be decreased, once in 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Throughput {
    /// By what clients ask for, paid by what is read and written.
    #[default]
    Elastic,
    /// By how much is stored, with credits for bursts that run out.
    Bursting,
    /// So many MiB/s, at least 1, paid by the hour whether used or not.
    Provisioned(u32),
}

impl Throughput {
    /// The mode as EFS names it.
    pub(crate) fn mode(self) -> ThroughputMode {
        match self {
            Self::Elastic => ThroughputMode::Elastic,
            Self::Bursting => ThroughputMode::Bursting,
            Self::Provisioned(_) => ThroughputMode::Provisioned,
        }
    }

    /// What is provisioned.
    pub(crate) fn mibps(self) -> Option<f64> {
        match self {
            Self::Provisioned(mibps) => Some(mibps.into()),
            _ => None,
        }
    }

    /// What EFS describes.
    pub(crate) fn described(mode: Option<&ThroughputMode>, mibps: Option<f64>) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a few thousand MiB/s at most, and never less than one"
        )]
        let whole = |mibps: f64| mibps.round() as u32;
        match mode {
            Some(ThroughputMode::Elastic) => Self::Elastic,
            Some(ThroughputMode::Provisioned) => {
                Self::Provisioned(mibps.map(whole).unwrap_or_default())
            }
            _ => Self::Bursting,
        }
    }

    pub(crate) fn check(self) -> Result<(), Invalid> {
        match self {
            Self::Provisioned(0) => {
                Err(Invalid::new("throughput", "provisioned throughput is at least 1 MiB/s"))
            }
            _ => Ok(()),
        }
    }
}
