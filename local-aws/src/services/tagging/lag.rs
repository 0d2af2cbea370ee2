//! How far the tagging API is behind the services: not at all, unless the latency `tagging.resource.visible` is set.
//!
//! Invariant: for so many seconds after a change of a resource's tags, its rows here tell the tags from before it.

use crate::call::Call;
use crate::fields::Fields;
use crate::store::{Key, Table};
use serde_json::{Value, json};

/// What resources looked like, by `TABLE ID`: `arn`, `table`, `region` of a bucket, and `views`, each with the `tags` shown `until` a time.
const PAST: &str = "_tagging";

/// What the API shows of a resource whose tags changed lately.
pub(super) struct Past<'c> {
    pub(super) arn: &'c str,
    pub(super) table: &'c str,
    pub(super) region: Option<&'c str>,
    pub(super) tags: &'c [Value],
}

/// Notes the tags that the resources of a request had before it, if the API lags.
pub(crate) fn note(call: &mut Call) {
    let seconds = call.latency("tagging.resource", "visible");
    if seconds <= 0.0 {
        return;
    }
    let until = call.now() + seconds;
    for (key, before) in call.store.changed() {
        let after = call.store.get(&key.place, &key.table, &key.id);
        let Some(row) = before.as_ref().or(after).filter(|row| row.has("_arn")) else { continue };
        let tags =
            |row: Option<&Value>| row.map_or(&[] as &[Value], |row| row.items("Tags")).to_vec();
        if tags(before.as_ref()) == tags(after) {
            continue;
        }
        let past = Key::new(&key.place, PAST, &format!("{} {}", key.table, key.id));
        let known = call.store.get(&past.place, PAST, &past.id);
        let mut views = known.map_or(&[] as &[Value], |past| past.items("views")).to_vec();
        views.retain(|view| is_shown(view, call.now()));
        views.push(json!({"until": until, "tags": tags(before.as_ref())}));
        let row = json!({"arn": row["_arn"], "table": key.table, "region": row.opt("_region"), "views": views});
        call.store.put(past, Some(row));
    }
}

fn is_shown(view: &Value, now: f64) -> bool {
    view.number("until").is_some_and(|until| until > now)
}

/// The resources that look otherwise than they are.
pub(super) fn past<'c>(call: &'c Call) -> impl Iterator<Item = Past<'c>> {
    let here = call.rows(Table::regional(PAST)).chain(call.rows(Table::global(PAST)));
    here.filter_map(|(_, row)| {
        let view = row.items("views").iter().find(|view| is_shown(view, call.now()))?;
        Some(Past {
            arn: row.text("arn"),
            table: row.text("table"),
            region: row.opt("region"),
            tags: view.items("tags"),
        })
    })
}
