//! The order of rules: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetRulePriorities.html>

use super::{RULE, named, not_default, of};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// Checks that no rule of a listener has a priority, except those that get another one.
pub(super) fn free(
    call: &Call,
    listener: &str,
    priority: i64,
    moving: &[&str],
) -> Result<(), Fault> {
    let text = priority.to_string();
    let taken = of(call, listener)
        .any(|row| row.text("Priority") == text && !moving.contains(&row.text("RuleArn")));
    if taken {
        let message = format!("Priority '{priority}' is currently in use");
        return Err(Fault::new("PriorityInUse", message));
    }
    Ok(())
}

/// `SetRulePriorities`: several at once, so that rules can change places.
pub(in super::super) fn set(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let pairs = input.items("RulePriorities");
    let moving: Vec<&str> = pairs.iter().map(|pair| pair.text("RuleArn")).collect();
    let mut rows = Vec::new();
    for (at, pair) in pairs.iter().enumerate() {
        let mut row = named(call, pair.text("RuleArn"))?;
        not_default(&row, "moved")?;
        let priority = pair.int("Priority").unwrap_or_default();
        if pairs[..at].iter().any(|other| other.int("Priority") == Some(priority)) {
            let message = format!("Priority '{priority}' is given more than once");
            return Err(Fault::new("PriorityInUse", message));
        }
        free(call, row.text("_listener"), priority, &moving)?;
        row["Priority"] = json!(priority.to_string());
        rows.push(row);
    }
    for row in &rows {
        call.put(RULE, row.text("RuleArn"), row.clone());
    }
    Ok(json!({"Rules": rows}))
}
