//! Capacity: <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html>

use std::fmt;

use globecart_aws::engine::Invalid;
use serde::{Deserialize, Serialize};

/// Aurora capacity units: about 2 GiB of memory each, with the processors that go with it; in steps of a half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Acu {
    halves: u16,
}

/// The largest number of units of an instance.
const MOST: Acu = Acu::whole(256);

/// The memory of a unit, in bytes.
const MEMORY_BYTES: f64 = 2.0 * 1024.0 * 1024.0 * 1024.0;

impl Acu {
    /// None: a cluster that may pause.
    pub const ZERO: Self = Self::halves(0);
    /// The smallest capacity of an instance that runs: half a unit.
    pub const HALF: Self = Self::halves(1);

    /// So many whole units.
    pub const fn whole(units: u16) -> Self {
        Self { halves: units.saturating_mul(2) }
    }

    /// So many halves of a unit.
    pub const fn halves(halves: u16) -> Self {
        Self { halves }
    }

    /// The number of units.
    pub fn units(self) -> f64 {
        f64::from(self.halves) / 2.0
    }

    /// The memory that goes with it, in bytes.
    pub fn memory_bytes(self) -> f64 {
        self.units() * MEMORY_BYTES
    }
}

impl fmt::Display for Acu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.units())
    }
}

impl From<Acu> for f64 {
    fn from(capacity: Acu) -> Self {
        capacity.units()
    }
}

impl TryFrom<f64> for Acu {
    type Error = Invalid;

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the number is a whole one from 0 to 512"
    )]
    fn try_from(units: f64) -> Result<Self, Invalid> {
        let halves = units * 2.0;
        if (0.0..=512.0).contains(&halves) && halves.fract() == 0.0 {
            return Ok(Self { halves: halves as u16 });
        }
        let problem = format!("{units} must be 0 to 256 units in steps of a half");
        Err(Invalid::new("capacity", problem))
    }
}

/// Between which capacities an instance follows its load, and whether a cluster without connections pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    /// The least.
    pub min: Acu,
    /// The most.
    pub max: Acu,
    /// After how many idle seconds the cluster pauses, 300 to 86,400; only from a minimum of 0.
    pub pause_after_secs: Option<u32>,
}

impl Capacity {
    /// Always running, between these capacities.
    pub const fn between(min: Acu, max: Acu) -> Self {
        Self { min, max, pause_after_secs: None }
    }

    /// Paused after five minutes without connections, and up to this capacity when there are some; resuming takes about
    /// 15 seconds.
    pub const fn pausing(max: Acu) -> Self {
        Self { min: Acu::ZERO, max, pause_after_secs: Some(300) }
    }

    /// Pauses after so many idle seconds.
    #[must_use]
    pub const fn pause_after_secs(mut self, seconds: u32) -> Self {
        self.pause_after_secs = Some(seconds);
        self
    }

    /// Whether the cluster may pause.
    pub fn pauses(self) -> bool {
        self.min == Acu::ZERO
    }

    /// Checks what RDS would refuse, in terms of the field `capacity`.
    pub(crate) fn check(self) -> Result<(), Invalid> {
        let problem = |text: String| Err(Invalid::new("capacity", text));
        if self.max < Acu::whole(1) || self.max > MOST {
            return problem(format!("the most, {}, must be 1 to 256 units", self.max));
        }
        if self.min > self.max {
            return problem(format!(
                "the least, {}, is more than the most, {}",
                self.min, self.max
            ));
        }
        match self.pause_after_secs {
            Some(_) if !self.pauses() => problem(format!(
                "`pause_after_secs` needs `min` 0, not {}: only a cluster that may go down to 0 pauses",
                self.min
            )),
            None if self.pauses() => problem(
                "`min` 0 needs `pause_after_secs`: a cluster at 0 is a paused one".to_owned(),
            ),
            Some(seconds) if !(300..=86_400).contains(&seconds) => {
                problem(format!("`pause_after_secs` must be 300 to 86,400, not {seconds}"))
            }
            _ => Ok(()),
        }
    }
}
