//! Which service, region and operation a request is for, and its members.

use super::{Wire, cbor, chunked, form, json, rest};
use crate::fault::Fault;
use crate::model::{Operation, Problem};
use crate::service::Service;
use crate::services;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, HOST};
use http::{HeaderMap, Request};
use serde_json::Value;

/// The region of requests that are not signed.
const DEFAULT_REGION: &str = "us-east-1";

/// A request, understood as far as it can be.
pub(crate) struct Asked {
    pub(crate) wire: Wire,
    pub(crate) service: Option<&'static Service>,
    pub(crate) region: String,
    /// The id of the access key that signed it.
    pub(crate) access_key: Option<String>,
    pub(crate) operation: String,
    /// The members, and what is wrong with them; or why there are none.
    pub(crate) input: Result<(Value, Vec<Problem>), Fault>,
    /// When the client says it signed the request, `20260101T000000Z`.
    pub(crate) signed_at: Option<String>,
}

/// What a signature is for.
struct Scope {
    access_key: String,
    service: String,
    region: String,
}

/// Understands a request.
pub(crate) fn route(request: &Request<Bytes>) -> Asked {
    let scope = scope(request);
    let host = header(request.headers(), HOST.as_str()).unwrap_or_default();
    let region = scope.as_ref().map_or(DEFAULT_REGION, |scope| &scope.region).to_owned();
    let mut asked = Asked {
        wire: Wire::RestXml,
        service: None,
        region,
        access_key: scope.as_ref().map(|scope| scope.access_key.clone()),
        operation: String::new(),
        input: Err(Fault::not_implemented("this request")),
        signed_at: signed_at(request),
    };
    let wanted = scope.as_ref().map(|scope| scope.service.as_str());
    asked.service = match wanted {
        Some(name) => services::ALL.into_iter().find(|service| signing_name(service) == name),
        None => by_target(request).or_else(|| by_host(host)).or_else(|| services::named("s3")),
    };
    let Some(service) = asked.service else {
        asked.wire = guessed(request);
        asked.operation = asked_for(request);
        asked.input =
            Err(Fault::not_implemented(&format!("the service {}", wanted.unwrap_or_default())));
        return asked;
    };
    parse(&mut asked, service, request, host);
    asked
}

/// The service's name in credential scopes and endpoints. The models say it too, but are read only when needed.
pub(crate) fn signing_name(service: &Service) -> &'static str {
    match service.name {
        "cloudwatch" => "monitoring",
        "efs" => "elasticfilesystem",
        "elbv2" => "elasticloadbalancing",
        "resourcegroupstaggingapi" => "tagging",
        name => name,
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The service and region of the credential scope, in the header or in a presigned query.
fn scope(request: &Request<Bytes>) -> Option<Scope> {
    let in_header = header(request.headers(), AUTHORIZATION.as_str())
        .and_then(|text| text.split_once("Credential="))
        .map(|(_, rest)| rest.split([',', ' ']).next().unwrap_or_default().to_owned());
    let in_query = || {
        let mut pairs = form::pairs(request.uri().query().unwrap_or_default());
        pairs.find(|(name, _)| name == "X-Amz-Credential").map(|(_, value)| value)
    };
    let credential = in_header.or_else(in_query)?;
    let access_key = credential.split('/').next()?.to_owned();
    let mut parts = credential.rsplit('/');
    let _terminator = parts.next()?;
    let service = parts.next()?.to_owned();
    // Version 4a signs for several regions and names none here.
    let region = parts.next().filter(|region| !region.bytes().all(|byte| byte.is_ascii_digit()));
    Some(Scope { access_key, service, region: region.unwrap_or(DEFAULT_REGION).to_owned() })
}

fn signed_at(request: &Request<Bytes>) -> Option<String> {
    let in_header = header(request.headers(), "x-amz-date").map(str::to_owned);
    let in_query = || {
        let mut pairs = form::pairs(request.uri().query().unwrap_or_default());
        pairs.find(|(name, _)| name == "X-Amz-Date").map(|(_, value)| value)
    };
    in_header.or_else(in_query)
}

fn by_target(request: &Request<Bytes>) -> Option<&'static Service> {
    let prefix = target(request).map(|(prefix, _)| prefix.to_owned());
    let prefix =
        prefix.or_else(|| rpc_path(request.uri().path()).map(|(prefix, _)| prefix.to_owned()))?;
    services::ALL
        .into_iter()
        .find(|service| service.model.metadata.target_prefix.as_ref() == Some(&prefix))
}

fn target(request: &Request<Bytes>) -> Option<(&str, &str)> {
    header(request.headers(), "x-amz-target")?.rsplit_once('.')
}

/// Service and operation of `/service/SERVICE/operation/OPERATION`.
fn rpc_path(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("/service/")?.split_once("/operation/")
}

fn by_host(host: &str) -> Option<&'static Service> {
    let mut labels = host.split('.').filter_map(|label| label.split('-').next());
    labels
        .find_map(|label| services::ALL.into_iter().find(|service| signing_name(service) == label))
}

/// The protocol to refuse in, when the service is not known.
fn guessed(request: &Request<Bytes>) -> Wire {
    let form = header(request.headers(), "content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form"));
    if request.uri().path().starts_with("/service/") {
        Wire::Cbor
    } else if target(request).is_some() {
        Wire::Json
    } else if form {
        Wire::Query
    } else {
        Wire::RestJson
    }
}

fn asked_for(request: &Request<Bytes>) -> String {
    let named =
        target(request).map(|(_, name)| name).or_else(|| Some(rpc_path(request.uri().path())?.1));
    named.map_or_else(|| format!("{} {}", request.method(), request.uri().path()), str::to_owned)
}

fn parse(asked: &mut Asked, service: &'static Service, request: &Request<Bytes>, host: &str) {
    let model = &service.model;
    if model.speaks("rest-xml") || model.speaks("rest-json") {
        parse_rest(asked, service, request, host);
    } else if let Some((_, operation)) =
        rpc_path(request.uri().path()).filter(|_| model.speaks("smithy-rpc-v2-cbor"))
    {
        asked.wire = Wire::Cbor;
        asked.input = named(asked, service, operation).and_then(|operation| {
            let body = cbor::decode(request.body()).ok_or_else(|| not_parsable("CBOR"))?;
            Ok((json::input(model, model.side(operation.input.as_ref()), &body), Vec::new()))
        });
    } else if let Some((_, operation)) = target(request).filter(|_| model.speaks("json")) {
        asked.wire = Wire::Json;
        asked.input = named(asked, service, operation).and_then(|operation| {
            let body = if request.body().is_empty() { b"{}" } else { request.body().as_ref() };
            let body: Value = serde_json::from_slice(body).map_err(|_| not_parsable("JSON"))?;
            Ok((json::input(model, model.side(operation.input.as_ref()), &body), Vec::new()))
        });
    } else {
        parse_form(asked, service, request);
    }
}

fn not_parsable(what: &str) -> Fault {
    Fault::new("SerializationException", format!("the body is not {what}"))
}

fn parse_form(asked: &mut Asked, service: &'static Service, request: &Request<Bytes>) {
    let ec2 = service.model.speaks("ec2");
    asked.wire = if ec2 { Wire::Ec2 } else { Wire::Query };
    let body = String::from_utf8_lossy(request.body());
    let pairs = form::pairs(request.uri().query().unwrap_or_default()).chain(form::pairs(&body));
    let pairs: Vec<(String, String)> = pairs.collect();
    let action = pairs.iter().find(|(name, _)| name == "Action").map(|(_, value)| value.clone());
    let Some(action) = action else {
        asked.input = Err(Fault::new(
            "MissingAction",
            "The request is missing an action or a required parameter",
        ));
        return;
    };
    asked.input = named(asked, service, &action)
        .map(|operation| form::input(&service.model, operation, ec2, pairs));
}

/// The operation of a name, noted in `asked`.
fn named(
    asked: &mut Asked,
    service: &'static Service,
    name: &str,
) -> Result<&'static Operation, Fault> {
    name.clone_into(&mut asked.operation);
    let model = &service.model;
    model.operations.get(name).ok_or_else(|| {
        if model.others.contains_key(name) {
            return Fault::not_implemented(&format!("{} {name}", service.name));
        }
        let code = if matches!(asked.wire, Wire::Ec2 | Wire::Query) {
            "InvalidAction"
        } else {
            "UnknownOperationException"
        };
        Fault::new(code, format!("The action {name} is not valid for this web service."))
    })
}

fn parse_rest(asked: &mut Asked, service: &'static Service, request: &Request<Bytes>, host: &str) {
    asked.wire = if service.model.speaks("rest-xml") { Wire::RestXml } else { Wire::RestJson };
    let (body, headers) = match unchunked(request) {
        Ok(parts) => parts,
        Err(fault) => {
            asked.input = Err(fault);
            return;
        }
    };
    let path = match bucket_in(host) {
        Some(bucket) => format!("/{bucket}{}", request.uri().path()),
        None => request.uri().path().to_owned(),
    };
    let query = request.uri().query().unwrap_or_default();
    match rest::find(&service.model, request.method(), &path, query, &headers) {
        Some(rest::Found::Known(name, operation, labels)) => {
            name.clone_into(&mut asked.operation);
            let parts = rest::Parts { labels, query, headers: &headers, body: &body };
            let shape = service.model.side(operation.input.as_ref());
            asked.input = rest::members(asked.wire, &service.model, shape, &parts);
        }
        Some(rest::Found::Unmodelled(name)) => {
            name.clone_into(&mut asked.operation);
            asked.input = Err(Fault::not_implemented(&format!("{} {name}", service.name)));
        }
        None => {
            asked.operation = asked_for(request);
            asked.input = Err(no_operation(asked.wire));
        }
    }
}

/// The error for a path that is no operation's.
fn no_operation(wire: Wire) -> Fault {
    if wire == Wire::RestJson {
        return Fault::new("UnknownOperationException", "").with_status(404);
    }
    let message = "The specified method is not allowed against this resource.";
    Fault::new("MethodNotAllowed", message).with_status(405)
}

/// The body without `aws-chunked` framing, and the headers with the trailing ones.
fn unchunked(request: &Request<Bytes>) -> Result<(Bytes, HeaderMap), Fault> {
    let mut headers = request.headers().clone();
    let encoding = header(&headers, CONTENT_ENCODING.as_str()).unwrap_or_default().to_owned();
    let streaming =
        header(&headers, "x-amz-content-sha256").is_some_and(|text| text.starts_with("STREAMING-"));
    if !streaming && !encoding.contains("aws-chunked") {
        return Ok((request.body().clone(), headers));
    }
    let broken = || Fault::new("IncompleteBody", "The chunks of the body do not fit its framing.");
    let (body, trailers) = chunked::decode(request.body()).ok_or_else(broken)?;
    headers.extend(trailers);
    let rest: Vec<&str> = encoding
        .split(',')
        .map(str::trim)
        .filter(|name| *name != "aws-chunked" && !name.is_empty())
        .collect();
    headers.remove(CONTENT_ENCODING);
    if !rest.is_empty() {
        headers.extend(rest.join(",").parse().ok().map(|value| (CONTENT_ENCODING, value)));
    }
    Ok((body, headers))
}

/// The bucket of a virtual host: `bucket.localhost`, `bucket.s3.amazonaws.com`, `bucket.s3.REGION.amazonaws.com`.
fn bucket_in(host: &str) -> Option<&str> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if let Some(bucket) = name.strip_suffix(".localhost") {
        return Some(bucket.strip_suffix(".s3").unwrap_or(bucket)).filter(|bucket| *bucket != "s3");
    }
    let name = name.strip_suffix(".amazonaws.com")?;
    let at = name
        .rfind(".s3")
        .filter(|at| name[at + 3..].is_empty() || name[at + 3..].starts_with(['.', '-']))?;
    Some(&name[..at])
}
