//! Patterns about messages of words, such as `[ip, ..., status = 4* && status != 404, size]`.

use super::condition::{Condition, Test, comparison};
use super::scan::Scan;
use serde_json::{Map, Value, json};

/// The columns from the left and, if there is an ellipsis, those from the right.
pub(in super::super) struct Columns {
    left: Vec<Condition<String>>,
    right: Option<Vec<Condition<String>>>,
}

pub(super) fn parse(scan: &mut Scan) -> Option<Columns> {
    let mut columns = Columns { left: Vec::new(), right: None };
    scan.eat("[").then_some(())?;
    loop {
        if scan.eat("...") {
            columns.right.is_none().then_some(())?;
            columns.right = Some(Vec::new());
        } else {
            let column = Condition::parse(scan, name, test)?;
            // The tests of a column are all about itself.
            let names = column.subjects();
            names.iter().all(|name| *name == names[0]).then_some(())?;
            columns.right.as_mut().unwrap_or(&mut columns.left).push(column);
        }
        if scan.eat("]") {
            return Some(columns);
        }
        scan.eat(",").then_some(())?;
    }
}

fn name(scan: &mut Scan) -> Option<String> {
    scan.peek()?;
    scan.run(|next| next.is_alphanumeric() || next == '_').map(str::to_owned)
}

fn test(scan: &mut Scan) -> Option<Test> {
    match scan.peek()? {
        '=' | '!' | '<' | '>' => comparison(scan),
        _ => Some(Test::Any),
    }
}

impl Columns {
    pub(super) fn matches(&self, message: &str) -> Option<Map<String, Value>> {
        let fields = fields(message);
        let right = self.right.as_deref().unwrap_or_default();
        let between = fields.len().checked_sub(self.left.len() + right.len())?;
        if between > 0 && self.right.is_none() {
            return None;
        }
        let gap = std::iter::repeat_n(None, between);
        let columns = self.left.iter().map(Some).chain(gap).chain(right.iter().map(Some));
        let mut taken = Map::new();
        for (at, (field, column)) in fields.into_iter().zip(columns).enumerate() {
            let name =
                column.and_then(|column| column.subjects().first().map(|name| name.as_str()));
            taken.insert(
                name.map_or_else(|| format!("${}", at + 1), |name| format!("${name}")),
                json!(field),
            );
            if !column.is_none_or(|column| column.holds(&|_: &String| vec![json!(field)])) {
                return None;
            }
        }
        Some(taken)
    }
}

/// The fields of a message: words, and texts in double quotes or brackets.
fn fields(message: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = message.trim();
    while !rest.is_empty() {
        let end = match rest.chars().next() {
            Some('"') => rest[1..].find('"'),
            Some('[') => rest[1..].find(']'),
            _ => None,
        };
        let (field, after) = match end {
            Some(end) => (&rest[1..=end], &rest[end + 2..]),
            None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        fields.push(field);
        rest = after.trim_start();
    }
    fields
}
