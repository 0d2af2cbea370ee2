//! Cuts whole lists into pages, by the model's pagination rules.

use crate::call::hex;
use crate::fields::Fields;
use crate::model::{Paginator, Shape};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// How large pages are, and whether empty ones come between.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sizes {
    /// The size where the request names none.
    pub(crate) default: Option<usize>,
    /// A limit from a fault rule.
    pub(crate) limit: Option<usize>,
    /// Whether an empty page follows each page with elements.
    pub(crate) empty_between: bool,
}

/// A token that is not one of ours for this request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadToken;

/// Where a page starts.
#[derive(Debug, Clone, PartialEq)]
enum Start {
    /// After the element with this key: stays right when elements vanish meanwhile.
    After(String),
    /// At this element.
    At(usize),
}

/// The page of a whole answer that a request asks for. Answers that carry a token or a mark of their own stay as they are.
pub(crate) fn cut(
    rule: &Paginator,
    shape: &Shape,
    input: &Value,
    mut output: Value,
    sizes: Sizes,
) -> Result<Value, BadToken> {
    let ([token_in], [token_out]) = (rule.input_token.as_slice(), rule.output_token.as_slice())
    else {
        return Ok(output);
    };
    let own =
        output.has(token_out) || rule.more_results.as_ref().is_some_and(|more| output.has(more));
    if own || !shape.members.contains_key(token_out) {
        return Ok(output);
    }
    let fingerprint = fingerprint(rule, input, token_in);
    let (start, empty) = match input.opt(token_in).filter(|token| !token.is_empty()) {
        Some(token) => read_token(token, &fingerprint)?,
        None => (Start::At(0), false),
    };
    let asked = rule
        .limit_key
        .as_ref()
        .and_then(|limit| input.int(limit).or_else(|| input.opt(limit)?.parse().ok()))
        .and_then(|limit| usize::try_from(limit).ok());
    let size = [asked.or(sizes.default), sizes.limit]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(usize::MAX)
        .max(1);
    let size = if empty { 0 } else { size };
    let next = keep(&rule.result_key, &mut output, &start, size);
    if let Some(next) = &next {
        let token = write_token(next, sizes.empty_between && !empty, &fingerprint);
        output[token_out] = json!(token);
    }
    if let Some(more) = &rule.more_results {
        output[more] = json!(next.is_some());
    }
    Ok(output)
}

/// Leaves `size` elements from `start` on in the lists, which count as one; says where the next page starts.
fn keep(lists: &[String], output: &mut Value, start: &Start, size: usize) -> Option<Start> {
    let all: Vec<(&String, Value)> = lists
        .iter()
        .flat_map(|list| output.items(list).to_vec().into_iter().map(move |item| (list, item)))
        .collect();
    let keys: Option<Vec<String>> = all.iter().map(|(_, item)| key(item)).collect();
    let keys = keys.filter(|keys| keys.is_sorted_by(|a, b| a < b));
    let from = match start {
        Start::At(at) => *at,
        Start::After(key) => {
            keys.as_ref().map_or(0, |keys| keys.partition_point(|known| known <= key))
        }
    };
    let until = from.saturating_add(size).min(all.len());
    let next = (until < all.len()).then(|| match (&keys, until) {
        (Some(keys), 1..) => Start::After(keys[until - 1].clone()),
        _ => Start::At(until),
    });
    for list in lists
        .iter()
        .filter(|list| output.get(list.as_str()).is_some_and(Value::is_array))
        .collect::<Vec<_>>()
    {
        let kept = all[from.min(until)..until]
            .iter()
            .filter(|(of, _)| *of == list)
            .map(|(_, item)| item.clone());
        output[list] = Value::Array(kept.collect());
    }
    next
}

fn key(item: &Value) -> Option<String> {
    item.as_str().or_else(|| item.opt("_key")).map(str::to_owned)
}

fn fingerprint(rule: &Paginator, input: &Value, token: &str) -> String {
    let mut rest = input.clone();
    if let Some(members) = rest.as_object_mut() {
        members.remove(token);
        members.remove(rule.limit_key.as_deref().unwrap_or_default());
    }
    hex(&Sha256::digest(rest.to_string())[..4])
}

fn write_token(start: &Start, empty: bool, fingerprint: &str) -> String {
    let text = match start {
        Start::After(key) => json!([fingerprint, empty, key]),
        Start::At(at) => json!([fingerprint, empty, at]),
    };
    URL_SAFE_NO_PAD.encode(text.to_string())
}

fn read_token(token: &str, fingerprint: &str) -> Result<(Start, bool), BadToken> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| BadToken)?;
    let text: Value = serde_json::from_slice(&bytes).map_err(|_| BadToken)?;
    if text[0] != fingerprint {
        return Err(BadToken);
    }
    let start = match &text[2] {
        Value::String(key) => Start::After(key.clone()),
        at => Start::At(at.as_u64().and_then(|at| usize::try_from(at).ok()).ok_or(BadToken)?),
    };
    Ok((start, text[1] == true))
}
