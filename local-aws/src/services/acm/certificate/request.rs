//! Requesting certificates: <https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html>

use super::CERTIFICATE;
use crate::call::{ACCOUNT, Call, Step, digest};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::acm::{invalid_parameter, tags, validation};
use crate::store::Table;
use serde_json::{Value, json};

/// What idempotency tokens made: an ARN by the request's digest.
const TOKEN: Table = Table::regional("_acm.token");

/// Seconds for which a token is known.
const TOKEN_SECONDS: f64 = 3600.0;

/// AWS's default quotas: certificates of a region, names of a certificate.
const QUOTA: usize = 2500;
const NAMES: usize = 10;

/// The key algorithms of public certificates.
const ALGORITHMS: [&str; 3] = ["RSA_2048", "EC_prime256v1", "EC_secp384r1"];

/// `RequestCertificate`: the same request with the same token answers the same certificate for an hour.
pub(in super::super) fn request(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let request = digest(&input.to_string());
    let known = call.get(TOKEN, &request).map(|row| row.text("arn").to_owned());
    let known = known.filter(|arn| call.get(CERTIFICATE, arn).is_some());
    if let Some(arn) = known.filter(|_| input.has("IdempotencyToken")) {
        return Ok(json!({"CertificateArn": arn}));
    }
    let arn = create(call, &input)?;
    if input.has("IdempotencyToken") {
        call.put(TOKEN, &request, json!({"arn": arn}));
        call.schedule(TOKEN_SECONDS, TOKEN, &request, Step::Remove);
    }
    Ok(json!({"CertificateArn": arn}))
}

fn supported(input: &Value) -> Result<(), Fault> {
    if input.has("CertificateAuthorityArn") {
        return Err(Fault::not_implemented("certificates of private authorities"));
    }
    if input.opt("ValidationMethod") != Some("DNS") {
        return Err(Fault::not_implemented("certificates that are not validated by DNS"));
    }
    if input["Options"].opt("Export") == Some("ENABLED") {
        return Err(Fault::not_implemented("certificates that can be exported"));
    }
    if input.has("ManagedBy") {
        return Err(Fault::not_implemented("certificates that CloudFront manages"));
    }
    match input.opt("KeyAlgorithm") {
        Some(algorithm) if !ALGORITHMS.contains(&algorithm) => Err(invalid_parameter(format!(
            "Public certificates cannot have keys of the algorithm {algorithm}."
        ))),
        _ => Ok(()),
    }
}

/// Whether a text is a domain name of two labels or more, perhaps with `*` as its first.
fn is_domain(text: &str) -> bool {
    let rest = text.strip_prefix("*.").unwrap_or(text);
    let label = |label: &str| {
        let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        letters
            && (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    rest.contains('.') && rest.split('.').all(label)
}

fn create(call: &mut Call, input: &Value) -> Result<String, Fault> {
    supported(input)?;
    let tags = tags::of_request(input.items("Tags"))?;
    let names = names(input);
    if let Some(bad) = names.iter().find(|name| !is_domain(name)) {
        let message = format!("Value '{bad}' is not a domain name.");
        return Err(Fault::new("ValidationException", message));
    }
    let limit = call.quota("acm.names_per_certificate", NAMES);
    if names.len() > limit {
        return Err(limit_exceeded(format!("A certificate can have at most {limit} names.")));
    }
    if call.rows(CERTIFICATE).count() >= call.quota("acm.certificates", QUOTA) {
        return Err(limit_exceeded("The account has as many certificates as it can have."));
    }
    let id = call.new_uuid("acm.certificate");
    let arn = call.arn("acm", &format!("certificate/{id}"));
    let records_at = call.now() + call.latency("acm.certificate", "create");
    let preference = input["Options"].opt("CertificateTransparencyLoggingPreference");
    let row = json!({
        "CertificateArn": arn, "DomainName": names[0], "SubjectAlternativeNames": names,
        "DomainValidationOptions": names.iter().map(|name| option(name)).collect::<Vec<Value>>(),
        "Subject": format!("CN={}", names[0]), "Issuer": "Amazon", "CreatedAt": call.now(),
        "Status": "PENDING_VALIDATION", "KeyAlgorithm": input.opt("KeyAlgorithm").unwrap_or("RSA_2048"),
        "SignatureAlgorithm": "SHA256WITHRSA", "Type": "AMAZON_ISSUED", "KeyUsages": [], "ExtendedKeyUsages": [],
        "Options": {
            "CertificateTransparencyLoggingPreference": preference.unwrap_or("ENABLED"), "Export": "DISABLED",
        },
        "CertificateKeyPairOrigin": "AWS_MANAGED",
        "Tags": tags, "_arn": arn, "_key": arn, "_records_at": records_at,
    });
    call.put(CERTIFICATE, &arn, row);
    validation::begin(call, &arn);
    Ok(arn)
}

fn limit_exceeded(message: impl Into<String>) -> Fault {
    Fault::new("LimitExceededException", message)
}

/// The names of a request, the first one once.
fn names(input: &Value) -> Vec<String> {
    let mut names = vec![input.text("DomainName").to_lowercase()];
    for name in input.texts("SubjectAlternativeNames") {
        let name = name.to_lowercase();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// How a name is validated: by a record that is the same for every certificate of the account.
fn option(name: &str) -> Value {
    let domain = name.strip_prefix("*.").unwrap_or(name);
    let digits = digest(&format!("acm/{ACCOUNT}/{domain}"));
    let letters: String =
        digits.bytes().rev().take(10).map(|digit| char::from(b'a' + digit % 26)).collect();
    let record = json!({
        "Name": format!("_{}.{domain}.", &digits[..32]), "Type": "CNAME",
        "Value": format!("_{}.{letters}.acm-validations.aws.", &digits[32..]),
    });
    json!({
        "DomainName": name, "ValidationDomain": name, "ValidationStatus": "PENDING_VALIDATION",
        "ValidationMethod": "DNS", "ResourceRecord": record,
    })
}
