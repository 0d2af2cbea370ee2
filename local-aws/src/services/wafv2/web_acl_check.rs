//! What a web ACL may have in it.

use super::rule::{capacity, is_group};
use super::{invalid, limits_exceeded};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// The most capacity that the rules of a web ACL can use.
const MOST: u64 = 5000;

const ONE: &str =
    "You have used none or multiple values for a field that requires exactly one value.";

/// The capacity of a request's rules, once they are known to be right.
pub(super) fn rules(call: &Call, rules: &[Value]) -> Result<u64, Fault> {
    let mut all = 0;
    for (at, rule) in rules.iter().enumerate() {
        let earlier = &rules[..at];
        if earlier.iter().any(|other| other["Name"] == rule["Name"]) {
            return Err(invalid("A rule name is used twice", "RULE", rule.text("Name")));
        }
        if earlier.iter().any(|other| other["Priority"] == rule["Priority"]) {
            let priority = rule["Priority"].to_string();
            return Err(invalid("A rule priority is used twice", "RULE", &priority));
        }
        let (wanted, other) = if is_group(&rule["Statement"]) {
            ("OverrideAction", "Action")
        } else {
            ("Action", "OverrideAction")
        };
        let actions = rule[wanted].as_object().map_or(0, serde_json::Map::len);
        if actions != 1 || rule.has(other) {
            return Err(invalid(ONE, "RULE", "RuleAction"));
        }
        all += capacity(call, &rule["Statement"], false)?;
    }
    if all > MOST { Err(limits_exceeded()) } else { Ok(all) }
}

/// Checks the rest of a web ACL: one default action.
pub(super) fn action(input: &Value) -> Result<(), Fault> {
    match input["DefaultAction"].as_object().map(serde_json::Map::len) {
        Some(1) => Ok(()),
        _ => Err(invalid(ONE, "DEFAULT_ACTION", "DefaultAction")),
    }
}

/// Rules as they are kept: with the window of rates that AWS takes where none is said.
pub(super) fn complete(rules: &[Value]) -> Vec<Value> {
    let mut all = rules.to_vec();
    for rule in &mut all {
        let rate = &mut rule["Statement"]["RateBasedStatement"];
        if rate.is_object() && !rate.has("EvaluationWindowSec") {
            rate["EvaluationWindowSec"] = json!(300);
        }
        if rate.is_null()
            && let Some(statement) = rule["Statement"].as_object_mut()
        {
            statement.remove("RateBasedStatement");
        }
    }
    all
}
