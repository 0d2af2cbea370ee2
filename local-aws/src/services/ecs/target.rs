//! The targets of tasks at load balancers.

use crate::call::Call;
use crate::fault::Fault;
use serde_json::Value;

/// Checks a load balancer of a service against its target group.
pub(super) fn check(_call: &Call, _load_balancer: &Value) -> Result<(), Fault> {
    Err(Fault::not_implemented("services with load balancers"))
}

pub(super) fn register(_call: &mut Call, _task: &str) -> Vec<String> {
    Vec::new()
}

pub(super) fn deregister(_call: &mut Call, _task: &str) -> f64 {
    0.0
}

pub(super) fn all_healthy(_call: &Call, _task: &Value) -> bool {
    true
}

pub(super) fn failed(_call: &Call, _task: &Value, _grace: f64) -> Option<String> {
    None
}

pub(super) fn is_waiting(_call: &Call, _task: &Value) -> bool {
    false
}

pub(super) fn answers_changed(_call: &mut Call, _task: &str) {}
