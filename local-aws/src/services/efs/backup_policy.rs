//! Automatic backups on and off: <https://docs.aws.amazon.com/efs/latest/ug/API_PutBackupPolicy.html>

use super::{automatic_backup, bad_request, file_system};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `PutBackupPolicy`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = file_system::available(call, input.text("FileSystemId"))?;
    let id = row.text("FileSystemId");
    match (input["BackupPolicy"].text("Status"), row.text("_backup")) {
        ("ENABLED", "ENABLED" | "ENABLING") | ("DISABLED", "DISABLED" | "DISABLING") => {}
        ("ENABLED", _) => automatic_backup::start(call, id),
        ("DISABLED", _) => automatic_backup::stop(call, id),
        (other, _) => {
            let message = format!("The backup policy can be ENABLED or DISABLED, not {other}.");
            return Err(bad_request(message));
        }
    }
    shown(&file_system::named(call, id)?)
}

/// `DescribeBackupPolicy`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    shown(&file_system::named(call, call.input().text("FileSystemId"))?)
}

fn shown(row: &Value) -> Result<Value, Fault> {
    // AWS tells this of One Zone file systems alone.
    if row.has("AvailabilityZoneName") && row.text("_backup") == "DISABLED" {
        let message = format!("{} has no backup policy.", row.text("FileSystemId"));
        return Err(Fault::new("PolicyNotFound", message));
    }
    Ok(json!({"BackupPolicy": {"Status": row["_backup"]}}))
}
