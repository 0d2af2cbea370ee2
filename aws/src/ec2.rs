//! What reads and searches of all EC2 types have in common.

use std::time::Duration;

use aws_sdk_ec2::types::Filter;
use aws_sdk_ec2::types::builders::FilterBuilder;
use globecart_engine::{Intent, Invalid};

pub use security_group::{SecurityGroup, SecurityGroupOutputs, SecurityGroupRefs};
pub use security_group_rule::{SecurityGroupRule, SecurityGroupRuleOutputs, SecurityGroupRuleRefs};
pub use traffic::{Direction, Peer, Ports, Traffic};

mod security_group;
mod security_group_rule;
mod traffic;

/// How many values one filter takes.
pub const FILTER_VALUES: usize = 200;

/// How long reads may lag behind a write: what carries neither token nor unique name is looked for this long
/// before it counts as never made.
pub const LAG: Duration = Duration::from_secs(30);

/// A filter of a Describe call.
pub fn filter(name: &str, values: impl IntoIterator<Item = impl Into<String>>) -> Filter {
    values.into_iter().fold(Filter::builder().name(name), FilterBuilder::values).build()
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

/// Checks a description against what EC2 takes for security groups and their rules.
fn check_description(text: &str) -> Result<(), Invalid> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    if text.is_empty() || text.len() > 255 || !text.chars().all(allowed) {
        let rule = "1 to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*";
        return Err(Invalid::new("description", format!("`{text}` must be {rule}")));
    }
    Ok(())
}
