//! What reads and searches of all EC2 types have in common.

use std::time::Duration;

use aws_sdk_ec2::types::Filter;
use globecart_engine::Intent;

/// How many values one filter takes.
pub const FILTER_VALUES: usize = 200;

/// How long reads may lag behind a write: what carries neither token nor unique name is looked for this long
/// before it counts as never made.
pub const LAG: Duration = Duration::from_secs(30);

/// A filter of a Describe call.
pub fn filter(name: &str, values: impl IntoIterator<Item = impl Into<String>>) -> Filter {
    values.into_iter().fold(Filter::builder().name(name), |filter, value| filter.values(value)).build()
}

/// The filters that find what this very intent made: stack, address and life.
pub fn made_by(intent: &Intent) -> Vec<Filter> {
    let ours = intent.tags().iter().filter(|(key, _)| key.starts_with("globecart:"));
    ours.map(|(key, value)| filter(&format!("tag:{key}"), [value])).collect()
}

/// How many calls a filtered Describe of `count` resources takes.
pub fn pages(count: usize) -> usize {
    count.div_ceil(FILTER_VALUES)
}
