//! When an alarm goes off.

use aws_sdk_cloudwatch::types::ComparisonOperator;
use serde::{Deserialize, Serialize};

/// When a value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Above the threshold.
    GreaterThan,
    /// At or above it.
    AtLeast,
    /// Below it.
    LessThan,
    /// At or below it.
    AtMost,
}

/// What a period without values counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingData {
    /// Neither: the alarm reports too little data when all are missing.
    Missing,
    /// As a good one.
    NotBreaching,
    /// As a bad one.
    Breaching,
    /// The alarm stays as it is.
    Ignore,
}

impl Comparison {
    pub(super) fn in_words(self) -> ComparisonOperator {
        match self {
            Self::GreaterThan => ComparisonOperator::GreaterThanThreshold,
            Self::AtLeast => ComparisonOperator::GreaterThanOrEqualToThreshold,
            Self::LessThan => ComparisonOperator::LessThanThreshold,
            Self::AtMost => ComparisonOperator::LessThanOrEqualToThreshold,
        }
    }

    pub(super) fn described(operator: &ComparisonOperator) -> Option<Self> {
        let all = [Self::GreaterThan, Self::AtLeast, Self::LessThan, Self::AtMost];
        all.into_iter().find(|comparison| comparison.in_words() == *operator)
    }
}

impl MissingData {
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotBreaching => "notBreaching",
            Self::Breaching => "breaching",
            Self::Ignore => "ignore",
        }
    }

    pub(super) fn described(text: &str) -> Self {
        let all = [Self::NotBreaching, Self::Breaching, Self::Ignore];
        all.into_iter().find(|data| data.in_words() == text).unwrap_or(Self::Missing)
    }
}
