//! Which load balancers use a target group, by their listeners and rules.

use super::TARGET_GROUP;
use crate::call::Call;
use crate::fields::Fields;
use crate::services::elbv2::action;
use crate::services::elbv2::listener::LISTENER;
use crate::services::elbv2::rule::RULE;
use serde_json::json;
use std::collections::BTreeSet;

/// The ARNs of the load balancers that use a target group.
pub(in super::super) fn load_balancers(call: &Call, group: &str) -> BTreeSet<String> {
    let listeners = call.rows(LISTENER).map(|(_, row)| (row, "DefaultActions"));
    let rules = call.rows(RULE).map(|(_, row)| (row, "Actions"));
    listeners
        .chain(rules)
        .filter(|(row, member)| {
            action::target_groups(row.items(member)).iter().any(|arn| arn == group)
        })
        .map(|(row, _)| row.text("_load_balancer").to_owned())
        .collect()
}

/// Notes since when target groups are used, after listeners or rules have changed.
pub(in super::super) fn refresh(call: &mut Call) {
    let groups: Vec<(String, bool)> = call
        .rows(TARGET_GROUP)
        .map(|(arn, row)| (arn.to_owned(), row.has("_used_since")))
        .collect();
    for (arn, noted) in groups {
        let used = !load_balancers(call, &arn).is_empty();
        if used != noted {
            let since = used.then(|| call.now());
            call.merge(TARGET_GROUP, &arn, json!({"_used_since": since}));
        }
    }
}
