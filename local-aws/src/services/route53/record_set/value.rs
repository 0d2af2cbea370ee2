//! Values of records by type:
//! <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html>

use crate::fields::Fields;
use crate::services::route53::name;
use serde_json::Value;
use std::net::{Ipv4Addr, Ipv6Addr};

/// What is wrong with the values of a record.
pub(super) fn problem(record: &Value) -> Option<String> {
    let kind = record.text("Type");
    let values: Vec<&str> =
        record.items("ResourceRecords").iter().map(|value| value.text("Value")).collect();
    if kind == "CNAME" && values.len() > 1 {
        return Some("Only one value is allowed for a CNAME record".to_owned());
    }
    for (at, value) in values.iter().enumerate() {
        if values[..at].contains(value) {
            return Some(format!("Duplicate Resource Record: '{value}'"));
        }
        if let Some((code, what)) = fault(kind, value) {
            return Some(format!(
                "Invalid Resource Record: 'FATAL problem: {code} ({what}) encountered with '{value}''"
            ));
        }
    }
    None
}

fn fault(kind: &str, value: &str) -> Option<(&'static str, &'static str)> {
    let parts: Vec<&str> = value.split_whitespace().collect();
    let number = |text: &&str| text.parse::<u16>().is_ok();
    let domain = |text: &&str| name::canonical(text).is_some();
    match kind {
        "A" if value.parse::<Ipv4Addr>().is_err() => {
            Some(("ARRDATAIllegalIPv4Address", "Value is not a valid IPv4 address"))
        }
        "AAAA" if value.parse::<Ipv6Addr>().is_err() => {
            Some(("AAAARRDATAIllegalIPv6Address", "Value is not a valid IPv6 address"))
        }
        "CNAME" | "NS" | "PTR" if name::canonical(value).is_none() => {
            Some(("DomainLabelInvalid", "Value is not a valid domain name"))
        }
        "TXT" | "SPF" if !quoted(value) => {
            Some(("InvalidCharacterString", "Value should be enclosed in quotation marks"))
        }
        "MX" if !matches!(&parts[..], [order, host] if number(order) && domain(host)) => {
            Some(("RRDATANotEnoughElements", "Value should have a priority and a host"))
        }
        "SRV" if !matches!(&parts[..], [a, b, c, host] if [a, b, c].iter().all(|text| number(text)) && domain(host)) => {
            Some((
                "RRDATANotEnoughElements",
                "Value should have a priority, a weight, a port and a host",
            ))
        }
        _ => None,
    }
}

/// Whether a text is one or several texts in quotation marks of at most 255 characters each.
fn quoted(text: &str) -> bool {
    let mut rest = text.trim();
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let Some(inner) = rest.strip_prefix('"') else { return false };
        let mut escaped = false;
        let end = inner.char_indices().find(|(_, letter)| {
            let ends = *letter == '"' && !escaped;
            escaped = *letter == '\\' && !escaped;
            ends
        });
        let Some((at, _)) = end.filter(|(at, _)| *at <= 255) else { return false };
        rest = inner[at + 1..].trim_start();
    }
    true
}
