//! How long a plan usually takes, and which quotas it goes beyond.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Step;
use crate::input::When;
use crate::operations::{longest_remaining, operations, own};
use crate::state::State;
use crate::{Address, Stack};

/// The usual time of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// The critical path, in seconds: the chain of operations that decides when everything is done.
    pub seconds: u64,
    /// The resources along the critical path.
    pub critical_path: Vec<Address>,
}

pub(super) fn estimate<C>(stack: &Stack<C>, state: &State, steps: &[Step]) -> Estimate {
    let ops = operations(stack, state, steps);
    let longest = longest_remaining(&ops);
    let mut dependents: Vec<Vec<(usize, When)>> = vec![Vec::new(); ops.len()];
    for (op, of) in ops.iter().enumerate() {
        of.waits.iter().for_each(|(need, when)| dependents[*need].push((op, *when)));
    }
    let first = (0..ops.len()).filter(|op| ops[*op].waits.is_empty()).max_by_key(|op| longest[*op]);
    let mut path: Vec<Address> = Vec::new();
    let mut next = first;
    while let Some(op) = next {
        let address = &steps[ops[op].step].address;
        if path.last() != Some(address) {
            path.push(address.clone());
        }
        // Where the longest way ends here, nothing that comes after makes it longer.
        let on_it = |(dependent, when): &&(usize, When)| {
            own(&ops[op], *when) + longest[*dependent] == longest[op]
        };
        next = dependents[op].iter().find(on_it).map(|(dependent, _)| *dependent);
    }
    let longest = first.map_or(Duration::ZERO, |op| longest[op]);
    Estimate { seconds: longest.as_secs(), critical_path: path }
}

/// What goes beyond a published default quota.
pub(super) fn quotas<C>(stack: &Stack<C>) -> Vec<String> {
    let mut counts: BTreeMap<&str, (usize, usize, &str)> = BTreeMap::new();
    for node in stack.nodes.values() {
        if let Some((name, limit)) = node.kind.0.facts().quota {
            counts.entry(node.kind.0.name()).or_insert((0, limit, name)).0 += 1;
        }
    }
    let beyond = counts.into_values().filter(|(count, limit, _)| count > limit);
    let notice = |(count, limit, name)| {
        format!(
            "{count} are declared where the default quota \"{name}\" is {limit}; raise it in Service Quotas first"
        )
    };
    beyond.map(notice).collect()
}
