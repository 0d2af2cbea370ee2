//! Members as XML elements.

use super::super::scalar;
use crate::model::{Kind, Model, Reference, Shape, TimestampFormat};
use serde_json::{Map, Value};

/// The elements of a structure's members.
pub(super) fn members(model: &Model, shape: &Shape, value: &Value) -> String {
    let mut writer = Writer { model, out: String::new() };
    writer.members(shape, value);
    writer.out
}

/// An element with a text.
pub(super) fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

struct Writer<'m> {
    model: &'m Model,
    out: String,
}

impl<'m> Writer<'m> {
    /// Writes an element around what `content` writes.
    fn within(&mut self, name: &str, attributes: &str, content: impl FnOnce(&mut Self)) {
        for piece in ["<", name, attributes, ">"] {
            self.out.push_str(piece);
        }
        content(self);
        for piece in ["</", name, ">"] {
            self.out.push_str(piece);
        }
    }

    fn members(&mut self, shape: &'m Shape, value: &Value) {
        let in_body = |member: &Reference| member.location.is_none() && !member.xml_attribute;
        for (name, member) in shape.members.iter().filter(|(_, member)| in_body(member)) {
            if let Some(value) = value.get(name).filter(|value| !value.is_null()) {
                self.member(member, member.location_name.as_deref().unwrap_or(name), value);
            }
        }
    }

    fn member(&mut self, reference: &'m Reference, name: &str, value: &Value) {
        let shape = self.model.shape(reference);
        match (shape.kind, value) {
            (Kind::Structure, _) => {
                self.within(name, &attributes(shape, value), |writer| writer.members(shape, value));
            }
            (Kind::List, Value::Array(elements)) => self.list(shape, reference, name, elements),
            (Kind::Map, Value::Object(entries)) => self.map(shape, reference, name, entries),
            (kind, _) => {
                let format = reference.timestamp_format.or(shape.timestamp_format);
                let format = format.unwrap_or(TimestampFormat::Iso8601);
                self.out.push_str(&element(name, &scalar::to_text(value, kind, format)));
            }
        }
    }

    fn list(&mut self, shape: &'m Shape, reference: &Reference, name: &str, elements: &[Value]) {
        let Some(member) = &shape.member else { return };
        let write = |writer: &mut Self, name: &str| {
            for value in elements {
                writer.member(member, name, value);
            }
        };
        let own_name = member.location_name.as_deref();
        if shape.flattened || reference.flattened {
            write(self, own_name.unwrap_or(name));
        } else {
            self.within(name, "", |writer| write(writer, own_name.unwrap_or("member")));
        }
    }

    fn map(
        &mut self,
        shape: &'m Shape,
        reference: &Reference,
        name: &str,
        entries: &Map<String, Value>,
    ) {
        let (Some(keys), Some(values)) = (&shape.key, &shape.value) else { return };
        let write = |writer: &mut Self, name: &str| {
            for (key, value) in entries {
                writer.within(name, "", |writer| {
                    let key_name = keys.location_name.as_deref().unwrap_or("key");
                    writer.out.push_str(&element(key_name, key));
                    writer.member(
                        values,
                        values.location_name.as_deref().unwrap_or("value"),
                        value,
                    );
                });
            }
        };
        if shape.flattened || reference.flattened {
            write(self, name);
        } else {
            self.within(name, "", |writer| write(writer, "entry"));
        }
    }
}

/// The attributes of a structure's element: a namespace of its own, and members that are attributes.
fn attributes(shape: &Shape, value: &Value) -> String {
    let namespace = shape.xml_namespace.as_ref().map(|namespace| {
        let prefix =
            namespace.prefix.as_deref().map_or_else(String::new, |prefix| format!(":{prefix}"));
        format!(" xmlns{prefix}=\"{}\"", namespace.uri)
    });
    let members = shape.members.iter().filter(|(_, member)| member.xml_attribute);
    let members = members.filter_map(|(name, member)| {
        let text = value.get(name)?.as_str()?;
        let name = member.location_name.as_deref().unwrap_or(name);
        Some(format!(" {name}=\"{}\"", escape(text)))
    });
    namespace.into_iter().chain(members).collect()
}

/// Text as XML content or attribute; characters that XML 1.0 cannot carry become `?`.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' | '\t' => out.push(letter),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('?'),
            _ => out.push(letter),
        }
    }
    out
}
