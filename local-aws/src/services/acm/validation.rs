//! From a request to a certificate, and to the next one: <https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html>

use super::certificate::{CERTIFICATE, users};
use crate::call::{Call, Step, digest};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::route53;
use serde_json::{Value, json};

/// Looks whether the records are there; its argument is the ARN.
pub(super) const LOOK: &str = "look_for_records";

/// The end of a validation; its argument is the ARN.
pub(super) const ISSUED: &str = "certificate_issued";

/// Renews a certificate, or lets it expire; its argument is the ARN.
pub(super) const RENEW: &str = "renew_certificate";

const DAY: f64 = 24.0 * 3600.0;

/// How long a validation can take.
const PATIENCE: f64 = 3.0 * DAY;

/// How long a certificate is valid.
const VALID: f64 = 198.0 * DAY;

/// How long before its end a certificate is renewed.
const RENEWED_BEFORE: f64 = 60.0 * DAY;

/// Seconds between looks: at first, and later on.
const LOOKS: (f64, f64) = (10.0, 60.0);

/// How long it is looked often.
const OFTEN: f64 = 900.0;

pub(super) fn invalid_state(message: &str) -> Fault {
    Fault::new("InvalidStateException", message)
}

/// Starts looking for the records of a new certificate.
pub(super) fn begin(call: &mut Call, arn: &str) {
    call.schedule(LOOKS.0, CERTIFICATE, arn, Step::Run(LOOK, json!(arn)));
}

/// Since when the record of a validation is answered.
fn found(call: &Call, option: &Value) -> Option<f64> {
    let record = &option["ResourceRecord"];
    let (name, value) = (record.text("Name"), record.text("Value"));
    route53::answered_since(call, name, record.text("Type"), value)
}

/// Looks for the records; when all are there, the certificate is issued some time after the last one came.
pub(super) fn look(call: &mut Call, arn: &Value) {
    let arn = arn.as_str().unwrap_or_default();
    let Some(row) = call.get(CERTIFICATE, arn).cloned() else { return };
    let age = call.now() - row.number("CreatedAt").unwrap_or_default();
    let since: Vec<Option<f64>> =
        row.items("DomainValidationOptions").iter().map(|option| found(call, option)).collect();
    if let Some(all) = since.into_iter().collect::<Option<Vec<f64>>>() {
        let last = all.into_iter().fold(0.0, f64::max);
        let seconds = call.latency("acm.certificate", "issued_after_dns_record");
        let left = last + seconds - call.now();
        call.schedule(left, CERTIFICATE, arn, Step::Run(ISSUED, json!(arn)));
        return;
    }
    if age >= PATIENCE {
        let mut options = row["DomainValidationOptions"].clone();
        set_status(&mut options, "FAILED");
        let members = json!({"Status": "VALIDATION_TIMED_OUT", "DomainValidationOptions": options});
        call.merge(CERTIFICATE, arn, members);
        return;
    }
    let next = if age < OFTEN { LOOKS.0 } else { LOOKS.1 };
    call.schedule(next, CERTIFICATE, arn, Step::Run(LOOK, json!(arn)));
}

fn set_status(options: &mut Value, status: &str) {
    for option in options.as_array_mut().into_iter().flatten() {
        option["ValidationStatus"] = json!(status);
    }
}

/// Issues a certificate.
pub(super) fn issued(call: &mut Call, arn: &Value) {
    let arn = arn.as_str().unwrap_or_default();
    let Some(row) = call.get(CERTIFICATE, arn).cloned() else { return };
    let mut options = row["DomainValidationOptions"].clone();
    set_status(&mut options, "SUCCESS");
    let members = json!({
        "Status": "ISSUED", "IssuedAt": call.now(), "DomainValidationOptions": options,
        "KeyUsages": [{"Name": "DIGITAL_SIGNATURE"}, {"Name": "KEY_ENCIPHERMENT"}],
        "ExtendedKeyUsages": [{"Name": "TLS_WEB_SERVER_AUTHENTICATION", "OID": "1.3.6.1.5.5.7.3.1"}],
    });
    call.merge(CERTIFICATE, arn, members);
    valid_from_now(call, arn);
}

fn valid_from_now(call: &mut Call, arn: &str) {
    let serial = digest(&format!("{arn}/{}", call.now()));
    let pairs: Vec<&str> = (0..16).map(|at| &serial[2 * at..2 * at + 2]).collect();
    let members = json!({
        "NotBefore": call.now(), "NotAfter": call.now() + VALID, "Serial": pairs.join(":"),
    });
    call.merge(CERTIFICATE, arn, members);
    call.schedule(VALID - RENEWED_BEFORE, CERTIFICATE, arn, Step::Run(RENEW, json!(arn)));
}

/// Renews a certificate that is used and whose records are still there; tries again every day until its end.
pub(super) fn renew(call: &mut Call, arn: &Value) {
    let arn = arn.as_str().unwrap_or_default();
    let Some(row) = call.get(CERTIFICATE, arn).cloned() else { return };
    let mut options = row["DomainValidationOptions"].clone();
    let there = row.items("DomainValidationOptions").iter().all(|it| found(call, it).is_some());
    let used = !users(call, arn).is_empty();
    if used && there {
        let summary = summary(call, "SUCCESS", &options);
        call.merge(CERTIFICATE, arn, json!({"RenewalSummary": summary}));
        valid_from_now(call, arn);
        return;
    }
    if row.number("NotAfter").unwrap_or_default() <= call.now() {
        call.merge(CERTIFICATE, arn, json!({"Status": "EXPIRED"}));
        return;
    }
    if used {
        set_status(&mut options, "PENDING_VALIDATION");
        let summary = summary(call, "PENDING_VALIDATION", &options);
        call.merge(CERTIFICATE, arn, json!({"RenewalSummary": summary}));
    }
    call.schedule(DAY, CERTIFICATE, arn, Step::Run(RENEW, json!(arn)));
}

fn summary(call: &Call, status: &str, options: &Value) -> Value {
    json!({"RenewalStatus": status, "DomainValidationOptions": options, "UpdatedAt": call.now()})
}
