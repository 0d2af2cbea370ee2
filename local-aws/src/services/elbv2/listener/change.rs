//! Making and changing listeners:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html>

use super::{LISTENER, attribute, certificate, named, of};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elbv2::{
    account, action, invalid_configuration, load_balancer, name, rule, ssl_policy, tags,
    target_group, validation,
};
use serde_json::{Value, json};

/// What describes how a listener takes connections.
const SECURE: [&str; 2] = ["SslPolicy", "Certificates"];

/// `CreateListener`: the same port with the same settings answers the one that is there.
pub(in super::super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    supported(&input)?;
    let balancer = load_balancer::named(call, input.text("LoadBalancerArn"))?;
    let tags = tags::of_request(input.items("Tags"))?;
    for member in ["Protocol", "Port"] {
        if !input.has(member) {
            return Err(validation(format!(
                "A listener {} must be specified",
                member.to_lowercase()
            )));
        }
    }
    let arn = balancer.text("_arn");
    let mut row = json!({
        "LoadBalancerArn": arn, "Port": input["Port"], "Protocol": input["Protocol"], "Tags": tags,
        "_load_balancer": arn, "_certificates": [], "_attributes": attribute::of_new(),
    });
    settle(call, &mut row, &input)?;
    let existing = of(call, arn).map(|(_, row)| row).find(|other| other["Port"] == row["Port"]);
    if let Some(existing) = existing {
        return same(existing, &row);
    }
    if of(call, arn).count() >= account::limit(call, "listeners-per-application-load-balancer") {
        let message = format!("Load balancer '{arn}' has too many listeners");
        return Err(Fault::new("TooManyListeners", message));
    }
    let id = call.new_hex("elbv2.listener", 16);
    let path = name::path(arn).to_owned();
    let made = call.arn("elasticloadbalancing", &format!("listener/{path}/{id}"));
    for member in ["ListenerArn", "_arn", "_key"] {
        row[member] = json!(made);
    }
    call.put(LISTENER, &made, row.clone());
    rule::create_default(call, &row);
    target_group::refresh(call);
    Ok(json!({"Listeners": [row]}))
}

fn supported(input: &Value) -> Result<(), Fault> {
    if input.has("AlpnPolicy") {
        return Err(Fault::new(
            "ALPNPolicyNotFound",
            "ALPN policies are for TLS listeners of network load balancers alone",
        ));
    }
    if input["MutualAuthentication"].opt("Mode").is_some_and(|mode| mode != "off") {
        return Err(Fault::not_implemented("listeners with mutual authentication"));
    }
    match input.opt("Protocol") {
        None | Some("HTTP" | "HTTPS") => Ok(()),
        Some(protocol) => Err(Fault::new(
            "UnsupportedProtocol",
            format!("Listener protocol '{protocol}' must be one of 'HTTP, HTTPS'"),
        )),
    }
}

/// Sets what a request says of a listener, and what follows from it.
fn settle(call: &Call, row: &mut Value, input: &Value) -> Result<(), Fault> {
    let secure = row.text("Protocol") == "HTTPS";
    for member in SECURE {
        if input.has(member) && !secure {
            return Err(invalid_configuration(format!(
                "{member} cannot be specified for an HTTP listener"
            )));
        }
        if input.has(member) {
            row[member] = input[member].clone();
        }
    }
    if secure {
        secured(call, row)?;
    } else {
        for member in SECURE {
            row[member] = Value::Null;
        }
    }
    if input.has("DefaultActions") {
        let of = (row.text("_load_balancer"), row.text("Protocol"));
        row["DefaultActions"] = json!(action::of_request(call, of, input.items("DefaultActions"))?);
    }
    Ok(())
}

fn secured(call: &Call, row: &mut Value) -> Result<(), Fault> {
    if !row.has("SslPolicy") {
        row["SslPolicy"] = json!(ssl_policy::DEFAULT);
    }
    ssl_policy::check(row.text("SslPolicy"))?;
    let [one] = row.items("Certificates") else {
        return Err(validation(if row.items("Certificates").is_empty() {
            "A certificate must be specified for HTTPS listeners"
        } else {
            "Exactly one certificate must be specified; others are added by AddListenerCertificates"
        }));
    };
    if one.has("IsDefault") {
        return Err(validation("IsDefault must not be set when specifying certificates"));
    }
    certificate::usable(call, one.text("CertificateArn"))
}

/// The answer to a create on a port that is taken.
fn same(existing: &Value, wanted: &Value) -> Result<Value, Fault> {
    let compared = ["Protocol", "SslPolicy", "Certificates", "DefaultActions"];
    let same = compared.iter().all(|member| existing[*member] == wanted[*member])
        && tags::same(existing.items("Tags"), wanted.items("Tags"));
    if same {
        return Ok(json!({"Listeners": [existing]}));
    }
    let message = format!(
        "A listener already exists on this port for this load balancer '{}'",
        existing.text("_load_balancer")
    );
    Err(Fault::new("DuplicateListener", message))
}

/// `ModifyListener`.
pub(in super::super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    supported(&input)?;
    let mut row = named(call, input.text("ListenerArn"))?;
    let arn = row.text("ListenerArn").to_owned();
    for member in ["Port", "Protocol"].into_iter().filter(|member| input.has(member)) {
        row[member] = input[member].clone();
    }
    let taken = of(call, row.text("_load_balancer"))
        .any(|(other, listener)| other != arn && listener["Port"] == row["Port"]);
    if taken {
        let message = format!("A listener already exists on the port {}", row["Port"]);
        return Err(Fault::new("DuplicateListener", message));
    }
    settle(call, &mut row, &input)?;
    if row.text("Protocol") == "HTTP" {
        row["_certificates"] = json!([]);
    }
    call.put(LISTENER, &arn, row.clone());
    rule::set_default(call, &row);
    target_group::refresh(call);
    Ok(json!({"Listeners": [row]}))
}
