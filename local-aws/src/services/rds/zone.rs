//! What becomes of clusters when an availability zone fails: a reader in another zone is promoted, and endpoints stay.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html>

use super::cluster;
use super::reference::INSTANCE;
use crate::call::Call;
use crate::fields::Fields;
use serde_json::{Value, json};

/// Notes which instances are down; a cluster whose writer is fails over.
pub(super) fn changed(call: &mut Call, _zone: &Value) {
    let rows: Vec<(String, Value)> =
        call.rows(INSTANCE).map(|(id, row)| (id.to_owned(), row.clone())).collect();
    for (id, row) in &rows {
        let down = call.zone_failed(row.text("AvailabilityZone"));
        if down != row.flag("_down") {
            call.merge(INSTANCE, id, json!({"_down": down}));
        }
    }
    for (_, row) in rows.iter().filter(|(_, row)| row.flag("_writer") && !row.flag("_down")) {
        if call.zone_failed(row.text("AvailabilityZone")) {
            cluster::promote(call, row.text("DBClusterIdentifier"));
        }
    }
}
