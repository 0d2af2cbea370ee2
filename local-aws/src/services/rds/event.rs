//! Events, which are kept for two weeks and sent to subscriptions:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.Messages.html>

use super::query::{invalid, page_size};
use super::subscription;
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Events in the order in which they happened: an `Event`.
const EVENT: Table = Table::regional("rds.event");

const KEPT_SECONDS: f64 = 14.0 * 24.0 * 3600.0;

/// The categories of each type of source.
pub(super) const CATEGORIES: [(&str, &[&str]); 7] = [
    (
        "db-cluster",
        &[
            "configuration change",
            "creation",
            "deletion",
            "failover",
            "failure",
            "global-failover",
            "maintenance",
            "migration",
            "notification",
            "serverless",
        ],
    ),
    ("db-cluster-snapshot", &["backup", "notification"]),
    (
        "db-instance",
        &[
            "availability",
            "backtrack",
            "backup",
            "configuration change",
            "creation",
            "deletion",
            "failover",
            "failure",
            "low storage",
            "maintenance",
            "notification",
            "read replica",
            "recovery",
            "restoration",
            "security",
            "security patching",
        ],
    ),
    ("db-parameter-group", &["configuration change"]),
    ("db-proxy", &["configuration change", "creation", "deletion", "failure"]),
    ("db-security-group", &["configuration change", "failure"]),
    ("db-snapshot", &["creation", "deletion", "notification", "restoration"]),
];

/// The kind in ARNs of a type of source.
fn kind(source: &str) -> &'static str {
    match source {
        "db-cluster" => "cluster",
        "db-instance" => "db",
        "db-cluster-snapshot" => "cluster-snapshot",
        "db-parameter-group" => "pg",
        _ => "secgrp",
    }
}

/// The ARN of a source.
pub(super) fn source_arn(call: &Call, source: &str, id: &str) -> String {
    call.arn("rds", &format!("{}:{id}", kind(source)))
}

/// Keeps an event, and tells whoever subscribed to such.
pub(super) fn emit(call: &mut Call, source: &str, id: &str, categories: &[&str], message: &str) {
    let number = call.count(EVENT.name);
    let arn = source_arn(call, source, id);
    let key = format!("{number:012}");
    let event = json!({
        "SourceIdentifier": id, "SourceType": source, "Message": message, "EventCategories": categories, "Date": call.now(),
        "SourceArn": arn, "_key": key,
    });
    call.put(EVENT, &key, event.clone());
    call.schedule(KEPT_SECONDS, EVENT, &key, Step::Remove);
    subscription::tell(call, &event);
}

/// `DescribeEvents`: of the last hour, unless the request says otherwise.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    page_size(&input)?;
    if input.has("SourceIdentifier") && !input.has("SourceType") {
        return Err(Fault::new(
            "InvalidParameterCombination",
            "SourceType must be supplied when SourceIdentifier is supplied.",
        ));
    }
    let now = call.now();
    let minutes = input.number("Duration").unwrap_or(60.0);
    let from = input.number("StartTime").unwrap_or(now - minutes * 60.0);
    let until = input.number("EndTime").unwrap_or(now);
    let categories = input.texts("EventCategories");
    let wanted = |event: &Value| {
        let date = event.number("Date").unwrap_or_default();
        (from..=until).contains(&date)
            && input.opt("SourceType").is_none_or(|of| of == event.text("SourceType"))
            && input.opt("SourceIdentifier").is_none_or(|of| of == event.text("SourceIdentifier"))
            && (categories.is_empty()
                || event.texts("EventCategories").iter().any(|one| categories.contains(one)))
    };
    let events: Vec<&Value> =
        call.rows(EVENT).map(|(_, event)| event).filter(|event| wanted(event)).collect();
    Ok(json!({"Events": events}))
}

/// `DescribeEventCategories`.
pub(super) fn categories(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let wanted = input.opt("SourceType");
    if let Some(source) = wanted {
        known(source)?;
    }
    let shown = CATEGORIES.iter().filter(|(source, _)| wanted.is_none_or(|of| of == *source));
    let shown =
        shown.map(|(source, names)| json!({"SourceType": source, "EventCategories": names}));
    Ok(json!({"EventCategoriesMapList": shown.collect::<Vec<_>>()}))
}

/// The categories of a type of source that a request names.
pub(super) fn known(source: &str) -> Result<&'static [&'static str], Fault> {
    let found = CATEGORIES.iter().find(|(known, _)| *known == source);
    found.map(|(_, names)| *names).ok_or_else(|| invalid(format!("Invalid source type: {source}")))
}
