//! Logs of other services that CloudWatch Logs delivers into a group:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-CloudWatchLogs.html>

use super::resource_policy;
use crate::call::{ACCOUNT, Call};
use crate::services::policy::{self, Asked, Who};
use crate::services::tables::LOG_GROUP;
use serde_json::{Value, json};

/// Who writes.
const SERVICE: &str = "delivery.logs.amazonaws.com";

/// The policy that AWS adds where none lets it write.
const POLICY: &str = "AWSLogDeliveryWrite20150319";

/// Why logs cannot be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoDelivery {
    /// There is no such group.
    NoGroup,
    /// No policy lets the service write, and the account can have no other one.
    Policies,
}

/// Sees to it that logs can be delivered into a group: by a policy that is there, or by one that AWS adds.
pub(crate) fn ensure_delivery(call: &mut Call, group: &str) -> Result<(), NoDelivery> {
    call.get(LOG_GROUP, group).ok_or(NoDelivery::NoGroup)?;
    let streams = call.arn("logs", &format!("log-group:{group}:log-stream:*"));
    let source = call.arn("logs", "*");
    let allowed =
        resource_policy::documents(call).any(|document| allows(&document, &streams, &source));
    if allowed || resource_policy::add(call, POLICY, &statement(&streams, &source)) {
        Ok(())
    } else {
        Err(NoDelivery::Policies)
    }
}

fn allows(document: &Value, streams: &str, source: &str) -> bool {
    let context = [("aws:SourceAccount", ACCOUNT), ("aws:SourceArn", source)];
    ["logs:CreateLogStream", "logs:PutLogEvents"].into_iter().all(|action| {
        let asked =
            Asked { who: Who::Service(SERVICE), action, resource: streams, context: &context };
        policy::allows(document, &asked)
    })
}

fn statement(streams: &str, source: &str) -> Value {
    json!({
        "Sid": POLICY, "Effect": "Allow", "Principal": {"Service": [SERVICE]},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": [streams],
        "Condition": {"StringEquals": {"aws:SourceAccount": [ACCOUNT]}, "ArnLike": {"aws:SourceArn": [source]}},
    })
}
