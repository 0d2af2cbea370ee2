//! Prefix lists: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateManagedPrefixList.html>

mod aws;
mod change;

pub(super) use self::aws::of_service;
pub(super) use self::change::{create, delete, modify};

use super::kind::{Kind, unknown_filter};
use super::route_table::ROUTE_TABLE;
use super::security_group::RULE;
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::filter;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `ManagedPrefixList`, with its entries in `_entries` and those of earlier versions in `_versions`, by number.
pub(super) const PREFIX_LIST: Kind = Kind {
    table: Table::regional("ec2.prefix_list"),
    prefix: "pl",
    resource_type: "prefix-list",
    noun: "prefix list ID",
    not_found: "InvalidPrefixListID.NotFound",
    malformed: Some("InvalidPrefixListId.Malformed"),
    filters: &[
        ("owner-id", "OwnerId"),
        ("prefix-list-id", "PrefixListId"),
        ("prefix-list-name", "PrefixListName"),
    ],
};

/// A prefix list, the customer's or AWS's own.
pub(super) fn existing(call: &Call, id: &str) -> Result<Value, Fault> {
    aws::lists(call)
        .into_iter()
        .find(|list| list.text("PrefixListId") == id)
        .map_or_else(|| PREFIX_LIST.row(call, id), Ok)
}

fn all(call: &Call) -> Vec<Value> {
    let mut lists = aws::lists(call);
    lists.extend(call.rows(PREFIX_LIST.table).map(|(_, row)| row.clone()));
    lists.sort_by(|a, b| a.text("PrefixListId").cmp(b.text("PrefixListId")));
    lists
}

/// The lists that the request asks for, by ids or filters.
fn asked(call: &Call, lists: Vec<Value>) -> Result<Vec<Value>, Fault> {
    let input = call.input();
    let ids = input.texts("PrefixListIds");
    for id in &ids {
        existing(call, id)?;
    }
    let mut found = Vec::new();
    for mut list in lists {
        let wanted = ids.is_empty() || ids.contains(&list.text("PrefixListId"));
        if wanted
            && filter::passes(&list, input.items("Filters"), PREFIX_LIST.filters)
                .map_err(unknown_filter)?
        {
            list["_key"] = list["PrefixListId"].clone();
            found.push(list);
        }
    }
    Ok(found)
}

/// `DescribeManagedPrefixLists`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"PrefixLists": asked(call, all(call))?}))
}

/// `DescribePrefixLists`: AWS's own alone, with their blocks.
pub(super) fn describe_aws(call: &mut Call) -> Result<Value, Fault> {
    let shown = asked(call, aws::lists(call))?.into_iter().map(|list| {
        let blocks: Vec<&str> = list.items("_entries").iter().map(|entry| entry.text("Cidr")).collect();
        json!({"PrefixListId": list["PrefixListId"], "PrefixListName": list["PrefixListName"], "Cidrs": blocks, "_key": list["_key"]})
    });
    Ok(json!({"PrefixLists": shown.collect::<Vec<_>>()}))
}

/// `GetManagedPrefixListEntries`.
pub(super) fn entries(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let list = existing(call, input.text("PrefixListId"))?;
    let current = list.int("Version").unwrap_or(1);
    let entries = match input.int("TargetVersion").filter(|version| *version != current) {
        None => list["_entries"].clone(),
        Some(version) => {
            let missing = || {
                Fault::new(
                    "InvalidPrefixListVersion.NotFound",
                    format!("The prefix list has no version {version}"),
                )
            };
            list["_versions"].get(version.to_string()).cloned().ok_or_else(missing)?
        }
    };
    Ok(json!({"Entries": entries}))
}

/// `GetManagedPrefixListAssociations`: the groups and route tables that name a list.
pub(super) fn associations(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("PrefixListId");
    existing(call, id)?;
    let mut found: Vec<Value> = users(call, id)
        .into_iter()
        .map(|user| json!({"ResourceId": user, "ResourceOwner": ACCOUNT, "_key": user}))
        .collect();
    found.dedup();
    Ok(json!({"PrefixListAssociations": found}))
}

/// The ids of the groups and route tables that name a list, sorted.
fn users(call: &Call, id: &str) -> Vec<String> {
    let groups = call
        .rows(RULE.table)
        .filter(|(_, rule)| rule.text("PrefixListId") == id)
        .map(|(_, rule)| rule.text("GroupId"));
    let leads = |table: &Value| {
        table.items("_routes").iter().any(|route| route.text("DestinationPrefixListId") == id)
    };
    let tables =
        call.rows(ROUTE_TABLE.table).filter(|(_, table)| leads(table)).map(|(table, _)| table);
    let mut users: Vec<String> = groups.chain(tables).map(str::to_owned).collect();
    users.sort();
    users
}
