//! Images: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html>

use super::denied::{FETCHING, NO_ROLE, denied, timed_out};
use super::role;
use super::start::Starting;
use crate::call::{ACCOUNT, Call};
use crate::fields::Fields;
use crate::services::ec2::{self, From};
use crate::services::ecr;
use serde_json::Value;

/// What pulling from a private registry takes.
const PULL: [&str; 3] =
    ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"];

/// An image of this account's registry: repository, and tag or digest.
struct Own<'a> {
    repository: &'a str,
    reference: &'a str,
}

/// Where a task connects from.
pub(super) fn from<'a>(task: &'a Value, groups: &'a [String]) -> From<'a> {
    From { subnet: task.text("_subnet"), groups, public: task.flag("_public") }
}

/// The security groups of a task.
pub(super) fn groups(task: &Value) -> Vec<String> {
    task.texts("_groups").into_iter().map(str::to_owned).collect()
}

/// What this account's registry would know an image by.
fn own<'a>(call: &Call, image: &'a str) -> Option<Own<'a>> {
    let host = format!("{ACCOUNT}.dkr.ecr.{}.amazonaws.com/", call.region());
    let path = image.strip_prefix(host.as_str())?;
    let (repository, reference) = match path.split_once('@') {
        Some((name, digest)) => (name.split(':').next().unwrap_or(name), digest),
        None => path.split_once(':').unwrap_or((path, "latest")),
    };
    Some(Own { repository, reference })
}

fn is_private(image: &str) -> bool {
    image.contains(".dkr.ecr.")
}

/// Logs in where an image is in a private registry.
pub(super) fn authorize(call: &Call, starting: &Starting) -> Result<(), String> {
    let private = |one: &Value| is_private(one.text("image"));
    if !starting.containers().iter().any(private) {
        return Ok(());
    }
    let role = starting.execution_role().ok_or(NO_ROLE)?;
    let groups = groups(starting.task);
    let failed = |why: String| {
        format!(
            "{FETCHING}unable to retrieve ecr registry auth: service call has been retried 3 time(s): {why}"
        )
    };
    if !ec2::reaches_service(call, from(starting.task, &groups), "ecr.api") {
        return Err(failed(timed_out(call, "api.ecr", "Post")));
    }
    let action = "ecr:GetAuthorizationToken";
    if role::may(call, role, action, "*", &[]) {
        return Ok(());
    }
    Err(failed(denied(starting.task, role, action, "*")))
}

/// Pulls every container's image; the digests, where this cloud knows them.
pub(super) fn pull(call: &mut Call, starting: &Starting) -> Result<Vec<Option<String>>, String> {
    let images = starting.containers().iter().map(|one| one.text("image").to_owned());
    let images: Vec<String> = images.collect();
    images.iter().map(|image| pull_one(call, starting, image)).collect()
}

fn pull_one(call: &mut Call, starting: &Starting, image: &str) -> Result<Option<String>, String> {
    let groups = groups(starting.task);
    let from = from(starting.task, &groups);
    let failed = |why: String| {
        format!(
            "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {image}: {why}"
        )
    };
    let Some(own) = own(call, image) else {
        if is_private(image) {
            let refused = "unexpected status from HEAD request: 403 Forbidden";
            return Err(failed(refused.to_owned()));
        }
        // Other registries cannot be looked into: what is asked for is there.
        if !ec2::reaches_internet(call, from) {
            return Err(failed("failed to do request: dial tcp: i/o timeout".to_owned()));
        }
        return Ok(image.split_once('@').map(|(_, digest)| digest.to_owned()));
    };
    if !ec2::reaches_service(call, from, "ecr.dkr") || !ec2::reaches_service(call, from, "s3") {
        return Err(failed("failed to do request: dial tcp: i/o timeout".to_owned()));
    }
    let role = starting.execution_role().ok_or(NO_ROLE)?;
    let arn = call.arn("ecr", &format!("repository/{}", own.repository));
    if PULL.iter().any(|action| !role::may(call, role, action, &arn, &[])) {
        return Err(failed("unexpected status from HEAD request: 403 Forbidden".to_owned()));
    }
    let digest = ecr::pulled(call, own.repository, own.reference);
    digest.map(Some).ok_or_else(|| failed("not found".to_owned()))
}
