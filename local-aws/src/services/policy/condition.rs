//! Conditions of policy statements.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use super::{list, texts};
use crate::filter;
use serde_json::Value;

/// Whether all tests of a `Condition` element hold for the condition keys of a request.
pub(super) fn holds(condition: &Value, context: &[(&str, &str)]) -> bool {
    let tests = condition.as_object().into_iter().flatten();
    tests.into_iter().all(|(operator, keys)| {
        keys.as_object()
            .into_iter()
            .flatten()
            .all(|(key, wanted)| test(operator, found(context, key), wanted))
    })
}

fn found<'a>(context: &[(&'a str, &'a str)], key: &str) -> Option<&'a str> {
    context.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, value)| *value)
}

/// One operator on one key. A key that the request does not have fails every test but the negated and optional ones.
fn test(operator: &str, found: Option<&str>, wanted: &Value) -> bool {
    let name = operator.rsplit(':').next().unwrap_or(operator);
    if name == "Null" {
        return is_true(wanted) == found.is_none();
    }
    let (name, optional) = name.strip_suffix("IfExists").map_or((name, false), |name| (name, true));
    let negated = name.contains("Not");
    let Some(found) = found else { return optional || negated };
    let wanted = list(wanted).iter().map(plain).collect::<Vec<String>>();
    let any = |fits: &dyn Fn(&str) -> bool| wanted.iter().any(|text| fits(text)) != negated;
    match name {
        "StringEquals" | "StringNotEquals" => any(&|text| text == found),
        "StringEqualsIgnoreCase" | "StringNotEqualsIgnoreCase" => {
            any(&|text| text.eq_ignore_ascii_case(found))
        }
        "StringLike" | "StringNotLike" | "ArnLike" | "ArnEquals" | "ArnNotLike"
        | "ArnNotEquals" => any(&|text| filter::like(text, found)),
        "Bool" => any(&|text| text.eq_ignore_ascii_case(found)),
        _ if name.starts_with("Numeric") => any(&|text| compare(name, found, text)),
        // Dates and addresses belong to no request that this cloud evaluates.
        _ => false,
    }
}

fn compare(operator: &str, found: &str, wanted: &str) -> bool {
    let (Ok(found), Ok(wanted)) = (found.parse::<f64>(), wanted.parse::<f64>()) else {
        return false;
    };
    match operator {
        "NumericLessThan" => found < wanted,
        "NumericLessThanEquals" => found <= wanted,
        "NumericGreaterThan" => found > wanted,
        "NumericGreaterThanEquals" => found >= wanted,
        _ => (found - wanted).abs() < f64::EPSILON,
    }
}

fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| {
        texts(value).next().is_some_and(|text| text.eq_ignore_ascii_case("true"))
    })
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
