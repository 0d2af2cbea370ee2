//! Application Auto Scaling, for the tasks of ECS services:
//! <https://docs.aws.amazon.com/autoscaling/application/APIReference/>
//!
//! Target tracking makes its two alarms as AWS does, and acts when they ring; step scaling acts on its users' alarms.

mod activity;
mod adjust;
mod policy;
mod policy_list;
mod reference;
mod step;
mod tags;
mod target;
#[cfg(test)]
mod tests;
mod track;
mod tracking_alarm;

pub(crate) use self::adjust::act;

use crate::fault::Fault;
use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: NAME,
    model: LazyLock::new(|| Model::read(include_str!("../../models/application-autoscaling.json"))),
    style: Style {
        validation: Validation::Listed("ValidationException"),
        bad_page_token: "InvalidNextTokenException",
        page_size: Some(50),
        throttle: ("ThrottlingException", 400),
        expired: "ExpiredTokenException",
    },
    operations: OPERATIONS,
    tasks: &[(adjust::AGAIN, adjust::again)],
};

const NAME: &str = "application-autoscaling";

const OPERATIONS: &[(&str, Handler)] = &[
    ("DeleteScalingPolicy", policy::delete),
    ("DeregisterScalableTarget", target::deregister),
    ("DescribeScalableTargets", target::describe),
    ("DescribeScalingActivities", activity::describe),
    ("DescribeScalingPolicies", policy_list::describe),
    ("ListTagsForResource", tags::list),
    ("PutScalingPolicy", policy::put),
    ("RegisterScalableTarget", target::register),
    ("TagResource", tags::tag),
    ("UntagResource", tags::untag),
];

/// A refusal of a parameter's value.
fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationException", message)
}
