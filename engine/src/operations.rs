//! The graph of operations that a plan's steps come to: what waits for what, and the longest remaining path.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::input::When;
use crate::plan::{Action, Step, kind_of};
use crate::resource::Order;
use crate::state::State;
use crate::{Address, Operation, Stack};

/// One operation on one resource.
#[derive(Debug, Clone)]
pub(crate) struct Op {
    /// The step that it belongs to.
    pub(crate) step: usize,
    pub(crate) what: What,
    /// How long it usually takes.
    pub(crate) usual: Duration,
    /// The operations it waits for, and until when of theirs.
    pub(crate) waits: Vec<(usize, When)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Create,
    Update,
    /// An earlier run's create or update is still under way.
    Await,
    Delete,
}

impl What {
    /// The resource type's operation that this is, or continues.
    pub(crate) fn operation(self) -> Operation {
        match self {
            Self::Create | Self::Await => Operation::Create,
            Self::Update => Operation::Update,
            Self::Delete => Operation::Delete,
        }
    }
}

/// The operations of these steps.
pub(crate) fn operations<C>(stack: &Stack<C>, state: &State, steps: &[Step]) -> Vec<Op> {
    let mut graph = Graph::default();
    for (index, step) in steps.iter().enumerate() {
        graph.add(stack, index, step);
    }
    graph.forward(stack, steps);
    graph.backward(state, steps);
    graph.ops
}

/// For every operation, its usual time and that of everything that must come after it, in the longest way.
pub(crate) fn longest_remaining(ops: &[Op]) -> Vec<Duration> {
    let mut left = vec![0_usize; ops.len()];
    ops.iter().flat_map(|op| &op.waits).for_each(|(need, _)| left[*need] += 1);
    let mut longest: Vec<Duration> = ops.iter().map(|op| op.usual).collect();
    let mut last: Vec<usize> = (0..ops.len()).filter(|op| left[*op] == 0).collect();
    while let Some(op) = last.pop() {
        for (need, when) in &ops[op].waits {
            // Waiting for acceptance costs the call alone.
            let own = if *when == When::Accepted { Duration::from_secs(1) } else { ops[*need].usual };
            longest[*need] = longest[*need].max(own + longest[op]);
            left[*need] -= 1;
            if left[*need] == 0 {
                last.push(*need);
            }
        }
    }
    longest
}

#[derive(Default)]
struct Graph<'a> {
    ops: Vec<Op>,
    /// What makes or changes the resource that is declared at an address, last operation.
    made: BTreeMap<&'a Address, usize>,
    /// What deletes recorded lives at an address.
    deleted: BTreeMap<&'a Address, Vec<usize>>,
}

impl<'a> Graph<'a> {
    fn add<C>(&mut self, stack: &Stack<C>, index: usize, step: &'a Step) {
        let facts = kind_of(stack, step).map(|kind| *kind.facts()).unwrap_or(crate::Facts::DEFAULT);
        let mut push = |what: What, waits: Vec<(usize, When)>| {
            let usual = if step.gone && what == What::Delete { Duration::ZERO } else { facts.usual(what.operation()) };
            self.ops.push(Op { step: index, what, usual, waits });
            self.ops.len() - 1
        };
        let address = &step.address;
        let pending = step.pending.then(|| push(What::Await, Vec::new()));
        let after: Vec<_> = pending.map(|op| (op, When::Ready)).into_iter().collect();
        let made = match step.action {
            Action::Keep => pending,
            Action::Create => Some(push(What::Create, after)),
            Action::Update => Some(push(What::Update, after)),
            Action::Delete => {
                let delete = push(What::Delete, after);
                self.deleted.entry(address).or_default().push(delete);
                None
            }
            Action::Replace(Order::DeleteFirst) => {
                let delete = push(What::Delete, after);
                let create = push(What::Create, vec![(delete, When::Ready)]);
                self.deleted.entry(address).or_default().push(delete);
                Some(create)
            }
            Action::Replace(Order::CreateFirst) => {
                let create = push(What::Create, after);
                let delete = push(What::Delete, vec![(create, When::Ready)]);
                self.deleted.entry(address).or_default().push(delete);
                Some(create)
            }
        };
        if let Some(made) = made {
            self.made.insert(address, made);
        }
    }

    /// What is made waits for what it is declared to need.
    fn forward<C>(&mut self, stack: &Stack<C>, steps: &[Step]) {
        for (address, op) in &self.made {
            let Some(node) = stack.nodes.get(*address) else { continue };
            if self.ops[*op].what == What::Await || steps[self.ops[*op].step].address != **address {
                continue;
            }
            let waits = node.needs.iter().filter_map(|(need, when)| Some((*self.made.get(need)?, *when)));
            let waits: Vec<_> = waits.collect();
            self.ops[*op].waits.extend(waits);
        }
    }

    /// What is deleted waits until nothing recorded needs it any more.
    fn backward(&mut self, state: &State, steps: &[Step]) {
        let mut waits: Vec<(usize, usize)> = Vec::new();
        for (dependent, lives) in &state.entries {
            for need in lives.values().flat_map(|entry| &entry.needs) {
                for delete in self.deleted.get(need).into_iter().flatten() {
                    let gone = self.deleted.get(dependent).into_iter().flatten();
                    waits.extend(gone.map(|gone| (*delete, *gone)));
                    // A dependent that stays must have been turned away from what goes, unless what goes
                    // must go before its successor, which the dependent is going to be turned to, can come.
                    let first = steps[self.ops[*delete].step].action == Action::Replace(Order::DeleteFirst);
                    let update = self.made.get(dependent).filter(|_| !first);
                    let update = update.filter(|op| self.ops[**op].what == What::Update);
                    waits.extend(update.map(|update| (*delete, *update)));
                }
            }
        }
        waits.sort_unstable();
        waits.dedup();
        for (op, need) in waits.into_iter().filter(|(op, need)| op != need) {
            self.ops[op].waits.push((need, When::Ready));
        }
    }
}
