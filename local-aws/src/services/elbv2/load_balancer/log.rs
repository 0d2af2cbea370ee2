//! Where a load balancer's logs go: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html>

use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elbv2::invalid_configuration;
use crate::services::s3::{Delivery, Undeliverable, deliver};
use serde_json::Value;

/// Who delivers logs.
const SERVICE: &str = "logdelivery.elasticloadbalancing.amazonaws.com";

/// The sorts of logs: how their attributes start, and the object that is written to try whether they can be delivered.
const SORTS: [(&str, &str); 3] = [
    ("access_logs.s3", "ELBAccessLogTestFile"),
    ("connection_logs.s3", "ELBConnectionLogTestFile"),
    ("health_check_logs.s3", "ELBHealthCheckLogTestFile"),
];

/// Checks every sort of log that a request is about: whether its bucket takes it.
pub(super) fn check(call: &mut Call, row: &Value, asked: &[String]) -> Result<(), Fault> {
    for (sort, test_file) in SORTS {
        let attribute = |name: &str| row["_attributes"].text(&format!("{sort}.{name}"));
        let concerned = asked.iter().any(|key| key.starts_with(sort));
        if !concerned || attribute("enabled") != "true" {
            continue;
        }
        let (bucket, prefix) = (attribute("bucket"), attribute("prefix"));
        if bucket.is_empty() {
            return Err(invalid_configuration(format!("{sort}.bucket must be specified")));
        }
        if prefix.contains("AWSLogs") || prefix.starts_with('/') || prefix.ends_with('/') {
            return Err(invalid_configuration(format!("{sort}.prefix '{prefix}' is not valid")));
        }
        let folder = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        let key = format!("{folder}AWSLogs/{ACCOUNT}/{test_file}");
        let delivery = Delivery { service: SERVICE, source: row.text("_arn"), bucket, key: &key };
        let body = format!("Enable {} for ELB: {}\n", sort.replace(".s3", ""), row.text("_arn"));
        deliver(call, delivery, body.as_bytes()).map_err(|why| refused(bucket, why))?;
    }
    Ok(())
}

fn refused(bucket: &str, why: Undeliverable) -> Fault {
    invalid_configuration(match why {
        Undeliverable::NoBucket => format!("The S3 bucket '{bucket}' does not exist"),
        Undeliverable::Region => {
            format!("The S3 bucket '{bucket}' is not in the load balancer's region")
        }
        Undeliverable::Policy | Undeliverable::Key => {
            format!("Access Denied for bucket: {bucket}. Please check S3bucket permission")
        }
    })
}
