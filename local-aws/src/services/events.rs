//! EventBridge: rules on the default bus, by pattern or by schedule, and what they deliver to.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Operations.html>

mod bus;
mod deliver;
mod pattern;
mod put_events;
mod rule;
mod tags;
mod target;
#[cfg(test)]
mod tests;
mod transform;

pub(crate) use self::put_events::{Event, emit};

use crate::fault::Fault;
use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "events",
    model: LazyLock::new(|| Model::read(include_str!("../../models/events.json"))),
    style: Style {
        validation: Validation::Listed("ValidationException"),
        bad_page_token: "ValidationException",
        page_size: Some(100),
        throttle: ("ThrottlingException", 400),
        expired: "ExpiredTokenException",
    },
    operations: OPERATIONS,
    tasks: &[("fire", rule::fire)],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("DeleteRule", rule::delete),
    ("DescribeEventBus", bus::describe),
    ("DescribeRule", rule::describe),
    ("DisableRule", rule::disable),
    ("EnableRule", rule::enable),
    ("ListEventBuses", bus::list),
    ("ListRuleNamesByTarget", target::rule_names),
    ("ListRules", rule::list),
    ("ListTagsForResource", tags::list),
    ("ListTargetsByRule", target::list),
    ("PutEvents", put_events::put),
    ("PutRule", rule::put),
    ("PutTargets", target::put),
    ("RemoveTargets", target::remove),
    ("TagResource", tags::tag),
    ("TestEventPattern", pattern::test),
    ("UntagResource", tags::untag),
];

/// A refusal of a parameter.
fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationException", message)
}

/// The error for what does not exist.
fn missing(message: impl Into<String>) -> Fault {
    Fault::new("ResourceNotFoundException", message)
}
