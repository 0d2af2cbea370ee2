//! Reading everything that is recorded, in as few calls as the types allow, all types at once.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::try_join_all;
use serde_json::Value;

use super::PlanError;
use crate::kind::{LiveJson, RecordedJson, as_it_is};
use crate::resource::{Argument, Live, Tags};
use crate::state::{Entry, Life, State, Status};
use crate::{Address, Clock, Kind, Shared, Stack};

/// The kind of a recorded resource.
pub(crate) fn kind<'a, C>(
    stack: &'a Stack<C>,
    address: &Address,
    entry: &Entry,
) -> Result<&'a Kind<C>, PlanError> {
    let unknown = || PlanError::UnknownType { address: address.clone(), kind: entry.kind.clone() };
    stack.kinds.get(entry.kind.as_str()).ok_or_else(unknown)
}

/// The pauses before what seems to be gone is read again: reads lag behind writes.
const LOOK_AGAIN_MILLIS: [u64; 5] = [500, 1000, 2000, 4000, 8000];

pub(super) type Lives = BTreeMap<(Address, Life), LiveJson>;

/// What is live of every recorded resource whose create call was accepted. Absence counts once it has lasted.
pub(super) async fn read<C: Send + Sync + 'static>(
    cloud: &C,
    stack: &Stack<C>,
    state: &State,
    clock: &Clock,
) -> Result<Lives, PlanError> {
    let mut live = look(cloud, stack, state.all()).await?;
    for pause in LOOK_AGAIN_MILLIS {
        let there = |entry: &Entry| !matches!(entry.status, Status::Deleting | Status::Broken);
        let missing = state.all().filter(|(address, life, entry)| {
            let seen = live.get(&((*address).clone(), *life));
            there(entry) && matches!(seen, Some(Live::Absent))
        });
        let missing: Vec<_> = missing.collect();
        if missing.is_empty() {
            break;
        }
        clock.sleep(Duration::from_millis(pause)).await;
        live.extend(look(cloud, stack, missing.into_iter()).await?);
    }
    Ok(live)
}

async fn look<'a, C: Send + Sync + 'static>(
    cloud: &C,
    stack: &Stack<C>,
    entries: impl Iterator<Item = (&'a Address, Life, &'a Entry)>,
) -> Result<Lives, PlanError> {
    let reads = by_kind(stack, entries)?.into_iter().map(|(kind, keys, wanted, tags)| async move {
        let live = kind.0.read(cloud, &wanted).await.map_err(PlanError::Read)?;
        let mut live: Vec<LiveJson> = live.into_iter().map(as_it_is).collect();
        confirm_tags(cloud, &kind, &wanted, &tags, &mut live).await?;
        if !kind.facts().tags {
            for (((address, _), was), live) in keys.iter().zip(&wanted).zip(&live) {
                check_recorded(stack, &kind, address, was, live)?;
            }
        }
        let live: BTreeMap<_, _> = keys.into_iter().zip(live).collect();
        check_ours(stack, &kind, &live)?;
        Ok::<_, PlanError>(live)
    });
    Ok(try_join_all(reads).await?.into_iter().flatten().collect())
}

/// Reads what has other tags than recorded again, each by itself: a read of many may take tags from an index
/// that lags behind, a read of one asks the service.
async fn confirm_tags<C: Send + Sync + 'static>(
    cloud: &C,
    kind: &Kind<C>,
    wanted: &[RecordedJson],
    recorded: &[Shared<Tags>],
    live: &mut [LiveJson],
) -> Result<(), PlanError> {
    if !kind.facts().tags || wanted.len() < 2 {
        return Ok(());
    }
    for (at, (recorded, live)) in recorded.iter().zip(live).enumerate() {
        let Live::Ready { tags, .. } = &*live else { continue };
        if recorded.iter().any(|(key, value)| tags.get(key) != Some(value)) {
            let alone = kind.0.read(cloud, &wanted[at..=at]).await.map_err(PlanError::Read)?;
            if let Some(one) = alone.into_iter().next() {
                *live = as_it_is(one);
            }
        }
    }
    Ok(())
}

/// The calls that [`read`] makes at least, as the types themselves declare it.
pub fn lower_bound<C: Send + Sync + 'static>(
    stack: &Stack<C>,
    state: &State,
) -> Result<usize, PlanError> {
    Ok(by_kind(stack, state.all())?
        .iter()
        .map(|(kind, _, wanted, _)| kind.0.read_calls(wanted))
        .sum())
}

type OfKind<C> = (Kind<C>, Vec<(Address, Life)>, Vec<RecordedJson>, Vec<Shared<Tags>>);

fn by_kind<'a, C>(
    stack: &Stack<C>,
    entries: impl Iterator<Item = (&'a Address, Life, &'a Entry)>,
) -> Result<Vec<OfKind<C>>, PlanError> {
    let mut kinds: BTreeMap<&str, OfKind<C>> = BTreeMap::new();
    for (address, life, entry) in entries.filter(|(_, _, entry)| !entry.outputs.is_null()) {
        let kind = kind(stack, address, entry)?;
        let of_kind =
            kinds.entry(&entry.kind).or_insert_with(|| (kind.clone(), vec![], vec![], vec![]));
        of_kind.1.push((address.clone(), life));
        of_kind.2.push(entry.recorded());
        of_kind.3.push(entry.tags.clone());
    }
    Ok(kinds.into_values().collect())
}

/// Refuses what exists without this stack's tags, where the type has tags: its record was altered.
fn check_ours<C: Send + Sync + 'static>(
    stack: &Stack<C>,
    kind: &Kind<C>,
    live: &BTreeMap<(Address, Life), LiveJson>,
) -> Result<(), PlanError> {
    for ((address, life), live) in live {
        let Live::Ready { tags, .. } = live else { continue };
        let tag = super::diff::life_tag(*life);
        let is = |key: &str, value: &str| tags.get(key).is_some_and(|found| found == value);
        if kind.facts().tags && !(is("globecart:stack", &stack.name) && is("globecart:life", &tag))
        {
            let (kind, stack) = (kind.name().to_owned(), stack.name.clone());
            return Err(PlanError::NotOurs { address: address.clone(), kind, stack, life: tag });
        }
    }
    Ok(())
}

/// Refuses what has no tags and is not what the record describes: its id was altered. What a change of an argument
/// replaces cannot change while it stays the same, and a name begins with the stack's.
fn check_recorded<C: Send + Sync + 'static>(
    stack: &Stack<C>,
    kind: &Kind<C>,
    address: &Address,
    was: &RecordedJson,
    live: &LiveJson,
) -> Result<(), PlanError> {
    let Live::Ready { args, .. } = live else { return Ok(()) };
    let other = was.args.as_object().into_iter().flatten().any(|(name, recorded)| {
        let live = args.get(name).unwrap_or(&Value::Null);
        let replaces = || matches!(kind.0.argument(name, recorded, live), Argument::Replace(_));
        live != recorded && replaces()
    });
    if other || !may_be_named(stack, kind, was) {
        let (address, kind) = (address.clone(), kind.name().to_owned());
        return Err(PlanError::Altered { address, kind });
    }
    Ok(())
}

/// Whether what is recorded has a name that this stack gives, or the one that it was declared with.
fn may_be_named<C>(stack: &Stack<C>, kind: &Kind<C>, was: &RecordedJson) -> bool {
    if kind.facts().name.is_none() {
        return true;
    }
    let fixed = was.args.get("name").and_then(Value::as_str);
    let name = fixed.map_or_else(|| format!("{}-", stack.name), str::to_owned);
    was.outputs.get("name").and_then(Value::as_str).is_none_or(|given| given.contains(&name))
}
