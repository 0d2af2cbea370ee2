//! XML: answers of the `ec2`, `query` and `rest-xml` protocols, and bodies of `rest-xml` requests.

mod parse;

pub(crate) use self::parse::{input, parse};

use super::{Envelope, Wire, scalar};
use crate::fault::Fault;
use crate::model::{Kind, Model, Operation, Reference, Shape, TimestampFormat};
use serde_json::Value;

/// The namespace of S3's bodies; its model does not say it.
const S3_NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// The body of an `ec2` or `query` answer.
pub(super) fn answer(
    envelope: &Envelope,
    model: &Model,
    operation: &Operation,
    output: &Value,
) -> String {
    let name = envelope.operation;
    let mut content = String::new();
    members(model, model.side(operation.output.as_ref()), output, &mut content);
    let namespace = &model.metadata.xml_namespace;
    let request_id = escape(envelope.request_id);
    if envelope.wire == Wire::Ec2 {
        if operation.output.is_none() {
            content.push_str("<return>true</return>");
        }
        return format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{name}Response xmlns=\"{namespace}/\"><requestId>{request_id}</requestId>{content}</{name}Response>"
        );
    }
    let result = operation.output.as_ref().map_or_else(String::new, |output| {
        let wrapper = output.result_wrapper.clone().unwrap_or_else(|| format!("{name}Result"));
        format!("<{wrapper}>{content}</{wrapper}>")
    });
    format!(
        "<{name}Response xmlns=\"{namespace}\">{result}<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{name}Response>"
    )
}

/// The body of an `ec2` error.
pub(super) fn ec2_error(envelope: &Envelope, code: &str, fault: &Fault) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{}</Code><Message>{}</Message></Error></Errors><RequestID>{}</RequestID></Response>",
        escape(code),
        escape(&fault.message),
        escape(envelope.request_id)
    )
}

/// The body of a `query` or `rest-xml` error.
pub(super) fn error(
    envelope: &Envelope,
    code: &str,
    sender: bool,
    fault: &Fault,
    known: Option<(&'static Model, &'static Shape)>,
) -> String {
    let mut content =
        format!("<Code>{}</Code><Message>{}</Message>", escape(code), escape(&fault.message));
    let further = Value::Object(fault.members.clone());
    if let Some((model, shape)) = known {
        members(model, shape, &further, &mut content);
    }
    let unmodelled = fault
        .members
        .iter()
        .filter(|(name, _)| known.is_none_or(|(_, shape)| !shape.members.contains_key(*name)));
    for (name, value) in unmodelled {
        content
            .push_str(&format!("<{name}>{}</{name}>", escape(value.as_str().unwrap_or_default())));
    }
    let request_id = escape(envelope.request_id);
    if envelope.service.is_some_and(|service| service.name == "s3") {
        return format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{content}<RequestId>{request_id}</RequestId><HostId>{request_id}</HostId></Error>"
        );
    }
    let side = if sender { "Sender" } else { "Receiver" };
    let namespace = known.map_or("", |(model, _)| &model.metadata.xml_namespace);
    format!(
        "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{side}</Type>{content}</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
}

/// The body of a `rest-xml` answer: a structure under the root that its operation uses.
pub(crate) fn document(model: &Model, shape: &Shape, root: &str, value: &Value) -> String {
    let mut content = String::new();
    members(model, shape, value, &mut content);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{S3_NAMESPACE}\">{content}</{root}>"
    )
}

/// A text as a whole document, as `GetBucketLocation` answers.
pub(super) fn text_document(root: &str, text: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{S3_NAMESPACE}\">{}</{root}>",
        escape(text)
    )
}

fn members(model: &Model, shape: &Shape, value: &Value, out: &mut String) {
    let body = shape
        .members
        .iter()
        .filter(|(_, member)| member.location.is_none() && !member.xml_attribute);
    for (name, member) in body {
        if let Some(value) = value.get(name).filter(|value| !value.is_null()) {
            element(model, member, member.location_name.as_deref().unwrap_or(name), value, out);
        }
    }
}

fn element(model: &Model, reference: &Reference, name: &str, value: &Value, out: &mut String) {
    let shape = model.shape(reference);
    match (shape.kind, value) {
        (Kind::Structure, _) => {
            let attributes = attributes(shape, value);
            out.push_str(&format!("<{name}{attributes}>"));
            members(model, shape, value, out);
            out.push_str(&format!("</{name}>"));
        }
        (Kind::List, Value::Array(elements)) => list(model, shape, reference, name, elements, out),
        (Kind::Map, Value::Object(entries)) => map(model, shape, reference, name, entries, out),
        (kind, _) => {
            let format = reference
                .timestamp_format
                .or(shape.timestamp_format)
                .unwrap_or(TimestampFormat::Iso8601);
            out.push_str(&format!(
                "<{name}>{}</{name}>",
                escape(&scalar::to_text(value, kind, format))
            ));
        }
    }
}

fn attributes(shape: &Shape, value: &Value) -> String {
    let mut text = shape.xml_namespace.as_ref().map_or_else(String::new, |namespace| {
        let prefix =
            namespace.prefix.as_ref().map_or_else(String::new, |prefix| format!(":{prefix}"));
        format!(" xmlns{prefix}=\"{}\"", namespace.uri)
    });
    for (name, member) in shape.members.iter().filter(|(_, member)| member.xml_attribute) {
        if let Some(value) = value.get(name).and_then(Value::as_str) {
            let name = member.location_name.as_deref().unwrap_or(name);
            text.push_str(&format!(" {name}=\"{}\"", escape(value)));
        }
    }
    text
}

fn list(
    model: &Model,
    shape: &Shape,
    reference: &Reference,
    name: &str,
    elements: &[Value],
    out: &mut String,
) {
    let Some(member) = &shape.member else { return };
    if shape.flattened || reference.flattened {
        let name = member.location_name.as_deref().unwrap_or(name);
        elements.iter().for_each(|value| element(model, member, name, value, out));
        return;
    }
    out.push_str(&format!("<{name}>"));
    let item = member.location_name.as_deref().unwrap_or("member");
    elements.iter().for_each(|value| element(model, member, item, value, out));
    out.push_str(&format!("</{name}>"));
}

fn map(
    model: &Model,
    shape: &Shape,
    reference: &Reference,
    name: &str,
    entries: &serde_json::Map<String, Value>,
    out: &mut String,
) {
    let (Some(keys), Some(values)) = (&shape.key, &shape.value) else { return };
    let flattened = shape.flattened || reference.flattened;
    let entry = if flattened { name } else { "entry" };
    if !flattened {
        out.push_str(&format!("<{name}>"));
    }
    for (key, value) in entries {
        let key_name = keys.location_name.as_deref().unwrap_or("key");
        out.push_str(&format!("<{entry}><{key_name}>{}</{key_name}>", escape(key)));
        element(model, values, values.location_name.as_deref().unwrap_or("value"), value, out);
        out.push_str(&format!("</{entry}>"));
    }
    if !flattened {
        out.push_str(&format!("</{name}>"));
    }
}

/// Text as XML content or attribute; characters that XML 1.0 cannot carry become `?`.
fn escape(text: &str) -> String {
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
