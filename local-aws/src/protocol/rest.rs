//! The REST protocols: members in path, query, headers and body.

mod find;

pub(super) use self::find::{Found, find};

use super::{Envelope, Wire, form, json, scalar, set, xml};
use crate::fault::Fault;
use crate::model::{
    Kind, Location, Model, Operation, Problem, Reference, Rule, Shape, TimestampFormat,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Response};
use serde_json::{Map, Value};

/// The parts of a REST request, or of an answer: labels of the path are those of the operation found.
pub(crate) struct Parts<'a> {
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Bytes,
}

/// The members in the parts, and what is wrong with them.
pub(crate) fn members(
    wire: Wire,
    model: &Model,
    shape: &Shape,
    parts: &Parts,
) -> Result<(Value, Vec<Problem>), Fault> {
    let mut problems = Vec::new();
    let mut members = body(wire, model, shape, parts, &mut problems)?;
    let query: Vec<(String, String)> = form::pairs(parts.query).collect();
    for (name, member) in &shape.members {
        let Some(location) = member.location else { continue };
        let wire_name = member.location_name.as_deref().unwrap_or(name);
        let value = match location {
            Location::Uri => parts
                .labels
                .iter()
                .find(|(label, _)| label == wire_name)
                .map(|(_, value)| value.clone()),
            Location::Header => parts
                .headers
                .get(wire_name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            Location::Headers => {
                members.extend(prefixed(parts.headers, wire_name).map(|map| (name.clone(), map)));
                None
            }
            Location::Querystring => {
                members.extend(
                    listed(model.shape(member), &query, wire_name).map(|list| (name.clone(), list)),
                );
                query.iter().find(|(key, _)| key == wire_name).map(|(_, value)| value.clone())
            }
            Location::StatusCode => None,
        };
        if let (Some(text), false) = (value, members.contains_key(name)) {
            match scalar_in(model.shape(member), &text) {
                Ok(value) => drop(members.insert(name.clone(), value)),
                Err(text) => {
                    problems.push(Problem {
                        path: vec![name.clone()],
                        rule: Rule::Type("number"),
                        value: Some(text),
                    });
                }
            }
        }
    }
    Ok((Value::Object(members), problems))
}

fn scalar_in(shape: &Shape, text: &str) -> Result<Value, String> {
    match shape.kind {
        // Only lists of texts, separated by commas, travel in headers.
        Kind::List => Ok(text.split(',').map(|element| Value::from(element.trim())).collect()),
        kind => scalar::from_text(kind, text),
    }
}

fn listed(shape: &Shape, query: &[(String, String)], name: &str) -> Option<Value> {
    (shape.kind == Kind::List)
        .then(|| {
            query
                .iter()
                .filter(|(key, _)| key == name)
                .map(|(_, value)| Value::from(value.as_str()))
                .collect::<Vec<_>>()
        })
        .filter(|values| !values.is_empty())
        .map(Value::Array)
}

fn prefixed(headers: &HeaderMap, prefix: &str) -> Option<Value> {
    let prefix = prefix.to_ascii_lowercase();
    let mine = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix(&prefix)?;
        Some((name.to_owned(), Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned())))
    });
    let map: Map<String, Value> = mine.collect();
    (!map.is_empty()).then_some(Value::Object(map))
}

fn body(
    wire: Wire,
    model: &Model,
    shape: &Shape,
    parts: &Parts,
    problems: &mut Vec<Problem>,
) -> Result<Map<String, Value>, Fault> {
    let payload = shape.payload.as_ref().and_then(|name| Some((name, shape.members.get(name)?)));
    let mut members = Map::new();
    match payload {
        Some((name, member)) => {
            let inner = model.shape(member);
            let value = match inner.kind {
                Kind::Blob => Some(Value::from(STANDARD.encode(parts.body))),
                Kind::String => Some(Value::from(String::from_utf8_lossy(parts.body).into_owned())),
                _ => structured(wire, model, inner, parts.body, problems)?,
            };
            members.extend(value.map(|value| (name.clone(), value)));
        }
        None if shape.members.values().any(|member| member.location.is_none()) => {
            if let Some(Value::Object(body)) = structured(wire, model, shape, parts.body, problems)?
            {
                members = body;
            }
        }
        None => {}
    }
    Ok(members)
}

fn structured(
    wire: Wire,
    model: &Model,
    shape: &Shape,
    body: &Bytes,
    problems: &mut Vec<Problem>,
) -> Result<Option<Value>, Fault> {
    if body.is_empty() {
        return Ok(None);
    }
    if wire == Wire::RestJson {
        let text = serde_json::from_slice(body)
            .map_err(|_| Fault::new("SerializationException", "the body is not JSON"))?;
        return Ok(Some(json::input(model, shape, &text)));
    }
    let malformed =
        "The XML you provided was not well-formed or did not validate against our published schema";
    let root = xml::parse(body).ok_or_else(|| Fault::new("MalformedXML", malformed))?;
    Ok(Some(xml::input(model, shape, root, problems)))
}

/// The body of an error in JSON: its name is in a header, its sentence in the member that the model has for it.
pub(super) fn error(known: Option<(&str, &Shape)>, fault: &Fault) -> Value {
    let mut body = fault.members.clone();
    let members = known.map(|(_, shape)| &shape.members);
    let named = |wanted: &str| {
        let mut names = members.into_iter().flat_map(|members| members.keys());
        names.find(|name| name.eq_ignore_ascii_case(wanted)).cloned()
    };
    let message = named("message").unwrap_or_else(|| "message".to_owned());
    body.insert(message, Value::from(fault.message.as_str()));
    for member in ["ErrorCode", "Code"] {
        if let Some(name) = named(member).filter(|name| !body.contains_key(name)) {
            body.insert(name, Value::from(fault.code.as_str()));
        }
    }
    Value::Object(body)
}

/// The root elements of S3's answers, which its model names only by the shape: operation, root.
const ROOTS: [(&str, &str); 21] = [
    ("CompleteMultipartUpload", "CompleteMultipartUploadResult"),
    ("CreateMultipartUpload", "InitiateMultipartUploadResult"),
    ("DeleteObjects", "DeleteResult"),
    ("GetBucketAccelerateConfiguration", "AccelerateConfiguration"),
    ("GetBucketAcl", "AccessControlPolicy"),
    ("GetBucketCors", "CORSConfiguration"),
    ("GetBucketLifecycleConfiguration", "LifecycleConfiguration"),
    ("GetBucketLocation", "LocationConstraint"),
    ("GetBucketLogging", "BucketLoggingStatus"),
    ("GetBucketRequestPayment", "RequestPaymentConfiguration"),
    ("GetBucketTagging", "Tagging"),
    ("GetBucketVersioning", "VersioningConfiguration"),
    ("GetBucketWebsite", "WebsiteConfiguration"),
    ("GetObjectAcl", "AccessControlPolicy"),
    ("GetObjectAttributes", "GetObjectAttributesResponse"),
    ("GetObjectTagging", "Tagging"),
    ("ListBuckets", "ListAllMyBucketsResult"),
    ("ListObjectVersions", "ListVersionsResult"),
    ("ListObjects", "ListBucketResult"),
    ("ListObjectsV2", "ListBucketResult"),
    ("ListParts", "ListPartsResult"),
];

/// The answer of a successful operation.
pub(super) fn answer(
    envelope: &Envelope,
    model: &Model,
    operation: &Operation,
    output: &Value,
) -> Response<Bytes> {
    let shape = model.side(operation.output.as_ref());
    let (body, content_type) = answer_body(envelope, model, shape, output);
    // A part of an object; the model does not say so.
    let partial = output.get("ContentRange").is_some_and(|range| !range.is_null());
    let status = operation.http.response_code.unwrap_or(if partial { 206 } else { 200 });
    let mut response = envelope.response(status, content_type, body);
    for (name, member) in &shape.members {
        let (Some(location), Some(value)) =
            (member.location, output.get(name).filter(|value| !value.is_null()))
        else {
            continue;
        };
        place(&mut response, model, (name, member, location), value);
    }
    response
}

fn place(
    response: &mut Response<Bytes>,
    model: &Model,
    (name, member, location): (&str, &Reference, Location),
    value: &Value,
) {
    let shape = model.shape(member);
    let wire_name = member.location_name.as_deref().unwrap_or(name);
    match location {
        Location::Header => {
            let format = member
                .timestamp_format
                .or(shape.timestamp_format)
                .unwrap_or(TimestampFormat::Rfc822);
            set(response.headers_mut(), wire_name, &scalar::to_text(value, shape.kind, format));
        }
        Location::Headers => {
            for (key, value) in value.as_object().into_iter().flatten() {
                set(
                    response.headers_mut(),
                    &format!("{wire_name}{key}"),
                    value.as_str().unwrap_or_default(),
                );
            }
        }
        Location::StatusCode => {
            let status = value.as_u64().and_then(|status| u16::try_from(status).ok());
            if let Some(status) = status.and_then(|status| http::StatusCode::from_u16(status).ok())
            {
                *response.status_mut() = status;
            }
        }
        Location::Uri | Location::Querystring => {}
    }
}

fn answer_body(
    envelope: &Envelope,
    model: &Model,
    shape: &Shape,
    output: &Value,
) -> (Bytes, &'static str) {
    let xml = envelope.wire == Wire::RestXml;
    let kind = if xml { "application/xml" } else { "application/json" };
    if let Some((name, member)) =
        shape.payload.as_ref().and_then(|name| Some((name, shape.members.get(name)?)))
    {
        let Some(value) = output.get(name) else { return (Bytes::new(), kind) };
        let inner = model.shape(member);
        let text = value.as_str().unwrap_or_default();
        return match inner.kind {
            Kind::Blob => {
                (STANDARD.decode(text).unwrap_or_default().into(), "application/octet-stream")
            }
            Kind::String => (text.to_owned().into(), "application/json"),
            _ if xml => {
                let root = member.location_name.as_deref().unwrap_or(&member.shape);
                (xml::document(model, inner, root, value).into(), kind)
            }
            _ => (json::answer(model, inner, value).to_string().into(), kind),
        };
    }
    if shape.members.values().all(|member| member.location.is_some()) {
        return (Bytes::new(), kind);
    }
    if !xml {
        return (json::answer(model, shape, output).to_string().into(), kind);
    }
    let known = ROOTS.iter().find(|(operation, _)| *operation == envelope.operation);
    let end = if model.body_namespace().is_some() { "Response" } else { "Result" };
    let root = known
        .map_or_else(|| format!("{}{end}", envelope.operation), |(_, root)| (*root).to_owned());
    if envelope.operation == "GetBucketLocation" {
        let region = output.get("LocationConstraint").and_then(Value::as_str).unwrap_or_default();
        return (xml::text_document(&root, region).into(), kind);
    }
    (xml::document(model, shape, &root, output).into(), kind)
}
