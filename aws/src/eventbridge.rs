//! Amazon `EventBridge`: rules on the default event bus, and where what they match goes.

pub use rule::{EventPattern, Rule, RuleOutputs, RuleRefs};
pub use rule_target::{RuleTarget, RuleTargetOutputs, RuleTargetRefs};

mod rule;
mod rule_target;
