//! Attributes of load balancers:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html>

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::LoadBalancerAttribute;
use globecart_aws::engine::{CallResult, Input, Invalid};
use globecart_aws::{Aws, BucketName, Doing, LoadBalancerArn, absent_is_none};
use serde::{Deserialize, Serialize};

use super::LoadBalancer;

const PROTECTION: &str = "deletion_protection.enabled";

/// What is done with requests that may be read in two ways:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#desync-mitigation-mode>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DesyncMitigation {
    /// They pass, and are counted.
    Monitor,
    /// Those that could do harm are refused, the others reach targets on a connection of their own.
    Defensive,
    /// Whatever does not follow RFC 7230 is refused.
    Strictest,
}

/// Where logs go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogDestination {
    /// A bucket of the same region, encrypted by S3's own keys, whose policy lets the logs in.
    pub bucket: Input<BucketName>,
    /// What their keys begin with, without a slash at either end; may be empty.
    pub prefix: String,
}

impl DesyncMitigation {
    fn as_str(self) -> &'static str {
        match self {
            Self::Monitor => "monitor",
            Self::Defensive => "defensive",
            Self::Strictest => "strictest",
        }
    }

    fn described(text: &str) -> Self {
        match text {
            "monitor" => Self::Monitor,
            "strictest" => Self::Strictest,
            _ => Self::Defensive,
        }
    }
}

impl LogDestination {
    /// Logs into a bucket, with keys that begin so.
    pub fn new(bucket: impl Into<Input<BucketName>>, prefix: impl Into<String>) -> Self {
        Self { bucket: bucket.into(), prefix: prefix.into() }
    }

    pub(super) fn check(&self, field: &str) -> Result<(), Invalid> {
        let prefix = &self.prefix;
        if prefix.contains("AWSLogs") || prefix.starts_with('/') || prefix.ends_with('/') {
            let problem =
                format!("the prefix `{prefix}` must have no slash at its ends and no `AWSLogs`");
            return Err(Invalid::new(field, problem));
        }
        Ok(())
    }
}

/// The attributes that a load balancer declares, in the order in which they are set.
fn declared(of: &LoadBalancer) -> Vec<(String, String)> {
    let plain = [
        (PROTECTION, of.deletion_protection.to_string()),
        ("routing.http.drop_invalid_header_fields.enabled", of.drop_invalid_headers.to_string()),
        ("routing.http.desync_mitigation_mode", of.desync_mitigation.as_str().to_owned()),
        ("idle_timeout.timeout_seconds", of.idle_timeout_secs.to_string()),
        ("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", of.tls_headers.to_string()),
        ("waf.fail_open.enabled", of.waf_fail_open.to_string()),
        ("zonal_shift.config.enabled", of.zonal_shift.to_string()),
    ];
    let plain = plain.into_iter().map(|(key, value)| (key.to_owned(), value));
    let logs = [("access_logs", &of.access_logs), ("connection_logs", &of.connection_logs)];
    plain.chain(logs.into_iter().flat_map(|(sort, logs)| of_logs(sort, logs.as_ref()))).collect()
}

fn of_logs(sort: &str, logs: Option<&LogDestination>) -> Vec<(String, String)> {
    let key = |end: &str| format!("{sort}.s3.{end}");
    let Some(logs) = logs else { return vec![(key("enabled"), "false".to_owned())] };
    vec![
        (key("enabled"), "true".to_owned()),
        (key("bucket"), logs.bucket.known().to_string()),
        (key("prefix"), logs.prefix.clone()),
    ]
}

/// Sets the attributes that differ from those of `old`, or all, in one call.
pub(super) async fn write(
    aws: &Aws,
    arn: &LoadBalancerArn,
    of: &LoadBalancer,
    old: Option<&LoadBalancer>,
) -> CallResult<()> {
    let before = old.map(declared).unwrap_or_default();
    let fresh: Vec<(String, String)> =
        declared(of).into_iter().filter(|attribute| !before.contains(attribute)).collect();
    if fresh.is_empty() {
        return Ok(());
    }
    set(aws, arn, fresh).await
}

/// Lets the load balancer be deleted.
pub(super) async fn unprotect(aws: &Aws, arn: &LoadBalancerArn) -> CallResult<()> {
    set(aws, arn, vec![(PROTECTION.to_owned(), "false".to_owned())]).await
}

async fn set(
    aws: &Aws,
    arn: &LoadBalancerArn,
    attributes: Vec<(String, String)>,
) -> CallResult<()> {
    let attribute = |(key, value)| LoadBalancerAttribute::builder().key(key).value(value).build();
    let attributes = attributes.into_iter().map(attribute).collect();
    let call = aws.elb().modify_load_balancer_attributes().load_balancer_arn(arn.as_str());
    let call = call.set_attributes(Some(attributes));
    call.send().await.map(|_| ()).doing("setting the load balancer's attributes")
}

/// The arguments with the live attributes; `None` where there is no such load balancer.
pub(super) async fn read(
    aws: &Aws,
    arn: &LoadBalancerArn,
    args: LoadBalancer,
) -> CallResult<Option<LoadBalancer>> {
    let call = aws.elb().describe_load_balancer_attributes().load_balancer_arn(arn.as_str());
    let answer = absent_is_none(call.send().await.doing("reading load balancer attributes"))?;
    let Some(answer) = answer else { return Ok(None) };
    let pairs = answer.attributes.unwrap_or_default().into_iter();
    let all: BTreeMap<String, String> =
        pairs.filter_map(|attribute| Some((attribute.key?, attribute.value?))).collect();
    let text = |key: &str| all.get(key).map(String::as_str).unwrap_or_default();
    let on = |key: &str| text(key) == "true";
    let logs = |sort: &str| {
        let key = |end: &str| format!("{sort}.s3.{end}");
        on(&key("enabled")).then(|| {
            LogDestination::new(BucketName::new(text(&key("bucket"))), text(&key("prefix")))
        })
    };
    Ok(Some(LoadBalancer {
        deletion_protection: on(PROTECTION),
        drop_invalid_headers: on("routing.http.drop_invalid_header_fields.enabled"),
        desync_mitigation: DesyncMitigation::described(text("routing.http.desync_mitigation_mode")),
        idle_timeout_secs: text("idle_timeout.timeout_seconds").parse().unwrap_or_default(),
        tls_headers: on("routing.http.x_amzn_tls_version_and_cipher_suite.enabled"),
        waf_fail_open: on("waf.fail_open.enabled"),
        zonal_shift: on("zonal_shift.config.enabled"),
        access_logs: logs("access_logs"),
        connection_logs: logs("connection_logs"),
        ..args
    }))
}
