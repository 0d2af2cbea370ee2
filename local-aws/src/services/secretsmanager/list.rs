//! Finding secrets: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html>

use super::reference::SECRET;
use super::secret;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::filter::values;
use serde_json::{Value, json};

/// `ListSecrets`, by the time of creation.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let planned = input.flag("IncludePlannedDeletion");
    let shown = |row: &Value| !row.flag("_gone") && (planned || !row.has("DeletedDate"));
    let rows = call.rows(SECRET).map(|(_, row)| row);
    let rows = rows.filter(|row| shown(row) && passes(row, input.items("Filters")));
    let mut found: Vec<Value> = rows
        .map(|row| {
            let mut seen = secret::described(call, row.clone(), "SecretVersionsToStages");
            // Pages go by the order, not by the name.
            seen["_key"] = Value::Null;
            seen
        })
        .collect();
    let by = match input.opt("SortBy") {
        None | Some("created-date") => "CreatedDate",
        Some("last-accessed-date") => "LastAccessedDate",
        Some("last-changed-date") => "LastChangedDate",
        Some(_) => "Name",
    };
    found.sort_by(|a, b| order(a, b, by));
    if input.opt("SortOrder") == Some("desc") {
        found.reverse();
    }
    Ok(json!({"SecretList": found}))
}

fn order(a: &Value, b: &Value, by: &str) -> std::cmp::Ordering {
    let time = |row: &Value| row.number(by).unwrap_or_default();
    time(a).total_cmp(&time(b)).then_with(|| a.text("Name").cmp(b.text("Name")))
}

/// The names of the secrets that pass filters.
pub(super) fn names(call: &Call, filters: &[Value]) -> Vec<String> {
    let live = call.rows(SECRET).filter(|(_, row)| !row.has("DeletedDate"));
    live.filter(|(_, row)| passes(row, filters)).map(|(name, _)| name.to_owned()).collect()
}

fn passes(row: &Value, filters: &[Value]) -> bool {
    filters.iter().all(|filter| {
        let fits = |value: &str| match value.strip_prefix('!') {
            Some(value) => !matches(row, filter.text("Key"), value),
            None => matches(row, filter.text("Key"), value),
        };
        filter.texts("Values").into_iter().any(fits)
    })
}

/// Values are beginnings; descriptions, and what is looked for everywhere, in any case.
fn matches(row: &Value, key: &str, value: &str) -> bool {
    let starts = |texts: Vec<String>| texts.iter().any(|text| text.starts_with(value));
    let loosely = |texts: Vec<String>| {
        let value = value.to_lowercase();
        texts.iter().flat_map(|text| words(text)).any(|word| word.starts_with(&value))
    };
    match key {
        "name" => starts(values(row, "Name")),
        "tag-key" => starts(values(row, "Tags[].Key")),
        "tag-value" => starts(values(row, "Tags[].Value")),
        "owning-service" => starts(values(row, "OwningService")),
        "primary-region" => starts(values(row, "PrimaryRegion")),
        "description" => loosely(values(row, "Description")),
        _ => {
            let paths = ["Name", "Description", "Tags[].Key", "Tags[].Value"];
            paths.into_iter().any(|path| loosely(values(row, path)))
        }
    }
}

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let parts = lower.split(|letter: char| !letter.is_alphanumeric()).map(str::to_owned);
    std::iter::once(lower.clone()).chain(parts).collect()
}
