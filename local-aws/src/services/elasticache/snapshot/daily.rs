//! Automatic snapshots: one a day in the snapshot window, kept for the retention limit.
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-automatic.html>

use super::{DAY_SECONDS, SNAPSHOT, put_automatic, take};
use crate::call::{Call, Step};
use crate::fields::Fields;
use crate::services::elasticache::replication_group::REPLICATION_GROUP;
use crate::services::elasticache::window;
use serde_json::{Value, json};

/// The task that takes the snapshot of the day; the arguments are the group's id and the number of its schedule.
pub(in super::super) const DAILY: &str = "daily_snapshot";

/// Lets the next automatic snapshot come when the group's window opens; another schedule of it is void.
pub(in super::super) fn schedule_daily(call: &mut Call, group: &str) {
    let Some(row) = call.get(REPLICATION_GROUP.table, group) else { return };
    if row.int("SnapshotRetentionLimit").unwrap_or_default() == 0 {
        return;
    }
    let seconds = window::until_daily(row.text("SnapshotWindow"), call.now());
    let number = call.count("elasticache.daily");
    call.merge(REPLICATION_GROUP.table, group, json!({"_daily": number}));
    let step = Step::Run(DAILY, json!([group, number]));
    call.schedule(seconds, REPLICATION_GROUP.table, group, step);
}

/// Takes the snapshot of the day, if the group is free; and plans the next one.
pub(in super::super) fn daily(call: &mut Call, arguments: &Value) {
    let group = arguments[0].as_str().unwrap_or_default();
    let Some(row) = call.get(REPLICATION_GROUP.table, group).cloned() else { return };
    let days = row.int("SnapshotRetentionLimit").unwrap_or_default();
    if row["_daily"] != arguments[1] || days == 0 {
        return;
    }
    if row.text("Status") == "available" {
        let name = format!("automatic.{group}-{}", stamp(call.now()));
        put_automatic(call, &row, &name);
        take(call, group, &name);
        call.schedule(kept_seconds(days), SNAPSHOT.table, &name, Step::Remove);
    }
    schedule_daily(call, group);
}

#[expect(clippy::cast_precision_loss, reason = "at most 35 days")]
fn kept_seconds(days: i64) -> f64 {
    days as f64 * DAY_SECONDS
}

/// A time as the names of automatic snapshots have it, such as `2026-01-02-06-00`.
#[expect(clippy::cast_possible_truncation, reason = "times are far below 2^53 seconds")]
fn stamp(now: f64) -> String {
    jiff::Timestamp::from_second(now as i64)
        .map_or_else(|_| String::new(), |time| time.strftime("%Y-%m-%d-%H-%M").to_string())
}

/// The automatic snapshots of a group go with it.
pub(in super::super) fn remove_automatic(call: &mut Call, group: &str) {
    let automatic = |row: &Value| {
        row.text("SnapshotSource") == "automated" && row.text("ReplicationGroupId") == group
    };
    let names: Vec<String> = call
        .rows(SNAPSHOT.table)
        .filter(|(_, row)| automatic(row))
        .map(|(name, _)| name.to_owned())
        .collect();
    for name in names {
        call.remove(SNAPSHOT.table, &name);
    }
}
