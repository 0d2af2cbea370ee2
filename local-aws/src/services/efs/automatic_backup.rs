//! What EFS and AWS Backup do when automatic backups are on.
//! <https://docs.aws.amazon.com/efs/latest/ug/automatic-backups.html>

use super::file_system::FILE_SYSTEM;
use crate::call::{Call, Step};
use crate::fields::Fields;
use crate::services::backup::automatic::{self, Source};
use crate::tags;
use serde_json::{Value, json};

/// The backup of a day; its argument is the file system's id.
pub(super) const DAILY: &str = "daily_backup";

/// The tag by which the automatic plan selects file systems. Only AWS can set it.
const SELECTED: &str = "aws:elasticfilesystem:default-backup";

/// Lets a file system be backed up from now on.
pub(super) fn start(call: &mut Call, id: &str) {
    automatic::ensure(call);
    call.update(FILE_SYSTEM, id, |row| {
        row["_backup"] = json!("ENABLING");
        let mut tags = row.items("Tags").to_vec();
        tags.retain(|tag| tag.text("Key") != SELECTED);
        tags.push(json!({"Key": SELECTED, "Value": "enabled"}));
        row["Tags"] = Value::Array(tags);
    });
    settle(call, id, "ENABLED");
    next(call, id);
}

/// Stops that. The recovery points stay until they expire.
pub(super) fn stop(call: &mut Call, id: &str) {
    call.update(FILE_SYSTEM, id, |row| {
        row["_backup"] = json!("DISABLING");
        tags::remove(row, &[SELECTED]);
    });
    settle(call, id, "DISABLED");
}

fn settle(call: &mut Call, id: &str, status: &str) {
    let seconds = call.latency("efs.backup_policy", "update");
    call.schedule(seconds, FILE_SYSTEM, id, Step::Merge(json!({"_backup": status})));
}

/// Schedules the next backup, and forgets one that was scheduled when backups were on before.
fn next(call: &mut Call, id: &str) {
    let (run, due) = (call.count("efs.backup_run"), automatic::seconds_to_next(call.now()));
    call.merge(FILE_SYSTEM, id, json!({"_backup_run": run}));
    call.schedule(due, FILE_SYSTEM, id, Step::Run(DAILY, json!([id, run])));
}

/// Backs a file system up, if it still is to be, and schedules the next time.
pub(super) fn daily(call: &mut Call, arguments: &Value) {
    let id = arguments[0].as_str().unwrap_or_default();
    let Some(row) = call.get(FILE_SYSTEM, id).cloned() else { return };
    if row["_backup_run"] != arguments[1] || row.text("_backup") != "ENABLED" {
        return;
    }
    let tags: Vec<Value> = (row.items("Tags").iter())
        .filter(|tag| !tag.text("Key").starts_with("aws:"))
        .cloned()
        .collect();
    let source = Source {
        arn: row.text("FileSystemArn"),
        name: tags::value(&row, "Name"),
        bytes: row["SizeInBytes"].int("Value").unwrap_or_default(),
        encrypted: row.flag("Encrypted"),
        tags,
    };
    automatic::back_up(call, &source);
    next(call, id);
}
