//! The authorities that sign servers' certificates:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html>

use super::query::page_size;
use crate::call::{Call, digest};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// An authority: its identifier, and from when to when its certificate is valid, in seconds since 1970.
struct Authority(&'static str, f64, f64);

/// 2021-05-25, when RDS made the authorities.
const MADE: f64 = 1_621_900_800.0;

const AUTHORITIES: [Authority; 3] = [
    // 40 years, and 100 years.
    Authority("rds-ca-rsa2048-g1", MADE, MADE + 1_262_304_000.0),
    Authority("rds-ca-rsa4096-g1", MADE, MADE + 3_155_760_000.0),
    Authority("rds-ca-ecc384-g1", MADE, MADE + 3_155_760_000.0),
];

/// What an instance gets whose creator names none.
pub(super) const DEFAULT: &str = AUTHORITIES[0].0;

/// How long a server's certificate lasts, in seconds: a year.
const SERVER_SECONDS: f64 = 365.0 * 24.0 * 3600.0;

/// All identifiers.
pub(super) fn identifiers() -> [&'static str; 3] {
    AUTHORITIES.map(|authority| authority.0)
}

/// The authority that a request names.
pub(super) fn known(identifier: &str) -> Result<(), Fault> {
    if identifiers().contains(&identifier) {
        return Ok(());
    }
    let message = format!("Certificate not found: {identifier}");
    Err(Fault::new("CertificateNotFound", message))
}

/// What an instance tells of its certificate, which is renewed by itself.
pub(super) fn details(identifier: &str, made: f64, now: f64) -> Value {
    let years = ((now - made) / SERVER_SECONDS).floor().max(0.0) + 1.0;
    json!({"CAIdentifier": identifier, "ValidTill": made + years * SERVER_SECONDS})
}

/// `DescribeCertificates`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    page_size(&input)?;
    let wanted = input.opt("CertificateIdentifier");
    if let Some(identifier) = wanted {
        known(identifier)?;
    }
    let named = AUTHORITIES.iter().filter(|one| wanted.is_none_or(|wanted| wanted == one.0));
    let shown = named.map(|Authority(identifier, from, till)| {
        json!({
            "CertificateIdentifier": identifier, "CertificateType": "CA", "Thumbprint": digest(identifier)[..40], "ValidFrom": from,
            "ValidTill": till, "CustomerOverride": false,
            "CertificateArn": format!("arn:aws:rds:{}::cert:{identifier}", call.region()),
        })
    });
    Ok(
        json!({"DefaultCertificateForNewLaunches": DEFAULT, "Certificates": shown.collect::<Vec<_>>()}),
    )
}
