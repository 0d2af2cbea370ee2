//! Tasks: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html>
//!
//! PROVISIONING (an interface in the customer's subnet) → PENDING (images and secrets are fetched) → RUNNING →
//! DEACTIVATING (its targets drain) → STOPPING → DEPROVISIONING → STOPPED, as time passes.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html>

mod denied;
mod end;
mod health;
mod image;
mod launch;
mod list;
mod log;
mod role;
mod run;
mod secret;
mod start;
mod volume;

pub(super) use self::end::{DRAINED, STOPPED, Stopping, begin_stop, drained, fail, stop, stopped};
pub(super) use self::health::{CHECKED, EXITED, break_down, checked, exited, is_healthy};
pub(super) use self::launch::{Launch, launch};
pub(super) use self::list::{describe, list};
pub(super) use self::run::run;
pub(super) use self::start::{PROVISIONED, PULLED, provisioned, pulled};

use crate::call::Call;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::Value;

/// Rows are a `Task` by `cluster/id`.
///
/// `_cluster` and `_service` (its row's id) say whose it is, `_deployment` for which deployment it was started;
/// `_interface`, `_ip`, `_subnet` and `_groups` where it is; `_targets` at which target groups and ports;
/// `_failure` is what was made to go wrong with it.
pub(super) const TASK: Table = Table::regional("ecs.task");

/// The tasks of a service that are to run.
pub(super) fn of_service(call: &Call, service: &str) -> Vec<(String, Value)> {
    let all = all_of_service(call, service).into_iter();
    all.filter(|(_, row)| row.text("desiredStatus") == "RUNNING").collect()
}

/// The tasks of a service that have not stopped.
pub(super) fn all_of_service(call: &Call, service: &str) -> Vec<(String, Value)> {
    let mine = |row: &Value| row.text("_service") == service && row.text("lastStatus") != "STOPPED";
    let rows = call.rows(TASK).filter(|(_, row)| mine(row));
    rows.map(|(id, row)| (id.to_owned(), row.clone())).collect()
}

/// The id in the ARN of a task.
pub(super) fn short(row: &Value) -> &str {
    row.text("taskArn").rsplit('/').next().unwrap_or_default()
}
