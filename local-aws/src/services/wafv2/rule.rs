//! Statements of rules, and the capacity that they use:
//! <https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements-list.html>

use super::ip_set::IP_SET;
use super::{invalid, managed, nonexistent};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::Value;

/// Windows of time, in seconds, over which rates are counted.
const WINDOWS: [i64; 4] = [60, 120, 300, 600];

const ONE: &str =
    "You have used none or multiple values for a field that requires exactly one value.";

/// The name and the content of a statement, of which it has one.
fn only(statement: &Value) -> Result<(&str, &Value), Fault> {
    let mut given = statement.as_object().into_iter().flatten().filter(|(_, it)| !it.is_null());
    match (given.next(), given.next()) {
        (Some((name, content)), None) => Ok((name, content)),
        _ => Err(invalid(ONE, "STATEMENT", "Statement")),
    }
}

/// Whether a statement names a group of rules.
pub(super) fn is_group(statement: &Value) -> bool {
    ["ManagedRuleGroupStatement", "RuleGroupReferenceStatement"]
        .iter()
        .any(|name| statement.has(name))
}

/// The capacity that a statement uses, once it is known to be right.
pub(super) fn capacity(call: &Call, statement: &Value, nested: bool) -> Result<u64, Fault> {
    let (name, content) = only(statement)?;
    if nested && ["ManagedRuleGroupStatement", "RateBasedStatement"].contains(&name) {
        let reason = "A reference in your rule statement is not valid.";
        return Err(invalid(reason, "STATEMENT", name));
    }
    let own = match name {
        "ManagedRuleGroupStatement" => {
            managed::capacity(content.text("VendorName"), content.text("Name"))
                .ok_or_else(nonexistent)?
        }
        "RateBasedStatement" => rate(content)?,
        "IPSetReferenceStatement" => {
            let arn = content.text("ARN");
            call.rows(IP_SET).find(|(_, row)| row.text("ARN") == arn).ok_or_else(nonexistent)?;
            if content.has("IPSetForwardedIPConfig") { 4 } else { 1 }
        }
        "RuleGroupReferenceStatement" | "RegexPatternSetReferenceStatement" => {
            return Err(nonexistent());
        }
        "AndStatement" | "OrStatement" | "NotStatement" => 0,
        other => simple(other, content),
    };
    let mut all = own;
    for inner in inner(content) {
        all += capacity(call, inner, true)?;
    }
    Ok(all)
}

/// The statements in a statement.
fn inner(content: &Value) -> Vec<&Value> {
    let mut inner: Vec<&Value> = content.items("Statements").iter().collect();
    let lone = ["Statement", "ScopeDownStatement"].into_iter().filter(|name| content.has(name));
    inner.extend(lone.map(|name| &content[name]));
    inner
}

fn rate(content: &Value) -> Result<u64, Fault> {
    let bad = |parameter: &str| {
        Err(invalid(
            "A field in your rate-based statement is not valid.",
            "RATE_BASED_STATEMENT",
            parameter,
        ))
    };
    if content.int("EvaluationWindowSec").is_some_and(|window| !WINDOWS.contains(&window)) {
        return bad("EvaluationWindowSec");
    }
    match content.text("AggregateKeyType") {
        "FORWARDED_IP" if !content.has("ForwardedIPConfig") => bad("ForwardedIPConfig"),
        "CONSTANT" if !content.has("ScopeDownStatement") => bad("ScopeDownStatement"),
        "CUSTOM_KEYS" if content.items("CustomKeys").is_empty() => bad("CustomKeys"),
        _ => Ok(2 + 30 * content.items("CustomKeys").len() as u64),
    }
}

/// The capacity of a statement that looks at a part of a request.
fn simple(name: &str, content: &Value) -> u64 {
    let own = match name {
        "ByteMatchStatement" => match content.text("PositionalConstraint") {
            "CONTAINS" | "CONTAINS_WORD" => 10,
            _ => 2,
        },
        "SqliMatchStatement" if content.text("SensitivityLevel") == "HIGH" => 30,
        "SqliMatchStatement" => 20,
        "XssMatchStatement" => 40,
        "RegexMatchStatement" => 3,
        _ => 1,
    };
    let field = &content["FieldToMatch"];
    let part = if field.has("AllQueryArguments") { 10 } else { 0 };
    let whole = if field.has("JsonBody") { 2 * own } else { own };
    let kept = content.items("TextTransformations").iter().filter(|it| it.text("Type") != "NONE");
    whole + part + 10 * kept.count() as u64
}
