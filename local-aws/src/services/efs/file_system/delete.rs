//! Deleting file systems: <https://docs.aws.amazon.com/efs/latest/ug/API_DeleteFileSystem.html>

use super::{FILE_SYSTEM, incorrect_state, named};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::efs::access_point;
use crate::services::efs::mount_target::MOUNT_TARGET;
use serde_json::{Value, json};

/// The end of a deletion; its argument is the id.
pub(in super::super) const DELETED: &str = "file_system_deleted";

/// `DeleteFileSystem`: only without mount targets. Its access points go with it.
pub(in super::super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = named(call, input.text("FileSystemId"))?;
    let id = row.text("FileSystemId");
    if call.rows(MOUNT_TARGET).any(|(_, target)| target.text("FileSystemId") == id) {
        let message = format!(
            "The file system '{id}' has mount targets created in it; these must be deleted first."
        );
        return Err(Fault::new("FileSystemInUse", message));
    }
    match row.text("LifeCycleState") {
        "deleting" => return Ok(json!({})),
        state @ ("creating" | "updating") => return Err(incorrect_state(id, state)),
        _ => {}
    }
    call.unschedule(FILE_SYSTEM, id);
    call.merge(FILE_SYSTEM, id, json!({"LifeCycleState": "deleting"}));
    let seconds = call.latency("efs.file_system", "delete");
    call.schedule(seconds, FILE_SYSTEM, id, Step::Run(DELETED, json!(id)));
    Ok(json!({}))
}

/// Ends a file system. Its recovery points stay.
pub(in super::super) fn deleted(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    access_point::remove_of(call, id);
    call.remove(FILE_SYSTEM, id);
}
