//! File systems: <https://docs.aws.amazon.com/efs/latest/ug/API_FileSystemDescription.html>

mod change;
mod create;
mod delete;
mod throughput;

pub(super) use self::change::{protect, update};
pub(super) use self::create::create;
pub(super) use self::delete::{DELETED, delete, deleted};

use super::mount_target::MOUNT_TARGET;
use super::{bad_request, id_of};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use crate::tags;
use serde_json::{Value, json};

/// Rows are a `FileSystemDescription` without name and count of mount targets, by id.
///
/// `_policy` is the text of its policy, `_lifecycle` its lifecycle policies, `_backup` the status of its backup policy,
/// `_throughput_changed` the time from which on its throughput cannot be changed for a day.
pub(super) const FILE_SYSTEM: Table = Table::regional("efs.file_system");

/// A file system by id or ARN, in whatever state.
pub(super) fn named(call: &Call, reference: &str) -> Result<Value, Fault> {
    let id = id_of(reference);
    call.get(FILE_SYSTEM, id).cloned().ok_or_else(|| {
        Fault::new("FileSystemNotFound", format!("File system '{id}' does not exist."))
    })
}

/// A file system that can be worked with.
pub(super) fn available(call: &Call, reference: &str) -> Result<Value, Fault> {
    let row = named(call, reference)?;
    match row.text("LifeCycleState") {
        "available" => Ok(row),
        state => Err(incorrect_state(row.text("FileSystemId"), state)),
    }
}

fn incorrect_state(id: &str, state: &str) -> Fault {
    let message = format!("File system '{id}' is not in the state available, but {state}.");
    Fault::new("IncorrectFileSystemLifeCycleState", message)
}

/// A file system as it is described.
fn view(call: &Call, row: &Value) -> Value {
    let id = row.text("FileSystemId");
    let targets = call.rows(MOUNT_TARGET).filter(|(_, target)| target.text("FileSystemId") == id);
    let mut seen = row.clone();
    seen["NumberOfMountTargets"] = json!(targets.count());
    if let Some(name) = tags::value(row, "Name") {
        seen["Name"] = json!(name);
    }
    seen["_key"] = json!(id);
    seen
}

/// `DescribeFileSystems`: all, or one by its id or the token that made it.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let found: Vec<Value> = match (input.opt("FileSystemId"), input.opt("CreationToken")) {
        (Some(_), Some(_)) => {
            return Err(bad_request("FileSystemId and CreationToken cannot be used together."));
        }
        (Some(id), None) => vec![view(call, &named(call, id)?)],
        (None, Some(token)) => {
            let row = by_token(call, token).ok_or_else(|| {
                let message = format!("There is no file system with creation token '{token}'.");
                Fault::new("FileSystemNotFound", message)
            })?;
            vec![view(call, &row)]
        }
        (None, None) => call.rows(FILE_SYSTEM).map(|(_, row)| view(call, row)).collect(),
    };
    Ok(json!({"FileSystems": found, "Marker": input["Marker"]}))
}

fn by_token(call: &Call, token: &str) -> Option<Value> {
    let mut rows = call.rows(FILE_SYSTEM);
    rows.find(|(_, row)| row.text("CreationToken") == token).map(|(_, row)| row.clone())
}

/// `DescribeReplicationConfigurations`: nothing can be replicated here, so nothing is.
pub(super) fn describe_replications(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let Some(reference) = input.opt("FileSystemId") else { return Ok(json!({"Replications": []})) };
    let row = named(call, reference)?;
    let message = format!("Replication not found for {}", row.text("FileSystemId"));
    Err(Fault::new("ReplicationNotFound", message))
}
