//! Lifecycle rules: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html>

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus,
    LifecycleExpiration, LifecycleRule as SdkRule, LifecycleRuleFilter,
    NoncurrentVersionExpiration,
};
use globecart_engine::{CallResult, Invalid};
use serde::{Deserialize, Serialize};
use typed_builder::TypedBuilder;

use super::built;

/// When objects of a bucket go by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TypedBuilder)]
pub struct LifecycleRule {
    /// The rule's name, 1 to 255 characters.
    #[builder(setter(into))]
    pub(super) id: String,
    /// The objects it is about, by how their keys begin. Default: all.
    #[builder(default, setter(into))]
    pub(super) prefix: String,
    /// The days after which an object is deleted; with versioning it stays as an earlier version. Default: never.
    #[builder(default, setter(strip_option))]
    pub(super) expire_days: Option<u32>,
    /// The days after which an earlier version is deleted for good. Default: never.
    #[builder(default, setter(strip_option))]
    pub(super) earlier_versions_days: Option<u32>,
    /// The days after which an upload in parts that was never finished is given up. Default: 7.
    #[builder(default = Some(7))]
    pub(super) unfinished_upload_days: Option<u32>,
}

impl LifecycleRule {
    /// Gives up uploads that were not finished within 7 days, and nothing else.
    pub fn tidy() -> Self {
        Self::builder().id("tidy").build()
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        let days = [self.expire_days, self.earlier_versions_days, self.unfinished_upload_days];
        let problem = match days {
            _ if self.id.is_empty() || self.id.chars().count() > 255 => {
                "the id must have 1 to 255 characters"
            }
            [None, None, None] => "does nothing: give one of the days",
            _ if days.contains(&Some(0)) => "days must be 1 or more",
            _ => return Ok(()),
        };
        Err(Invalid::new("lifecycle", format!("rule `{}`: {problem}", self.id)))
    }

    fn sdk(&self) -> CallResult<SdkRule> {
        let days = |days: u32| i32::try_from(days).unwrap_or(i32::MAX);
        let expire = |of: u32| LifecycleExpiration::builder().days(days(of)).build();
        let earlier =
            |of: u32| NoncurrentVersionExpiration::builder().noncurrent_days(days(of)).build();
        let unfinished = |of: u32| {
            AbortIncompleteMultipartUpload::builder().days_after_initiation(days(of)).build()
        };
        let rule = SdkRule::builder()
            .id(&self.id)
            .status(ExpirationStatus::Enabled)
            .filter(LifecycleRuleFilter::builder().prefix(&self.prefix).build())
            .set_expiration(self.expire_days.map(expire))
            .set_noncurrent_version_expiration(self.earlier_versions_days.map(earlier))
            .set_abort_incomplete_multipart_upload(self.unfinished_upload_days.map(unfinished));
        built(rule.build())
    }

    /// A rule as S3 describes it; one that is switched off does nothing.
    pub(super) fn described(rule: &SdkRule) -> Self {
        let on = *rule.status() == ExpirationStatus::Enabled;
        let days =
            |days: Option<i32>| days.and_then(|days| u32::try_from(days).ok()).filter(|_| on);
        Self {
            id: rule.id().unwrap_or_default().to_owned(),
            prefix: rule.filter().and_then(|filter| filter.prefix()).unwrap_or_default().to_owned(),
            expire_days: days(rule.expiration().and_then(|expiration| expiration.days)),
            earlier_versions_days: days(
                rule.noncurrent_version_expiration().and_then(|it| it.noncurrent_days),
            ),
            unfinished_upload_days: days(
                rule.abort_incomplete_multipart_upload().and_then(|it| it.days_after_initiation),
            ),
        }
    }
}

/// The configuration of these rules.
pub(super) fn configuration(rules: &[LifecycleRule]) -> CallResult<BucketLifecycleConfiguration> {
    let rules = rules.iter().map(LifecycleRule::sdk).collect::<CallResult<_>>()?;
    built(BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build())
}
