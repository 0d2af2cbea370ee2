//! What alias records point to:
//! <https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html>

use super::batch::{Batch, is_alias};
use crate::fields::Fields;
use crate::services::elbv2;
use crate::services::route53::name;
use serde_json::Value;

/// The zone of `CloudFront`'s names.
const CLOUDFRONT: (&str, &str) = ("Z2FDTNDATAQYW2", ".cloudfront.net.");

/// What is wrong with the target of an alias record.
pub(super) fn problem(batch: &Batch, record: &Value) -> Option<String> {
    let target = &record["AliasTarget"];
    let (zone, kind) = (target.text("HostedZoneId"), record.text("Type"));
    let dns = name::canonical(target.text("DNSName"))?;
    let refuse = |why: &str| {
        Some(format!(
            "Tried to create an alias that targets {dns}, type {kind} in zone {zone}, but {why}"
        ))
    };
    let outside = "the alias target name does not lie within the target zone";
    if zone == batch.zone {
        if !name::lies_in(&dns, batch.name) {
            return refuse(outside);
        }
        let there = batch.records.values().any(|other| {
            other.text("Name") == dns && other.text("Type") == kind && !is_alias_to(other, record)
        });
        return if there { None } else { refuse("that target was not found") };
    }
    if !["A", "AAAA"].contains(&kind) {
        return refuse("aliases of this type cannot target other services");
    }
    let in_service = zone == CLOUDFRONT.0 && dns.ends_with(CLOUDFRONT.1);
    if in_service || is_load_balancer(zone, &dns) { None } else { refuse(outside) }
}

/// Whether a record is the alias itself.
fn is_alias_to(other: &Value, record: &Value) -> bool {
    is_alias(other)
        && other["Name"] == record["Name"]
        && other["AliasTarget"] == record["AliasTarget"]
}

/// Whether a name is one of a load balancer in the zone of its region.
fn is_load_balancer(zone: &str, dns: &str) -> bool {
    let Some(rest) = dns.strip_suffix(".elb.amazonaws.com.") else { return false };
    let region = rest.rsplit('.').next().unwrap_or_default();
    elbv2::hosted_zone(region) == Some(zone)
}
