//! Conditions of rules:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html>

use super::{account, validation};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// The fields: name, the member that describes them, and whether a rule can have several conditions on it.
const FIELDS: [(&str, &str, bool); 6] = [
    ("host-header", "HostHeaderConfig", false),
    ("path-pattern", "PathPatternConfig", false),
    ("http-header", "HttpHeaderConfig", true),
    ("http-request-method", "HttpRequestMethodConfig", false),
    ("query-string", "QueryStringConfig", true),
    ("source-ip", "SourceIpConfig", false),
];

/// The longest value.
const LONGEST: usize = 128;

/// The conditions of a request, with their values in both forms where there are two.
pub(super) fn of_request(call: &Call, given: &[Value]) -> Result<Vec<Value>, Fault> {
    if given.is_empty() {
        return Err(validation("A condition must be specified"));
    }
    let mut all: Vec<Value> = Vec::new();
    for condition in given {
        let (field, member, several) = field(condition)?;
        if !several && all.iter().any(|other| other.text("Field") == field) {
            return Err(validation(format!("A rule can only have one '{field}' condition")));
        }
        all.push(complete(condition, field, member)?);
    }
    let values: Vec<String> = all.iter().flat_map(values).collect();
    if values.len() > account::limit(call, "condition-values-per-alb-rule") {
        return Err(validation("A rule has too many condition values"));
    }
    let wildcards = values.iter().map(|value| value.matches(['*', '?']).count()).sum::<usize>();
    if wildcards > account::limit(call, "condition-wildcards-per-alb-rule") {
        return Err(validation("A rule has too many wildcards in its conditions"));
    }
    Ok(all)
}

/// The field of a condition, which may only be told by the member that describes it.
fn field(condition: &Value) -> Result<(&'static str, &'static str, bool), Fault> {
    let regex = |value: &Value| value.has("RegexValues");
    if regex(condition) || FIELDS.iter().any(|(_, member, _)| regex(&condition[*member])) {
        return Err(Fault::not_implemented("conditions with regular expressions"));
    }
    let described: Vec<_> =
        FIELDS.into_iter().filter(|(_, member, _)| condition.has(member)).collect();
    let named = condition.opt("Field");
    let by_name = FIELDS.into_iter().find(|(name, _, _)| Some(*name) == named);
    match (named, by_name, described[..].first()) {
        (Some(name), None, _) => {
            Err(validation(format!("Condition field '{name}' must be one of '[{}]'", names())))
        }
        (_, _, _) if described.len() > 1 => {
            Err(validation("A condition can have one configuration"))
        }
        (_, Some(known), None) => Ok(known),
        (_, Some(known), Some(described)) if known == *described => Ok(known),
        (None, _, Some(described)) => Ok(*described),
        _ => Err(validation("A condition needs a field with the configuration of that field")),
    }
}

fn names() -> String {
    FIELDS.map(|(name, _, _)| name).join(",")
}

fn complete(condition: &Value, field: &str, member: &str) -> Result<Value, Fault> {
    let short = ["host-header", "path-pattern"].contains(&field);
    let mut config = condition[member].clone();
    if condition.has("Values") {
        if !short || config.is_object() {
            return Err(validation(format!("Values cannot be specified with {member}")));
        }
        config = json!({"Values": condition["Values"]});
    }
    if config.items("Values").is_empty() {
        return Err(validation(format!("A value must be specified for the field '{field}'")));
    }
    if field == "http-header" && !config.has("HttpHeaderName") {
        return Err(validation("HttpHeaderName must be specified"));
    }
    if let Some(long) = config.texts("Values").into_iter().find(|value| value.len() > LONGEST) {
        return Err(validation(format!("The value '{long}' is longer than {LONGEST} characters")));
    }
    let mut done = json!({"Field": field, member: config});
    if short {
        done["Values"] = done[member]["Values"].clone();
    }
    Ok(done)
}

/// The values of a condition; of a query string, those of its pairs.
fn values(condition: &Value) -> Vec<String> {
    let config = FIELDS.iter().map(|(_, member, _)| &condition[*member]).find(|it| it.is_object());
    let items = config.map_or(&[][..], |config| config.items("Values"));
    items
        .iter()
        .map(|item| item.as_str().unwrap_or_else(|| item.text("Value")).to_owned())
        .collect()
}
