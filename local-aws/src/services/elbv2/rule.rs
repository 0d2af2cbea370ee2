//! Rules of listeners: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Rule.html>

mod create;
pub(super) mod priority;

pub(super) use self::create::create;

use super::{action, condition, listener, target_group, validation};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `Rule` by ARN, with `_listener` and `_load_balancer`; each listener has a default one.
pub(super) const RULE: Table = Table::regional("elbv2.rule");

/// The rule with an ARN.
pub(super) fn named(call: &Call, arn: &str) -> Result<Value, Fault> {
    call.get(RULE, arn)
        .cloned()
        .ok_or_else(|| Fault::new("RuleNotFound", format!("One or more rules not found: '{arn}'")))
}

/// The rules of a listener, the default one too.
fn of<'c>(call: &'c Call, listener: &str) -> impl Iterator<Item = &'c Value> {
    let rows = call.rows(RULE).map(|(_, row)| row);
    rows.filter(move |row| row.text("_listener") == listener)
}

/// The ARN of a rule of a listener: `listener-rule/` instead of `listener/`, and the rule's id.
fn arn(listener: &str, id: &str) -> String {
    format!("{}/{id}", listener.replacen(":listener/", ":listener-rule/", 1))
}

/// The row of a rule.
fn row(listener: &Value, arn: &str, more: Value) -> Value {
    let mut row = more;
    row["_listener"] = listener["ListenerArn"].clone();
    row["_load_balancer"] = listener["_load_balancer"].clone();
    for member in ["RuleArn", "_arn", "_key"] {
        row[member] = json!(arn);
    }
    row
}

/// Makes the default rule of a new listener.
pub(super) fn create_default(call: &mut Call, listener: &Value) {
    let id = call.new_hex("elbv2.rule", 16);
    let arn = arn(listener.text("ListenerArn"), &id);
    let more = json!({
        "Priority": "default", "Conditions": [], "Actions": listener["DefaultActions"], "IsDefault": true, "Tags": [],
    });
    call.put(RULE, &arn, row(listener, &arn, more));
}

/// Gives the default rule its listener's actions.
pub(super) fn set_default(call: &mut Call, listener: &Value) {
    let default = of(call, listener.text("ListenerArn")).find(|row| row.flag("IsDefault"));
    if let Some(arn) = default.map(|row| row.text("RuleArn").to_owned()) {
        call.merge(RULE, &arn, json!({"Actions": listener["DefaultActions"]}));
    }
}

/// Removes the rules of a listener that is deleted.
pub(super) fn delete_of(call: &mut Call, listener: &str) {
    let arns: Vec<String> = of(call, listener).map(|row| row.text("RuleArn").to_owned()).collect();
    for arn in arns {
        call.remove(RULE, &arn);
    }
}

/// `DescribeRules`: by ARN, or of a listener in the order of their priorities.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arns = input.texts("RuleArns");
    let mut found: Vec<Value> = match (input.opt("ListenerArn"), &arns[..]) {
        (Some(arn), []) => {
            listener::named(call, arn)?;
            of(call, arn).cloned().collect()
        }
        (None, [_, ..]) => arns.iter().map(|arn| named(call, arn)).collect::<Result<_, Fault>>()?,
        _ => {
            return Err(validation(
                "Either a listener ARN or one or more rule ARNs must be specified",
            ));
        }
    };
    found.sort_by_key(|row| row.text("Priority").parse().unwrap_or(u32::MAX));
    for row in &mut found {
        let priority: u32 = row.text("Priority").parse().unwrap_or(u32::MAX);
        row["_key"] = json!(format!("{priority:010}"));
    }
    Ok(json!({"Rules": found}))
}

/// `ModifyRule`: not the default one.
pub(super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if !input.items("Transforms").is_empty() {
        return Err(Fault::not_implemented("rules with transforms"));
    }
    let mut row = named(call, input.text("RuleArn"))?;
    not_default(&row, "modified")?;
    if input.has("Conditions") {
        row["Conditions"] = json!(condition::of_request(call, input.items("Conditions"))?);
    }
    if input.has("Actions") {
        let listener = listener::named(call, row.text("_listener"))?;
        let of = (row.text("_load_balancer"), listener.text("Protocol"));
        row["Actions"] = json!(action::of_request(call, of, input.items("Actions"))?);
    }
    call.put(RULE, input.text("RuleArn"), row.clone());
    target_group::refresh(call);
    Ok(json!({"Rules": [row]}))
}

fn not_default(row: &Value, done: &str) -> Result<(), Fault> {
    if !row.flag("IsDefault") {
        return Ok(());
    }
    let message = format!("Default rule '{}' cannot be {done}", row.text("RuleArn"));
    Err(Fault::new("OperationNotPermitted", message))
}

/// `DeleteRule`: not the default one.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let row = named(call, call.input().text("RuleArn"))?;
    not_default(&row, "deleted")?;
    call.remove(RULE, row.text("RuleArn"));
    target_group::refresh(call);
    Ok(json!({}))
}
