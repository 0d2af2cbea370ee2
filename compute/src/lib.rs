//! Containers behind a load balancer that speaks HTTPS.

use globecart_aws::Aws;
use globecart_aws::engine::Kind;

pub use action::Action;
pub use capacity::{CapacityProvider, CapacityShare};
pub use cluster::{Cluster, ClusterOutputs, ClusterRefs, ContainerInsights};
pub use container::{Container, ContainerHealthCheck, ContainerLogs, MountPoint, SecretReference};
pub use image::Image;
pub use listener::{Listener, ListenerOutputs, ListenerRefs, TLS_POLICY, Tls};
pub use load_balancer::{
    DesyncMitigation, LoadBalancer, LoadBalancerOutputs, LoadBalancerRefs, LogDestination,
};
pub use scalable_target::{ScalableTarget, ScalableTargetOutputs, ScalableTargetRefs};
pub use scaling_policy::{ScalingPolicy, ScalingPolicyOutputs, ScalingPolicyRefs, TrackedMetric};
pub use service::{EcsService, EcsServiceOutputs, EcsServiceRefs, ServiceTarget};
pub use target_group::{
    Balancing, HealthCheck, TargetGroup, TargetGroupOutputs, TargetGroupRefs, TargetProtocol,
};
pub use task_definition::{
    Architecture, TaskDefinition, TaskDefinitionOutputs, TaskDefinitionRefs, Volume, VolumeKind,
};

mod action;
mod answer;
mod capacity;
mod cluster;
mod container;
mod elb;
mod image;
mod listener;
mod load_balancer;
mod scalable_target;
mod scaling_policy;
mod service;
mod size;
mod target_group;
mod task_definition;
#[cfg(test)]
mod tests;

/// Every resource type of this crate, for a stack that no longer declares one to delete what it had.
pub fn kinds() -> Vec<Kind<Aws>> {
    vec![
        Kind::of::<Cluster>(),
        Kind::of::<EcsService>(),
        Kind::of::<Listener>(),
        Kind::of::<LoadBalancer>(),
        Kind::of::<ScalableTarget>(),
        Kind::of::<ScalingPolicy>(),
        Kind::of::<TargetGroup>(),
        Kind::of::<TaskDefinition>(),
    ]
}
