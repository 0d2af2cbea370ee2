//! Which target gets a request.

use serde::{Deserialize, Serialize};

/// Which target gets a request:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#modify-routing-algorithm>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Balancing {
    /// One after the other.
    RoundRobin,
    /// The one with the fewest requests that it has not answered yet.
    #[default]
    LeastOutstandingRequests,
    /// At random; targets that fail more than others get less.
    WeightedRandom,
}

impl Balancing {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::RoundRobin => "round_robin",
            Self::LeastOutstandingRequests => "least_outstanding_requests",
            Self::WeightedRandom => "weighted_random",
        }
    }

    pub(super) fn described(text: &str) -> Self {
        match text {
            "least_outstanding_requests" => Self::LeastOutstandingRequests,
            "weighted_random" => Self::WeightedRandom,
            _ => Self::RoundRobin,
        }
    }
}
