//! What a test makes go wrong inside containers.

use super::NAME;
use super::task::{self, TASK};
use crate::call::Call;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Images whose containers fail, by name: `exit`, or nothing for those that are unhealthy.
const FAILING: Table = Table::global("_ecs.failing_image");

/// How containers fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerFailure {
    /// They exit with this code, a second after their start or at once.
    Exits(i32),
    /// They run, but no health check succeeds, be it the container's own or a load balancer's.
    Unhealthy,
}

/// There is no such task that runs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no task {0} that runs")]
pub struct UnknownTask(pub String);

/// Lets the containers of a task fail, by its ARN.
pub(crate) fn fail_task(
    call: &mut Call,
    arn: &str,
    failure: ContainerFailure,
) -> Result<(), UnknownTask> {
    let id = arn.rsplit_once(":task/").map_or("", |(_, id)| id).to_owned();
    let runs = call.get(TASK, &id).is_some_and(|row| row.text("lastStatus") == "RUNNING");
    if !runs {
        return Err(UnknownTask(arn.to_owned()));
    }
    call.acting_as(NAME, |call| task::break_down(call, &id, failure));
    Ok(())
}

/// Lets every container that is started from an image from now on fail, or none any more.
pub(crate) fn fail_image(call: &mut Call, image: &str, failure: Option<ContainerFailure>) {
    match failure {
        None => {
            call.remove(FAILING, image);
        }
        Some(ContainerFailure::Exits(code)) => call.put(FAILING, image, json!({"exit": code})),
        Some(ContainerFailure::Unhealthy) => call.put(FAILING, image, json!({})),
    }
}

/// What happens to containers of an image.
pub(super) fn of_image(call: &Call, image: &str) -> Option<ContainerFailure> {
    let row: &Value = call.get(FAILING, image)?;
    let code = row.int("exit").and_then(|code| i32::try_from(code).ok());
    Some(code.map_or(ContainerFailure::Unhealthy, ContainerFailure::Exits))
}
