//! Who writes: <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-high-availability.html>

use super::super::query::invalid;
use super::super::reference::{self, CLUSTER, INSTANCE, members};
use super::super::{event, orderable};
use super::{FAILED_OVER, answer};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `FailoverDBCluster`: to the reader named, or to the best one. Endpoints stay.
pub(in super::super) fn fail_over(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, _) = reference::available_cluster(call, input.text("DBClusterIdentifier"))?;
    let target = match input.opt("TargetDBInstanceIdentifier") {
        Some(name) => Some(target(call, &id, name)?),
        None => best(call, &id),
    };
    let Some(target) = target else {
        let message = "Cannot failover DB cluster: it has no available reader to fail over to.";
        return Err(Fault::new("InvalidDBClusterStateFault", message));
    };
    call.merge(CLUSTER, &id, json!({"Status": "failing-over"}));
    let message = format!("Started failover to DB instance: {target}");
    event::emit(call, "db-cluster", &id, &["failover"], &message);
    let seconds = call.latency("rds.db_cluster", "failover");
    call.schedule(seconds, CLUSTER, &id, Step::Run(FAILED_OVER, json!([id, target])));
    Ok(answer(call, &id))
}

fn target(call: &Call, cluster: &str, name: &str) -> Result<String, Fault> {
    let (id, row) = reference::available_instance(call, name)?;
    if row.text("DBClusterIdentifier") != cluster {
        return Err(invalid(format!(
            "The DB instance {id} isn't a member of the DB cluster {cluster}."
        )));
    }
    if row.flag("_writer") {
        return Err(invalid(format!(
            "The DB instance {id} is already the writer of the DB cluster."
        )));
    }
    Ok(id)
}

/// The reader that is promoted: of the first tier, then the largest, of those that run.
fn best(call: &Call, cluster: &str) -> Option<String> {
    let runs = |row: &Value| {
        row.text("DBInstanceStatus") == "available" && !row.flag("_writer") && !row.flag("_down")
    };
    let readers = members(call, cluster).filter(|(_, row)| runs(row));
    let rank = |row: &Value| {
        let size = orderable::size(row.text("DBInstanceClass"));
        (row.int("PromotionTier").unwrap_or(1), std::cmp::Reverse(size))
    };
    readers.min_by_key(|(_, row)| rank(row)).map(|(id, _)| id.to_owned())
}

/// The end of a failover.
pub(in super::super) fn failed_over(call: &mut Call, about: &Value) {
    let (cluster, target) =
        (about[0].as_str().unwrap_or_default(), about[1].as_str().unwrap_or_default());
    let failing =
        call.get(CLUSTER, cluster).is_some_and(|row| row.text("Status") == "failing-over");
    if failing {
        call.merge(CLUSTER, cluster, json!({"Status": "available"}));
    }
    move_writer(call, cluster, target);
}

/// Makes another instance the writer.
fn move_writer(call: &mut Call, cluster: &str, target: &str) {
    if call.get(INSTANCE, target).is_none() {
        return;
    }
    let ids: Vec<String> = members(call, cluster).map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        call.merge(INSTANCE, &id, json!({"_writer": id == target}));
    }
    let message = format!("Completed failover to DB instance: {target}");
    event::emit(call, "db-cluster", cluster, &["failover"], &message);
}

/// Promotes the best reader after some seconds, because the writer is gone or going.
pub(in super::super) fn promote(call: &mut Call, cluster: &str) {
    let Some(target) = best(call, cluster) else { return };
    let message = format!("Started failover to DB instance: {target}");
    event::emit(call, "db-cluster", cluster, &["failover"], &message);
    let seconds = call.latency("rds.db_cluster", "failover");
    call.schedule(seconds, CLUSTER, cluster, Step::Run(FAILED_OVER, json!([cluster, target])));
}
