//! What a target gets of an event: all of it, a part, a constant, or a text made from parts.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>

use crate::fields::Fields;
use serde_json::Value;

/// Checks a target's `InputTransformer`.
pub(super) fn check(target: &Value) -> Result<(), String> {
    let transformer = &target["InputTransformer"];
    let paths = transformer["InputPathsMap"].as_object().into_iter().flatten();
    for (name, path) in paths {
        if name.starts_with("aws.") {
            return Err(format!("{name} is reserved"));
        }
        if !path.as_str().is_some_and(|path| path.starts_with('$')) {
            return Err(format!("{path} is not a JSON path"));
        }
    }
    for name in placeholders(transformer.text("InputTemplate")) {
        let known = name.starts_with("aws.events.") || transformer["InputPathsMap"].has(name);
        if !known {
            return Err(format!("InputTemplate for target contains invalid placeholder {name}"));
        }
    }
    Ok(())
}

/// The names between angle brackets.
fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    let plain = |name: &&str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    template.split('<').skip(1).filter_map(|rest| Some(rest.split_once('>')?.0)).filter(plain)
}

/// What a target of a rule gets.
pub(super) fn apply(target: &Value, rule: &Value, event: &Value) -> String {
    if let Some(constant) = target.opt("Input") {
        return constant.to_owned();
    }
    if let Some(path) = target.opt("InputPath") {
        return at(event, path).map_or_else(String::new, ToString::to_string);
    }
    if !target.has("InputTransformer") {
        return event.to_string();
    }
    let transformer = &target["InputTransformer"];
    let template = transformer.text("InputTemplate");
    let mut text = template.to_owned();
    for name in placeholders(template) {
        let place = format!("<{name}>");
        let value = value(name, transformer, rule, event);
        let quoted = text.contains(&format!("\"{place}\"")) || in_text(template, &place);
        text = text.replace(&place, &written(&value, quoted));
    }
    text
}

/// Whether a placeholder stands inside a quoted text.
fn in_text(template: &str, place: &str) -> bool {
    let before = template.split(place).next().unwrap_or_default();
    before.matches('"').count() % 2 == 1
}

fn value(name: &str, transformer: &Value, rule: &Value, event: &Value) -> Value {
    match name {
        "aws.events.event.json" | "aws.events.event" => event.clone(),
        "aws.events.rule-arn" => rule["Arn"].clone(),
        "aws.events.rule-name" => rule["Name"].clone(),
        "aws.events.event.ingestion-time" => event["time"].clone(),
        _ => at(event, transformer["InputPathsMap"].text(name)).cloned().unwrap_or_default(),
    }
}

fn written(value: &Value, quoted: bool) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if quoted => {
            let escaped = Value::from(text.as_str()).to_string();
            escaped[1..escaped.len() - 1].to_owned()
        }
        Value::String(text) => Value::from(text.as_str()).to_string(),
        other if quoted => other.to_string().replace('"', ""),
        other => other.to_string(),
    }
}

/// The value at a path such as `$.detail.items[0].name`.
fn at<'v>(event: &'v Value, path: &str) -> Option<&'v Value> {
    let rest = path.strip_prefix('$')?;
    let mut here = event;
    for step in rest.split('.').filter(|step| !step.is_empty()) {
        let (name, indexes) = step.split_once('[').unwrap_or((step, ""));
        if !name.is_empty() {
            here = here.get(name)?;
        }
        for index in indexes.split('[').filter_map(|index| index.strip_suffix(']')) {
            here = match index.parse::<usize>() {
                Ok(index) => here.get(index)?,
                Err(_) => here.get(index.trim_matches(['\'', '"']))?,
            };
        }
    }
    Some(here)
}
