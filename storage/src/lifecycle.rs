//! When files move between storage classes: <https://docs.aws.amazon.com/efs/latest/ug/lifecycle-management-efs.html>

use serde::{Deserialize, Serialize};

/// When files move to the Archive storage class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Archive {
    /// After 90 days without access where the throughput is elastic, else never.
    #[default]
    Usual,
    /// After this long without access.
    After(UnusedFor),
    /// Never.
    Never,
}

/// After how long without access a file is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnusedFor {
    /// 1 day.
    Day,
    /// 7 days.
    Days7,
    /// 14 days.
    Days14,
    /// 30 days.
    Days30,
    /// 60 days.
    Days60,
    /// 90 days.
    Days90,
    /// 180 days.
    Days180,
    /// 270 days.
    Days270,
    /// 365 days.
    Days365,
}

impl UnusedFor {
    const ALL: [(Self, u16, &str); 9] = [
        (Self::Day, 1, "AFTER_1_DAY"),
        (Self::Days7, 7, "AFTER_7_DAYS"),
        (Self::Days14, 14, "AFTER_14_DAYS"),
        (Self::Days30, 30, "AFTER_30_DAYS"),
        (Self::Days60, 60, "AFTER_60_DAYS"),
        (Self::Days90, 90, "AFTER_90_DAYS"),
        (Self::Days180, 180, "AFTER_180_DAYS"),
        (Self::Days270, 270, "AFTER_270_DAYS"),
        (Self::Days365, 365, "AFTER_365_DAYS"),
    ];

    fn row(self) -> (Self, u16, &'static str) {
        let row = Self::ALL.into_iter().find(|(one, ..)| *one == self);
        row.expect("every period is in the table")
    }

    /// The days.
    pub fn days(self) -> u16 {
        self.row().1
    }

    /// As EFS names it.
    pub(crate) fn rule(self) -> &'static str {
        self.row().2
    }

    /// What EFS describes.
    pub(crate) fn described(rule: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(.., name)| *name == rule).map(|(one, ..)| one)
    }
}
