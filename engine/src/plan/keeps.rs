//! What the deletes of a plan leave on purpose.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;

use super::{Action, PlanError, Step};
use crate::kind::RecordedJson;
use crate::state::{State, Status};
use crate::{Kind, Stack};

/// The deletes of one type.
struct Deletes<'a, C> {
    kind: &'a Kind<C>,
    steps: Vec<usize>,
    recorded: Vec<RecordedJson>,
}

/// Asks every type what its deletes leave, all types at once.
pub(super) async fn read<C: Send + Sync + 'static>(
    cloud: &C,
    stack: &Stack<C>,
    state: &State,
    steps: &mut [Step],
) -> Result<(), PlanError> {
    let mut going: BTreeMap<&str, Deletes<'_, C>> = BTreeMap::new();
    for (index, step) in steps.iter().enumerate() {
        let Some((kind, recorded)) = deleted(stack, state, step) else { continue };
        let none = || Deletes { kind, steps: Vec::new(), recorded: Vec::new() };
        let of_kind = going.entry(kind.name()).or_insert_with(none);
        of_kind.steps.push(index);
        of_kind.recorded.push(recorded);
    }
    let reads = going.into_values().map(|Deletes { kind, steps, recorded }| async move {
        let kept = kind.0.keeps(cloud, &recorded).await.map_err(PlanError::Read)?;
        Ok::<_, PlanError>(steps.into_iter().zip(kept))
    });
    for (index, kept) in try_join_all(reads).await?.into_iter().flatten() {
        steps[index].keeps = kept;
    }
    Ok(())
}

/// What a step deletes, or an earlier run has deleted without being able to say so.
fn deleted<'a, C>(
    stack: &'a Stack<C>,
    state: &State,
    step: &Step,
) -> Option<(&'a Kind<C>, RecordedJson)> {
    let deletes = matches!(step.action, Action::Delete | Action::Replace(_));
    let entry = state.entry(&step.address, step.life.filter(|_| deletes)?)?;
    let told = step.gone && entry.status != Status::Deleting;
    if told || entry.outputs.is_null() {
        return None;
    }
    Some((stack.kinds.get(entry.kind.as_str())?, entry.recorded()))
}
