//! Checks a request's members against the model: what AWS refuses before an operation sees it.

use super::{Kind, Model, Reference, Shape};
use serde_json::Value;

/// A violation of the model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    /// The members that lead to it; elements of lists by number from 1.
    pub(crate) path: Vec<String>,
    pub(crate) rule: Rule,
    /// The value, as text.
    pub(crate) value: Option<String>,
}

/// The rule that a value violates.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Rule {
    /// The member must be there.
    Required,
    /// There is no such member.
    Unknown,
    /// The value must be of a type.
    Type(&'static str),
    /// At least that many characters, bytes, elements.
    MinLength(f64),
    /// At most that many characters, bytes, elements.
    MaxLength(f64),
    /// At least that number.
    Min(f64),
    /// At most that number.
    Max(f64),
    /// The text must match.
    Pattern(String),
    /// The text must be one of these.
    Enum(Vec<String>),
}

/// All violations in an input.
pub(crate) fn check(model: &Model, input: Option<&Reference>, value: &Value) -> Vec<Problem> {
    let mut check = Check { model, path: Vec::new(), problems: Vec::new() };
    check.structure(model.side(input), value);
    check.problems
}

struct Check<'m> {
    model: &'m Model,
    path: Vec<String>,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn found(&mut self, rule: Rule, value: Option<String>) {
        self.problems.push(Problem { path: self.path.clone(), rule, value });
    }

    fn within(&mut self, name: &str, look: impl FnOnce(&mut Self)) {
        self.path.push(name.to_owned());
        look(self);
        self.path.pop();
    }

    fn structure(&mut self, shape: &Shape, value: &Value) {
        for name in &shape.required {
            if value.get(name).is_none_or(Value::is_null) {
                self.within(name, |check| check.found(Rule::Required, None));
            }
        }
        for (name, value) in value.as_object().into_iter().flatten() {
            self.within(name, |check| match shape.members.get(name) {
                Some(member) => check.value(check.model.shape(member), value),
                None => check.found(Rule::Unknown, None),
            });
        }
    }

    fn value(&mut self, shape: &Shape, value: &Value) {
        match (shape.kind, value) {
            (_, Value::Null)
            | (Kind::Boolean, Value::Bool(_))
            | (Kind::Timestamp, Value::Number(_))
            | (Kind::Character, Value::String(_)) => {}
            (Kind::Structure, Value::Object(_)) => self.structure(shape, value),
            (Kind::List, Value::Array(elements)) => self.list(shape, elements),
            (Kind::Map, Value::Object(entries)) => self.map(shape, entries),
            (Kind::String, Value::String(text)) => self.text(shape, text),
            (Kind::Integer | Kind::Long | Kind::Float | Kind::Double, Value::Number(number)) => {
                self.range(shape, number.as_f64().unwrap_or_default(), number.to_string());
            }
            (Kind::Blob, Value::String(base64)) => {
                self.length(shape, decoded_length(base64), || base64.clone());
            }
            (kind, other) => self.found(Rule::Type(kind_name(kind)), Some(other.to_string())),
        }
    }

    fn list(&mut self, shape: &Shape, elements: &[Value]) {
        self.length(shape, elements.len(), || Value::Array(elements.to_vec()).to_string());
        let Some(member) = &shape.member else { return };
        let element = self.model.shape(member);
        for (index, value) in elements.iter().enumerate() {
            self.within(&(index + 1).to_string(), |check| check.value(element, value));
        }
    }

    fn map(&mut self, shape: &Shape, entries: &serde_json::Map<String, Value>) {
        self.length(shape, entries.len(), || Value::Object(entries.clone()).to_string());
        let (Some(keys), Some(values)) = (&shape.key, &shape.value) else { return };
        for (key, value) in entries {
            self.within(key, |check| {
                check.text(check.model.shape(keys), key);
                check.value(check.model.shape(values), value);
            });
        }
    }

    fn text(&mut self, shape: &Shape, text: &str) {
        self.length(shape, text.chars().count(), || text.to_owned());
        if !shape.values.is_empty() && !shape.values.iter().any(|value| value == text) {
            self.found(Rule::Enum(shape.values.clone()), Some(text.to_owned()));
        }
        if shape.regex().is_some_and(|regex| !regex.is_match(text)) {
            let pattern = shape.pattern.clone().unwrap_or_default();
            self.found(Rule::Pattern(pattern), Some(text.to_owned()));
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "lengths of requests are far below 2^52")]
    fn length(&mut self, shape: &Shape, length: usize, value: impl Fn() -> String) {
        if let Some(min) = shape.min.filter(|min| (length as f64) < *min) {
            self.found(Rule::MinLength(min), Some(value()));
        }
        if let Some(max) = shape.max.filter(|max| (length as f64) > *max) {
            self.found(Rule::MaxLength(max), Some(value()));
        }
    }

    fn range(&mut self, shape: &Shape, number: f64, value: String) {
        if let Some(min) = shape.min.filter(|min| number < *min) {
            self.found(Rule::Min(min), Some(value.clone()));
        }
        if let Some(max) = shape.max.filter(|max| number > *max) {
            self.found(Rule::Max(max), Some(value));
        }
    }
}

fn decoded_length(base64: &str) -> usize {
    base64.trim_end_matches('=').len() * 3 / 4
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Structure => "structure",
        Kind::List => "list",
        Kind::Map => "map",
        Kind::String | Kind::Character => "string",
        Kind::Boolean => "boolean",
        Kind::Integer | Kind::Long => "integer",
        Kind::Float | Kind::Double => "number",
        Kind::Timestamp => "timestamp",
        Kind::Blob => "blob",
    }
}
