//! What tasks run on: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html>

use aws_sdk_ecs::types::CapacityProviderStrategyItem;
use globecart_aws::engine::Invalid;
use serde::{Deserialize, Serialize};

/// Capacity that AWS brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CapacityProvider {
    /// Fargate, on demand.
    Fargate,
    /// Spare capacity of Fargate, cheaper, which AWS takes back with a notice of two minutes.
    FargateSpot,
}

/// A part of the tasks, and what it runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityShare {
    /// The capacity.
    pub provider: CapacityProvider,
    /// How many tasks run on it at least, before weights count; for one share of a strategy alone.
    pub base: u32,
    /// Its weight against the other shares, for the tasks above the base.
    pub weight: u32,
}

impl CapacityProvider {
    /// All that there is.
    pub const ALL: [Self; 2] = [Self::Fargate, Self::FargateSpot];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fargate => "FARGATE",
            Self::FargateSpot => "FARGATE_SPOT",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

impl CapacityShare {
    /// All tasks.
    pub fn all_of(provider: CapacityProvider) -> Self {
        Self { provider, base: 0, weight: 1 }
    }
}

/// Refuses a strategy that ECS would refuse.
pub(crate) fn check(field: &str, strategy: &[CapacityShare]) -> Result<(), Invalid> {
    if !strategy.iter().any(|share| share.weight > 0) {
        return Err(Invalid::new(field, "needs a share with a weight above 0"));
    }
    if strategy.iter().filter(|share| share.base > 0).count() > 1 {
        return Err(Invalid::new(field, "can have a base in one share only"));
    }
    let twice = CapacityProvider::ALL
        .into_iter()
        .any(|one| strategy.iter().filter(|share| share.provider == one).count() > 1);
    if twice {
        return Err(Invalid::new(field, "names a capacity provider twice"));
    }
    let beyond = |share: &CapacityShare| share.weight > 1000 || share.base > 100_000;
    if strategy.iter().any(beyond) {
        return Err(Invalid::new(field, "takes weights up to 1,000 and a base up to 100,000"));
    }
    Ok(())
}

/// A strategy as ECS takes it.
pub(crate) fn to_api(strategy: &[CapacityShare]) -> Vec<CapacityProviderStrategyItem> {
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let item = |share: &CapacityShare| {
        CapacityProviderStrategyItem::builder()
            .capacity_provider(share.provider.as_str())
            .base(number(share.base))
            .weight(number(share.weight))
            .build()
            .expect("the provider is set")
    };
    strategy.iter().map(item).collect()
}

/// A strategy as ECS describes it.
pub(crate) fn from_api(items: &[CapacityProviderStrategyItem]) -> Vec<CapacityShare> {
    let share = |item: &CapacityProviderStrategyItem| {
        Some(CapacityShare {
            provider: CapacityProvider::named(item.capacity_provider())?,
            base: u32::try_from(item.base()).unwrap_or_default(),
            weight: u32::try_from(item.weight()).unwrap_or_default(),
        })
    };
    items.iter().filter_map(share).collect()
}
