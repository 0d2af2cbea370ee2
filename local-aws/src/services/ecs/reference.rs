//! What requests name things by: names, ARNs, or nothing for the default cluster.

use super::cluster::CLUSTER;
use super::service::SERVICE;
use super::task::TASK;
use super::task_definition::TASK_DEFINITION;
use super::{client, invalid};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::Value;

/// The last piece of an ARN, or the name itself.
pub(super) fn name(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

/// The name of the cluster that a request is about.
pub(super) fn cluster_name(input: &Value) -> &str {
    name(input.opt("cluster").filter(|text| !text.is_empty()).unwrap_or("default"))
}

/// The cluster of a request, if it can be worked with.
pub(super) fn cluster(call: &Call, input: &Value) -> Result<Value, Fault> {
    let found = call.get(CLUSTER, cluster_name(input));
    match found.filter(|row| row.text("status") != "INACTIVE") {
        Some(row) => Ok(row.clone()),
        None => Err(Fault::new("ClusterNotFoundException", "Cluster not found.")),
    }
}

/// The id of the row of a service or task.
pub(super) fn id(cluster: &str, reference: &str) -> String {
    format!("{cluster}/{}", name(reference))
}

/// The service of a request, in whatever state.
pub(super) fn service(call: &Call, input: &Value) -> Result<(String, Value), Fault> {
    let cluster = cluster(call, input)?;
    let id = id(cluster.text("clusterName"), input.text("service"));
    let row = call.get(SERVICE, &id).cloned();
    let missing = || Fault::new("ServiceNotFoundException", "Service not found.");
    Ok((id, row.ok_or_else(missing)?))
}

/// A service that can be changed.
pub(super) fn active_service(call: &Call, input: &Value) -> Result<(String, Value), Fault> {
    let (id, row) = service(call, input)?;
    if row.text("status") == "ACTIVE" {
        return Ok((id, row));
    }
    Err(Fault::new("ServiceNotActiveException", "Service was not ACTIVE."))
}

/// The task of a request.
pub(super) fn task(call: &Call, input: &Value) -> Result<(String, Value), Fault> {
    let cluster = cluster(call, input)?;
    let id = id(cluster.text("clusterName"), input.text("task"));
    let row = call.get(TASK, &id).cloned();
    Ok((id, row.ok_or_else(|| invalid("The referenced task was not found."))?))
}

/// The row of a task definition: of its ARN, `family:revision`, or a family's newest active one.
pub(super) fn task_definition(call: &Call, reference: &str) -> Option<Value> {
    let short = reference.rsplit('/').next().unwrap_or(reference);
    if short.contains(':') {
        return call.get(TASK_DEFINITION, short).cloned();
    }
    let of_family = |row: &&Value| row.text("family") == short && row.text("status") == "ACTIVE";
    let rows = call.rows(TASK_DEFINITION).map(|(_, row)| row).filter(of_family);
    rows.max_by_key(|row| row.int("revision")).cloned()
}

/// A task definition that tasks can be started from.
pub(super) fn startable(call: &Call, reference: &str) -> Result<Value, Fault> {
    let row = task_definition(call, reference);
    let row = row.ok_or_else(|| client("TaskDefinition not found."))?;
    match row.text("status") {
        "ACTIVE" => Ok(row),
        _ => Err(client("TaskDefinition is inactive")),
    }
}
