//! Containers behind a load balancer that speaks HTTPS.

use globecart_aws::Aws;
use globecart_aws::engine::Kind;

pub use action::Action;
pub use listener::{Listener, ListenerOutputs, ListenerRefs, TLS_POLICY, Tls};
pub use load_balancer::{
    DesyncMitigation, LoadBalancer, LoadBalancerOutputs, LoadBalancerRefs, LogDestination,
};
pub use target_group::{
    Balancing, HealthCheck, TargetGroup, TargetGroupOutputs, TargetGroupRefs, TargetProtocol,
};

mod action;
mod elb;
mod listener;
mod load_balancer;
mod target_group;
#[cfg(test)]
mod tests;

/// Every resource type of this crate, for a stack that no longer declares one to delete what it had.
pub fn kinds() -> Vec<Kind<Aws>> {
    vec![Kind::of::<Listener>(), Kind::of::<LoadBalancer>(), Kind::of::<TargetGroup>()]
}
