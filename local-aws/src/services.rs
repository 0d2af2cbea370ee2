//! The services of the embedded cloud, one file or folder each.

#![expect(
    clippy::unnecessary_wraps,
    reason = "all handlers have one type, also those that cannot fail"
)]

pub(crate) mod acm;
pub(crate) mod autoscaling;
pub(crate) mod backup;
pub(crate) mod cloudwatch;
pub(crate) mod ec2;
pub(crate) mod ecr;
pub(crate) mod ecs;
pub(crate) mod efs;
pub(crate) mod elasticache;
pub(crate) mod elbv2;
pub(crate) mod events;
pub(crate) mod iam;
pub(crate) mod kms;
pub(crate) mod lambda;
pub(crate) mod logs;
pub(crate) mod policy;
pub(crate) mod rds;
pub(crate) mod route53;
pub(crate) mod s3;
pub(crate) mod schedule;
pub(crate) mod secretsmanager;
pub(crate) mod sns;
pub(crate) mod sts;
pub(crate) mod tables;
pub(crate) mod tagging;
pub(crate) mod wafv2;

use crate::service::Service;

/// Every service that requests can be for.
pub(crate) static ALL: [&Service; 23] = [
    &acm::SERVICE,
    &autoscaling::SERVICE,
    &backup::SERVICE,
    &cloudwatch::SERVICE,
    &ec2::SERVICE,
    &ecr::SERVICE,
    &ecs::SERVICE,
    &efs::SERVICE,
    &elasticache::SERVICE,
    &elbv2::SERVICE,
    &events::SERVICE,
    &iam::SERVICE,
    &kms::SERVICE,
    &lambda::SERVICE,
    &logs::SERVICE,
    &rds::SERVICE,
    &route53::SERVICE,
    &s3::SERVICE,
    &secretsmanager::SERVICE,
    &sns::SERVICE,
    &sts::SERVICE,
    &tagging::SERVICE,
    &wafv2::SERVICE,
];

/// The service with a name, such as `ec2`.
pub(crate) fn named(name: &str) -> Option<&'static Service> {
    ALL.into_iter().find(|service| service.name == name)
}
