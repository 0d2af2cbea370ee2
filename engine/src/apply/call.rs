//! One mutating call with its repeats, as a future that knows nothing of the graph.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::event::{Event, Events};
use crate::kind::{LiveJson, RecordedJson};
use crate::resource::{Found, Intent, Made, Operation, Removal, Tags};
use crate::retry::{in_context, pause};
use crate::state::{Entry, Life};
use crate::{Address, CallError, CallResult, Class, Clock, Document, Kind};

/// How long a name that is taken may be invisible to the look for who has it.
const NAME_VISIBLE_WITHIN: Duration = Duration::from_secs(30);

/// The pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_secs(2);

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
    /// How many updates it took so far.
    pub(super) steps: u32,
    /// Whether another update follows once it is ready.
    pub(super) more: bool,
    /// How many deletes were sent of what somebody may make again.
    pub(super) deletes: u32,
}

/// What a future of the run answers.
pub(super) enum Answer {
    /// A create or update was accepted, or failed for good; `open`: possibly not without any effect.
    Made { op: usize, result: CallResult<Made<Value>>, adopted: bool, open: bool },
    /// A group of deletes was accepted, or failed for good.
    Removed { ops: Vec<usize>, result: CallResult<Removal> },
    /// A group of deletes was refused as a whole, so that each is to be sent on its own.
    Apart { calls: Vec<Arc<Call>> },
    /// It is time to read what is being waited for of a type.
    Woke { kind: &'static str, due: Duration },
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
    pub(super) async fn create(self, mut call: Arc<Call>) -> Answer {
        // What an earlier run sent is not answered by a refusal of today.
        let mut open = call.intent.repeated();
        let result = self.create_until(&mut call, &mut open).await;
        Answer::Made { op: call.op, result, adopted: call.adopted, open }
    }

    pub(super) async fn update(self, mut call: Arc<Call>) -> Answer {
        let result = self.update_until(&mut call).await;
        let open = result.as_ref().is_err_and(|error| error.class == Class::Ambiguous);
        Answer::Made { op: call.op, result, adopted: false, open }
    }

    /// Deletes a group of resources by one call where the type takes many.
    pub(super) async fn delete(self, calls: Vec<Arc<Call>>) -> Answer {
        let gone: Vec<RecordedJson> = calls.iter().map(|call| call.old.clone()).collect();
        let mut tries = Tries::default();
        let result = loop {
            let error = match self.kind.0.delete(self.cloud, &gone).await {
                Ok(removal) => break Ok(removal),
                Err(error) => error,
            };
            match self.class(&error, Operation::Delete) {
                Class::Throttled | Class::Ambiguous | Class::Unreachable => {}
                // The error is about one of them, and the others must neither wait for it nor count as gone.
                _ if calls.len() > 1 => return Answer::Apart { calls },
                Class::NotFound => break Ok(Removal::Gone),
                _ => {}
            }
            match self.again(&mut tries, &calls[0], error).await {
                Ok(()) => {}
                Err(_) if calls.len() > 1 => return Answer::Apart { calls },
                Err(error) => break Err(error),
            }
        };
        Answer::Removed { ops: calls.iter().map(|call| call.op).collect(), result }
    }

    async fn create_until(&self, call: &mut Arc<Call>, open: &mut bool) -> CallResult<Made<Value>> {
        let mut tries = Tries::default();
        if let Some(outputs) = self.look_first(&mut tries, call).await? {
            Arc::make_mut(call).adopted = true;
            return Ok(Made::pending(outputs));
        }
        loop {
            let error = match self.kind.0.create(self.cloud, &call.args, &call.intent).await {
                Ok(made) => return Ok(made),
                Err(error) => error,
            };
            Arc::make_mut(call).intent.repeats += 1;
            *open |= !self.made_nothing(&error);
            if let Some(outputs) = self.look(&mut tries, call, &error).await? {
                Arc::make_mut(call).adopted = true;
                return Ok(Made::pending(outputs));
            }
            self.again(&mut tries, call, error).await?;
        }
    }

    /// Whose it is that has the name of a create that an earlier run may have sent. Some services would answer the
    /// repeat as if nothing was there, and change what is somebody else's.
    async fn look_first(&self, tries: &mut Tries, call: &Call) -> CallResult<Option<Value>> {
        if !call.intent.repeated() || self.kind.facts().name.is_none() {
            return Ok(None);
        }
        loop {
            match self.kind.0.find(self.cloud, &call.args, &call.intent).await {
                Ok(Found::Nothing) => return Ok(None),
                Ok(Found::Ours(outputs)) => return Ok(Some(outputs)),
                Ok(Found::Foreign(what)) => {
                    let doing = format!("creating {}", call.address);
                    let taken = CallError::new(Class::AlreadyExists, doing, "");
                    return Err(foreign(&taken, &what));
                }
                Err(failed) => self.again(tries, call, failed).await?,
            }
        }
    }

    /// Looks for what a create has made that failed in a way that leaves this open: as long as reads may lag
    /// behind writes, and never past a look that failed, because a second create could make a second one.
    async fn look(
        &self,
        tries: &mut Tries,
        call: &Call,
        error: &CallError,
    ) -> CallResult<Option<Value>> {
        let window = self.kind.facts().find_window;
        let window = match self.class(error, call.operation) {
            Class::Ambiguous => window,
            Class::AlreadyExists => window.max(NAME_VISIBLE_WITHIN),
            _ => return Ok(None),
        };
        let since = self.clock.elapsed();
        loop {
            match self.kind.0.find(self.cloud, &call.args, &call.intent).await {
                Ok(Found::Ours(outputs)) => return Ok(Some(outputs)),
                Ok(Found::Foreign(what)) => return Err(foreign(error, &what)),
                Ok(Found::Nothing) if self.clock.elapsed().saturating_sub(since) >= window => {
                    return Ok(None);
                }
                Ok(Found::Nothing) => self.clock.sleep(LOOK_PAUSE).await,
                Err(failed) => {
                    if let Err(failed) = self.again(tries, call, failed).await {
                        let message = format!(
                            "{}; whether it had its effect cannot be told: {failed}",
                            error.message
                        );
                        return Err(CallError { message, ..error.clone() });
                    }
                }
            }
        }
    }

    async fn update_until(&self, call: &mut Arc<Call>) -> CallResult<Made<Value>> {
        let mut tries = Tries::default();
        loop {
            match self.update_once(call).await {
                Ok(made) => return Ok(made),
                Err(error) => {
                    Arc::make_mut(call).intent.repeats += 1;
                    self.again(&mut tries, call, error).await?;
                }
            }
        }
    }

    async fn update_once(&self, call: &Call) -> CallResult<Made<Value>> {
        if let Some((set, unset)) = &call.retag {
            self.kind.0.tag(self.cloud, &call.old, set, unset).await?;
        }
        if call.changes {
            self.kind.0.update(self.cloud, &call.args, &call.old, &call.intent).await
        } else {
            Ok(Made::ready((*call.old.outputs).clone()))
        }
    }

    /// Whether a failed create had no effect for certain. Who has a name that is taken is for a look to tell.
    fn made_nothing(&self, error: &CallError) -> bool {
        let class = self.class(error, Operation::Create);
        !matches!(class, Class::Ambiguous | Class::AlreadyExists | Class::Other)
            && self.kind.0.made_nothing(error)
    }

    fn class(&self, error: &CallError, operation: Operation) -> Class {
        in_context(error, self.kind.0.class_of(error, operation), operation)
    }

    /// Waits before the next try, or gives the error back when there is to be none.
    async fn again(&self, tries: &mut Tries, call: &Call, error: CallError) -> CallResult<()> {
        let class = self.class(&error, call.operation);
        let usual = self.kind.facts().usual(call.operation);
        let Some(pause) = tries.pause(class, self.clock.elapsed(), usual) else {
            return Err(error);
        };
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

/// The failures of a call so far: for each class, when it came first, and how often.
#[derive(Default)]
struct Tries(Vec<(Class, Duration, u32)>);

impl Tries {
    /// The pause before the next try. Every class has its patience, so that a call that waits for a dependency
    /// and is throttled in between is given up because of neither alone.
    fn pause(&mut self, class: Class, now: Duration, usual: Duration) -> Option<Duration> {
        let index = self.0.iter().position(|(seen, ..)| *seen == class).unwrap_or_else(|| {
            self.0.push((class, now, 0));
            self.0.len() - 1
        });
        let (_, since, count) = &mut self.0[index];
        let pause = pause(class, *count, now.saturating_sub(*since), usual)?;
        *count += 1;
        Some(pause)
    }
}

fn foreign(error: &CallError, what: &str) -> CallError {
    let message = format!("{what} exists and is not this stack's; it was left alone");
    CallError { class: Class::AlreadyExists, message, ..error.clone() }
}
