//! Which steps a run is about, and which it must not take.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Action, PlanError, Step};
use crate::state::State;
use crate::{Address, Stack};

/// Which part of a stack a run is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Addresses of resources or components; empty for the whole stack.
    pub only: Vec<String>,
}

/// Leaves the steps of what `scope` names, of what that needs, and of what hangs on what goes.
pub(super) fn select<C>(
    steps: &mut Vec<Step>,
    stack: &Stack<C>,
    state: &State,
    scope: &Scope,
) -> Result<(), PlanError> {
    if scope.only.is_empty() {
        return Ok(());
    }
    let mut wanted = BTreeSet::new();
    for only in &scope.only {
        let found =
            steps.iter().map(|step| &step.address).filter(|address| address.is_within(only));
        let found: Vec<&Address> = found.collect();
        if found.is_empty() {
            return Err(PlanError::NothingThere(only.clone()));
        }
        wanted.extend(found);
    }
    let mut actions: BTreeMap<&Address, Vec<Action>> = BTreeMap::new();
    for step in &*steps {
        actions.entry(&step.address).or_default().push(step.action);
    }
    let mut dependents: BTreeMap<&Address, Vec<&Address>> = BTreeMap::new();
    for (address, _, entry) in state.all() {
        entry.needs.iter().for_each(|need| dependents.entry(need).or_default().push(address));
    }
    let mut todo: Vec<&Address> = wanted.iter().copied().collect();
    while let Some(address) = todo.pop() {
        let is = |address: &Address, test: fn(&Action) -> bool| {
            actions.get(address).is_some_and(|actions| actions.iter().any(test))
        };
        let mut more: Vec<&Address> = Vec::new();
        if is(address, |action| *action != Action::Delete) {
            more.extend(stack.nodes.get(address).into_iter().flat_map(|node| node.needs.keys()));
        }
        // What goes must have been let go of before, by everything that changes or goes too.
        if is(address, |action| matches!(action, Action::Delete | Action::Replace(_))) {
            let changing = |dependent: &&&Address| is(dependent, |action| *action != Action::Keep);
            more.extend(dependents.get(address).into_iter().flatten().filter(changing));
        }
        todo.extend(more.into_iter().filter(|more| wanted.insert(more)));
    }
    let wanted: BTreeSet<Address> = wanted.into_iter().cloned().collect();
    steps.retain(|step| wanted.contains(&step.address));
    Ok(())
}

/// Refuses steps by which the current life of a protected resource would go.
pub(super) fn protected<C>(
    stack: &Stack<C>,
    state: &State,
    steps: &[Step],
) -> Result<(), PlanError> {
    for step in steps.iter().filter(|step| stack.protected.contains(&step.address) && !step.gone) {
        let current = state.current(&step.address).map(|(life, _)| life) == step.life;
        let what = match step.action {
            Action::Delete if current => "deleted",
            Action::Replace(_) => "replaced",
            _ => continue,
        };
        return Err(PlanError::Protected { address: step.address.clone(), what });
    }
    Ok(())
}
