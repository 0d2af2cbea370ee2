//! Mount targets: <https://docs.aws.amazon.com/efs/latest/ug/API_MountTargetDescription.html>

mod create;
mod security_group;

pub(super) use self::create::create;
pub(super) use self::security_group::{describe as describe_groups, modify as modify_groups};

use super::{access_point, bad_request, file_system, id_of};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `MountTargetDescription` with `_groups`, by id.
pub(super) const MOUNT_TARGET: Table = Table::regional("efs.mount_target");

/// The end of a deletion; its argument is the id.
pub(super) const DELETED: &str = "mount_target_deleted";

fn named(call: &Call, reference: &str) -> Result<Value, Fault> {
    let id = id_of(reference);
    call.get(MOUNT_TARGET, id).cloned().ok_or_else(|| {
        Fault::new("MountTargetNotFound", format!("Mount target '{id}' does not exist."))
    })
}

/// `DescribeMountTargets`: one, or all of a file system.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let given = ["FileSystemId", "MountTargetId", "AccessPointId"].map(|name| input.opt(name));
    let file_system = match given {
        [None, Some(target), None] => {
            let row = named(call, target)?;
            return Ok(json!({"MountTargets": [row], "Marker": input["Marker"]}));
        }
        [Some(id), None, None] => file_system::named(call, id)?,
        [None, None, Some(point)] => {
            let point = access_point::named(call, point)?;
            file_system::named(call, point.text("FileSystemId"))?
        }
        _ => {
            let message =
                "Exactly one of FileSystemId, MountTargetId and AccessPointId must be given.";
            return Err(bad_request(message));
        }
    };
    let targets: Vec<&Value> = of(call, file_system.text("FileSystemId")).collect();
    Ok(json!({"MountTargets": targets, "Marker": input["Marker"]}))
}

/// The mount targets of a file system, those that are being deleted too.
pub(super) fn of<'c>(call: &'c Call, file_system: &str) -> impl Iterator<Item = &'c Value> {
    let rows = call.rows(MOUNT_TARGET).map(|(_, row)| row);
    rows.filter(move |row| row.text("FileSystemId") == file_system)
}

/// `DeleteMountTarget`: answers at once; the interface leaves when it is done.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = named(call, input.text("MountTargetId"))?;
    let id = row.text("MountTargetId");
    if row.text("LifeCycleState") != "deleting" {
        call.unschedule(MOUNT_TARGET, id);
        call.merge(MOUNT_TARGET, id, json!({"LifeCycleState": "deleting"}));
        let seconds = call.latency("efs.mount_target", "delete");
        call.schedule(seconds, MOUNT_TARGET, id, Step::Run(DELETED, json!(id)));
    }
    Ok(json!({}))
}

/// Ends a mount target: its interface leaves the subnet.
pub(super) fn deleted(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    if let Some(row) = call.remove(MOUNT_TARGET, id) {
        ec2::withdraw(call, row.text("NetworkInterfaceId"));
    }
}
