//! Certificates: <https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html>

mod list;
mod request;

pub(super) use self::list::list;
pub(super) use self::request::request;

use super::validation;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elbv2;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `CertificateDetail` by ARN without who uses it and whether it can be renewed, with `_records_at`, from
/// when the records to make are known.
pub(super) const CERTIFICATE: Table = Table::regional("acm.certificate");

/// The certificate with an ARN.
pub(super) fn named(call: &Call, arn: &str) -> Result<Value, Fault> {
    call.get(CERTIFICATE, arn).cloned().ok_or_else(|| {
        Fault::new("ResourceNotFoundException", format!("Could not find certificate {arn}."))
    })
}

/// Whether a certificate of this region has been issued; `None` if there is none.
pub(crate) fn is_issued(call: &Call, arn: &str) -> Option<bool> {
    call.get(CERTIFICATE, arn).map(|row| row.text("Status") == "ISSUED")
}

/// Who uses a certificate.
pub(super) fn users(call: &Call, arn: &str) -> Vec<String> {
    elbv2::using_certificate(call, arn).into_iter().collect()
}

/// A certificate as it is described now.
pub(super) fn view(call: &Call, row: &Value) -> Value {
    let mut seen = row.clone();
    let users = users(call, row.text("CertificateArn"));
    let eligible = row.text("Status") == "ISSUED" && !users.is_empty();
    seen["RenewalEligibility"] = json!(if eligible { "ELIGIBLE" } else { "INELIGIBLE" });
    seen["InUseBy"] = json!(users);
    let unknown = row.number("_records_at").is_some_and(|at| at > call.now());
    for option in seen["DomainValidationOptions"].as_array_mut().into_iter().flatten() {
        if unknown && let Some(members) = option.as_object_mut() {
            members.remove("ResourceRecord");
        }
    }
    seen
}

/// `DescribeCertificate`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let row = named(call, call.input().text("CertificateArn"))?;
    Ok(json!({"Certificate": view(call, &row)}))
}

/// `DeleteCertificate`: not while somebody uses it.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("CertificateArn");
    named(call, arn)?;
    if !users(call, arn).is_empty() {
        let message = format!("Certificate {arn} is in use.");
        return Err(Fault::new("ResourceInUseException", message));
    }
    call.remove(CERTIFICATE, arn);
    Ok(json!({}))
}

/// `UpdateCertificateOptions`: whether the certificate is in the public logs.
pub(super) fn update_options(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut row = named(call, input.text("CertificateArn"))?;
    let options = &input["Options"];
    if options.has("Export") && options["Export"] != row["Options"]["Export"] {
        return Err(validation::invalid_state(
            "Whether a certificate can be exported cannot change",
        ));
    }
    if options.has("ValidationMethod") {
        return Err(Fault::not_implemented("another way of validation for a certificate"));
    }
    if row.text("Status") != "ISSUED" {
        return Err(validation::invalid_state("The certificate has not been issued"));
    }
    if let Some(preference) = options.opt("CertificateTransparencyLoggingPreference") {
        row["Options"]["CertificateTransparencyLoggingPreference"] = json!(preference);
    }
    call.put(CERTIFICATE, input.text("CertificateArn"), row);
    Ok(json!({}))
}
