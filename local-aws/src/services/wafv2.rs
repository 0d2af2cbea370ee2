//! WAF, for resources of a region: <https://docs.aws.amazon.com/waf/latest/APIReference/>

mod association;
mod ip_set;
mod logging;
mod managed;
mod page;
mod rule;
mod tags;
#[cfg(test)]
mod tests;
mod web_acl;
mod web_acl_check;

pub(crate) use self::association::forget_resource;

use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use serde_json::Value;
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "wafv2",
    model: LazyLock::new(|| Model::read(include_str!("../../models/wafv2.json"))),
    style: Style {
        validation: Validation::Listed("ValidationException"),
        bad_page_token: "WAFInvalidParameterException",
        page_size: None,
        throttle: ("ThrottlingException", 400),
        expired: "ExpiredTokenException",
    },
    operations: OPERATIONS,
    tasks: &[],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("AssociateWebACL", association::associate),
    ("CheckCapacity", web_acl::check_capacity),
    ("CreateIPSet", ip_set::create),
    ("CreateWebACL", web_acl::create),
    ("DeleteIPSet", ip_set::delete),
    ("DeleteLoggingConfiguration", logging::delete),
    ("DeleteWebACL", web_acl::delete),
    ("DescribeManagedRuleGroup", managed::describe),
    ("DisassociateWebACL", association::disassociate),
    ("GetIPSet", ip_set::get),
    ("GetLoggingConfiguration", logging::get),
    ("GetWebACL", web_acl::get),
    ("GetWebACLForResource", association::get),
    ("ListAvailableManagedRuleGroups", managed::list),
    ("ListIPSets", ip_set::list),
    ("ListLoggingConfigurations", logging::list),
    ("ListResourcesForWebACL", association::list),
    ("ListTagsForResource", tags::list),
    ("ListWebACLs", web_acl::list),
    ("PutLoggingConfiguration", logging::put),
    ("TagResource", tags::tag),
    ("UntagResource", tags::untag),
    ("UpdateIPSet", ip_set::update),
    ("UpdateWebACL", web_acl::update),
];

/// A refusal of a parameter, with the reason, the field and the value that WAF names.
fn invalid(reason: &str, field: &str, parameter: &str) -> Fault {
    let message = format!("Error reason: {reason}, field: {field}, parameter: {parameter}");
    Fault::new("WAFInvalidParameterException", message)
        .with("Field", field)
        .with("Parameter", parameter)
        .with("Reason", reason)
}

fn nonexistent() -> Fault {
    Fault::new(
        "WAFNonexistentItemException",
        "AWS WAF couldn't perform the operation because your resource doesn't exist.",
    )
}

fn duplicate() -> Fault {
    Fault::new(
        "WAFDuplicateItemException",
        "AWS WAF couldn't perform the operation because some resource in your request is a duplicate of an existing one.",
    )
}

fn associated() -> Fault {
    Fault::new(
        "WAFAssociatedItemException",
        "AWS WAF couldn't perform the operation because your resource is being used by another resource or it's associated with another resource.",
    )
}

fn unavailable() -> Fault {
    Fault::new(
        "WAFUnavailableEntityException",
        "AWS WAF couldn't retrieve the resource that you requested. Retry your request.",
    )
}

fn limits_exceeded() -> Fault {
    Fault::new(
        "WAFLimitsExceededException",
        "AWS WAF couldn't perform the operation because you exceeded your resource limit.",
    )
}

/// Refuses the scope of what is not in a region.
fn regional(input: &Value) -> Result<(), Fault> {
    if input.opt("Scope") == Some("CLOUDFRONT") {
        return Err(Fault::not_implemented("wafv2 for CloudFront"));
    }
    Ok(())
}

/// Checks the token that a change must carry.
fn unlocked(row: &Value, input: &Value) -> Result<(), Fault> {
    if row["LockToken"] == input["LockToken"] {
        return Ok(());
    }
    Err(Fault::new(
        "WAFOptimisticLockException",
        "AWS WAF couldn't save your changes because someone changed the resource after you started to edit it. Reapply your changes.",
    ))
}

fn new_token(call: &mut Call) -> String {
    call.new_uuid("wafv2.lock_token")
}
