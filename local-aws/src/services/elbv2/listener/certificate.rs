//! Certificates of listeners:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html>

use super::{LISTENER, named};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::acm;
use crate::services::elbv2::{account, invalid_configuration};
use serde_json::{Value, json};

/// Checks that a listener can use a certificate: it exists in this region, and it has been issued.
pub(super) fn usable(call: &Call, arn: &str) -> Result<(), Fault> {
    match acm::is_issued(call, arn) {
        None => Err(Fault::new("CertificateNotFound", format!("Certificate '{arn}' not found"))),
        Some(true) => Ok(()),
        Some(false) => Err(Fault::new(
            "UnsupportedCertificate",
            format!(
                "The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and a supported key size."
            ),
        )),
    }
}

fn default(row: &Value) -> &str {
    row.items("Certificates").first().map_or("", |one| one.text("CertificateArn"))
}

/// The listener of a request, which must take HTTPS.
fn secure(call: &Call, input: &Value) -> Result<Value, Fault> {
    let row = named(call, input.text("ListenerArn"))?;
    if row.text("Protocol") == "HTTPS" {
        return Ok(row);
    }
    Err(invalid_configuration("Certificates can only be added to HTTPS listeners"))
}

/// `AddListenerCertificates`: what is there already stays.
pub(in super::super) fn add(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = secure(call, &input)?;
    let mut all: Vec<&str> = row.texts("_certificates");
    for one in input.items("Certificates") {
        let arn = one.text("CertificateArn");
        usable(call, arn)?;
        if arn != default(&row) && !all.contains(&arn) {
            all.push(arn);
        }
    }
    if all.len() > account::limit(call, "certificates-per-application-load-balancer") {
        let message = "The load balancer has too many certificates";
        return Err(Fault::new("TooManyCertificates", message));
    }
    call.merge(LISTENER, row.text("ListenerArn"), json!({"_certificates": all}));
    Ok(json!({"Certificates": input["Certificates"]}))
}

/// `RemoveListenerCertificates`: not the default one.
pub(in super::super) fn remove(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = secure(call, &input)?;
    let gone: Vec<&str> =
        input.items("Certificates").iter().map(|one| one.text("CertificateArn")).collect();
    if gone.contains(&default(&row)) {
        let message = format!("Default certificate '{}' cannot be removed", default(&row));
        return Err(Fault::new("OperationNotPermitted", message));
    }
    let mut all = row.texts("_certificates");
    all.retain(|arn| !gone.contains(arn));
    call.merge(LISTENER, row.text("ListenerArn"), json!({"_certificates": all}));
    Ok(json!({}))
}

/// `DescribeListenerCertificates`: the default one and the others.
pub(in super::super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let row = named(call, call.input().text("ListenerArn"))?;
    let first = row.items("Certificates").iter().map(|one| (one.text("CertificateArn"), true));
    let others = row.texts("_certificates").into_iter().map(|arn| (arn, false));
    let one = |(arn, default)| json!({"CertificateArn": arn, "IsDefault": default});
    Ok(json!({"Certificates": first.chain(others).map(one).collect::<Vec<Value>>()}))
}
