//! Which operation a path, a method and a query mean.

use super::form;
use crate::model::{Http, Location, Model, Operation};
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;

/// What a request turned out to be for.
pub(in crate::protocol) enum Found<'m> {
    /// An operation of the model, with the labels of its path.
    Known(&'m str, &'m Operation, Vec<(String, String)>),
    /// An operation that AWS has and this cloud does not.
    Unmodelled(&'m str),
}

/// The operation that fits best: the one whose template names most of path and query. Operations of S3 share
/// templates: of these the one that needs most of what is there.
pub(in crate::protocol) fn find<'m>(
    model: &'m Model,
    method: &Method,
    path: &str,
    query: &str,
    headers: &HeaderMap,
) -> Option<Found<'m>> {
    let query: Vec<(String, String)> = form::pairs(query).collect();
    let by_members = model.speaks("rest-xml");
    let known = model.operations.iter().filter_map(|(name, operation)| {
        let (labels, constants) = fits(&operation.http, method, path, &query)?;
        let needed =
            if by_members { discriminators(model, operation, &query, headers)? } else { 0 };
        Some(((constants, needed), Found::Known(name, operation, labels)))
    });
    let others = model.others.iter().filter_map(|(name, http)| {
        let (_, constants) = fits(http, method, path, &query)?;
        // S3's without a constant of their own are told apart by members that are not modelled here.
        (!by_members || constants > 0).then_some(((constants, 0), Found::Unmodelled(name)))
    });
    // Of equals, the first: names of operations that differ in members alone are told apart above.
    known
        .chain(others)
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, found)| found)
}

/// The labels of the path, and how many constants of path and query match.
fn fits(
    http: &Http,
    method: &Method,
    path: &str,
    query: &[(String, String)],
) -> Option<(Vec<(String, String)>, usize)> {
    if http.method != method.as_str() {
        return None;
    }
    let (template, constants) = http.request_uri.split_once('?').unwrap_or((&http.request_uri, ""));
    let constants: Vec<(String, String)> = form::pairs(constants).collect();
    let present = |(name, value): &(String, String)| {
        query.iter().any(|(key, given)| key == name && (value.is_empty() || value == given))
    };
    let labels = labels(template, path)?;
    let fixed = pieces(template).filter(|piece| !piece.starts_with('{')).count();
    constants.iter().all(present).then_some((labels, constants.len() + fixed))
}

fn pieces(template: &str) -> impl Iterator<Item = &str> {
    template.split('/').filter(|piece| !piece.is_empty())
}

fn labels(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut labels = Vec::new();
    let mut rest = path.strip_prefix('/')?;
    for piece in pieces(template) {
        let label = piece.strip_prefix('{').and_then(|piece| piece.strip_suffix('}'));
        let (here, after) = match label {
            Some(label) if label.ends_with('+') => (rest, ""),
            _ => rest.split_once('/').unwrap_or((rest, "")),
        };
        match label {
            Some(_) if here.is_empty() => return None,
            Some(label) => {
                let value = percent_decode_str(here).decode_utf8_lossy().into_owned();
                labels.push((label.trim_end_matches('+').to_owned(), value));
            }
            None if here != piece => return None,
            None => {}
        }
        rest = after;
    }
    rest.is_empty().then_some(labels)
}

/// How many required members of query and headers are there; `None` if one is missing that tells operations apart.
fn discriminators(
    model: &Model,
    operation: &Operation,
    query: &[(String, String)],
    headers: &HeaderMap,
) -> Option<usize> {
    let shape = model.side(operation.input.as_ref());
    let required = shape.required.iter().filter_map(|name| Some((name, shape.members.get(name)?)));
    let mut count = 0;
    for (name, member) in required {
        let wire = member.location_name.as_deref().unwrap_or(name);
        let there = match member.location {
            Some(Location::Querystring) => query.iter().any(|(key, _)| key == wire),
            Some(Location::Header) => headers.contains_key(wire),
            _ => continue,
        };
        if !there {
            return None;
        }
        count += 1;
    }
    Some(count)
}
