//! The `awslogs` driver: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html>

use super::denied::{denied, timed_out};
use super::image::{from, groups};
use super::role;
use super::start::Starting;
use crate::call::Call;
use crate::fields::Fields;
use crate::services::tables::LOG_GROUP;
use crate::services::{ec2, logs};
use serde_json::Value;

/// Opens a stream for every container that logs to CloudWatch Logs.
pub(super) fn open(call: &mut Call, starting: &Starting) -> Result<(), String> {
    let containers: Vec<Value> = starting.containers().to_vec();
    for one in &containers {
        if one["logConfiguration"].text("logDriver") == "awslogs" {
            let why = open_one(call, starting, one);
            why.map_err(|why| {
                format!("ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: {why} : exit status 1")
            })?;
        }
    }
    Ok(())
}

fn open_one(call: &mut Call, starting: &Starting, container: &Value) -> Result<(), String> {
    let options = &container["logConfiguration"]["options"];
    let group = options.text("awslogs-group");
    let role = starting.execution_role().ok_or("the task definition has no execution role")?;
    let groups = groups(starting.task);
    if !ec2::reaches_service(call, from(starting.task, &groups), "logs") {
        return Err(timed_out(call, "logs", "Post"));
    }
    let arn = call.arn("logs", &format!("log-group:{group}"));
    if call.get(LOG_GROUP, group).is_none() && options.text("awslogs-create-group") == "true" {
        if !role::may(call, role, "logs:CreateLogGroup", &arn, &[]) {
            return Err(denied(starting.task, role, "logs:CreateLogGroup", &arn));
        }
        logs::ensure_log_group(call, group);
    }
    if call.get(LOG_GROUP, group).is_none() {
        let why = "ResourceNotFoundException: The specified log group does not exist.";
        return Err(why.to_owned());
    }
    let id = starting.task.text("taskArn").rsplit('/').next().unwrap_or_default();
    let prefix = options.opt("awslogs-stream-prefix").unwrap_or("ecs");
    let stream = format!("{prefix}/{}/{id}", container.text("name"));
    for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
        let arn = format!("{arn}:log-stream:{stream}");
        if !role::may(call, role, action, &arn, &[]) {
            return Err(denied(starting.task, role, action, &arn));
        }
    }
    logs::ensure_log_stream(call, group, &stream);
    Ok(())
}
