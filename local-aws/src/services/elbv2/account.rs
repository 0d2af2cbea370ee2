//! Quotas and reserved capacity.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeAccountLimits.html>

use super::load_balancer;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// AWS's default quotas: the limit's name, the name that tests set it by, the default.
const LIMITS: [(&str, &str, usize); 13] = [
    ("application-load-balancers", "elbv2.load_balancers", 50),
    ("listeners-per-application-load-balancer", "elbv2.listeners_per_load_balancer", 50),
    ("rules-per-application-load-balancer", "elbv2.rules_per_load_balancer", 100),
    ("targets-per-application-load-balancer", "elbv2.targets_per_load_balancer", 1000),
    ("target-groups", "elbv2.target_groups", 3000),
    ("target-groups-per-application-load-balancer", "elbv2.groups_per_balancer", 100),
    ("target-groups-per-action-on-application-load-balancer", "elbv2.groups_per_action", 5),
    ("targets-per-target-group", "elbv2.targets_per_target_group", 1000),
    ("certificates-per-application-load-balancer", "elbv2.certificates_per_load_balancer", 25),
    ("condition-values-per-alb-rule", "elbv2.condition_values_per_rule", 5),
    ("condition-wildcards-per-alb-rule", "elbv2.condition_wildcards_per_rule", 6),
    ("network-load-balancers", "elbv2.network_load_balancers", 50),
    ("gateway-load-balancers", "elbv2.gateway_load_balancers", 100),
];

/// The quota that a limit sets.
pub(super) fn limit(call: &Call, name: &str) -> usize {
    let known = LIMITS.iter().find(|(limit, _, _)| *limit == name);
    known.map_or(usize::MAX, |(_, quota, default)| call.quota(quota, *default))
}

/// `DescribeAccountLimits`.
pub(super) fn limits(call: &mut Call) -> Result<Value, Fault> {
    let one = |(name, _, _): &(&str, &str, usize)| json!({"Name": name, "Max": limit(call, name).to_string()});
    Ok(json!({"Limits": LIMITS.iter().map(one).collect::<Vec<Value>>()}))
}

/// `DescribeCapacityReservation`: none, as none can be made here.
pub(super) fn capacity(call: &mut Call) -> Result<Value, Fault> {
    load_balancer::named(call, call.input().text("LoadBalancerArn"))?;
    Ok(json!({"CapacityReservationState": []}))
}
