//! Applying a plan: everything that can run runs, as soon as what it needs is there.
//!
//! Invariant: a mutating call is sent only after its intent is durable, and what it answered is recorded before
//! anything relies on it. All futures belong to the run: dropping it drops everything, at any point.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, StreamExt};
use indexmap::IndexMap;

use crate::event::{Event, Events};
use crate::input::When;
use crate::operations::{Op, longest_remaining, operations};
use crate::plan::{Action, Plan};
use crate::state::{Life, Record};
use crate::store::{Store, StoreError};
use crate::{Address, CallError, Clock, Document, Kept, Operation, Stack};
use call::{Answer, Call};
use poll::Polls;

mod call;
mod outcome;
mod poll;
mod start;

/// What a run works with.
pub struct Run<'a, C> {
    /// The cloud.
    pub cloud: &'a C,
    /// The clock of waits, retries and events.
    pub clock: Clock,
    /// Where the state is kept.
    pub store: &'a mut Store,
    /// Takes what happens.
    pub events: Events,
    /// What the run waits for.
    pub done: Done,
    /// Stacks, components or resources that may lose their data.
    pub confirm_data_loss: Vec<String>,
}

/// What a run waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Done {
    /// AWS accepted every call; what is under way is awaited by the next run.
    Accepted,
    /// Everything can be used.
    #[default]
    Ready,
}

/// How a run ended.
#[derive(Debug, Default)]
pub struct Report {
    /// Resources made.
    pub created: usize,
    /// Resources changed in place.
    pub updated: usize,
    /// Resources replaced.
    pub replaced: usize,
    /// Resources deleted.
    pub deleted: usize,
    /// Resources left as they are.
    pub unchanged: usize,
    /// What failed, and why.
    pub failed: Vec<Failure>,
    /// What was not started, and what it would have needed.
    pub skipped: Vec<(Address, Address)>,
    /// Whether the run was interrupted; the journal covers what is in flight.
    pub interrupted: bool,
    /// What is left on purpose, and why: address, type and what is left.
    pub remains: Vec<(Address, String, String)>,
    /// What deletes have left on purpose, to be removed by a command of its own.
    pub kept: Vec<(Address, Kept)>,
}

/// A failed operation.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The resource.
    pub address: Address,
    /// Its type.
    pub kind: String,
    /// What was done to it.
    pub operation: Operation,
    /// What AWS said.
    pub error: CallError,
}

/// Why a plan was not applied, or a run stopped.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The state could not be written; nothing further was called.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Data would be lost without confirmation.
    #[error("data would be lost: {}", list(.0))]
    DataLoss(Vec<(Address, String)>),
}

fn list(losses: &[(Address, String)]) -> String {
    losses.iter().map(|(address, what)| format!("{address}: {what}")).collect::<Vec<_>>().join("; ")
}

/// Applies a plan. Returns as soon as `interrupt` resolves, with what has been answered recorded.
pub async fn apply<C: Send + Sync + 'static>(
    run: Run<'_, C>,
    stack: &Stack<C>,
    plan: &Plan,
    interrupt: impl Future<Output = ()> + Send,
) -> Result<Report, ApplyError> {
    confirmed(&run, plan)?;
    let moves =
        plan.moves.iter().map(|(from, to)| Record::Moved { from: from.clone(), to: to.clone() });
    // Before anything else, so that everything else goes by the new names.
    run.store.record(&moves.collect::<Vec<_>>()).await?;
    let mut applying = Applying::new(run, stack, plan);
    applying.prepare();
    applying.run(interrupt).await?;
    Ok(applying.report())
}

fn confirmed<C>(run: &Run<'_, C>, plan: &Plan) -> Result<(), ApplyError> {
    let losses = plan.unconfirmed(&run.confirm_data_loss);
    if losses.is_empty() { Ok(()) } else { Err(ApplyError::DataLoss(losses)) }
}

/// Where an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Something that it needs is not there yet.
    Waiting,
    /// Its call is being sent.
    Calling,
    /// Its call was accepted; reads tell when it is done.
    Polling,
    Done,
    Failed,
    /// Something that it needs failed.
    Skipped,
}

struct Applying<'a, C> {
    cloud: &'a C,
    clock: Clock,
    store: &'a mut Store,
    events: Events,
    done: Done,
    stack: &'a Stack<C>,
    plan: &'a Plan,
    ops: Vec<Op>,
    at: Vec<At>,
    /// How many operations are at each [`At`].
    counts: [usize; 6],
    /// Whether those who wait for acceptance alone have been let go.
    accepted: Vec<bool>,
    started_at: Vec<Duration>,
    /// How many of an operation's waits are not over yet.
    waiting: Vec<usize>,
    /// For every operation, who waits for it and until when.
    dependents: Vec<Vec<(usize, When)>>,
    /// The longest remaining path of every operation.
    priority: Vec<Duration>,
    /// Operations that can start now.
    startable: BTreeSet<usize>,
    /// Outputs by address, newest life.
    outputs: IndexMap<Address, Document>,
    /// The newest life of the stack.
    lives: Life,
    /// What each operation that is not over calls or has called.
    calls: BTreeMap<usize, Arc<Call>>,
    in_flight: FuturesUnordered<BoxFuture<'a, Answer>>,
    polls: Polls,
    /// Further updates of what needs several, to be called once their intents are durable.
    further: Vec<Arc<Call>>,
    /// Records of what was answered, not yet durable.
    records: Vec<Record>,
    failures: Vec<Failure>,
    skipped: Vec<(Address, Address)>,
    interrupted: bool,
}

impl<'a, C: Send + Sync + 'static> Applying<'a, C> {
    fn new(run: Run<'a, C>, stack: &'a Stack<C>, plan: &'a Plan) -> Self {
        let Run { cloud, clock, store, events, done, .. } = run;
        let state = store.state();
        let ops = operations(stack, state, &plan.steps);
        let mut dependents = vec![Vec::new(); ops.len()];
        for (op, wait) in
            ops.iter().enumerate().flat_map(|(index, op)| op.waits.iter().map(move |w| (index, w)))
        {
            dependents[wait.0].push((op, wait.1));
        }
        let waiting: Vec<usize> = ops.iter().map(|op| op.waits.len()).collect();
        let newest = |lives: &BTreeMap<u64, crate::Entry>| {
            lives.last_key_value().map(|(_, e)| e.outputs.clone())
        };
        let outputs =
            state.entries.iter().filter_map(|(at, lives)| Some((at.clone(), newest(lives)?)));
        Self {
            priority: longest_remaining(&ops),
            at: vec![At::Waiting; ops.len()],
            counts: [ops.len(), 0, 0, 0, 0, 0],
            accepted: vec![false; ops.len()],
            started_at: vec![Duration::ZERO; ops.len()],
            startable: (0..ops.len()).filter(|op| waiting[*op] == 0).collect(),
            outputs: outputs.collect(),
            lives: state.lives,
            calls: BTreeMap::new(),
            in_flight: FuturesUnordered::new(),
            polls: Polls::default(),
            failures: Vec::new(),
            skipped: Vec::new(),
            interrupted: false,
            cloud,
            clock,
            store,
            events,
            done,
            stack,
            plan,
            ops,
            waiting,
            dependents,
            further: Vec::new(),
            records: Vec::new(),
        }
    }

    async fn run(&mut self, interrupt: impl Future<Output = ()> + Send) -> Result<(), StoreError> {
        let mut interrupt = std::pin::pin!(interrupt);
        while !self.interrupted {
            let starting = self.start();
            // One write for what was answered and for what is about to be called.
            self.store.record(&std::mem::take(&mut self.records)).await?;
            if interrupt.as_mut().now_or_never().is_some() {
                self.interrupted = true;
                break;
            }
            self.launch(starting);
            if self.is_over() {
                break;
            }
            tokio::select! {
                biased;
                () = &mut interrupt => self.interrupted = true,
                answer = self.in_flight.next() => self.answered_all(answer),
            }
        }
        if self.interrupted {
            // What has been answered by now is recorded; nothing new is sent.
            let answered = self.in_flight.next().now_or_never().flatten();
            self.answered_all(answered);
            return self.store.record(&std::mem::take(&mut self.records)).await;
        }
        self.stuck();
        self.forget().await?;
        self.store.compact().await
    }

    /// Whether nothing is under way, or, with `--done accepted`, nothing but waiting that no call depends on.
    fn is_over(&self) -> bool {
        let further = || self.polls.items.keys().any(|op| self.calls[op].more);
        let only_waits = self.count(At::Waiting) == 0 && self.done == Done::Accepted && !further();
        self.count(At::Calling) == 0 && (only_waits || self.count(At::Polling) == 0)
    }

    /// Whatever is still waiting when nothing is under way waits for itself.
    fn stuck(&mut self) {
        if self.count(At::Waiting) == 0 {
            return;
        }
        for op in 0..self.ops.len() {
            if self.at[op] == At::Waiting {
                let address = self.plan.steps[self.ops[op].step].address.clone();
                self.fail(
                    op,
                    start::internal(&address, "it waits for something that waits for it"),
                );
            }
        }
    }

    fn count(&self, at: At) -> usize {
        self.counts[at as usize]
    }

    fn go(&mut self, op: usize, to: At) {
        self.counts[self.at[op] as usize] -= 1;
        self.counts[to as usize] += 1;
        self.at[op] = to;
    }

    /// Runs a future as part of this run; an interrupted run sends nothing more.
    fn push(&mut self, future: impl Future<Output = Answer> + Send + 'a) {
        if !self.interrupted {
            self.in_flight.push(future.boxed());
        }
    }

    /// Takes in an answer and everything else that has been answered by now.
    fn answered_all(&mut self, first: Option<Answer>) {
        let mut next = first;
        while let Some(answer) = next {
            self.answered(answer);
            next = self.in_flight.next().now_or_never().flatten();
        }
        self.wake();
    }

    /// Records what needs no call: outputs learned, declared needs that changed on their own, and the exports.
    fn prepare(&mut self) {
        if self.plan.destroy {
            return;
        }
        let kept = self.plan.steps.iter().filter(|step| step.action == Action::Keep);
        let mut settled: BTreeSet<(&Address, Life)> = BTreeSet::new();
        for step in kept {
            settled.extend(step.life.map(|life| (&step.address, life)));
            let Some(node) = self.stack.nodes.get(&step.address) else { continue };
            let needs: Vec<Address> = node.needs.keys().cloned().collect();
            let recorded = self.store.state().current(&step.address).map(|(_, entry)| &entry.needs);
            if recorded.is_some_and(|recorded| *recorded != needs) {
                self.records.push(Record::Needs { address: step.address.clone(), needs });
            }
        }
        for (address, life, outputs) in &self.plan.learned {
            if self.store.state().current(address).is_some_and(|(newest, _)| newest == *life) {
                self.outputs.insert(address.clone(), outputs.clone());
            }
            let (address, life, outputs) = (address.clone(), *life, Some(outputs.clone()));
            // What is going to change stays recorded as what it was in the midst of.
            self.records.push(if settled.contains(&(&address, life)) {
                Record::Ready { address, life, outputs }
            } else {
                Record::Accepted { address, life, outputs }
            });
        }
        if self.store.state().exports != self.plan.exports {
            self.records.push(Record::Exports { exports: self.plan.exports.clone() });
        }
        if self.store.state().waivers != self.stack.waivers {
            self.records.push(Record::Waivers { waivers: self.stack.waivers.clone() });
        }
    }

    /// A stack that is gone exports nothing, and nothing of it is waived.
    async fn forget(&mut self) -> Result<(), StoreError> {
        let state = self.store.state();
        let gone = self.plan.destroy && state.is_empty();
        let mut records = Vec::new();
        if gone && !state.exports.is_empty() {
            records.push(Record::Exports { exports: BTreeMap::new() });
        }
        if gone && !state.waivers.is_empty() {
            records.push(Record::Waivers { waivers: BTreeSet::new() });
        }
        self.store.record(&records).await
    }

    fn report(self) -> Report {
        let mut report = Report { interrupted: self.interrupted, ..Report::default() };
        let enough = |at: At| at == At::Done || at == At::Polling && self.done == Done::Accepted;
        let mut done = vec![true; self.plan.steps.len()];
        for (op, at) in self.ops.iter().zip(&self.at) {
            done[op.step] &= enough(*at);
        }
        for (step, _) in self.plan.steps.iter().zip(done).filter(|(_, done)| *done) {
            match step.action {
                Action::Keep => report.unchanged += 1,
                Action::Create => report.created += 1,
                Action::Update => report.updated += 1,
                Action::Replace(_) => report.replaced += 1,
                Action::Delete => report.deleted += 1,
            }
            let address = || step.address.clone();
            report.kept.extend(step.keeps.iter().map(|kept| (address(), kept.clone())));
            let deletes = matches!(step.action, Action::Delete | Action::Replace(_))
                && !(step.gone || step.is_kept());
            let facts = self.stack.kinds.get(step.kind.as_str()).map(|kind| *kind.facts());
            if let Some(remains) = facts.and_then(|facts| facts.remains).filter(|_| deletes) {
                report.remains.push((step.address.clone(), step.kind.clone(), remains.to_owned()));
            }
        }
        report.failed = self.failures;
        report.skipped = self.skipped;
        report
    }

    fn send(&self, event: Event) {
        self.events.send(event);
    }
}
