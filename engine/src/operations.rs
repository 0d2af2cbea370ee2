//! The graph of operations that a plan's steps come to: what waits for what, and the longest remaining path.

use std::collections::BTreeMap;
use std::time::Duration;

use indexmap::IndexMap;

use crate::input::When;
use crate::plan::{Action, Step, kind_of};
use crate::resource::Order;
use crate::state::{Life, State};
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

/// The operations of these steps, in a graph without a circle.
pub(crate) fn operations<C>(stack: &Stack<C>, state: &State, steps: &[Step]) -> Vec<Op> {
    let mut graph = Graph::default();
    for (index, step) in steps.iter().enumerate() {
        graph.add(stack, index, step);
    }
    graph.forward(stack);
    let mut backward = graph.backward(state);
    backward.sort_unstable();
    backward.dedup();
    for edge in &backward {
        graph.ops[edge.op].waits.push((edge.need, When::Ready));
    }
    for strength in [Strength::Wish, Strength::Recorded] {
        let knot = knot(&graph.ops);
        for edge in backward.iter().filter(|edge| edge.strength == strength) {
            if knot[edge.op] && knot[edge.need] {
                graph.ops[edge.op].waits.retain(|wait| *wait != (edge.need, When::Ready));
            }
        }
    }
    graph.ops
}

/// Which operations are in a circle, or between two.
fn knot(ops: &[Op]) -> Vec<bool> {
    let mut needs: Vec<Vec<usize>> = vec![Vec::new(); ops.len()];
    let mut dependents = needs.clone();
    for (op, (need, _)) in
        ops.iter().enumerate().flat_map(|(op, of)| of.waits.iter().map(move |wait| (op, wait)))
    {
        needs[op].push(*need);
        dependents[*need].push(op);
    }
    let mut left = vec![true; ops.len()];
    for (before, after) in [(&needs, &dependents), (&dependents, &needs)] {
        let mut open: Vec<usize> =
            before.iter().map(|of| of.iter().filter(|op| left[**op]).count()).collect();
        let mut free: Vec<usize> =
            (0..ops.len()).filter(|op| left[*op] && open[*op] == 0).collect();
        while let Some(op) = free.pop() {
            left[op] = false;
            for next in after[op].iter().filter(|next| left[**next]) {
                open[*next] -= 1;
                if open[*next] == 0 {
                    free.push(*next);
                }
            }
        }
    }
    left
}

/// For every operation, its usual time and that of everything that must come after it, in the longest way.
pub(crate) fn longest_remaining(ops: &[Op]) -> Vec<Duration> {
    let mut left = vec![0_usize; ops.len()];
    ops.iter().flat_map(|op| &op.waits).for_each(|(need, _)| left[*need] += 1);
    let mut longest: Vec<Duration> = ops.iter().map(|op| op.usual).collect();
    let mut last: Vec<usize> = (0..ops.len()).filter(|op| left[*op] == 0).collect();
    while let Some(op) = last.pop() {
        for (need, when) in &ops[op].waits {
            longest[*need] = longest[*need].max(own(&ops[*need], *when) + longest[op]);
            left[*need] -= 1;
            if left[*need] == 0 {
                last.push(*need);
            }
        }
    }
    longest
}

/// What an operation takes until those who wait for this moment of it go on; acceptance costs the call alone.
pub(crate) fn own(op: &Op, when: When) -> Duration {
    if when == When::Accepted { op.usual.min(Duration::from_secs(1)) } else { op.usual }
}

#[derive(Default)]
struct Graph<'a> {
    ops: Vec<Op>,
    /// What makes or changes the resource that is declared at an address, last operation.
    made: IndexMap<&'a Address, usize>,
    /// What deletes recorded lives at an address.
    deleted: BTreeMap<&'a Address, Vec<(Option<Life>, usize)>>,
}

/// How much it matters that an operation waits until something recorded has let go of what it deletes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    /// Only where nothing stands against it. What must go before its successor can come does not wait for a
    /// dependent that is going to be turned to the successor.
    Wish,
    /// Always, but where lives of several runs were recorded in a circle.
    Recorded,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    op: usize,
    need: usize,
    strength: Strength,
}

impl<'a> Graph<'a> {
    fn add<C>(&mut self, stack: &Stack<C>, index: usize, step: &'a Step) {
        let facts = kind_of(stack, step).map_or(crate::Facts::DEFAULT, |kind| *kind.facts());
        let mut push = |what: What, waits: Vec<(usize, When)>| {
            let gone = step.gone && what == What::Delete;
            let usual = if gone { Duration::ZERO } else { facts.usual(what.operation()) };
            self.ops.push(Op { step: index, what, usual, waits });
            self.ops.len() - 1
        };
        let pending = step.pending.then(|| push(What::Await, Vec::new()));
        let after: Vec<_> = pending.map(|op| (op, When::Ready)).into_iter().collect();
        let (made, deleted) = match step.action {
            Action::Keep => (pending, None),
            Action::Create => (Some(push(What::Create, after)), None),
            Action::Update => (Some(push(What::Update, after)), None),
            Action::Delete => (None, Some(push(What::Delete, after))),
            Action::Replace(Order::DeleteFirst) => {
                let delete = push(What::Delete, after);
                (Some(push(What::Create, vec![(delete, When::Ready)])), Some(delete))
            }
            Action::Replace(Order::CreateFirst) => {
                let create = push(What::Create, after);
                (Some(create), Some(push(What::Delete, vec![(create, When::Ready)])))
            }
        };
        self.made.extend(made.map(|op| (&step.address, op)));
        if let Some(op) = deleted {
            self.deleted.entry(&step.address).or_default().push((step.life, op));
        }
    }

    /// What is made waits for what it is declared to need.
    fn forward<C>(&mut self, stack: &Stack<C>) {
        for (address, op) in &self.made {
            let Some(node) = stack.nodes.get(*address) else { continue };
            if self.ops[*op].what == What::Await {
                continue;
            }
            let waits =
                node.needs.iter().filter_map(|(need, when)| Some((*self.made.get(need)?, *when)));
            self.ops[*op].waits.extend(waits);
        }
    }

    /// What is deleted waits until nothing recorded needs it any more, and until its successor is there.
    fn backward(&self, state: &State) -> Vec<Edge> {
        let mut edges = Vec::new();
        for (dependent, life, entry) in state.all() {
            let of_life = |(deleted, _): &&(Option<Life>, usize)| *deleted == Some(life);
            let gone =
                self.deleted.get(dependent).into_iter().flatten().find(of_life).map(|(_, op)| *op);
            let updated =
                self.made.get(dependent).copied().filter(|op| self.ops[*op].what == What::Update);
            let need = match (gone, updated) {
                (Some(gone), _) => Some((gone, Strength::Recorded)),
                // A dependent that stays is turned away from what goes.
                (None, updated) => updated.map(|op| (op, Strength::Wish)),
            };
            let Some((need, strength)) = need else { continue };
            for (_, op) in entry.needs.iter().filter_map(|need| self.deleted.get(need)).flatten() {
                edges.push(Edge { op: *op, need, strength });
            }
        }
        for (address, deletes) in &self.deleted {
            let successor = self.made.get(address).copied();
            for (op, need) in deletes.iter().filter_map(|(_, op)| Some((*op, successor?))) {
                let before = self.ops[need].waits.iter().any(|(first, _)| *first == op);
                let already = self.ops[op].waits.iter().any(|(first, _)| *first == need);
                if !before && !already {
                    edges.push(Edge { op, need, strength: Strength::Wish });
                }
            }
        }
        edges.retain(|edge| edge.op != edge.need);
        edges
    }
}
