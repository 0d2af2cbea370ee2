//! Attributes of listeners, which name and set headers:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/header-modification.html>

use super::{LISTENER, named};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elbv2::attribute::{Allowed, Attribute, defaults, listed, of_request, set};
use crate::services::elbv2::invalid_configuration;
use serde_json::{Value, json};

/// How attributes start that are for HTTPS listeners alone.
const SECURE: &str = "routing.http.request.";

/// The longest header value.
const VALUE: usize = 1024;

/// The longest header name.
const NAME: usize = 40;

const KNOWN: [Attribute; 19] = [
    (
        "routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name",
        "",
        Allowed::Text(NAME),
    ),
    ("routing.http.request.x_amzn_mtls_clientcert_issuer.header_name", "", Allowed::Text(NAME)),
    ("routing.http.request.x_amzn_mtls_clientcert_subject.header_name", "", Allowed::Text(NAME)),
    ("routing.http.request.x_amzn_mtls_clientcert_validity.header_name", "", Allowed::Text(NAME)),
    ("routing.http.request.x_amzn_mtls_clientcert_leaf.header_name", "", Allowed::Text(NAME)),
    ("routing.http.request.x_amzn_mtls_clientcert.header_name", "", Allowed::Text(NAME)),
    ("routing.http.request.x_amzn_tls_version.header_name", "", Allowed::Text(NAME)),
    ("routing.http.request.x_amzn_tls_cipher_suite.header_name", "", Allowed::Text(NAME)),
    ("routing.http.response.server.enabled", "true", Allowed::Flag),
    ("routing.http.response.strict_transport_security.header_value", "", Allowed::Text(VALUE)),
    ("routing.http.response.access_control_allow_origin.header_value", "", Allowed::Text(VALUE)),
    ("routing.http.response.access_control_allow_methods.header_value", "", Allowed::Text(VALUE)),
    ("routing.http.response.access_control_allow_headers.header_value", "", Allowed::Text(VALUE)),
    (
        "routing.http.response.access_control_allow_credentials.header_value",
        "",
        Allowed::OneOf(&["", "true"]),
    ),
    ("routing.http.response.access_control_expose_headers.header_value", "", Allowed::Text(VALUE)),
    ("routing.http.response.access_control_max_age.header_value", "", Allowed::Text(VALUE)),
    ("routing.http.response.content_security_policy.header_value", "", Allowed::Text(VALUE)),
    (
        "routing.http.response.x_content_type_options.header_value",
        "",
        Allowed::OneOf(&["", "nosniff"]),
    ),
    ("routing.http.response.x_frame_options.header_value", "", Allowed::Text(VALUE)),
];

/// The attributes that a new listener has.
pub(super) fn of_new() -> Value {
    defaults(&KNOWN)
}

fn of_listener(row: &Value) -> Vec<Value> {
    let mut all = listed(&KNOWN, row);
    let secure = row.text("Protocol") == "HTTPS";
    all.retain(|attribute| secure || !attribute.text("Key").starts_with(SECURE));
    all
}

/// `DescribeListenerAttributes`.
pub(in super::super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let row = named(call, call.input().text("ListenerArn"))?;
    Ok(json!({"Attributes": of_listener(&row)}))
}

/// `ModifyListenerAttributes`.
pub(in super::super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut row = named(call, input.text("ListenerArn"))?;
    let fresh = of_request(&KNOWN, input.items("Attributes"))?;
    let secure = row.text("Protocol") == "HTTPS";
    if let Some(key) = fresh.keys().find(|key| !secure && key.starts_with(SECURE)) {
        return Err(invalid_configuration(format!("'{key}' is for HTTPS listeners alone")));
    }
    set(&mut row, fresh);
    let members = json!({"_attributes": row["_attributes"]});
    call.merge(LISTENER, row.text("ListenerArn"), members);
    Ok(json!({"Attributes": of_listener(&row)}))
}
