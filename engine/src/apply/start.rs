//! Starting what can start: intents first, then, once they are durable, the calls.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::call::{Call, With};
use super::poll::Until;
use super::{Applying, At};
use crate::event::Event;
use crate::input::{When, resolve};
use crate::kind::RecordedJson;
use crate::operations::What;
use crate::plan::{Field, Step, desired_tags, name_hash};
use crate::resource::{Intent, Operation, Tags};
use crate::state::{Desired, Entry, Life, Record, Status};
use crate::{Address, CallError, Class, Document, Kind, Shared};

/// The longest update: more steps than any that is known, so that one that gets nowhere ends.
const MOST_STEPS: u32 = 12;

impl<'a, C: Send + Sync + 'static> Applying<'a, C> {
    /// Prepares everything that can start now, longest remaining path first, and returns what is to be called.
    pub(super) fn start(&mut self) -> Vec<Arc<Call>> {
        let mut calls = std::mem::take(&mut self.further);
        // Starting may end an operation at once, and so let others start.
        while !self.startable.is_empty() {
            let mut startable: Vec<usize> =
                std::mem::take(&mut self.startable).into_iter().collect();
            startable.sort_by_key(|op| std::cmp::Reverse(self.priority[*op]));
            for op in startable {
                self.started_at[op] = self.clock.elapsed();
                match self.begin(op) {
                    Ok(call) => calls.extend(call),
                    Err(error) => self.fail(op, error),
                }
            }
        }
        calls
    }

    /// Sends the calls whose intents are durable by now; deletes of one type go together where AWS takes many.
    pub(super) fn launch(&mut self, calls: Vec<Arc<Call>>) {
        let mut deletes: BTreeMap<&'static str, Vec<Arc<Call>>> = BTreeMap::new();
        for call in calls {
            let kind = self.kind(call.op).clone();
            self.send(self.started(&call));
            match call.operation {
                Operation::Delete => deletes.entry(kind.name()).or_default().push(call),
                Operation::Create => self.push(self.with(kind).create(call)),
                Operation::Update => self.push(self.with(kind).update(call)),
            }
        }
        for calls in deletes.into_values() {
            let kind = self.kind(calls[0].op).clone();
            for group in calls.chunks(kind.facts().delete_batch.max(1)) {
                self.push(self.with(kind.clone()).delete(group.to_vec()));
            }
        }
        self.wake();
    }

    fn started(&self, call: &Call) -> Event {
        let (address, operation) = (call.address.clone(), call.operation);
        if call.steps > 1 {
            let text = format!("goes on with step {}", call.steps);
            return Event::Progress {
                address,
                operation: self.ops[call.op].what.operation(),
                text,
            };
        }
        let kind = self.kind(call.op);
        let usual_seconds = kind.facts().usual(operation).as_secs();
        Event::Started { address, kind: kind.name().to_owned(), operation, usual_seconds }
    }

    /// Prepares another update of what is ready and not yet as it should be, with an intent of its own.
    pub(super) fn further(&mut self, op: usize, outputs: Document, lacking: Lacking) {
        let call = &self.calls[&op];
        let (address, life, args) = (call.address.clone(), call.life, call.args.clone());
        let steps = call.steps.max(1) + 1;
        if steps > MOST_STEPS {
            let left: Vec<&str> = lacking.fields.iter().map(|field| field.name.as_str()).collect();
            let problem =
                format!("after {MOST_STEPS} steps it still differs in {}", left.join(", "));
            return self.fail(op, internal(&address, &problem));
        }
        let entry = self.store.state().entry(&address, life).cloned();
        let (Some(entry), Ok(token)) = (entry, new_token(&address)) else {
            return self.fail(op, internal(&address, "it is changed and is not recorded"));
        };
        let reached = RecordedJson { args: overlaid(&args, &lacking.fields), outputs };
        let desired = Desired {
            kind: entry.kind.clone(),
            args: args.clone(),
            tags: entry.tags.clone(),
            needs: entry.needs.clone(),
        };
        // What the steps so far have reached is there, whatever becomes of this one.
        let before = Entry {
            status: Status::Ready,
            args: reached.args.clone(),
            outputs: reached.outputs.clone(),
            ..entry
        };
        let intent = self.intent(&address, life, token, false);
        let call = self.call(op, life, Operation::Update, args, reached, intent, Some(desired));
        let (before, changes) = (Some(Box::new(before)), !lacking.fields.is_empty());
        let call = Call { before, steps, changes, retag: lacking.retag, ..call };
        let call = self.remember(call);
        self.further.push(call);
    }

    pub(super) fn with(&self, kind: Kind<C>) -> With<'a, C> {
        With { cloud: self.cloud, kind, clock: self.clock, events: self.events.clone() }
    }

    fn begin(&mut self, op: usize) -> Result<Option<Arc<Call>>, CallError> {
        let step = &self.plan.steps[self.ops[op].step];
        match self.ops[op].what {
            What::Create => self.begin_create(op, step).map(Some),
            What::Update => self.begin_update(op, step).map(Some),
            What::Await => {
                self.begin_await(op, step);
                Ok(None)
            }
            What::Delete if step.gone => {
                let life = step.life.unwrap_or_default();
                self.records.push(Record::Gone { address: step.address.clone(), life });
                self.finish(op);
                Ok(None)
            }
            What::Delete => Ok(self.begin_delete(op, step)),
        }
    }

    fn begin_create(&mut self, op: usize, step: &Step) -> Result<Arc<Call>, CallError> {
        let args = self.resolved(&step.address)?;
        let recorded =
            step.life.and_then(|life| Some((life, self.store.state().entry(&step.address, life)?)));
        // The same intent again: its token makes AWS answer with what it made, if it made it.
        let same = recorded.filter(|(life, entry)| {
            let same = entry.status == Status::Creating && *entry.args == *args;
            same && *entry.tags == self.tags(op, &step.address, *life)
        });
        let repeated = same.is_some();
        let (life, token) = if let Some((life, entry)) = same {
            (life, entry.token.clone())
        } else {
            if let Some((life, _)) =
                recorded.filter(|(_, entry)| step.gone || entry.status == Status::Creating)
            {
                self.records.push(Record::Gone { address: step.address.clone(), life });
            }
            self.lives += 1;
            (self.lives, new_token(&step.address)?)
        };
        let intent = self.intent(&step.address, life, token, repeated);
        let desired = self.desired(op, step, args.clone(), &intent);
        let old = RecordedJson::default();
        let call = self.call(op, life, Operation::Create, args, old, intent, Some(desired));
        Ok(self.remember(call))
    }

    fn begin_update(&mut self, op: usize, step: &Step) -> Result<Arc<Call>, CallError> {
        let args = self.resolved(&step.address)?;
        let Some((life, entry)) = self.current(&step.address) else {
            return Err(internal(&step.address, "it is planned to change and is not recorded"));
        };
        let has_tags = self.kind(op).facts().tags;
        let (tag, args_changed): (Vec<&Field>, Vec<&Field>) =
            step.fields.iter().partition(|field| has_tags && field.name == "tags");
        let retag = tag.first().map(|field| tags(&field.new));
        let old = RecordedJson {
            args: overlaid(&entry.args, args_changed.iter().copied()),
            outputs: self.outputs.get(&step.address).unwrap_or(&entry.outputs).clone(),
        };
        let intent = self.intent(&step.address, life, new_token(&step.address)?, false);
        let desired = self.desired(op, step, args.clone(), &intent);
        let changes = !args_changed.is_empty();
        let before = Some(Box::new(entry));
        let call = self.call(op, life, Operation::Update, args, old, intent, Some(desired));
        Ok(self.remember(Call { before, retag, changes, steps: 1, ..call }))
    }

    fn begin_await(&mut self, op: usize, step: &Step) {
        let Some((life, entry)) = self.current(&step.address) else { return self.finish(op) };
        let intent = self.intent(&step.address, life, entry.token.clone(), true);
        let facts = self.kind(op).facts();
        self.send(Event::Started {
            address: step.address.clone(),
            kind: step.kind.clone(),
            operation: Operation::Create,
            usual_seconds: facts.usual(Operation::Create).as_secs(),
        });
        let call = Call {
            op,
            address: step.address.clone(),
            life,
            operation: Operation::Create,
            args: entry.args.clone(),
            old: entry.recorded(),
            intent,
            before: None,
            retag: None,
            changes: false,
            // Nothing is made up for where AWS is busy with something of its own.
            adopted: matches!(entry.status, Status::Accepted | Status::Updating | Status::Adopted),
            steps: 0,
            more: false,
            deletes: 0,
        };
        self.remember(call);
        self.go(op, At::Polling);
        self.release(op, When::Accepted);
        self.poll(op, Until::Ready, entry.recorded());
    }

    fn begin_delete(&mut self, op: usize, step: &Step) -> Option<Arc<Call>> {
        let life = step.life?;
        let Some(entry) = self.store.state().entry(&step.address, life).cloned() else {
            self.finish(op);
            return None;
        };
        let intent = self.intent(&step.address, life, String::new(), false);
        let old = entry.recorded();
        let call = self.call(op, life, Operation::Delete, Document::default(), old, intent, None);
        Some(self.remember(Call { before: Some(Box::new(entry)), ..call }))
    }

    /// Remembers what an operation calls until it is over.
    pub(super) fn remember(&mut self, call: Call) -> Arc<Call> {
        let call = Arc::new(call);
        self.calls.insert(call.op, Arc::clone(&call));
        call
    }

    /// Records the intent of a call.
    #[expect(clippy::too_many_arguments, reason = "a call has this many parts")]
    fn call(
        &mut self,
        op: usize,
        life: Life,
        operation: Operation,
        args: Document,
        old: RecordedJson,
        intent: Intent,
        desired: Option<Desired>,
    ) -> Call {
        let address = intent.address.clone();
        let token = intent.token.clone();
        self.records.push(Record::Intent {
            address: address.clone(),
            life,
            operation,
            desired: desired.map(Box::new),
            token,
        });
        self.go(op, At::Calling);
        let (before, retag, changes, adopted) = (None, None, true, false);
        let (steps, more, deletes) = (0, false, 0);
        Call {
            op,
            address,
            life,
            operation,
            args,
            old,
            intent,
            before,
            retag,
            changes,
            adopted,
            steps,
            more,
            deletes,
        }
    }

    /// The declared arguments with everything known.
    fn resolved(&self, address: &Address) -> Result<Document, CallError> {
        let Some(node) = self.stack.nodes.get(address) else {
            return Err(internal(address, "it is planned and is not declared"));
        };
        let mut args = node.args.read();
        let known = resolve(&mut args, &|reference| {
            self.outputs.get(&reference.address)?.get(&reference.output).cloned()
        });
        if known {
            Ok(args.into())
        } else {
            Err(internal(
                address,
                "an output that it needs was not reported by a resource that is ready",
            ))
        }
    }

    fn intent(&self, address: &Address, life: Life, token: String, repeated: bool) -> Intent {
        Intent {
            stack: self.stack.name.clone(),
            address: address.clone(),
            token,
            hash: name_hash(self.stack, address, life),
            tags: desired_tags(self.stack, address, life).into(),
            repeats: u32::from(repeated),
        }
    }

    fn desired(&self, op: usize, step: &Step, args: Document, intent: &Intent) -> Desired {
        let needs = self.stack.nodes[&step.address].needs.keys().cloned().collect();
        let tagged = self.kind(op).facts().tags;
        let tags = if tagged { intent.tags.clone() } else { Shared::default() };
        Desired { kind: step.kind.clone(), args, tags, needs }
    }

    /// The tags that are set and recorded, none for types that have none.
    fn tags(&self, op: usize, address: &Address, life: Life) -> Tags {
        let tags = self.kind(op).facts().tags;
        if tags { desired_tags(self.stack, address, life) } else { Tags::new() }
    }

    fn current(&self, address: &Address) -> Option<(Life, Entry)> {
        self.store.state().current(address).map(|(life, entry)| (life, entry.clone()))
    }

    pub(super) fn kind(&self, op: usize) -> &Kind<C> {
        let step = &self.plan.steps[self.ops[op].step];
        self.stack
            .kinds
            .get(step.kind.as_str())
            .expect("planning has checked that every type is known")
    }
}

/// What something that is there lacks of what it should be.
pub(super) struct Lacking {
    pub(super) fields: Vec<Field>,
    pub(super) retag: Option<(Tags, Vec<String>)>,
}

/// What is changed is what is live: the record, but for the fields in which the two differ.
pub(super) fn overlaid<'f>(
    recorded: &Value,
    fields: impl IntoIterator<Item = &'f Field>,
) -> Document {
    let mut live = recorded.clone();
    for field in fields {
        live[&field.name] = field.old.clone();
    }
    live.into()
}

/// Tags to set, and keys to remove.
pub(super) fn tags(new: &Value) -> (Tags, Vec<String>) {
    let (mut set, mut unset) = (Tags::new(), Vec::new());
    for (key, value) in new.as_object().into_iter().flatten() {
        match value.as_str() {
            Some(value) => _ = set.insert(key.clone(), value.to_owned()),
            None => unset.push(key.clone()),
        }
    }
    (set, unset)
}

/// 32 random hexadecimal digits: never computed from names, because AWS remembers tokens after a deletion.
fn new_token(address: &Address) -> Result<String, CallError> {
    let random = || crate::store::random().map_err(|error| internal(address, &error.to_string()));
    Ok(format!("{:016x}{:016x}", random()?, random()?))
}

pub(super) fn internal(address: &Address, message: &str) -> CallError {
    CallError::new(Class::Other, format!("preparing {address}"), message)
}
