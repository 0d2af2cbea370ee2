//! Route 53, its hosted zones and their records: <https://docs.aws.amazon.com/Route53/latest/APIReference/>
//!
//! Requests are signed for one region; its tables belong to none.

mod account;
mod change;
mod hosted_zone;
mod name;
mod record_set;
mod tags;
#[cfg(test)]
mod tests;
mod vpc;

pub(crate) use self::record_set::answered_since;

use crate::fault::Fault;
use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "route53",
    model: LazyLock::new(|| Model::read(include_str!("../../models/route53.json"))),
    style: Style {
        validation: Validation::Listed("InvalidInput"),
        bad_page_token: "InvalidInput",
        page_size: Some(100),
        throttle: ("Throttling", 400),
        expired: "ExpiredToken",
    },
    operations: OPERATIONS,
    tasks: &[],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("AssociateVPCWithHostedZone", vpc::associate),
    ("ChangeResourceRecordSets", record_set::change),
    ("ChangeTagsForResource", tags::change),
    ("CreateHostedZone", hosted_zone::create),
    ("DeleteHostedZone", hosted_zone::delete),
    ("DisassociateVPCFromHostedZone", vpc::disassociate),
    ("GetAccountLimit", account::limit),
    ("GetChange", change::get),
    ("GetDNSSEC", hosted_zone::dnssec),
    ("GetHostedZone", hosted_zone::get),
    ("GetHostedZoneCount", hosted_zone::count),
    ("GetHostedZoneLimit", account::zone_limit),
    ("ListHostedZones", hosted_zone::list),
    ("ListHostedZonesByName", hosted_zone::list_by_name),
    ("ListHostedZonesByVPC", vpc::list),
    ("ListResourceRecordSets", record_set::list),
    ("ListTagsForResource", tags::list),
    ("ListTagsForResources", tags::list_many),
    ("TestDNSAnswer", record_set::test_answer),
    ("UpdateHostedZoneComment", hosted_zone::update_comment),
];

/// A refusal of what is not well-formed.
fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidInput", message)
}
