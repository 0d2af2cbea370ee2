//! All resource types of this crate, by name.

use globecart_engine::Kind;

use crate::Aws;
use crate::cloudwatch::MetricAlarm;
use crate::ec2::{SecurityGroup, SecurityGroupRule};
use crate::eventbridge::{Rule, RuleTarget};
use crate::iam::{ManagedPolicy, Role, RolePolicyAttachment};
use crate::kms::{Alias, Key};
use crate::lambda::{Function, Permission};
use crate::logs::LogGroup;
use crate::s3::Bucket;
use crate::sns::{Subscription, Topic};

/// The resource types of this crate, for [`Stack::knows`](globecart_engine::Stack::knows): so that what was
/// recorded and is no longer declared can still be read and deleted.
pub fn kinds() -> Vec<Kind<Aws>> {
    vec![
        Kind::of::<MetricAlarm>(),
        Kind::of::<SecurityGroup>(),
        Kind::of::<SecurityGroupRule>(),
        Kind::of::<Rule>(),
        Kind::of::<RuleTarget>(),
        Kind::of::<ManagedPolicy>(),
        Kind::of::<Role>(),
        Kind::of::<RolePolicyAttachment>(),
        Kind::of::<Alias>(),
        Kind::of::<Key>(),
        Kind::of::<Function>(),
        Kind::of::<Permission>(),
        Kind::of::<LogGroup>(),
        Kind::of::<Bucket>(),
        Kind::of::<Subscription>(),
        Kind::of::<Topic>(),
    ]
}
