//! Patterns about messages in JSON, such as `{ ($.user.id = 1) && ($.error NOT EXISTS) }`.

use super::condition::{Condition, Test, comparison, text};
use super::scan::Scan;
use serde_json::{Map, Value, json};

/// A condition on the members of a message.
pub(in super::super) struct Json(Condition<Selector>);

/// Where values are in a message: `$.users[0].name`, in which `[*]` means every element.
struct Selector {
    text: String,
    path: Vec<Piece>,
}

enum Piece {
    Member(String),
    Element(usize),
    Every,
}

pub(super) fn parse(scan: &mut Scan) -> Option<Json> {
    scan.eat("{").then_some(())?;
    let condition = Condition::parse(scan, selector, test)?;
    scan.eat("}").then_some(Json(condition))
}

/// The value of a message at a selector, as text.
pub(super) fn value(message: &str, selector: &str) -> Option<String> {
    let message: Value = serde_json::from_str(message).ok()?;
    let selector = self::selector(&mut Scan::new(selector))?;
    selector.values(&message).first().and_then(text)
}

impl Json {
    pub(super) fn matches(&self, message: &str) -> Option<Map<String, Value>> {
        let message: Value = serde_json::from_str(message).ok().filter(Value::is_object)?;
        if !self.0.holds(&|selector: &Selector| selector.values(&message)) {
            return None;
        }
        let taken = self.0.subjects().into_iter().filter_map(|selector| {
            let value = selector.values(&message).first().and_then(text)?;
            Some((selector.text.clone(), json!(value)))
        });
        Some(taken.collect())
    }
}

impl Selector {
    fn values(&self, message: &Value) -> Vec<Value> {
        let mut here = vec![message];
        for piece in &self.path {
            here = here.into_iter().flat_map(|value| piece.of(value)).collect();
        }
        here.into_iter().cloned().collect()
    }
}

impl Piece {
    fn of<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        match self {
            Self::Member(name) => value.get(name).into_iter().collect(),
            Self::Element(at) => value.get(at).into_iter().collect(),
            Self::Every => value.as_array().into_iter().flatten().collect(),
        }
    }
}

fn selector(scan: &mut Scan) -> Option<Selector> {
    scan.eat("$").then_some(())?;
    let (mut text, mut path) = ("$".to_owned(), Vec::new());
    loop {
        if scan.eat_at_once(".[") || scan.eat_at_once("[") {
            let (shown, piece) = element(scan)?;
            scan.eat("]").then_some(())?;
            text = format!("{text}[{shown}]");
            path.push(piece);
        } else if scan.eat_at_once(".") {
            let name = scan.run(|next| !next.is_whitespace() && !".[]=!<>()&|{}".contains(next))?;
            text = format!("{text}.{name}");
            path.push(Piece::Member(name.to_owned()));
        } else {
            return (!path.is_empty()).then_some(Selector { text, path });
        }
    }
}

fn element(scan: &mut Scan) -> Option<(String, Piece)> {
    if scan.eat("*") {
        return Some(("*".to_owned(), Piece::Every));
    }
    if scan.peek() == Some('"') {
        let name = scan.quoted()?;
        return Some((format!("\"{name}\""), Piece::Member(name)));
    }
    if scan.eat("'") {
        let name = scan.run(|next| next != '\'')?;
        return scan
            .eat_at_once("'")
            .then(|| (format!("'{name}'"), Piece::Member(name.to_owned())));
    }
    let at = scan.run(|next| next.is_ascii_digit())?;
    Some((at.to_owned(), Piece::Element(at.parse().ok()?)))
}

fn test(scan: &mut Scan) -> Option<Test> {
    if scan.eat_word("IS") {
        let values = [("TRUE", json!(true)), ("FALSE", json!(false)), ("NULL", Value::Null)];
        return values
            .into_iter()
            .find(|(word, _)| scan.eat_word(word))
            .map(|(_, value)| Test::Is(value));
    }
    if scan.eat_word("NOT") {
        return scan.eat_word("EXISTS").then_some(Test::NotExists);
    }
    comparison(scan)
}
