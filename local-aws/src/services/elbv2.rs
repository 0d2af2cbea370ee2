//! Elastic Load Balancing, of which Application Load Balancers and targets by IP address:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/>

mod account;
mod action;
mod attribute;
mod condition;
mod listener;
mod load_balancer;
mod name;
mod rule;
mod ssl_policy;
mod tags;
mod target;
mod target_group;
#[cfg(test)]
mod tests;

pub(crate) use self::listener::using_certificate;
pub(crate) use self::load_balancer::{hosted_zone, is_load_balancer};
pub(crate) use self::target::task::{answers, deregister, health, is_used, register, target_group};

use crate::fault::Fault;
use crate::model::Model;
use crate::service::{Handler, Service, Style, Task, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "elbv2",
    model: LazyLock::new(|| Model::read(include_str!("../../models/elbv2.json"))),
    style: Style {
        validation: Validation::Listed("ValidationError"),
        bad_page_token: "ValidationError",
        page_size: Some(400),
        throttle: ("Throttling", 400),
        expired: "ExpiredToken",
    },
    operations: OPERATIONS,
    tasks: TASKS,
};

const TASKS: &[(&str, Task)] = &[
    (load_balancer::DELETED, load_balancer::deleted),
    (crate::zone::CHANGED, target::zone_changed),
];

const OPERATIONS: &[(&str, Handler)] = &[
    ("AddListenerCertificates", listener::certificate::add),
    ("AddTags", tags::add),
    ("CreateListener", listener::create),
    ("CreateLoadBalancer", load_balancer::create),
    ("CreateRule", rule::create),
    ("CreateTargetGroup", target_group::create),
    ("DeleteListener", listener::delete),
    ("DeleteLoadBalancer", load_balancer::delete),
    ("DeleteRule", rule::delete),
    ("DeleteTargetGroup", target_group::delete),
    ("DeregisterTargets", target::deregister_targets),
    ("DescribeAccountLimits", account::limits),
    ("DescribeCapacityReservation", account::capacity),
    ("DescribeListenerAttributes", listener::attribute::describe),
    ("DescribeListenerCertificates", listener::certificate::describe),
    ("DescribeListeners", listener::describe),
    ("DescribeLoadBalancerAttributes", load_balancer::attribute::describe),
    ("DescribeLoadBalancers", load_balancer::describe),
    ("DescribeRules", rule::describe),
    ("DescribeSSLPolicies", ssl_policy::describe),
    ("DescribeTags", tags::describe),
    ("DescribeTargetGroupAttributes", target_group::attribute::describe),
    ("DescribeTargetGroups", target_group::describe),
    ("DescribeTargetHealth", target::describe),
    ("ModifyListener", listener::modify),
    ("ModifyListenerAttributes", listener::attribute::modify),
    ("ModifyLoadBalancerAttributes", load_balancer::attribute::modify),
    ("ModifyRule", rule::modify),
    ("ModifyTargetGroup", target_group::modify),
    ("ModifyTargetGroupAttributes", target_group::attribute::modify),
    ("RegisterTargets", target::register_targets),
    ("RemoveListenerCertificates", listener::certificate::remove),
    ("RemoveTags", tags::remove),
    ("SetIpAddressType", load_balancer::change::ip_address_type),
    ("SetRulePriorities", rule::priority::set),
    ("SetSecurityGroups", load_balancer::change::security_groups),
    ("SetSubnets", load_balancer::change::subnets),
];

/// A refusal of what is not well-formed.
fn validation(message: impl Into<String>) -> Fault {
    Fault::new("ValidationError", message)
}

/// A refusal of what does not fit together.
fn invalid_configuration(message: impl Into<String>) -> Fault {
    Fault::new("InvalidConfigurationRequest", message)
}
