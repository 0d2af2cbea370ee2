//! Changes of a customer's prefix lists.

use super::{PREFIX_LIST, users};
use crate::call::{ACCOUNT, Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::cidr::{Block, canonical_v6};
use crate::services::ec2::kind::{invalid_value, refuse_unsupported};
use serde_json::{Value, json};

/// Seconds that a change takes.
const CHANGE_SECONDS: f64 = 2.0;

/// `CreateManagedPrefixList`.
pub(in crate::services::ec2) fn create(call: &mut Call) -> Result<Value, Fault> {
    call.idempotent("ClientToken", create_once)
}

fn create_once(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, family) = (input.text("PrefixListName"), input.text("AddressFamily"));
    check_name(name)?;
    if !["IPv4", "IPv6"].contains(&family) {
        return Err(invalid_value(format!(
            "Value ({family}) for parameter AddressFamily is invalid."
        )));
    }
    let most = input.int("MaxEntries").unwrap_or_default();
    if most < 1 {
        return Err(invalid_value(format!("Value ({most}) for parameter MaxEntries is invalid.")));
    }
    let mut entries = Vec::new();
    add(&mut entries, input.items("Entries"), family)?;
    fits(&entries, most)?;
    let id = call.new_id("pl");
    let row = json!({
        "PrefixListId": id, "PrefixListName": name, "PrefixListArn": PREFIX_LIST.arn(call, &id), "AddressFamily": family,
        "MaxEntries": most, "OwnerId": ACCOUNT, "Version": 1, "State": "create-in-progress", "_entries": entries, "_versions": {},
    });
    let row = PREFIX_LIST.create(call, &id, row)?;
    call.schedule(
        CHANGE_SECONDS,
        PREFIX_LIST.table,
        &id,
        Step::Merge(json!({"State": "create-complete"})),
    );
    Ok(json!({"PrefixList": row}))
}

fn check_name(name: &str) -> Result<(), Fault> {
    if name.is_empty() || name.len() > 255 || name.starts_with("com.amazonaws") {
        return Err(invalid_value(format!(
            "Value ({name}) for parameter PrefixListName is invalid."
        )));
    }
    Ok(())
}

/// Adds blocks of the list's family; a block that is there gets the new description.
fn add(entries: &mut Vec<Value>, fresh: &[Value], family: &str) -> Result<(), Fault> {
    for entry in fresh {
        let text = entry.text("Cidr");
        let block = if family == "IPv4" {
            Block::parse(text).map(|block| block.to_string())
        } else {
            canonical_v6(text)
        };
        let block = block.ok_or_else(|| {
            invalid_value(format!("The CIDR '{text}' is not valid in an {family} prefix list"))
        })?;
        entries.retain(|known| known.text("Cidr") != block);
        entries.push(json!({"Cidr": block, "Description": entry["Description"]}));
    }
    entries.sort_by(|a, b| a.text("Cidr").cmp(b.text("Cidr")));
    Ok(())
}

fn fits(entries: &[Value], most: i64) -> Result<(), Fault> {
    if i64::try_from(entries.len()).is_ok_and(|count| count <= most) {
        return Ok(());
    }
    Err(Fault::new(
        "PrefixListMaxEntriesExceeded",
        "The prefix list cannot have more entries than its maximum.",
    ))
}

/// The customer's list, if no change of it is under way.
fn settled(call: &Call, id: &str) -> Result<Value, Fault> {
    if super::aws::lists(call).iter().any(|list| list.text("PrefixListId") == id) {
        return Err(Fault::new(
            "UnauthorizedOperation",
            "AWS's own prefix lists cannot be changed",
        )
        .with_status(403));
    }
    let row = PREFIX_LIST.row(call, id)?;
    if row.text("State").ends_with("-in-progress") {
        return Err(Fault::new(
            "IncorrectState",
            format!("The prefix list {id} is in the state {}", row.text("State")),
        ));
    }
    Ok(row)
}

/// `ModifyManagedPrefixList`: each change of entries makes a new version.
pub(in crate::services::ec2) fn modify(call: &mut Call) -> Result<Value, Fault> {
    refuse_unsupported(call, &["IpamPrefixListResolverSyncEnabled"])?;
    let input = call.input();
    let id = input.text("PrefixListId");
    let mut row = settled(call, id)?;
    let version = row.int("Version").unwrap_or(1);
    if let Some(wrong) = input.int("CurrentVersion").filter(|given| *given != version) {
        let message = format!("The prefix list {id} has the version {version}, not {wrong}");
        return Err(Fault::new("PrefixListVersionMismatch", message));
    }
    if let Some(name) = input.opt("PrefixListName") {
        check_name(name)?;
        row["PrefixListName"] = json!(name);
    }
    let gone: Vec<&str> =
        input.items("RemoveEntries").iter().map(|entry| entry.text("Cidr")).collect();
    let mut entries = row.items("_entries").to_vec();
    if let Some(missing) =
        gone.iter().find(|block| entries.iter().all(|entry| entry.text("Cidr") != **block))
    {
        return Err(invalid_value(format!("The prefix list {id} has no entry {missing}")));
    }
    entries.retain(|entry| !gone.contains(&entry.text("Cidr")));
    add(&mut entries, input.items("AddEntries"), row.text("AddressFamily"))?;
    let most = input.int("MaxEntries").or_else(|| row.int("MaxEntries")).unwrap_or_default();
    fits(&entries, most)?;
    row["MaxEntries"] = json!(most);
    if json!(entries) != row["_entries"] {
        row["_versions"][version.to_string()] = row["_entries"].clone();
        row["_entries"] = json!(entries);
        row["Version"] = json!(version + 1);
    }
    row["State"] = json!("modify-in-progress");
    call.put(PREFIX_LIST.table, id, row.clone());
    call.schedule(
        CHANGE_SECONDS,
        PREFIX_LIST.table,
        id,
        Step::Merge(json!({"State": "modify-complete"})),
    );
    Ok(json!({"PrefixList": row}))
}

/// `DeleteManagedPrefixList`: only when nothing names it.
pub(in crate::services::ec2) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("PrefixListId");
    let mut row = settled(call, id)?;
    if !users(call, id).is_empty() {
        return Err(Fault::new("DependencyViolation", format!("The prefix list {id} is in use")));
    }
    row["State"] = json!("delete-in-progress");
    call.put(PREFIX_LIST.table, id, row.clone());
    call.schedule(CHANGE_SECONDS, PREFIX_LIST.table, id, Step::Remove);
    Ok(json!({"PrefixList": row}))
}
