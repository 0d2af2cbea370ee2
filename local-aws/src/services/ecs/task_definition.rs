//! Task definitions: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html>

mod check;
mod container;
mod register;
mod size;

pub(super) use self::register::register;

use super::service::SERVICE;
use super::task::TASK;
use super::{client, reference, tags};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Rows are a `TaskDefinition` with `_arn`, by `family:revision`.
pub(super) const TASK_DEFINITION: Table = Table::regional("ecs.task_definition");

/// Removes what is to be deleted and nobody uses any more; takes no argument.
pub(super) const SWEEP: &str = "task_definitions_swept";

/// Most of one `DeleteTaskDefinitions`.
const BATCH: usize = 10;

/// A task definition as it is described.
fn view(row: &Value) -> Value {
    row.clone()
}

/// `DescribeTaskDefinition`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = reference::task_definition(call, input.text("taskDefinition"));
    let row = row.ok_or_else(|| client("Unable to describe task definition."))?;
    let tags = if input.texts("include").contains(&"TAGS") { tags::shown(&row) } else { json!([]) };
    Ok(json!({"taskDefinition": view(&row), "tags": tags}))
}

/// `DeregisterTaskDefinition`: what runs goes on, and nothing new can use it.
pub(super) fn deregister(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("taskDefinition");
    if !name.rsplit('/').next().is_some_and(|short| short.contains(':')) {
        return Err(client("The task definition to deregister must be given with its revision."));
    }
    let row = reference::task_definition(call, name)
        .ok_or_else(|| client("The specified task definition does not exist."))?;
    match row.text("status") {
        "ACTIVE" => {}
        "INACTIVE" => return Err(client("The specified task definition is inactive.")),
        _ => return Err(client("The specified task definition is being deleted.")),
    }
    let id = id_of(&row);
    let now = call.now();
    call.merge(TASK_DEFINITION, &id, json!({"status": "INACTIVE", "deregisteredAt": now}));
    let row = call.get(TASK_DEFINITION, &id).cloned().unwrap_or_default();
    Ok(json!({"taskDefinition": view(&row)}))
}

/// `DeleteTaskDefinitions`: inactive ones; those that are used go when they are not any more.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let wanted = input.texts("taskDefinitions");
    if wanted.len() > BATCH {
        return Err(super::invalid(format!("At most {BATCH} task definitions can be deleted.")));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in wanted {
        match begin_delete(call, name) {
            Ok(row) => found.push(view(&row)),
            Err(reason) => failures.push(json!({"arn": name, "reason": reason})),
        }
    }
    Ok(json!({"taskDefinitions": found, "failures": failures}))
}

fn begin_delete(call: &mut Call, name: &str) -> Result<Value, &'static str> {
    const MISSING: &str = "The specified task definition identifier is invalid. Specify a valid name or ARN and try again.";
    const ACTIVE: &str = "The specified task definition is still in ACTIVE status. Please deregister the target and try again.";
    let short = name.rsplit('/').next().unwrap_or(name);
    let row = if short.contains(':') { reference::task_definition(call, name) } else { None };
    let row = row.ok_or(MISSING)?;
    if row.text("status") == "ACTIVE" {
        return Err(ACTIVE);
    }
    let id = id_of(&row);
    let now = call.now();
    call.merge(
        TASK_DEFINITION,
        &id,
        json!({"status": "DELETE_IN_PROGRESS", "deleteRequestedAt": now}),
    );
    sweep_soon(call);
    Ok(call.get(TASK_DEFINITION, &id).cloned().unwrap_or_default())
}

/// Looks in a moment what can be removed.
pub(super) fn sweep_soon(call: &mut Call) {
    let going = |row: &Value| row.text("status") == "DELETE_IN_PROGRESS";
    if call.rows(TASK_DEFINITION).any(|(_, row)| going(row)) {
        let seconds = call.latency("ecs.task_definition", "delete");
        call.schedule(seconds, TASK_DEFINITION, "", Step::Run(SWEEP, Value::Null));
    }
}

/// The task that `sweep_soon` schedules.
pub(super) fn sweep(call: &mut Call, _: &Value) {
    let used: BTreeSet<String> = used(call);
    let going = call.rows(TASK_DEFINITION).filter(|(_, row)| {
        row.text("status") == "DELETE_IN_PROGRESS" && !used.contains(row.text("taskDefinitionArn"))
    });
    let ids: Vec<String> = going.map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        call.remove(TASK_DEFINITION, &id);
    }
}

/// The ARNs of what tasks and deployments run.
fn used(call: &Call) -> BTreeSet<String> {
    let tasks = call.rows(TASK).map(|(_, row)| row);
    let running = tasks.filter(|row| row.text("lastStatus") != "STOPPED");
    let running = running.map(|row| row.text("taskDefinitionArn"));
    let services = call.rows(SERVICE).map(|(_, row)| row);
    let deployed = services.filter(|row| row.text("status") != "INACTIVE");
    let deployed = deployed.flat_map(|row| row.items("deployments"));
    running.chain(deployed.map(|one| one.text("taskDefinition"))).map(str::to_owned).collect()
}

fn id_of(row: &Value) -> String {
    format!("{}:{}", row.text("family"), row.int("revision").unwrap_or(0))
}

/// `ListTaskDefinitions`, by family and revision.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let status = input.opt("status").unwrap_or("ACTIVE");
    let fits = |row: &&Value| {
        row.text("status") == status
            && input.opt("familyPrefix").is_none_or(|prefix| row.text("family") == prefix)
    };
    let mut rows: Vec<&Value> =
        call.rows(TASK_DEFINITION).map(|(_, row)| row).filter(fits).collect();
    rows.sort_by_key(|row| (row.text("family").to_owned(), row.int("revision")));
    if input.text("sort") == "DESC" {
        rows.reverse();
    }
    let arns: Vec<&str> = rows.iter().map(|row| row.text("taskDefinitionArn")).collect();
    Ok(json!({"taskDefinitionArns": arns}))
}

/// `ListTaskDefinitionFamilies`.
pub(super) fn list_families(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let prefix = input.text("familyPrefix");
    let named = |row: &&Value| row.text("family").starts_with(prefix);
    let rows: Vec<&Value> = call.rows(TASK_DEFINITION).map(|(_, row)| row).filter(named).collect();
    let active: BTreeSet<&str> = (rows.iter())
        .filter(|row| row.text("status") == "ACTIVE")
        .map(|row| row.text("family"))
        .collect();
    let all: BTreeSet<&str> = rows.iter().map(|row| row.text("family")).collect();
    let families: Vec<&str> = match input.opt("status").unwrap_or("ALL") {
        "ACTIVE" => active.into_iter().collect(),
        "INACTIVE" => all.difference(&active).copied().collect(),
        _ => all.into_iter().collect(),
    };
    Ok(json!({"families": families}))
}
