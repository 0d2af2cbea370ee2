//! The graph of operations that a plan's steps come to: what waits for what, and the longest remaining path.

use std::collections::BTreeMap;
use std::time::Duration;

use indexmap::IndexMap;

use crate::input::{When, each_reference};
use crate::plan::{Action, Step, kind_of};
use crate::resource::Order;
use crate::stack::Declared;
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
    let mut graph = Graph {
        groups: stack.turns.iter().map(|_| Group::default()).collect(),
        ..Graph::default()
    };
    for (index, step) in steps.iter().enumerate() {
        let group = stack.turns_of(state, &step.address, &step.kind);
        graph.add(stack, index, step, group);
    }
    graph.forward(stack);
    let mut backward = graph.backward(state);
    backward.extend(graph.groups.iter_mut().flat_map(Group::edges));
    backward.sort_unstable();
    backward.dedup();
    for edge in &backward {
        graph.ops[edge.op].waits.push((edge.need, When::Ready));
    }
    for strength in [Strength::Wish, Strength::Turn, Strength::Recorded] {
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
    /// The groups of the stack that take turns, and the steps that do.
    groups: Vec<Group>,
    turns: BTreeMap<&'a Address, (usize, Action)>,
}

/// Operations on resources that are changed one after the other.
#[derive(Default)]
struct Group {
    /// What is made, or still under way, before anything changes.
    before: Vec<usize>,
    /// For every turn, the first operation, and those after which the next one comes.
    changes: BTreeMap<u32, (usize, Vec<usize>)>,
    /// What goes at the end.
    after: Vec<usize>,
}

impl Group {
    fn edges(&mut self) -> Vec<Edge> {
        let mut edges = Vec::new();
        let mut before = std::mem::take(&mut self.before);
        for (first, last) in std::mem::take(&mut self.changes).into_values() {
            edges.extend(before.iter().map(|need| (first, *need)));
            before = last;
        }
        edges.extend(self.after.iter().flat_map(|op| before.iter().map(|need| (*op, *need))));
        let edge = |(op, need)| Edge { op, need, strength: Strength::Turn };
        edges.into_iter().map(edge).collect()
    }
}

/// How much it matters that an operation waits until something recorded has let go of what it deletes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    /// Only where nothing stands against it. What must go before its successor can come does not wait for a
    /// dependent that is going to be turned to the successor.
    Wish,
    /// Unless declarations and records stand against it: one change comes after the other.
    Turn,
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
    fn add<C>(&mut self, stack: &Stack<C>, index: usize, step: &'a Step, group: Option<usize>) {
        let facts = kind_of(stack, step).map_or(crate::Facts::DEFAULT, |kind| *kind.facts());
        let mut push = |what: What, waits: Vec<(usize, When)>| {
            let gone = step.gone && what == What::Delete;
            let steps = if what == What::Update { step.steps.len().max(1) } else { 1 };
            let steps = u32::try_from(steps).unwrap_or(u32::MAX);
            let usual = if gone { Duration::ZERO } else { facts.usual(what.operation()) * steps };
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
        if let Some(group) = group {
            self.group(group, step, made, deleted);
        }
        self.made.extend(made.map(|op| (&step.address, op)));
        if let Some(op) = deleted {
            self.deleted.entry(&step.address).or_default().push((step.life, op));
        }
    }

    /// Takes a step into its group.
    fn group(&mut self, index: usize, step: &'a Step, made: Option<usize>, deleted: Option<usize>) {
        let group = &mut self.groups[index];
        match (step.turn, made, deleted) {
            (Some(turn), Some(made), deleted) => {
                let first = match step.action {
                    Action::Replace(Order::DeleteFirst) => deleted.unwrap_or(made),
                    _ => made,
                };
                let last = [made].into_iter().chain(deleted).collect();
                group.changes.insert(turn.number, (first, last));
                self.turns.insert(&step.address, (index, step.action));
            }
            // Other tags wait for nobody.
            (None, Some(made), _) if self.ops[made].what != What::Update => group.before.push(made),
            (_, None, Some(deleted)) => group.after.push(deleted),
            _ => {}
        }
    }

    /// Whether the order of turns decides between the two, and not that one is declared to need the other: what is
    /// changed in place was there before, and what is only waited for need not be new.
    fn by_turns<C>(&self, node: &Declared<C>, address: &Address, need: &Address) -> bool {
        let Some((group, action)) = self.turns.get(need) else { return false };
        let same = self.turns.get(address).is_some_and(|(other, _)| other == group)
            || self.groups[*group].before.iter().any(|op| self.made.get(address) == Some(op));
        let mut refers = false;
        each_reference(&node.args.read(), &mut |reference| refers |= reference.address == *need);
        same && (*action == Action::Update || !refers)
    }

    /// What is made waits for what it is declared to need.
    fn forward<C>(&mut self, stack: &Stack<C>) {
        for (address, op) in &self.made {
            let Some(node) = stack.nodes.get(*address) else { continue };
            if self.ops[*op].what == What::Await {
                continue;
            }
            let needs = node.needs.iter().filter(|(need, _)| !self.by_turns(node, address, need));
            let waits = needs.filter_map(|(need, when)| Some((*self.made.get(need)?, *when)));
            let waits: Vec<_> = waits.collect();
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
