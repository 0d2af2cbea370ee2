//! Targets that a service of the cloud runs: it registers them, and says whether they answer.

pub(crate) use super::state::Health;

use super::{TARGET, drain, id, place, state};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elbv2::target_group as group;
use serde_json::{Value, json};

/// A `TargetGroup` by its ARN.
pub(crate) fn target_group<'c>(call: &'c Call, arn: &str) -> Option<&'c Value> {
    call.get(group::TARGET_GROUP, arn)
}

/// Whether a load balancer uses a target group.
pub(crate) fn is_used(call: &Call, arn: &str) -> bool {
    !group::load_balancers(call, arn).is_empty()
}

/// Registers an address that answers health checks from now on; see [`answers`].
pub(crate) fn register(call: &mut Call, arn: &str, ip: &str, port: i64) -> Result<(), Fault> {
    let group = group::named(call, arn)?;
    let target = json!({"Id": ip, "Port": port});
    let zone = place(call, &group, &target)?;
    super::register(call, &group, &target, (zone.as_deref(), true))
}

/// Deregisters an address: it drains, if a load balancer uses it.
pub(crate) fn deregister(call: &mut Call, arn: &str, ip: &str, port: i64) {
    if let Ok(group) = group::named(call, arn) {
        drain(call, &group, &id(arn, ip, port));
    }
}

/// Says whether a registered address answers health checks as its target group wants them answered.
pub(crate) fn answers(call: &mut Call, arn: &str, ip: &str, port: i64, answers: bool) {
    let id = id(arn, ip, port);
    if call.get(TARGET, &id).is_some_and(|row| row.flag("_up") != answers) {
        let members = json!({"_up": answers, "_since": call.now()});
        call.merge(TARGET, &id, members);
    }
}

/// The health of an address in a target group; `None` if there is no such group.
pub(crate) fn health(call: &Call, arn: &str, ip: &str, port: i64) -> Option<Health> {
    let group = target_group(call, arn)?;
    Some(state::of(call, group, call.get(TARGET, &id(arn, ip, port))))
}
