//! What an answer means for the state and for those who wait.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::call::{Answer, Call};
use super::poll::{UNREAD_FOR, Until, VISIBLE_WITHIN};
use super::start::{Lacking, tags};
use super::{Applying, At, Failure};
use crate::event::Event;
use crate::input::When;
use crate::kind::{LiveJson, RecordedJson};
use crate::plan::{self, fields};
use crate::resource::{Kept, Live, Made, Operation, Removal, Then};
use crate::retry::in_context;
use crate::state::Record;
use crate::{Address, CallError, CallResult, Class, Document};

impl<C: Send + Sync + 'static> Applying<'_, C> {
    pub(super) fn answered(&mut self, answer: Answer) {
        match answer {
            Answer::Made { op, result: Ok(made), adopted, .. } => self.made(op, made, adopted),
            Answer::Made { op, result: Err(error), open, .. } => self.refused(op, error, open),
            Answer::Removed { ops, result } => ops.into_iter().for_each(|op| match &result {
                Ok(Removal::Gone) => self.gone(op),
                Ok(Removal::Pending) => {
                    let old = self.calls[&op].old.clone();
                    self.accepted(op);
                    self.poll(op, Until::Gone, old);
                }
                Ok(Removal::Again(after)) => self.delete_again(op, *after),
                Err(error) => self.refused(op, error.clone(), error.class == Class::Ambiguous),
            }),
            Answer::Apart { calls } => {
                for call in calls {
                    let with = self.with(self.kind(call.op).clone());
                    self.push(with.delete(vec![call]));
                }
            }
            Answer::Woke { kind, due } => self.woke(kind, due),
            Answer::Read { kind, ops, result } => self.read(kind, &ops, result),
        }
    }

    fn made(&mut self, op: usize, made: Made<Value>, adopted: bool) {
        let outputs = Document::from(made.outputs);
        let call = self.learn(op, (adopted, made.then == Then::Step), &outputs);
        let (address, life) = (call.address.clone(), call.life);
        let recorded = RecordedJson { args: call.args.clone(), outputs: outputs.clone() };
        self.outputs.insert(address.clone(), outputs.clone());
        let outputs = Some(outputs);
        if made.then == Then::Ready {
            self.records.push(Record::Ready { address, life, outputs });
            self.finish(op);
        } else {
            self.records.push(Record::Accepted { address, life, outputs });
            self.accepted(op);
            self.poll(op, Until::Ready, recorded);
        }
    }

    fn learn(&mut self, op: usize, (adopted, more): (bool, bool), outputs: &Document) -> &Call {
        let call = Arc::make_mut(self.calls.get_mut(&op).expect("an answer belongs to a call"));
        call.adopted = adopted;
        call.more = more;
        call.old.outputs = outputs.clone();
        call
    }

    fn accepted(&mut self, op: usize) {
        self.go(op, At::Polling);
        let call = &self.calls[&op];
        self.send(Event::Accepted { address: call.address.clone(), operation: call.operation });
        self.release(op, When::Accepted);
    }

    /// Deletes once more, later, what somebody may have made again by then; under the same intent.
    fn delete_again(&mut self, op: usize, after: Duration) {
        let call = Arc::make_mut(self.calls.get_mut(&op).expect("an answer belongs to a call"));
        call.deletes += 1;
        if call.deletes > 1 {
            return self.gone(op);
        }
        let (call, clock) = (Arc::clone(&self.calls[&op]), self.clock);
        let with = self.with(self.kind(op).clone());
        self.push(async move {
            clock.sleep(after).await;
            with.delete(vec![call]).await
        });
    }

    fn gone(&mut self, op: usize) {
        let call = &self.calls[&op];
        self.records.push(Record::Gone { address: call.address.clone(), life: call.life });
        self.finish(op);
    }

    /// A call that was refused leaves the record as it was before. One that may have had an effect (`open`) stays
    /// recorded as under way: the next run looks.
    fn refused(&mut self, op: usize, error: CallError, open: bool) {
        let call = &self.calls[&op];
        // What makes up for the later steps of something found has no record from before it was there.
        let known = call.operation == Operation::Create || call.before.is_some();
        if known && !open {
            let (address, before) = (call.address.clone(), call.before.clone());
            self.records.push(Record::Refused {
                address,
                life: call.life,
                operation: call.operation,
                before,
            });
        }
        self.fail(op, error);
    }

    fn read(&mut self, kind: &'static str, ops: &[usize], result: CallResult<Vec<LiveJson>>) {
        let now = self.clock.elapsed();
        match result {
            Ok(live) => ops.iter().zip(live).for_each(|(op, live)| self.live(*op, live, now)),
            Err(error) => {
                for op in ops {
                    self.unread(*op, kind, &error, now);
                }
            }
        }
    }

    /// A read that fails is repeated for long: what is being waited for goes on without being looked at.
    fn unread(&mut self, op: usize, kind: &'static str, error: &CallError, now: Duration) {
        let class = in_context(error, error.class, Operation::Delete);
        let Some(item) = self.polls.items.get_mut(&op).filter(|item| item.kind == kind) else {
            return;
        };
        item.reading = false;
        let since = *item.unread_since.get_or_insert(now);
        item.due = item.next(now).max(now + Duration::from_secs(2));
        let again = matches!(
            class,
            Class::Throttled | Class::Ambiguous | Class::Unreachable | Class::Propagation
        );
        if !again || now.saturating_sub(since) > UNREAD_FOR {
            self.polls.items.remove(&op);
            self.fail(op, error.clone());
        }
    }

    fn live(&mut self, op: usize, live: LiveJson, now: Duration) {
        let Some(item) = self.polls.items.get_mut(&op) else { return };
        item.reading = false;
        (item.reading, item.unread_since) = (false, None);
        item.due = item.next(now);
        match (item.until, live) {
            (Until::Gone, Live::Absent) => {
                self.polls.items.remove(&op);
                self.gone(op);
            }
            (Until::Ready, Live::Ready { args, outputs, tags }) => {
                self.polls.items.remove(&op);
                self.ready(op, Live::Ready { args, outputs, tags });
            }
            (Until::Ready, Live::Failed(why)) => {
                self.polls.items.remove(&op);
                let call = &self.calls[&op];
                self.records
                    .push(Record::Broken { address: call.address.clone(), life: call.life });
                self.fail(op, CallError::new(Class::Other, "waiting until it is ready", why));
            }
            // What it was asked for stays recorded as under way; the next plan compares with what is live.
            (Until::Ready, Live::Reverted { why, .. }) => {
                self.polls.items.remove(&op);
                self.fail(op, CallError::new(Class::Other, "waiting until it is ready", why));
            }
            (until, live) => {
                let text = match (until, live) {
                    (_, Live::Pending(text)) => text,
                    (Until::Ready, _) => "not visible yet".to_owned(),
                    (Until::Gone, _) => "still there".to_owned(),
                };
                self.not_yet(op, text, now);
            }
        }
    }

    fn not_yet(&mut self, op: usize, text: String, now: Duration) {
        let item = self.polls.items.get_mut(&op).expect("the caller has just looked at it");
        let waited = now.saturating_sub(item.since);
        if text == "not visible yet" && waited > VISIBLE_WITHIN || waited > item.patience() {
            let message =
                format!("{text} after {} s; run it again to go on waiting", waited.as_secs());
            self.polls.items.remove(&op);
            return self
                .fail(op, CallError::new(Class::Other, "waiting until it is ready", message));
        }
        if item.progress != text {
            item.progress.clone_from(&text);
            let (address, operation) = (self.calls[&op].address.clone(), self.calls[&op].operation);
            self.send(Event::Progress { address, operation, text });
        }
    }

    fn ready(&mut self, op: usize, live: LiveJson) {
        let call = Arc::clone(&self.calls[&op]);
        // What was found instead of made may lack the later steps of its create, and an update may have further
        // ones: they are made up for.
        if let Some(lacking) = self.lacking(&call, &live)
            && let Live::Ready { outputs, .. } = live
        {
            return self.further(op, outputs.into(), lacking);
        }
        let Live::Ready { outputs, .. } = live else { return };
        let outputs = Document::from(outputs);
        let news = self.outputs.get(&call.address) != Some(&outputs);
        self.outputs.insert(call.address.clone(), outputs.clone());
        let (address, outputs) = (call.address.clone(), news.then_some(outputs));
        self.records.push(Record::Ready { address, life: call.life, outputs });
        self.finish(op);
    }

    /// What something adopted, or in the midst of its steps, lacks of what it should be, if an update can bring it.
    fn lacking(&self, call: &Call, live: &LiveJson) -> Option<Lacking> {
        if !call.adopted && !call.more {
            return None;
        }
        let entry = self.store.state().entry(&call.address, call.life)?;
        let Live::Ready { args, tags: live, .. } = live else { return None };
        let kind = self.kind(call.op);
        let fields = fields(kind, &call.args, entry, args);
        let tagged = call.adopted && kind.facts().tags;
        let retag = if tagged { plan::tags(&entry.tags, entry, live) } else { None };
        let nothing = fields.is_empty() && retag.is_none();
        let retag = retag.map(|field| tags(&field.new));
        let replaced = fields.iter().any(|field| field.replaces);
        (!nothing && !replaced).then_some(Lacking { fields, retag })
    }

    /// An operation is done: whoever waited for it may go on.
    pub(super) fn finish(&mut self, op: usize) {
        self.go(op, At::Done);
        self.calls.remove(&op);
        let step = &self.plan.steps[self.ops[op].step];
        let seconds = self.clock.elapsed().saturating_sub(self.started_at[op]).as_secs_f64();
        let operation = self.ops[op].what.operation();
        self.send(Event::Done { address: step.address.clone(), operation, seconds });
        if operation == Operation::Delete {
            for Kept { what, id, .. } in step.keeps.iter().cloned() {
                self.send(Event::Kept { address: step.address.clone(), what, id });
            }
        }
        self.release(op, When::Accepted);
        self.release(op, When::Ready);
    }

    /// Lets those go on who wait for this moment of an operation.
    pub(super) fn release(&mut self, op: usize, when: When) {
        if when == When::Accepted && std::mem::replace(&mut self.accepted[op], true) {
            return;
        }
        for index in 0..self.dependents[op].len() {
            let (dependent, until) = self.dependents[op][index];
            if until == when {
                self.waiting[dependent] -= 1;
                if self.waiting[dependent] == 0 && self.at[dependent] == At::Waiting {
                    self.startable.insert(dependent);
                }
            }
        }
    }

    /// An operation failed: its dependents are skipped, everything else goes on.
    pub(super) fn fail(&mut self, op: usize, error: CallError) {
        self.go(op, At::Failed);
        self.calls.remove(&op);
        let step = &self.plan.steps[self.ops[op].step];
        let (address, kind) = (step.address.clone(), step.kind.clone());
        let operation = self.ops[op].what.operation();
        let (of, because) = (kind.clone(), address.clone());
        self.send(Event::Failed {
            address: address.clone(),
            kind: of,
            operation,
            error: error.clone(),
        });
        self.failures.push(Failure { address, kind, operation, error });
        let mut todo = vec![op];
        while let Some(failed) = todo.pop() {
            for index in 0..self.dependents[failed].len() {
                let (dependent, _) = self.dependents[failed][index];
                if self.at[dependent] == At::Waiting {
                    self.skip(dependent, &because);
                    todo.push(dependent);
                }
            }
        }
    }

    fn skip(&mut self, op: usize, because: &Address) {
        self.go(op, At::Skipped);
        self.startable.remove(&op);
        let address = self.plan.steps[self.ops[op].step].address.clone();
        let operation = self.ops[op].what.operation();
        self.send(Event::Skipped { address: address.clone(), operation, because: because.clone() });
        // The second half of a replacement is no resource of its own.
        let known = self.skipped.last().is_some_and(|(last, _)| *last == address);
        if address != *because && !known {
            self.skipped.push((address, because.clone()));
        }
    }
}
