//! Reading everything that is recorded, in as few calls as the types allow, all types at once.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;

use super::PlanError;
use crate::kind::{LiveJson, RecordedJson};
use crate::resource::Live;
use crate::state::{Entry, Life, State};
use crate::{Address, Kind, Stack};

/// The kind of a recorded resource.
pub(crate) fn kind<'a, C>(
    stack: &'a Stack<C>,
    address: &Address,
    entry: &Entry,
) -> Result<&'a Kind<C>, PlanError> {
    let unknown = || PlanError::UnknownType { address: address.clone(), kind: entry.kind.clone() };
    stack.kinds.get(entry.kind.as_str()).ok_or_else(unknown)
}

/// What is live of every recorded resource whose create call was accepted.
pub(super) async fn read<C: Send + Sync + 'static>(
    cloud: &C,
    stack: &Stack<C>,
    state: &State,
) -> Result<BTreeMap<(Address, Life), LiveJson>, PlanError> {
    let reads = by_kind(stack, state)?.into_iter().map(|(kind, keys, wanted)| async move {
        let live = kind.0.read(cloud, &wanted).await.map_err(PlanError::Read)?;
        let live: BTreeMap<_, _> = keys.into_iter().zip(live).collect();
        check_ours(stack, &kind, &live)?;
        Ok::<_, PlanError>(live)
    });
    Ok(try_join_all(reads).await?.into_iter().flatten().collect())
}

/// The calls that [`read`] makes at least, as the types themselves declare it.
pub fn lower_bound<C: Send + Sync + 'static>(
    stack: &Stack<C>,
    state: &State,
) -> Result<usize, PlanError> {
    Ok(by_kind(stack, state)?.iter().map(|(kind, _, wanted)| kind.0.read_calls(wanted)).sum())
}

type OfKind<C> = (Kind<C>, Vec<(Address, Life)>, Vec<RecordedJson>);

fn by_kind<C>(stack: &Stack<C>, state: &State) -> Result<Vec<OfKind<C>>, PlanError> {
    let mut kinds: BTreeMap<&str, OfKind<C>> = BTreeMap::new();
    for (address, life, entry) in state.all().filter(|(_, _, entry)| !entry.outputs.is_null()) {
        let kind = kind(stack, address, entry)?;
        let of_kind =
            kinds.entry(&entry.kind).or_insert_with(|| (kind.clone(), Vec::new(), Vec::new()));
        of_kind.1.push((address.clone(), life));
        of_kind.2.push(entry.recorded());
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
