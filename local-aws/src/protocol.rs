//! The wire protocols: requests to members, members to answers, driven by the service models.

mod cbor;
mod chunked;
pub(crate) mod form;
pub(crate) mod json;
mod refusal;
pub(crate) mod rest;
mod route;
mod scalar;
pub(crate) mod xml;

pub(crate) use self::refusal::refusal;
#[cfg(test)]
pub(crate) use self::route::signing_name;
pub(crate) use self::route::{Asked, route};
pub(crate) use self::scalar::{seconds, timestamp};

use crate::fault::Fault;
use crate::model::{Model, Operation};
use crate::service::Service;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use serde_json::Value;

/// The protocol of one request, and of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// EC2's form-encoded requests and XML answers.
    Ec2,
    /// Form-encoded requests and XML answers of IAM, SNS, STS.
    Query,
    /// JSON with the operation in `X-Amz-Target`.
    Json,
    /// JSON bodies, the rest in path, query and headers.
    RestJson,
    /// XML bodies, the rest in path, query and headers.
    RestXml,
    /// Smithy RPC v2 with CBOR bodies.
    Cbor,
}

/// What an answer is made of, apart from its content.
pub(crate) struct Envelope<'a> {
    pub(crate) wire: Wire,
    pub(crate) service: Option<&'static Service>,
    pub(crate) operation: &'a str,
    pub(crate) request_id: &'a str,
}

impl Envelope<'_> {
    /// The answer of a successful operation.
    pub(crate) fn answer(&self, output: &Value) -> Response<Bytes> {
        let Some((model, operation)) = self.modelled() else {
            return self.error(&Fault::not_implemented(self.operation));
        };
        if cfg!(debug_assertions) {
            self.refuse_unknown_members(model, operation, output);
        }
        let status = operation.http.response_code.unwrap_or(200);
        match self.wire {
            Wire::Ec2 | Wire::Query => {
                let body = xml::answer(self, model, operation, output);
                self.response(status, "text/xml;charset=UTF-8", body.into())
            }
            Wire::Json => {
                let body = json::answer(model, model.side(operation.output.as_ref()), output);
                self.response(status, json::content_type(model), body.to_string().into())
            }
            Wire::Cbor => {
                let body = cbor::answer(model, model.side(operation.output.as_ref()), output);
                self.response(status, "application/cbor", body.into())
            }
            Wire::RestJson | Wire::RestXml => rest::answer(self, model, operation, output),
        }
    }

    /// The answer of a refused operation.
    pub(crate) fn error(&self, fault: &Fault) -> Response<Bytes> {
        let model = self.service.map(|service| &*service.model);
        let known = model.and_then(|model| model.error(&fault.code));
        let traits = known.and_then(|(_, shape)| shape.error.as_ref());
        let status =
            fault.status.or_else(|| traits.and_then(|error| error.http_status_code)).unwrap_or(400);
        let sender = traits.map_or(status < 500, |error| error.sender_fault || status < 500);
        let query_code = traits.and_then(|error| error.code.as_deref()).unwrap_or(&fault.code);
        let shape_name = known.map_or(fault.code.as_str(), |(name, _)| name);
        let mut response = match self.wire {
            Wire::Ec2 => self.response(
                status,
                "text/xml;charset=UTF-8",
                xml::ec2_error(self, query_code, fault).into(),
            ),
            Wire::Query | Wire::RestXml => {
                let shape = known.map(|(_, shape)| shape);
                let body = xml::error(self, query_code, sender, fault, shape);
                // An answer to HEAD has no body, also when it is an error.
                let body =
                    if self.operation.starts_with("Head") { Bytes::new() } else { body.into() };
                let xml = if self.wire == Wire::Query { "text/xml" } else { "application/xml" };
                self.response(status, xml, body)
            }
            Wire::Json => {
                let body = json::error(shape_name, fault);
                let kind = model.map_or("application/x-amz-json-1.1", json::content_type);
                self.response(status, kind, body.to_string().into())
            }
            Wire::RestJson => {
                let body = rest::error(known, fault);
                self.response(status, "application/json", body.to_string().into())
            }
            Wire::Cbor => {
                self.response(status, "application/cbor", cbor::error(shape_name, fault).into())
            }
        };
        if matches!(self.wire, Wire::Json | Wire::RestJson) {
            set(response.headers_mut(), "x-amzn-errortype", shape_name);
        }
        if model.is_some_and(|model| model.metadata.aws_query_compatible.is_some()) {
            let side = if sender { "Sender" } else { "Receiver" };
            set(response.headers_mut(), "x-amzn-query-error", &format!("{query_code};{side}"));
        }
        response
    }

    fn modelled(&self) -> Option<(&'static Model, &'static Operation)> {
        let model = &*self.service?.model;
        Some((model, model.operations.get(self.operation)?))
    }

    /// A response with the headers that all answers have.
    fn response(&self, status: u16, content_type: &str, body: Bytes) -> Response<Bytes> {
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let length = response.body().len().to_string();
        let headers = response.headers_mut();
        set(headers, CONTENT_TYPE.as_str(), content_type);
        set(headers, CONTENT_LENGTH.as_str(), &length);
        set(headers, "x-amzn-requestid", self.request_id);
        if self.wire == Wire::RestXml {
            set(headers, "x-amz-request-id", self.request_id);
            set(headers, "x-amz-id-2", self.request_id);
        }
        if self.wire == Wire::Cbor {
            set(headers, "smithy-protocol", "rpc-v2-cbor");
        }
        response
    }

    /// A handler that answers a member which the model does not have has misspelt it. Rows have some of their own.
    fn refuse_unknown_members(&self, model: &Model, operation: &Operation, output: &Value) {
        let problems = crate::model::check(model, operation.output.as_ref(), output).into_iter();
        let wrong: Vec<_> = problems
            .filter(|problem| {
                matches!(problem.rule, crate::model::Rule::Unknown | crate::model::Rule::Type(_))
            })
            .filter(|problem| {
                !problem.path.last().is_some_and(|name| name.starts_with('_') || name == "Tags")
            })
            .map(|problem| format!("{}: {:?}", problem.path.join("."), problem.rule))
            .collect();
        assert!(
            wrong.is_empty(),
            "{} answers members that its model does not have: {wrong:?}",
            self.operation
        );
    }
}

/// Sets a header; what cannot be a header value is left out.
fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        headers.insert(name, value);
    }
}
