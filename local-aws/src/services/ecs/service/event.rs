//! The events of a service: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>

use super::SERVICE;
use crate::call::Call;
use crate::fields::Fields;
use serde_json::{Value, json};

/// How many AWS keeps.
const KEPT: usize = 100;

/// Adds an event; `what` follows the service's name.
pub(super) fn note(call: &mut Call, id: &str, what: &str) {
    let Some(name) = call.get(SERVICE, id).map(|row| row.text("serviceName").to_owned()) else {
        return;
    };
    let event = json!({
        "id": call.new_uuid("ecs.event"), "createdAt": call.now(), "message": format!("(service {name}) {what}"),
    });
    call.update(SERVICE, id, |row| {
        if let Some(events) = row["events"].as_array_mut() {
            events.insert(0, event);
            events.truncate(KEPT);
        }
    });
}

/// Adds an event, unless the newest says the same.
pub(super) fn note_once(call: &mut Call, id: &str, what: &str) {
    let newest = call.get(SERVICE, id).and_then(|row| row.items("events").first());
    if !newest.is_some_and(|event: &Value| event.text("message").ends_with(what)) {
        note(call, id, what);
    }
}

/// Keeps the events within what AWS tells.
pub(super) fn trim(call: &mut Call, id: &str) {
    call.update(SERVICE, id, |row| {
        if let Some(events) = row["events"].as_array_mut() {
            events.truncate(KEPT);
        }
    });
}

/// Tasks in a message: `2 tasks: (task a) (task b)`.
pub(super) fn tasks(ids: &[String]) -> String {
    let names = ids.iter().map(|id| id.rsplit('/').next().unwrap_or_default());
    let names: Vec<String> = names.map(|name| format!("(task {name})")).collect();
    format!("{} tasks: {}", ids.len(), names.join(" "))
}
