//! Containers behind a load balancer that speaks HTTPS.
//!
//! ```
//! use globecart_aws::engine::{Invalid, Place, Zone};
//! use globecart_aws::network::{Egress, NetworkOutputs, NetworkSubnet, Tier};
//! use globecart_aws::{Stack, SubnetId, VpcId};
//! use globecart_compute::{Entrance, Front};
//!
//! # let zone = |letter: &str, number: u8| Zone {
//! #     name: format!("eu-central-1{letter}"),
//! #     id: format!("euc1-az{number}"),
//! # };
//! # let zones = vec![zone("a", 2), zone("b", 3)];
//! # let place = Place {
//! #     partition: "aws".into(),
//! #     account: "123456789012".into(),
//! #     region: "eu-central-1".into(),
//! #     zones: zones.clone(),
//! # };
//! # let subnet = |(at, zone): (usize, Zone)| {
//! #     let cidr = format!("10.0.{at}.0/24").parse().unwrap();
//! #     NetworkSubnet::new(Tier::Public, zone, cidr, SubnetId::new(format!("subnet-{at}")))
//! # };
//! # let network = NetworkOutputs::existing()
//! #     .vpc(VpcId::new("vpc-1"))
//! #     .cidr("10.0.0.0/16".parse().unwrap())
//! #     .subnets(zones.into_iter().enumerate().map(subnet).collect())
//! #     .egress(Egress::Internet)
//! #     .build();
//! let mut stack = Stack::new("shop", place)?;
//! let listener = Entrance::https("shop.globecart.example", "globecart.example");
//! let front = stack.component("front", Front::builder().network(&network).listener(listener).build())?;
//! stack.export("site_url", &front.url)?;
//! # Ok::<(), Invalid>(())
//! ```

use globecart_aws::Aws;
use globecart_aws::engine::Kind;

pub use action::Action;
pub use capacity::{CapacityProvider, CapacityShare};
pub use certificate::{Certificate, CertificateOutputs, CertificateRefs, KeyAlgorithm};
pub use certificate_validation::{
    CertificateValidation, CertificateValidationOutputs, CertificateValidationRefs,
};
pub use cluster::{Cluster, ClusterOutputs, ClusterRefs, ContainerInsights};
pub use container::{Container, ContainerHealthCheck, ContainerLogs, MountPoint, SecretReference};
pub use front::{
    Backend, BackendOutputs, DomainOutputs, DomainZone, Entrance, Firewall, FirewallOutputs, Front,
    FrontLogs, FrontOutputs,
};
pub use hosted_zone::{HostedZone, HostedZoneOutputs, HostedZoneRefs};
pub use image::Image;
pub use listener::{Listener, ListenerOutputs, ListenerRefs, TLS_POLICY, Tls};
pub use listener_rule::{Condition, ListenerRule, ListenerRuleOutputs, ListenerRuleRefs};
pub use load_balancer::{
    DesyncMitigation, LoadBalancer, LoadBalancerOutputs, LoadBalancerRefs, LogDestination,
};
pub use log_resource_policy::{LogResourcePolicy, LogResourcePolicyOutputs, LogResourcePolicyRefs};
pub use record_set::{RecordSet, RecordSetOutputs, RecordSetRefs, RecordTarget, Zone};
pub use scalable_target::{ScalableTarget, ScalableTargetOutputs, ScalableTargetRefs};
pub use scaling_policy::{ScalingPolicy, ScalingPolicyOutputs, ScalingPolicyRefs, TrackedMetric};
pub use service::{EcsService, EcsServiceOutputs, EcsServiceRefs, ServiceTarget};
pub use target_group::{
    Balancing, HealthCheck, TargetGroup, TargetGroupOutputs, TargetGroupRefs, TargetProtocol,
};
pub use task_definition::{
    Architecture, TaskDefinition, TaskDefinitionOutputs, TaskDefinitionRefs, Volume, VolumeKind,
};
pub use web_acl::{ManagedRules, WebAcl, WebAclOutputs, WebAclRefs, WebAclRule};
pub use web_acl_association::{WebAclAssociation, WebAclAssociationOutputs, WebAclAssociationRefs};
pub use web_acl_logging::{WebAclLogging, WebAclLoggingOutputs, WebAclLoggingRefs};
pub use workload::{Behind, Scale, Service, ServiceOutputs};

mod action;
mod answer;
mod capacity;
mod certificate;
mod certificate_validation;
mod cluster;
mod container;
mod dns;
mod elb;
mod front;
mod hosted_zone;
mod image;
mod listener;
mod listener_rule;
mod load_balancer;
mod log_resource_policy;
mod record_set;
mod scalable_target;
mod scaling_policy;
mod service;
mod size;
mod target_group;
mod task_definition;
#[cfg(test)]
mod tests;
mod web_acl;
mod web_acl_association;
mod web_acl_logging;
mod workload;

/// Every resource type of this crate, for a stack that no longer declares one to delete what it had.
pub fn kinds() -> Vec<Kind<Aws>> {
    vec![
        Kind::of::<Certificate>(),
        Kind::of::<CertificateValidation>(),
        Kind::of::<Cluster>(),
        Kind::of::<EcsService>(),
        Kind::of::<HostedZone>(),
        Kind::of::<Listener>(),
        Kind::of::<ListenerRule>(),
        Kind::of::<LoadBalancer>(),
        Kind::of::<LogResourcePolicy>(),
        Kind::of::<RecordSet>(),
        Kind::of::<ScalableTarget>(),
        Kind::of::<ScalingPolicy>(),
        Kind::of::<TargetGroup>(),
        Kind::of::<TaskDefinition>(),
        Kind::of::<WebAcl>(),
        Kind::of::<WebAclAssociation>(),
        Kind::of::<WebAclLogging>(),
    ]
}
