//! A client driven by the same models: requests from members, members from answers.

use crate::fields::Fields;
use crate::model::{Kind, Location, Model, Operation, Reference, Shape};
use crate::protocol::{Wire, json as json_body, rest, signing_name, xml};
use crate::service::Service;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// The request for an operation.
pub(crate) fn request(
    service: &Service,
    operation: &str,
    region: &str,
    input: &Value,
) -> Request<Bytes> {
    let model = &service.model;
    let modelled = model.operations.get(operation).expect("the operation is modelled");
    let scope = signing_name(service);
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKID/20260101/{region}/{scope}/aws4_request, SignedHeaders=host"
    );
    let builder =
        Request::builder().header("authorization", authorization).header("host", "localhost");
    if model.speaks("json") {
        let prefix = model.metadata.target_prefix.as_deref().unwrap();
        let builder =
            builder.method("POST").uri("/").header("x-amz-target", format!("{prefix}.{operation}"));
        return builder.body(input.to_string().into()).unwrap();
    }
    if model.speaks("rest-xml") || model.speaks("rest-json") {
        return rest_request(builder, model, modelled, input);
    }
    let mut parameters = vec![format!("Action={operation}")];
    let form = Form { model, ec2: model.speaks("ec2") };
    form.structure(model.side(modelled.input.as_ref()), input, "", &mut parameters);
    builder.method("POST").uri("/").body(parameters.join("&").into()).unwrap()
}

struct Form<'m> {
    model: &'m Model,
    ec2: bool,
}

impl Form<'_> {
    fn structure(&self, shape: &Shape, value: &Value, prefix: &str, out: &mut Vec<String>) {
        for (name, value) in value.as_object().into_iter().flatten() {
            // A member that the model does not have goes out as it is, to be refused.
            let Some(member) = shape.members.get(name) else {
                out.push(format!("{prefix}{name}={}", encoded(value.as_str().unwrap_or("x"))));
                continue;
            };
            let inner = self.model.shape(member);
            let flattened = inner.flattened || member.flattened;
            let element =
                inner.member.as_ref().and_then(|element| element.location_name.as_deref());
            let wire = if self.ec2 {
                let capital = |name: &str| name[..1].to_uppercase() + &name[1..];
                let located = member.location_name.as_deref().map(capital);
                member.query_name.clone().or(located).unwrap_or_else(|| name.clone())
            } else {
                element
                    .filter(|_| flattened)
                    .or(member.location_name.as_deref())
                    .unwrap_or(name)
                    .to_owned()
            };
            self.value(member, value, &format!("{prefix}{wire}"), out);
        }
    }

    fn value(&self, reference: &Reference, value: &Value, name: &str, out: &mut Vec<String>) {
        let shape = self.model.shape(reference);
        let flattened = self.ec2 || shape.flattened || reference.flattened;
        match (shape.kind, value) {
            (Kind::Structure, _) => self.structure(shape, value, &format!("{name}."), out),
            (Kind::List, Value::Array(elements)) => {
                let member = shape.member.as_ref().unwrap();
                let wrapper = member.location_name.as_deref().unwrap_or("member");
                let prefix = if flattened { name.to_owned() } else { format!("{name}.{wrapper}") };
                for (index, element) in elements.iter().enumerate() {
                    self.value(member, element, &format!("{prefix}.{}", index + 1), out);
                }
            }
            (Kind::Map, Value::Object(entries)) => {
                let (keys, values) = (shape.key.as_ref().unwrap(), shape.value.as_ref().unwrap());
                for (index, (key, value)) in entries.iter().enumerate() {
                    let prefix = if flattened { name.to_owned() } else { format!("{name}.entry") };
                    let entry = format!("{prefix}.{}", index + 1);
                    out.push(format!(
                        "{entry}.{}={}",
                        keys.location_name.as_deref().unwrap_or("key"),
                        encoded(key)
                    ));
                    let value_name = values.location_name.as_deref().unwrap_or("value");
                    self.value(values, value, &format!("{entry}.{value_name}"), out);
                }
            }
            (_, Value::String(text)) => out.push(format!("{name}={}", encoded(text))),
            (_, other) => out.push(format!("{name}={}", encoded(&other.to_string()))),
        }
    }
}

fn rest_request(
    mut builder: http::request::Builder,
    model: &Model,
    operation: &Operation,
    input: &Value,
) -> Request<Bytes> {
    let shape = model.side(operation.input.as_ref());
    let mut uri = operation.http.request_uri.clone();
    let mut query = Vec::new();
    for (name, value) in input.as_object().into_iter().flatten() {
        let member = &shape.members[name];
        let wire = member.location_name.as_deref().unwrap_or(name);
        let one = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let text = match value.as_array() {
            Some(elements) => elements.iter().map(one).collect::<Vec<String>>().join(","),
            None => one(value),
        };
        match member.location {
            Some(Location::Uri) => {
                uri = uri.replace(&format!("{{{wire}}}"), &encoded(&text));
                uri = uri.replace(&format!("{{{wire}+}}"), &encoded(&text).replace("%2F", "/"));
            }
            Some(Location::Querystring) => match value.as_array() {
                Some(elements) => query.extend(
                    elements.iter().map(|value| format!("{wire}={}", encoded(&one(value)))),
                ),
                None => query.push(format!("{wire}={}", encoded(&text))),
            },
            Some(Location::Header) => builder = builder.header(wire, text),
            Some(Location::Headers) => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    builder = builder.header(format!("{wire}{key}"), value.as_str().unwrap());
                }
            }
            _ => {}
        }
    }
    if !query.is_empty() {
        uri = format!("{uri}{}{}", if uri.contains('?') { "&" } else { "?" }, query.join("&"));
    }
    if model.speaks("rest-json") && shape.payload.is_none() {
        let in_body = |name: &&String| shape.members[*name].location.is_none();
        let members = input.as_object().into_iter().flatten().filter(|(name, _)| in_body(name));
        let body: serde_json::Map<String, Value> =
            members.map(|(name, value)| (name.clone(), value.clone())).collect();
        let body = if body.is_empty() { String::new() } else { Value::Object(body).to_string() };
        return builder.method(operation.http.method.as_str()).uri(uri).body(body.into()).unwrap();
    }
    let payload =
        shape.payload.as_ref().and_then(|name| Some((&shape.members[name], input.get(name)?)));
    let whole = operation.input.as_ref().and_then(|input| input.location_name.as_deref());
    if let (None, Some(root)) = (&shape.payload, whole) {
        let body = xml::document(model, shape, root, input).into();
        return builder.method(operation.http.method.as_str()).uri(uri).body(body).unwrap();
    }
    let body: Bytes =
        payload.map_or_else(Bytes::new, |(member, value)| match model.shape(member).kind {
            Kind::Blob => STANDARD.decode(value.as_str().unwrap()).unwrap().into(),
            Kind::String => value.as_str().unwrap().to_owned().into(),
            _ => {
                let root = member.location_name.as_deref().unwrap_or(&member.shape);
                xml::document(model, model.shape(member), root, value).into()
            }
        });
    builder.method(operation.http.method.as_str()).uri(uri).body(body).unwrap()
}

/// The members of an answer, or code and message of a refusal.
pub(crate) fn read(
    service: &Service,
    operation: &str,
    response: &Response<Bytes>,
) -> Result<Value, (String, String)> {
    let model = &service.model;
    let shape = model.side(model.operations[operation].output.as_ref());
    let status = response.status();
    if model.speaks("json") {
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        return if status.is_success() {
            Ok(json_body::input(model, shape, &body))
        } else {
            Err((body.text("__type").to_owned(), body.text("message").to_owned()))
        };
    }
    if model.speaks("rest-json") && !status.is_success() {
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        let code = response.headers()["x-amzn-errortype"].to_str().unwrap().to_owned();
        let message = body.opt("Message").unwrap_or_else(|| body.text("message"));
        return Err((code, message.to_owned()));
    }
    if !status.is_success() {
        return Err(xml_error(response));
    }
    if model.speaks("rest-xml") || model.speaks("rest-json") {
        let wire = if model.speaks("rest-xml") { Wire::RestXml } else { Wire::RestJson };
        let parts = rest::Parts {
            labels: Vec::new(),
            query: "",
            headers: response.headers(),
            body: response.body(),
        };
        return Ok(rest::members(wire, model, shape, &parts).unwrap().0);
    }
    let mut root = xml::parse(response.body()).expect("the answer is XML");
    if !model.speaks("ec2") {
        let wrapper = model.operations[operation]
            .output
            .as_ref()
            .and_then(|output| output.result_wrapper.clone());
        let Some(result) = root.child(&wrapper.unwrap_or_else(|| format!("{operation}Result")))
        else {
            return Ok(json!({}));
        };
        root = result;
    }
    Ok(xml::input(model, shape, root, &mut Vec::new()))
}

fn xml_error(response: &Response<Bytes>) -> (String, String) {
    let Some(mut root) = xml::parse(response.body()) else {
        // As the SDK reads an answer without a body.
        let reason = response.status().canonical_reason().unwrap_or_default();
        return (reason.replace(' ', ""), String::new());
    };
    let inner = root.child("Errors").or_else(|| root.child("Error")).unwrap_or(root);
    let mut inner = inner;
    let mut error = inner.child("Error").unwrap_or(inner);
    let [code, message] = ["Code", "Message"]
        .map(|name| error.child(name).map_or_else(String::new, |child| child.text().to_owned()));
    (code, message)
}
