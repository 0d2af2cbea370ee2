//! Recovery: what became of the intents of a run that was killed.
//!
//! Invariant: recovery only reads. It answers records, which the caller makes durable before it plans.

use std::time::Duration;

use futures_util::future::try_join_all;

use crate::event::{Event, Events};
use crate::plan::{PlanError, desired_tags, name_hash};
use crate::resource::{Found, Intent};
use crate::state::{Entry, Life, Record, State, Status};
use crate::{Address, Clock, Kind, Stack};

/// How long recovery pauses between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// How far reads may lag behind writes. A token or a name finds what it made also later, but only where the next
/// run makes the same again: it may as well want something else by now, or nothing at all.
const LAG: Duration = Duration::from_secs(30);

/// One intent without an outcome.
struct Open<'a, C> {
    address: &'a Address,
    life: Life,
    entry: &'a Entry,
    kind: &'a Kind<C>,
    intent: Intent,
}

/// Looks for what the creates without an outcome may have made, all of them together, and adopts what is found.
///
/// What is not found is looked for again until its type's window is over, because reads lag behind writes. What is
/// not found then is created again by the plan, with the same token, if it is still declared as it was.
pub async fn recover<C: Send + Sync + 'static>(
    cloud: &C,
    stack: &Stack<C>,
    state: &State,
    clock: &Clock,
    events: &Events,
) -> Result<Vec<Record>, PlanError> {
    let mut open = open(stack, state)?;
    for Open { address, .. } in &open {
        events.send(Event::Recovering { address: (*address).clone() });
    }
    let (since, mut records) = (clock.elapsed(), Vec::new());
    loop {
        let looks = open.iter().map(|open| open.kind.0.find(cloud, &open.entry.args, &open.intent));
        let found = try_join_all(looks).await.map_err(PlanError::Read)?;
        let waited = clock.elapsed().saturating_sub(since);
        let mut still = Vec::new();
        for (open, found) in open.into_iter().zip(found) {
            let (address, life) = (open.address.clone(), open.life);
            match found {
                Found::Nothing if waited < open.kind.facts().find_window.max(LAG) => {
                    still.push(open);
                }
                Found::Ours(outputs) => {
                    events.send(Event::Recovered { address: address.clone(), found: true });
                    records.push(Record::Accepted { address, life, outputs: Some(outputs.into()) });
                }
                Found::Nothing | Found::Foreign(_) => {
                    events.send(Event::Recovered { address, found: false });
                }
            }
        }
        if still.is_empty() {
            return Ok(records);
        }
        open = still;
        clock.sleep(PAUSE).await;
    }
}

fn open<'a, C>(stack: &'a Stack<C>, state: &'a State) -> Result<Vec<Open<'a, C>>, PlanError> {
    let creating = state.all().filter(|(_, _, entry)| entry.status == Status::Creating);
    let open = creating.map(|(address, life, entry)| {
        let kind = crate::plan::kind(stack, address, entry)?;
        let intent = Intent {
            stack: stack.name.clone(),
            address: address.clone(),
            token: entry.token.clone(),
            hash: name_hash(stack, address, life),
            tags: desired_tags(stack, address, life).into(),
            repeats: 1,
        };
        Ok(Open { address, life, entry, kind, intent })
    });
    open.collect()
}
