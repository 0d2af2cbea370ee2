//! Filters of Describe operations: names with values, where `*` and `?` match any text and any character.

use crate::fields::Fields;
use serde_json::Value;

/// What a filter looks at: its name, and the path of a member in the row, such as `Attachments[].VpcId`.
pub(crate) type Field = (&'static str, &'static str);

/// Whether a row passes all filters: each needs one of its values to match. An unknown filter is the error.
///
/// `tag:KEY` and `tag-key` work on every row; the other names are those of `fields`.
pub(crate) fn passes(row: &Value, filters: &[Value], fields: &[Field]) -> Result<bool, String> {
    for filter in filters {
        let name = filter.text("Name");
        let found = found(row, name, fields).ok_or_else(|| name.to_owned())?;
        let wanted = filter.texts("Values");
        if !wanted.iter().any(|pattern| found.iter().any(|text| like(pattern, text))) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn found(row: &Value, name: &str, fields: &[Field]) -> Option<Vec<String>> {
    if name == "tag-key" {
        return Some(values(row, "Tags[].Key"));
    }
    if let Some(key) = name.strip_prefix("tag:") {
        return Some(crate::tags::value(row, key).into_iter().map(str::to_owned).collect());
    }
    let path = fields.iter().find(|(known, _)| *known == name)?.1;
    Some(values(row, path))
}

/// The texts at a path of a row; `[]` goes through a list.
pub(crate) fn values(row: &Value, path: &str) -> Vec<String> {
    let mut here = vec![row];
    for piece in path.split('.') {
        let (name, many) = piece.strip_suffix("[]").map_or((piece, false), |name| (name, true));
        let next = here.into_iter().filter_map(|value| value.get(name));
        here = if many {
            next.filter_map(Value::as_array).flatten().collect()
        } else {
            next.collect()
        };
    }
    here.into_iter().filter_map(plain).collect()
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether a text matches a pattern with `*`, `?` and backslash escapes.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = rest.as_str();
            let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            starts.into_iter().any(|at| like(rest, &text[at..]))
        }
        Some(wanted) => {
            let (wanted, any) = match wanted {
                '?' => ('?', true),
                '\\' => (rest.next().unwrap_or('\\'), false),
                other => (other, false),
            };
            let mut text = text.chars();
            text.next().is_some_and(|found| any || found == wanted)
                && like(rest.as_str(), text.as_str())
        }
    }
}
