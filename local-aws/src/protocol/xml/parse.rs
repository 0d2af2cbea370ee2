//! XML bodies of requests.

use super::super::scalar;
use crate::model::{Kind, Model, Problem, Reference, Rule, Shape};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

/// An element with what is in it.
#[derive(Debug, Default)]
pub(crate) struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

/// The root of a document; `None` if it is not well-formed.
pub(crate) fn parse(body: &[u8]) -> Option<Element> {
    let mut reader = Reader::from_reader(body);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => open.push(started(&start)?),
            Event::Empty(start) => open.last_mut()?.children.push(started(&start)?),
            Event::End(_) => {
                let done = open.pop()?;
                open.last_mut()?.children.push(done);
            }
            Event::Text(text) => open.last_mut()?.text.push_str(&text.decode().ok()?),
            Event::CData(text) => open.last_mut()?.text.push_str(&text.decode().ok()?),
            Event::GeneralRef(reference) => {
                let text = &mut open.last_mut()?.text;
                match reference.resolve_char_ref().ok()? {
                    Some(letter) => text.push(letter),
                    None => text.push_str(quick_xml::escape::resolve_predefined_entity(
                        &reference.decode().ok()?,
                    )?),
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let mut document = open.pop().filter(|_| open.is_empty())?;
    document.children.pop().filter(|_| document.children.is_empty())
}

fn started(start: &BytesStart) -> Option<Element> {
    let name = String::from_utf8(start.local_name().as_ref().to_vec()).ok()?;
    let attributes = start.attributes().flatten().filter_map(|attribute| {
        let key = String::from_utf8(attribute.key.as_ref().to_vec()).ok()?;
        Some((key, attribute.unescape_value().ok()?.into_owned()))
    });
    Some(Element { name, attributes: attributes.collect(), ..Element::default() })
}

/// The members in an element, and what is wrong with them.
pub(crate) fn input(
    model: &Model,
    shape: &Shape,
    element: Element,
    problems: &mut Vec<Problem>,
) -> Value {
    let mut walk = Walk { model, path: Vec::new(), problems };
    walk.structure(shape, element)
}

struct Walk<'m> {
    model: &'m Model,
    path: Vec<String>,
    problems: &'m mut Vec<Problem>,
}

#[cfg(test)]
impl Element {
    /// The first child of a name.
    pub(crate) fn child(&mut self, name: &str) -> Option<Element> {
        let at = self.children.iter().position(|child| child.name == name)?;
        Some(self.children.swap_remove(at))
    }

    /// The text in it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl Walk<'_> {
    fn structure(&mut self, shape: &Shape, mut element: Element) -> Value {
        let mut members = Map::new();
        for (name, member) in &shape.members {
            let wire = member.location_name.as_deref().unwrap_or(name);
            if member.xml_attribute {
                let attribute = element.attributes.iter().find(|(key, _)| key == wire);
                members
                    .extend(attribute.map(|(_, value)| (name.clone(), Value::from(value.clone()))));
                continue;
            }
            let wire = self.flat_name(member).unwrap_or(wire);
            let (mine, rest): (Vec<_>, Vec<_>) =
                element.children.into_iter().partition(|child| child.name == wire);
            element.children = rest;
            if !mine.is_empty() {
                self.path.push(name.clone());
                members.extend(self.member(member, mine).map(|value| (name.clone(), value)));
                self.path.pop();
            }
        }
        for child in element.children {
            let path = self.path.iter().cloned().chain([child.name]).collect();
            self.problems.push(Problem { path, rule: Rule::Unknown, value: None });
        }
        Value::Object(members)
    }

    /// The name of a flattened list's elements, where the list's elements have one of their own.
    fn flat_name<'s>(&'s self, member: &'s Reference) -> Option<&'s str> {
        let shape = self.model.shape(member);
        let flattened = shape.flattened || member.flattened;
        if flattened { shape.member.as_ref()?.location_name.as_deref() } else { None }
    }

    fn member(&mut self, reference: &Reference, mut elements: Vec<Element>) -> Option<Value> {
        let shape = self.model.shape(reference);
        match (shape.kind, &shape.member) {
            (Kind::List, Some(member)) => {
                let flattened = shape.flattened || reference.flattened;
                let inner = if flattened { elements } else { elements.pop()?.children };
                Some(
                    inner
                        .into_iter()
                        .filter_map(|element| self.member(member, vec![element]))
                        .collect(),
                )
            }
            (Kind::Map, _) => self.map(shape, reference, elements),
            (Kind::Structure, _) => Some(self.structure(shape, elements.pop()?)),
            (kind, _) => self.scalar(kind, &elements.pop()?.text),
        }
    }

    fn map(
        &mut self,
        shape: &Shape,
        reference: &Reference,
        mut elements: Vec<Element>,
    ) -> Option<Value> {
        let (keys, values) = (shape.key.as_ref()?, shape.value.as_ref()?);
        let entries = if shape.flattened || reference.flattened {
            elements
        } else {
            elements.pop()?.children
        };
        let mut map = Map::new();
        for entry in entries {
            let (mut key, mut value) = (None, None);
            for child in entry.children {
                if child.name == keys.location_name.as_deref().unwrap_or("key") {
                    key = Some(child.text);
                } else if child.name == values.location_name.as_deref().unwrap_or("value") {
                    value = self.member(values, vec![child]);
                }
            }
            map.extend(key.zip(value));
        }
        Some(Value::Object(map))
    }

    fn scalar(&mut self, kind: Kind, text: &str) -> Option<Value> {
        let value = scalar::from_text(kind, if kind == Kind::String { text } else { text.trim() });
        if let Err(text) = &value {
            let (rule, value) = (Rule::Type("number"), Some(text.clone()));
            self.problems.push(Problem { path: self.path.clone(), rule, value });
        }
        value.ok()
    }
}
