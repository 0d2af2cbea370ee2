//! Tasks spread over zones: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html>

use super::{SERVICE, event, start};
use crate::call::Call;
use crate::fields::Fields;
use crate::services::ecs::network;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many tasks are in each zone that the service's subnets are in.
fn spread(call: &Call, row: &Value, tasks: &[(String, Value)]) -> BTreeMap<String, usize> {
    let zones = network::zones(call, &row["networkConfiguration"]).into_iter();
    let mut spread: BTreeMap<String, usize> = zones.map(|zone| (zone, 0)).collect();
    for (_, task) in tasks {
        if let Some(count) = spread.get_mut(task.text("availabilityZone")) {
            *count += 1;
        }
    }
    spread
}

/// The task whose end leaves the others spread best: in the fullest zone, the newest.
pub(super) fn surplus<'t>(tasks: &[&'t (String, Value)]) -> Option<&'t str> {
    let count =
        |zone: &str| tasks.iter().filter(|(_, row)| row.text("availabilityZone") == zone).count();
    let newest = tasks.iter().max_by(|(_, a), (_, b)| {
        let key = |row: &Value| {
            (count(row.text("availabilityZone")), row.number("createdAt").unwrap_or_default())
        };
        let ((a_count, a_made), (b_count, b_made)) = (key(a), key(b));
        a_count.cmp(&b_count).then(a_made.total_cmp(&b_made))
    });
    newest.map(|(id, _)| id.as_str())
}

/// Starts a task in the emptiest zone, for one of the fullest to end when it is well.
pub(super) fn rebalance(call: &mut Call, id: &str, tasks: &[(String, Value)]) {
    let Some(row) = call.get(SERVICE, id).cloned() else { return };
    if row.text("availabilityZoneRebalancing") != "ENABLED" {
        return;
    }
    let spread = spread(call, &row, tasks);
    let (least, most) = (spread.values().min(), spread.values().max());
    if least.zip(most).is_none_or(|(least, most)| most - least <= 1) {
        return;
    }
    let counts: Vec<String> =
        spread.iter().map(|(zone, count)| format!("{zone}: {count}")).collect();
    event::note(call, id, &format!("is not AZ balanced ({}).", counts.join(", ")));
    let made = start::start(call, id, 1);
    if let Some(task) = made.first() {
        call.merge(SERVICE, id, json!({"_rebalancing": task}));
    }
}
