//! The health of a target, as its load balancer sees it at this moment.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#target-health-states>
//!
//! It follows from facts: since when the target is registered, used and answering, and whether the security groups let
//! the checks through. Nobody ticks.

use crate::call::Call;
use crate::fields::Fields;
use crate::services::ec2;
use crate::services::elbv2::load_balancer::LOAD_BALANCER;
use crate::services::elbv2::target_group::load_balancers;
use serde_json::{Value, json};

/// Seconds until the load balancer's nodes know a new target.
const REGISTRATION_SECONDS: f64 = 2.0;

/// A state, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Health {
    /// `initial`, `healthy`, `unhealthy`, `unused` or `draining`.
    pub(crate) state: &'static str,
    /// AWS's code of the reason, such as `Target.Timeout`; none of what is healthy.
    pub(crate) reason: Option<&'static str>,
    /// The reason in a sentence.
    pub(crate) description: Option<&'static str>,
}

impl Health {
    fn new(state: &'static str, reason: &'static str, description: &'static str) -> Self {
        Self { state, reason: Some(reason), description: Some(description) }
    }

    /// As a `TargetHealth`.
    pub(super) fn described(&self) -> Value {
        json!({"State": self.state, "Reason": self.reason, "Description": self.description})
    }
}

/// The port of a target's health checks.
pub(super) fn check_port(group: &Value, target: &Value) -> i64 {
    group.text("HealthCheckPort").parse().ok().or(target.int("Port")).unwrap_or_default()
}

/// The health of a target; of one that is not registered if there is no row.
pub(super) fn of(call: &Call, group: &Value, target: Option<&Value>) -> Health {
    let Some(target) = target else {
        return Health::new(
            "unused",
            "Target.NotRegistered",
            "Target is not registered to the target group",
        );
    };
    if target.has("_draining") {
        return Health::new(
            "draining",
            "Target.DeregistrationInProgress",
            "Target deregistration is in progress",
        );
    }
    let Some(balancer) = balancer(call, group) else {
        return Health::new(
            "unused",
            "Target.NotInUse",
            "Target group is not configured to receive traffic from the load balancer",
        );
    };
    let zones = balancer.items("AvailabilityZones");
    let enabled = |zone: &str| zones.iter().any(|enabled| enabled.text("ZoneName") == zone);
    if target.opt("_zone").is_some_and(|zone| !enabled(zone)) {
        return Health::new(
            "unused",
            "Target.NotInUse",
            "Target is in an Availability Zone that is not enabled for the load balancer",
        );
    }
    checked(call, group, target, balancer)
}

fn balancer<'c>(call: &'c Call, group: &Value) -> Option<&'c Value> {
    let arns = load_balancers(call, group.text("_arn"));
    arns.first().and_then(|arn| call.get(LOAD_BALANCER, arn))
}

/// The health of a target that is checked: the first check decides of a new one, and as many as the thresholds say
/// of one whose answers change later.
fn checked(call: &Call, group: &Value, target: &Value, balancer: &Value) -> Health {
    let now = call.now();
    let number = |row: &Value, member: &str| row.number(member).unwrap_or_default();
    let Some(active) = balancer.number("_active_at") else { return registering() };
    let begun = number(target, "_registered_at").max(number(group, "_used_since")).max(active);
    if now < begun + REGISTRATION_SECONDS {
        return registering();
    }
    let interval = number(group, "HealthCheckIntervalSeconds");
    let first = begun + REGISTRATION_SECONDS + interval;
    if now < first {
        return Health::new(
            "initial",
            "Elb.InitialHealthChecking",
            "Initial health checks in progress",
        );
    }
    let reached = reached(call, group, target, balancer);
    let answers = target.flag("_up") && !target.flag("_zone_failed");
    let threshold = if answers { "HealthyThresholdCount" } else { "UnhealthyThresholdCount" };
    let since = number(target, "_since");
    let settled = since <= begun || now >= since + number(group, threshold) * interval;
    // Until enough checks have said otherwise, it is what it was before.
    if reached && answers == settled {
        return Health { state: "healthy", reason: None, description: None };
    }
    Health::new("unhealthy", "Target.Timeout", "Request timed out")
}

fn registering() -> Health {
    Health::new("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
}

/// Whether the load balancer's checks get through to a target. Nothing is known of what is outside the VPC.
fn reached(call: &Call, group: &Value, target: &Value, balancer: &Value) -> bool {
    let Some(groups) = ec2::groups_at(call, group.text("VpcId"), target.text("Id")) else {
        return target.flag("_up");
    };
    let to: Vec<&str> = groups.iter().map(String::as_str).collect();
    let port = check_port(group, target);
    balancer.texts("SecurityGroups").iter().any(|from| ec2::reaches(call, from, &to, port))
}
