//! Form-encoded requests of the `ec2` and `query` protocols.

use super::scalar;
use crate::model::{Kind, Model, Operation, Problem, Reference, Rule, Shape};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Parameters by dotted name, as a tree.
#[derive(Debug, Default)]
struct Node {
    value: Option<String>,
    children: BTreeMap<String, Node>,
}

/// The pairs of a query string or a form.
pub(crate) fn pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Parameters that are not members: of the protocol itself, and of signatures in the query string.
fn is_protocol(name: &str) -> bool {
    [
        "Action",
        "Version",
        "AWSAccessKeyId",
        "SignatureMethod",
        "SignatureVersion",
        "Signature",
        "Timestamp",
    ]
    .contains(&name)
        || name.starts_with("X-Amz-")
}

/// The members that the parameters give, and what is wrong with them.
pub(super) fn input(
    model: &Model,
    operation: &Operation,
    ec2: bool,
    parameters: impl IntoIterator<Item = (String, String)>,
) -> (Value, Vec<Problem>) {
    let mut root = Node::default();
    for (name, value) in parameters.into_iter().filter(|(name, _)| !is_protocol(name)) {
        let mut node = &mut root;
        for piece in name.split('.') {
            node = node.children.entry(piece.to_owned()).or_default();
        }
        node.value = Some(value);
    }
    let mut form = Form { model, ec2, path: Vec::new(), problems: Vec::new() };
    let value = form.structure(model.side(operation.input.as_ref()), root);
    (value, form.problems)
}

struct Form<'m> {
    model: &'m Model,
    ec2: bool,
    path: Vec<String>,
    problems: Vec<Problem>,
}

impl Form<'_> {
    fn unknown(&mut self, name: &str) {
        let path = self.path.iter().cloned().chain([name.to_owned()]).collect();
        self.problems.push(Problem { path, rule: Rule::Unknown, value: None });
    }

    /// The parameter that carries a member.
    fn parameter(&self, name: &str, member: &Reference) -> String {
        let shape = self.model.shape(member);
        let flattened = shape.flattened || member.flattened;
        let of_elements =
            shape.member.as_ref().and_then(|element| element.location_name.as_deref());
        if self.ec2 {
            let capital = |name: &str| name[..1].to_uppercase() + &name[1..];
            let location = || member.location_name.as_deref().map(capital);
            member.query_name.clone().or_else(location).unwrap_or_else(|| name.to_owned())
        } else if let (true, Some(element)) = (flattened && shape.kind == Kind::List, of_elements) {
            element.to_owned()
        } else {
            member.location_name.as_deref().unwrap_or(name).to_owned()
        }
    }

    fn structure(&mut self, shape: &Shape, mut node: Node) -> Value {
        let mut members = Map::new();
        for (name, member) in &shape.members {
            let Some(child) = node.children.remove(&self.parameter(name, member)) else { continue };
            self.path.push(name.clone());
            if let Some(value) = self.value(member, child) {
                members.insert(name.clone(), value);
            }
            self.path.pop();
        }
        for name in node.children.keys() {
            self.unknown(name);
        }
        Value::Object(members)
    }

    fn value(&mut self, reference: &Reference, node: Node) -> Option<Value> {
        let shape = self.model.shape(reference);
        match shape.kind {
            Kind::Structure => Some(self.structure(shape, node)),
            Kind::List => Some(self.list(shape, reference, node)),
            Kind::Map => Some(self.map(shape, reference, node)),
            kind => self.scalar(kind, node),
        }
    }

    fn scalar(&mut self, kind: Kind, node: Node) -> Option<Value> {
        for name in node.children.keys() {
            self.unknown(name);
        }
        match scalar::from_text(kind, &node.value?) {
            Ok(value) => Some(value),
            Err(text) => {
                let rule = Rule::Type(if kind == Kind::Boolean { "boolean" } else { "number" });
                self.problems.push(Problem { path: self.path.clone(), rule, value: Some(text) });
                None
            }
        }
    }

    fn list(&mut self, shape: &Shape, reference: &Reference, mut node: Node) -> Value {
        let Some(member) = &shape.member else { return Value::Null };
        if !self.ec2 && !shape.flattened && !reference.flattened {
            let name = member.location_name.as_deref().unwrap_or("member");
            node = node.children.remove(name).unwrap_or_default();
        }
        let elements =
            self.numbered(node).into_iter().enumerate().filter_map(|(index, element)| {
                self.path.push((index + 1).to_string());
                let value = self.value(member, element);
                self.path.pop();
                value
            });
        Value::Array(elements.collect())
    }

    fn map(&mut self, shape: &Shape, reference: &Reference, mut node: Node) -> Value {
        let (Some(keys), Some(values)) = (&shape.key, &shape.value) else { return Value::Null };
        if !shape.flattened && !reference.flattened {
            node = node.children.remove("entry").unwrap_or_default();
        }
        let mut map = Map::new();
        for mut entry in self.numbered(node) {
            let key = entry.children.remove(keys.location_name.as_deref().unwrap_or("key"));
            let value = entry.children.remove(values.location_name.as_deref().unwrap_or("value"));
            let (Some(Node { value: Some(key), .. }), Some(value)) = (key, value) else { continue };
            self.path.push(key.clone());
            if let Some(value) = self.value(values, value) {
                map.insert(key, value);
            }
            self.path.pop();
        }
        Value::Object(map)
    }

    /// The children with numbers for names, in their order.
    fn numbered(&mut self, node: Node) -> Vec<Node> {
        let mut elements = BTreeMap::new();
        for (name, child) in node.children {
            match name.parse::<u32>() {
                Ok(number) => drop(elements.insert(number, child)),
                Err(_) => self.unknown(&name),
            }
        }
        elements.into_values().collect()
    }
}
