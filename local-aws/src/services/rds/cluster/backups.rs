//! Daily snapshots of clusters: <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html>

use super::super::reference::CLUSTER;
use super::super::{snapshot, window};
use super::BACKUP;
use crate::call::{Call, Step};
use crate::fields::Fields;
use serde_json::{Value, json};

/// Makes the day's automated snapshot, and forgets those that are older than the retention.
pub(in super::super) fn backup(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    let Some(row) = call.get(CLUSTER, id).cloned() else { return };
    if row.text("Status") == "available" {
        snapshot::automated(call, &row);
    }
    let seconds = window::until_backup(call.now(), row.text("PreferredBackupWindow"));
    call.schedule(seconds, CLUSTER, id, Step::Run(BACKUP, json!(id)));
}
