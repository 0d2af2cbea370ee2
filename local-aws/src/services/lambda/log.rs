//! What functions write goes to their log group, if their role lets them.
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html>

use super::outcome::Ran;
use crate::call::Call;
use crate::fields::Fields;
use crate::services::iam::{Said, said_by_role};
use crate::services::logs;
use crate::services::policy::{Asked, Who};
use crate::services::tables::LOG_GROUP;
use serde_json::Value;

/// Keeps the lines of a run in the stream of the environment that it ran in.
pub(super) fn write(call: &mut Call, function: &Value, ran: &Ran) {
    let group = function["LoggingConfig"].text("LogGroup").to_owned();
    if ran.log.is_empty() || !may(call, function, "logs:PutLogEvents", &group) {
        return;
    }
    if call.get(LOG_GROUP, &group).is_none() {
        if !may(call, function, "logs:CreateLogGroup", &group) {
            return;
        }
        logs::ensure_log_group(call, &group);
    }
    if !logs::has_stream(call, &group, &ran.stream) {
        if !may(call, function, "logs:CreateLogStream", &group) {
            return;
        }
        logs::ensure_log_stream(call, &group, &ran.stream);
    }
    logs::append(call, &group, &ran.stream, &ran.log);
}

fn may(call: &Call, function: &Value, action: &str, group: &str) -> bool {
    let arn = call.arn("logs", &format!("log-group:{group}"));
    let resource = match action {
        "logs:CreateLogGroup" => arn,
        _ => format!("{arn}:log-stream:x"),
    };
    let asked = Asked { who: Who::Holder, action, resource: &resource, context: &[] };
    said_by_role(call, function.text("Role"), &asked) == Said::Allowed
}
