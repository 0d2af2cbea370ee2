//! Starting and stopping a service's tasks.

use super::{SERVICE, deployment, event, wake};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ecs::task::{self, Launch, Stopping, launch};
use crate::services::ecs::{capacity, network, reference};
use serde_json::{Value, json};

/// Seconds until a task is tried again that could not be made.
const AGAIN: f64 = 10.0;

/// Starts tasks of the primary deployment, each in the zone with the fewest; those that could be made.
pub(super) fn start(call: &mut Call, id: &str, count: usize) -> Vec<String> {
    let mut made = Vec::new();
    for _ in 0..count {
        match start_one(call, id) {
            Ok(task) => made.push(task),
            Err(fault) => {
                refused(call, id, &fault);
                break;
            }
        }
    }
    if !made.is_empty() {
        event::note(call, id, &format!("has started {}.", event::tasks(&made)));
    }
    made
}

/// A task that could not be made: it is tried again later.
fn refused(call: &mut Call, id: &str, fault: &Fault) {
    let what = if fault.code == "ClientException" {
        format!("failed to launch a task with (error {}).", fault.message)
    } else {
        format!("was unable to place a task. Reason: {}.", fault.message.trim_end_matches('.'))
    };
    event::note_once(call, id, &what);
    wake(call, id, AGAIN);
}

fn start_one(call: &mut Call, id: &str) -> Result<String, Fault> {
    let row = call.get(SERVICE, id).cloned().unwrap_or_default();
    let plan = deployment::primary(call, id).unwrap_or_default();
    let definition = reference::task_definition(call, plan.text("taskDefinition"));
    let definition = definition.unwrap_or_default();
    let tasks = task::of_service(call, id);
    let network = &plan["networkConfiguration"];
    let zones: Vec<String> =
        tasks.iter().map(|(_, row)| row.text("availabilityZone").to_owned()).collect();
    let subnet = network::choose(call, network, &zones).ok_or_else(no_capacity)?;
    let mine = tasks.iter().filter(|(_, row)| row["_deployment"] == plan["id"]);
    let running: Vec<&str> = mine.map(|(_, row)| row.text("capacityProviderName")).collect();
    let wanted = Launch {
        cluster: row.text("_cluster"),
        definition: &definition,
        network,
        subnet,
        provider: capacity::choose(plan.items("capacityProviderStrategy"), &running),
        group: format!("service:{}", row.text("serviceName")),
        started_by: Some(plan.text("id").to_owned()),
        tags: tags(&row, &definition),
        exec: row.flag("enableExecuteCommand"),
        overrides: json!({"containerOverrides": [], "inferenceAcceleratorOverrides": []}),
        service: Some((id, plan.text("id"))),
        load_balancers: plan.items("_loadBalancers"),
    };
    launch(call, &wanted)
}

fn no_capacity() -> Fault {
    let message = "Capacity is unavailable at this time. Please try again later or in a different availability zone.";
    Fault::new("ServerException", message)
}

/// The tags that a service gives its tasks.
fn tags(row: &Value, definition: &Value) -> Vec<Value> {
    let mut tags: Vec<Value> = match row.text("propagateTags") {
        "SERVICE" => row.items("Tags").to_vec(),
        "TASK_DEFINITION" => definition.items("Tags").to_vec(),
        _ => Vec::new(),
    };
    if row.flag("enableECSManagedTags") {
        tags.push(json!({"Key": "aws:ecs:clusterName", "Value": row["_cluster"]}));
        tags.push(json!({"Key": "aws:ecs:serviceName", "Value": row["serviceName"]}));
    }
    tags
}

/// Stops tasks, and says so once.
pub(super) fn stop(call: &mut Call, id: &str, tasks: &[String], reason: &str) {
    if tasks.is_empty() {
        return;
    }
    let stopping = Stopping { code: "ServiceSchedulerInitiated", reason };
    for one in tasks {
        task::begin_stop(call, one, &stopping);
    }
    event::note(
        call,
        id,
        &format!("has stopped {} running {}.", tasks.len(), &event::tasks(tasks)[2..]),
    );
}
