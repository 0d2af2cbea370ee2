//! One mutating call with its repeats, as a future that knows nothing of the graph.

use std::time::Duration;

use crate::event::{Event, Events};
use crate::kind::{LiveJson, RecordedJson};
use crate::resource::{Found, Intent, Live, Made, Operation, Removal, Tags};
use crate::retry::{in_context, pause};
use crate::state::{Entry, Life};
use crate::{Address, CallError, CallResult, Class, Clock, Document, Kind};

/// What an operation calls.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) op: usize,
    pub(super) address: Address,
    pub(super) life: Life,
    pub(super) operation: Operation,
    /// The desired arguments; null for a delete.
    pub(super) args: Document,
    /// What is changed or deleted, as it is; its outputs are null for a create.
    pub(super) old: RecordedJson,
    pub(super) intent: Intent,
    /// The entry before the intent, to go back to when the call is refused.
    pub(super) before: Option<Box<Entry>>,
    /// Tags to set and to remove.
    pub(super) retag: Option<(Tags, Vec<String>)>,
    /// Whether any argument changes, and not only tags.
    pub(super) changes: bool,
    /// Whether the resource was found rather than made, so that its later steps may be missing.
    pub(super) adopted: bool,
}

/// What a future of the run answers.
pub(super) enum Answer {
    /// A create or update was accepted, or failed for good.
    Made { op: usize, result: CallResult<Made<serde_json::Value>>, adopted: bool },
    /// A group of deletes was accepted, or failed for good.
    Removed { ops: Vec<usize>, result: CallResult<Removal> },
    /// It is time to read what is being waited for of a type.
    Woke { kind: &'static str },
    /// What reads say of the resources that are being waited for.
    Read { kind: &'static str, ops: Vec<usize>, result: CallResult<Vec<LiveJson>> },
}

/// What a call needs besides its arguments.
pub(super) struct With<'a, C> {
    pub(super) cloud: &'a C,
    pub(super) kind: Kind<C>,
    pub(super) clock: Clock,
    pub(super) events: Events,
}

impl<C: Send + Sync + 'static> With<'_, C> {
    pub(super) async fn create(self, mut call: Call) -> Answer {
        let result = self.create_until(&mut call).await;
        Answer::Made { op: call.op, result, adopted: call.adopted }
    }

    pub(super) async fn update(self, mut call: Call) -> Answer {
        let result = self.update_until(&mut call).await;
        Answer::Made { op: call.op, result, adopted: false }
    }

    /// Deletes a group of resources by one call where the type takes many.
    pub(super) async fn delete(self, calls: Vec<Call>) -> Answer {
        let gone: Vec<RecordedJson> = calls.iter().map(|call| call.old.clone()).collect();
        let mut tries = Tries::new(&self.clock);
        let result = loop {
            match self.kind.0.delete(self.cloud, &gone).await {
                Ok(removal) => break Ok(removal),
                Err(error) if error.class == Class::NotFound => break Ok(Removal::Gone),
                Err(error) => match self.again(&mut tries, &calls[0], error).await {
                    Ok(()) => {}
                    Err(error) => break Err(error),
                },
            }
        };
        Answer::Removed { ops: calls.iter().map(|call| call.op).collect(), result }
    }

    async fn create_until(&self, call: &mut Call) -> CallResult<Made<serde_json::Value>> {
        let mut tries = Tries::new(&self.clock);
        loop {
            let error = match self.kind.0.create(self.cloud, &call.args, &call.intent).await {
                Ok(made) => return Ok(made),
                Err(error) => error,
            };
            call.intent.repeated = true;
            if matches!(self.class(&error, call.operation), Class::AlreadyExists | Class::Ambiguous)
            {
                match self.kind.0.find(self.cloud, &call.args, &call.intent).await {
                    Ok(Found::Ours(outputs)) => {
                        call.adopted = true;
                        return Ok(Made::pending(outputs));
                    }
                    Ok(Found::Foreign(what)) => return Err(foreign(error, &what)),
                    Ok(Found::Nothing) | Err(_) => {}
                }
            }
            self.again(&mut tries, call, error).await?;
        }
    }

    async fn update_until(&self, call: &mut Call) -> CallResult<Made<serde_json::Value>> {
        let mut tries = Tries::new(&self.clock);
        loop {
            match self.update_once(call).await {
                Ok(made) => return Ok(made),
                Err(error) => {
                    call.intent.repeated = true;
                    self.again(&mut tries, call, error).await?;
                }
            }
        }
    }

    async fn update_once(&self, call: &Call) -> CallResult<Made<serde_json::Value>> {
        if let Some((set, unset)) = &call.retag {
            self.kind.0.tag(self.cloud, &call.old, set, unset).await?;
        }
        if call.changes {
            self.kind.0.update(self.cloud, &call.args, &call.old, &call.intent).await
        } else {
            Ok(Made::ready((*call.old.outputs).clone()))
        }
    }

    fn class(&self, error: &CallError, operation: Operation) -> Class {
        in_context(error, self.kind.0.class_of(error, operation), operation)
    }

    /// Waits before the next try, or gives the error back when there is to be none.
    async fn again(&self, tries: &mut Tries, call: &Call, error: CallError) -> CallResult<()> {
        let class = self.class(&error, call.operation);
        let usual = self.kind.facts().usual(call.operation);
        let waited = self.clock.elapsed().saturating_sub(tries.since);
        // A change of class is news: what was being waited for is over.
        if tries.class != Some(class) {
            (tries.class, tries.count) = (Some(class), 0);
        }
        let Some(pause) = pause(class, tries.count, waited, usual) else {
            return Err(error);
        };
        tries.count += 1;
        self.events.send(Event::Retrying {
            address: call.address.clone(),
            operation: call.operation,
            class,
            error: error.to_string(),
            after_seconds: pause.as_secs_f64(),
        });
        self.clock.sleep(pause).await;
        Ok(())
    }

    /// Reads resources that are being waited for.
    pub(super) async fn read(self, ops: Vec<usize>, wanted: Vec<RecordedJson>) -> Answer {
        let result = self.kind.0.read(self.cloud, &wanted).await;
        Answer::Read { kind: self.kind.name(), ops, result }
    }
}

struct Tries {
    since: Duration,
    class: Option<Class>,
    count: u32,
}

impl Tries {
    fn new(clock: &Clock) -> Self {
        Self { since: clock.elapsed(), class: None, count: 0 }
    }
}

fn foreign(error: CallError, what: &str) -> CallError {
    let message = format!("{what} exists and is not this stack's; it was left alone");
    CallError { class: Class::AlreadyExists, message, ..error }
}

/// The live arguments of what was found, if they are not yet what is wanted.
pub(super) fn unfinished(call: &Call, live: &LiveJson) -> Option<Document> {
    match live {
        Live::Ready { args, .. } if *args != *call.args => Some(args.clone().into()),
        _ => None,
    }
}
