//! Who may restore a snapshot:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBClusterSnapshotAttribute.html>

use super::query::invalid;
use super::reference::SNAPSHOT;
use super::snapshot;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// The only attribute.
const RESTORE: &str = "restore";

/// `DescribeDBClusterSnapshotAttributes`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let (id, row) = snapshot::known(call, call.input().text("DBClusterSnapshotIdentifier"))?;
    Ok(answer(&id, &row))
}

fn answer(id: &str, row: &Value) -> Value {
    let attributes = json!([{"AttributeName": RESTORE, "AttributeValues": row["_shared"]}]);
    json!({"DBClusterSnapshotAttributesResult": {"DBClusterSnapshotIdentifier": id, "DBClusterSnapshotAttributes": attributes}})
}

/// `ModifyDBClusterSnapshotAttribute`: an encrypted snapshot cannot be public.
pub(super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, row) = snapshot::available(call, input.text("DBClusterSnapshotIdentifier"))?;
    if input.text("AttributeName") != RESTORE {
        return Err(invalid(format!(
            "The attribute {} is not valid.",
            input.text("AttributeName")
        )));
    }
    let (add, remove) = (input.texts("ValuesToAdd"), input.texts("ValuesToRemove"));
    if row.text("SnapshotType") != "manual" {
        let message = "Automated snapshots cannot be shared.";
        return Err(Fault::new("InvalidDBClusterSnapshotStateFault", message));
    }
    if add.contains(&"all") && row.flag("StorageEncrypted") {
        return Err(invalid("Encrypted snapshots cannot be shared publicly."));
    }
    let known = row.texts("_shared");
    let mut shared: Vec<&str> =
        known.iter().copied().filter(|account| !remove.contains(account)).collect();
    shared.extend(add.iter().copied().filter(|account| !known.contains(account)));
    call.merge(SNAPSHOT, &id, json!({"_shared": shared}));
    let row = call.get(SNAPSHOT, &id).cloned().unwrap_or_default();
    Ok(answer(&id, &row))
}
