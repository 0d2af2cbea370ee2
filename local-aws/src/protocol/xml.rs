//! XML: answers of the `ec2`, `query` and `rest-xml` protocols, and bodies of `rest-xml` requests.

mod parse;
mod write;

pub(crate) use self::parse::{input, parse};

use self::write::{element, escape, members};

use super::{Envelope, Wire};
use crate::fault::Fault;
use crate::model::{Model, Operation, Shape};
use serde_json::Value;

/// How a document starts.
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

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
    let mut content = members(model, model.side(operation.output.as_ref()), output);
    let namespace = &model.metadata.xml_namespace;
    let request_id = escape(envelope.request_id);
    if envelope.wire == Wire::Ec2 {
        if operation.output.is_none() {
            content.push_str("<return>true</return>");
        }
        return format!(
            "{DECLARATION}<{name}Response xmlns=\"{namespace}/\"><requestId>{request_id}</requestId>{content}</{name}Response>"
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
        "{DECLARATION}<Response><Errors><Error><Code>{}</Code><Message>{}</Message></Error></Errors><RequestID>{}</RequestID></Response>",
        escape(code),
        escape(&fault.message),
        escape(envelope.request_id)
    )
}

/// The body of a `query` or `rest-xml` error; `shape` is the error's in the model.
pub(super) fn error(
    envelope: &Envelope,
    code: &str,
    sender: bool,
    fault: &Fault,
    shape: Option<&'static Shape>,
) -> String {
    let model = envelope.service.map(|service| &*service.model);
    let further = Value::Object(fault.members.clone());
    let modelled = model.zip(shape).map(|(model, shape)| members(model, shape, &further));
    let is_modelled = |name: &str| shape.is_some_and(|shape| shape.members.contains_key(name));
    let others = fault.members.iter().filter(|(name, _)| !is_modelled(name));
    let others = others.map(|(name, value)| element(name, value.as_str().unwrap_or_default()));
    let content: String = [element("Code", code), element("Message", &fault.message)]
        .into_iter()
        .chain(modelled)
        .chain(others)
        .collect();
    let request_id = element("RequestId", envelope.request_id);
    if envelope.service.is_some_and(|service| service.name == "s3") {
        let host_id = element("HostId", envelope.request_id);
        return format!("{DECLARATION}<Error>{content}{request_id}{host_id}</Error>");
    }
    let side = element("Type", if sender { "Sender" } else { "Receiver" });
    let own = |model: &'static Model| -> &'static str {
        model.body_namespace().unwrap_or(&model.metadata.xml_namespace)
    };
    let namespace = model.map_or("", own);
    format!(
        "<ErrorResponse xmlns=\"{namespace}\"><Error>{side}{content}</Error>{request_id}</ErrorResponse>"
    )
}

/// The body of a `rest-xml` answer: a structure under the root that its operation uses.
pub(crate) fn document(model: &Model, shape: &Shape, root: &str, value: &Value) -> String {
    let content = members(model, shape, value);
    let namespace = model.body_namespace().unwrap_or(S3_NAMESPACE);
    format!("{DECLARATION}<{root} xmlns=\"{namespace}\">{content}</{root}>")
}

/// A text as a whole document, as `GetBucketLocation` answers.
pub(super) fn text_document(root: &str, text: &str) -> String {
    format!("{DECLARATION}<{root} xmlns=\"{S3_NAMESPACE}\">{}</{root}>", escape(text))
}
