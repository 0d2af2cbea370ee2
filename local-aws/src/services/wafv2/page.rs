//! Pages, which WAF marks by what comes next.

use super::invalid;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// How many elements an answer has.
const PAGE: usize = 100;

/// The part of a list, by unique keys in their order, that a request asks for: an answer with it under a name.
pub(super) fn answer(
    input: &Value,
    name: &str,
    elements: Vec<(String, Value)>,
) -> Result<Value, Fault> {
    let limit = input.int("Limit").map_or(PAGE, |limit| usize::try_from(limit).unwrap_or(PAGE));
    let marker = input.opt("NextMarker");
    if let Some(marker) = marker.filter(|marker| !elements.iter().any(|(key, _)| key == marker)) {
        return Err(invalid("The marker isn't valid", "PAGINATION", marker));
    }
    let mut rest: Vec<(String, Value)> = elements;
    rest.retain(|(key, _)| marker.is_none_or(|marker| key.as_str() > marker));
    let more = rest.len() > limit;
    rest.truncate(limit);
    let next = rest.last().filter(|_| more).map(|(key, _)| key.clone());
    let shown: Vec<Value> = rest.into_iter().map(|(_, value)| value).collect();
    let mut answer = json!({"NextMarker": next});
    answer[name] = json!(shown);
    Ok(answer)
}
