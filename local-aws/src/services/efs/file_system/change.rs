//! Changing file systems: <https://docs.aws.amazon.com/efs/latest/ug/API_UpdateFileSystem.html>

use super::throughput::Throughput;
use super::{FILE_SYSTEM, available, view};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::efs::{bad_request, lifecycle};
use serde_json::{Value, json};

/// How long the throughput stays as it is after a change of its mode or a decrease, in seconds.
const REST_SECONDS: f64 = 24.0 * 3600.0;

/// `UpdateFileSystem`: another throughput mode, or another amount of what is provisioned.
pub(in super::super) fn update(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = available(call, input.text("FileSystemId"))?;
    let id = row.text("FileSystemId");
    if !input.has("ThroughputMode") && !input.has("ProvisionedThroughputInMibps") {
        return Err(bad_request("A throughput mode or a provisioned throughput must be given."));
    }
    let old = Throughput::of(&row, "bursting")?;
    let next = Throughput::of(&input, &old.mode)?;
    next.check(call, row.text("PerformanceMode"))?;
    if next.mode != "elastic" && lifecycle::archives(&row) {
        let message = "The throughput mode must stay elastic while files are moved to the Archive storage class.";
        return Err(bad_request(message));
    }
    if next == old {
        return Ok(view(call, &row));
    }
    if old.is_limited(&next) {
        rested(call, &row)?;
    }
    let (limited, now) = (old.is_limited(&next), call.now());
    call.update(FILE_SYSTEM, id, |row| {
        next.store(row);
        row["LifeCycleState"] = json!("updating");
        if limited {
            row["_throughput_changed"] = json!(now);
        }
    });
    let seconds = call.latency("efs.file_system", "update");
    call.schedule(seconds, FILE_SYSTEM, id, Step::Merge(json!({"LifeCycleState": "available"})));
    let changed = call.get(FILE_SYSTEM, id).cloned().unwrap_or_default();
    Ok(view(call, &changed))
}

fn rested(call: &Call, row: &Value) -> Result<(), Fault> {
    match row.number("_throughput_changed") {
        Some(changed) if call.now() - changed < REST_SECONDS => {
            let message = "The throughput mode can be changed, and the provisioned throughput be decreased, once in 24 hours.";
            Err(Fault::new("TooManyRequests", message))
        }
        _ => Ok(()),
    }
}

/// `UpdateFileSystemProtection`.
pub(in super::super) fn protect(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = available(call, input.text("FileSystemId"))?;
    let wanted = match input.opt("ReplicationOverwriteProtection") {
        None => return Ok(row["FileSystemProtection"].clone()),
        Some("REPLICATING") => {
            return Err(bad_request("ReplicationOverwriteProtection can be ENABLED or DISABLED."));
        }
        Some(wanted) => json!({"ReplicationOverwriteProtection": wanted}),
    };
    let members = json!({"FileSystemProtection": wanted});
    call.merge(FILE_SYSTEM, row.text("FileSystemId"), members);
    Ok(wanted)
}
