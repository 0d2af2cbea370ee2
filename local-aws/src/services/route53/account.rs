//! Quotas: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html>

use super::hosted_zone::{HOSTED_ZONE, id_of, is_private, named};
use super::record_set;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `GetAccountLimit`.
pub(super) fn limit(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let kind = input.text("Type");
    let zones = call.rows(HOSTED_ZONE).count();
    let (most, count) = match kind {
        "MAX_HOSTED_ZONES_BY_OWNER" => (call.quota("route53.hosted_zones", 500), zones),
        "MAX_HEALTH_CHECKS_BY_OWNER" => (200, 0),
        "MAX_REUSABLE_DELEGATION_SETS_BY_OWNER" => (100, 0),
        "MAX_TRAFFIC_POLICIES_BY_OWNER" => (50, 0),
        _ => (5, 0),
    };
    Ok(json!({"Limit": {"Type": kind, "Value": most}, "Count": count}))
}

/// `GetHostedZoneLimit`.
pub(super) fn zone_limit(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = named(call, input.text("HostedZoneId"))?;
    let kind = input.text("Type");
    let (most, count) = match kind {
        "MAX_RRSETS_BY_ZONE" => (
            call.quota("route53.records_per_zone", record_set::QUOTA),
            record_set::of(call, id_of(row.text("Id"))).count(),
        ),
        _ if is_private(&row) => (300, row.items("_vpcs").len()),
        _ => return Err(Fault::new("HostedZoneNotPrivate", "The hosted zone is not private.")),
    };
    Ok(json!({"Limit": {"Type": kind, "Value": most}, "Count": count}))
}
