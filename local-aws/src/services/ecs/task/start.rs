//! How a task gets from its interface to RUNNING, and what keeps it from it.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>

use super::{TASK, end, health, image, log, secret, volume};
use crate::call::{Call, Step};
use crate::fields::Fields;
use crate::services::ecs::task_definition::TASK_DEFINITION;
use crate::services::ecs::{reference, service, target};
use serde_json::{Value, json};

/// The interface is attached; the argument of this and the next is the row's id.
pub(in crate::services::ecs) const PROVISIONED: &str = "task_provisioned";

/// Everything that the task needs has been fetched, or not.
pub(in crate::services::ecs) const PULLED: &str = "task_pulled";

/// A task that is being started, with what it needs to know.
pub(super) struct Starting<'a> {
    pub(super) task: &'a Value,
    pub(super) definition: &'a Value,
}

impl Starting<'_> {
    /// The role by which images, secrets and logs are had.
    pub(super) fn execution_role(&self) -> Option<&str> {
        self.role("executionRoleArn")
    }

    /// The role of the containers.
    pub(super) fn task_role(&self) -> Option<&str> {
        self.role("taskRoleArn")
    }

    fn role(&self, member: &str) -> Option<&str> {
        self.task["overrides"].opt(member).or_else(|| self.definition.opt(member))
    }

    pub(super) fn containers(&self) -> &[Value] {
        self.definition.items("containerDefinitions")
    }
}

/// Goes on to PENDING.
pub(in crate::services::ecs) fn provisioned(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    let now = call.now();
    call.update(TASK, id, |row| {
        row["lastStatus"] = json!("PENDING");
        row["connectivity"] = json!("CONNECTED");
        row["connectivityAt"] = json!(now);
        row["pullStartedAt"] = json!(now);
        row["attachments"][0]["status"] = json!("ATTACHED");
    });
    let seconds = call.latency("ecs.task", "pull");
    call.schedule(seconds, TASK, id, Step::Run(PULLED, json!(id)));
}

/// Goes on to RUNNING, or stops and says why.
pub(in crate::services::ecs) fn pulled(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    let Some(task) = call.get(TASK, id).cloned() else { return };
    let definition = reference::task_definition(call, task.text("taskDefinitionArn"));
    let definition = definition.unwrap_or_default();
    let starting = Starting { task: &task, definition: &definition };
    match prepared(call, &starting) {
        Ok(digests) => run(call, id, &digests),
        Err(reason) => {
            let container = reason.starts_with("CannotPullContainerError").then_some(&*reason);
            if let Some(reason) = container {
                call.update(TASK, id, |row| note(row, reason));
            }
            end::fail(call, id, "TaskFailedToStart", &reason);
        }
    }
}

fn note(row: &mut Value, reason: &str) {
    for container in row["containers"].as_array_mut().into_iter().flatten() {
        container["reason"] = json!(reason);
    }
}

/// Everything that must be had before a container starts; the digests of the images.
fn prepared(call: &mut Call, starting: &Starting) -> Result<Vec<Option<String>>, String> {
    image::authorize(call, starting)?;
    secret::fetch(call, starting)?;
    let digests = image::pull(call, starting)?;
    volume::mount(call, starting)?;
    log::open(call, starting)?;
    Ok(digests)
}

fn run(call: &mut Call, id: &str, digests: &[Option<String>]) {
    let now = call.now();
    call.update(TASK, id, |row| {
        row["lastStatus"] = json!("RUNNING");
        row["pullStoppedAt"] = json!(now);
        row["startedAt"] = json!(now);
        row["version"] = json!(3);
        let interface = json!([{
            "attachmentId": row["attachments"][0]["id"], "privateIpv4Address": row["_ip"],
        }]);
        for (at, container) in row["containers"].as_array_mut().into_iter().flatten().enumerate() {
            container["lastStatus"] = json!("RUNNING");
            container["networkInterfaces"] = interface.clone();
            if let Some(Some(digest)) = digests.get(at) {
                container["imageDigest"] = json!(digest);
            }
        }
    });
    let groups = target::register(call, id);
    service::registered(call, id, &groups);
    health::watch(call, id);
    service::task_changed(call, id);
}

/// The definition of a task's containers.
pub(super) fn definition_of(call: &Call, task: &Value) -> Value {
    let short = task.text("taskDefinitionArn").rsplit('/').next().unwrap_or_default();
    call.get(TASK_DEFINITION, short).cloned().unwrap_or_default()
}
