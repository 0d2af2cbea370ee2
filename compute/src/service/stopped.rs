//! Why a rollout failed: what its tasks stopped for.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{Deployment, DesiredStatus};
use globecart_aws::engine::CallResult;
use globecart_aws::{Aws, Doing, absent_is_none};

use super::Was;

/// How many reasons are told.
const TOLD: usize = 3;

/// How many tasks are looked at.
const LOOKED_AT: i32 = 20;

/// What ECS says of the deployment, and why its tasks stopped.
pub(super) async fn why(aws: &Aws, was: &Was, failed: &Deployment) -> CallResult<String> {
    let reason = failed.rollout_state_reason().unwrap_or("the rollout failed");
    let stopped = reasons(aws, was, failed.id().unwrap_or_default()).await?;
    if stopped.is_empty() {
        return Ok(reason.to_owned());
    }
    let told: Vec<String> = stopped.into_iter().take(TOLD).collect();
    Ok(format!("{reason} Its tasks stopped: {}", told.join("; ")))
}

/// The reasons, each once.
async fn reasons(aws: &Aws, was: &Was, deployment: &str) -> CallResult<BTreeSet<String>> {
    let cluster = was.args.cluster.known().as_str();
    let call = (aws.ecs().list_tasks())
        .cluster(cluster)
        .started_by(deployment)
        .desired_status(DesiredStatus::Stopped)
        .max_results(LOOKED_AT);
    let listed = absent_is_none(call.send().await.doing("listing stopped tasks"))?;
    let arns = listed.and_then(|listed| listed.task_arns).unwrap_or_default();
    if arns.is_empty() {
        return Ok(BTreeSet::new());
    }
    let call = aws.ecs().describe_tasks().cluster(cluster).set_tasks(Some(arns));
    let tasks = call.send().await.doing("reading stopped tasks")?.tasks.unwrap_or_default();
    let own = |reason: &String| !reason.starts_with("Scaling activity initiated by");
    Ok(tasks.into_iter().filter_map(|task| task.stopped_reason).filter(own).collect())
}
