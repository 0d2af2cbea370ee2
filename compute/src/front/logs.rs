//! A line for each request and each connection:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html>

use globecart_aws::engine::{Invalid, Place};
use globecart_aws::policy::{PolicyDocument, Statement};
use globecart_aws::s3::{Bucket, BucketRefs, LifecycleRule};
use globecart_aws::{Stack, Waived};

use super::Front;
use crate::LogDestination;

/// Who delivers the logs.
const SERVICE: &str = "logdelivery.elasticloadbalancing.amazonaws.com";

/// What is written down of requests and connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrontLogs {
    /// Everything, into a bucket of its own, encrypted by S3's own keys: load balancers can write with no others.
    Kept {
        /// For how many days.
        days: u32,
    },
    /// Nothing, and why.
    Off(Waived),
}

impl Default for FrontLogs {
    /// A year, as PCI DSS 10.5.1 asks.
    fn default() -> Self {
        Self::Kept { days: 365 }
    }
}

impl Front<'_> {
    /// Declares the bucket that takes the logs.
    pub(super) fn log_bucket(&self, stack: &mut Stack) -> Result<Option<BucketRefs>, Invalid> {
        let days = match &self.logs {
            FrontLogs::Kept { days } => *days,
            FrontLogs::Off(waived) => {
                waived.apply(stack, "logs", "recording requests and connections")?;
                return Ok(None);
            }
        };
        let expire = LifecycleRule::builder().id("expire").expire_days(days).build();
        // Lines keep coming for minutes after the load balancer is gone.
        let bucket = Bucket::builder()
            .versioning(false)
            .lifecycle(vec![expire])
            .access(PolicyDocument::new([may_deliver(stack.place())]))
            .force_empty(true)
            .build();
        stack.add("logs", bucket).map(Some)
    }
}

/// This account's load balancers may write below the prefixes that they are given.
fn may_deliver(place: &Place) -> Statement {
    let (partition, region, account) = (&place.partition, &place.region, &place.account);
    let balancers =
        format!("arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/*");
    let deliver = Statement::allow(["s3:PutObject"]).sid("Logs").service(SERVICE);
    let deliver = deliver.from_account(place).from_source(balancers);
    ["requests", "connections"]
        .into_iter()
        .fold(deliver, |deliver, prefix| deliver.on(format!("/{prefix}/AWSLogs/{account}/*")))
}

pub(super) fn destination(bucket: &BucketRefs, prefix: &str) -> LogDestination {
    LogDestination::new(&bucket.name, prefix)
}
