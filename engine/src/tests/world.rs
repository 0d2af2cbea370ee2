//! A cloud, a disk and a clock, and the runs over them.

use std::future::{Future, pending};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;

use super::declare::declare;
use crate::apply::{ApplyError, Done, Report, Run, apply};
use crate::plan::{Plan, PlanError, Scope, plan, plan_destroy};
use crate::store::{Store, StoreError};
use crate::testing::{Boundaries, Cloud, Disk, Sent, Verb};
use crate::{Clock, Event, Events, State, recover};

pub(crate) struct World {
    pub(crate) cloud: Cloud,
    pub(crate) disk: Disk,
    pub(crate) clock: Clock,
    pub(crate) done: Done,
    pub(crate) confirm: Vec<String>,
    pub(crate) only: Vec<String>,
    events: Arc<Mutex<Vec<Event>>>,
}

/// Why a run ended without a report.
#[derive(Debug)]
#[expect(dead_code, reason = "what a run ended with is for the message of a test that fails")]
pub(crate) enum Ended {
    Store(StoreError),
    Plan(PlanError),
    Apply(ApplyError),
    /// It was stopped at a boundary.
    Stopped,
}

pub(crate) type Outcome = Result<Report, Ended>;

/// What a run brings the cloud to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum To {
    Declared,
    Nothing,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Clock::new(Timestamp::UNIX_EPOCH, 1.0);
        Self {
            cloud: Cloud::new(clock),
            disk: Disk::new(),
            clock,
            done: Done::Ready,
            confirm: vec!["shop".to_owned()],
            only: Vec::new(),
            events: Arc::default(),
        }
    }

    /// A world in which a first run has made this; what it sent is forgotten.
    pub(crate) async fn with(text: &str) -> Self {
        let world = Self::new();
        world.up(text).await;
        world.cloud.forget_sent();
        world
    }

    /// Recovers, plans and applies, as the command line does.
    pub(crate) async fn run(
        &self,
        text: &str,
        to: To,
        interrupt: impl Future<Output = ()> + Send,
    ) -> Outcome {
        let stack = declare(text);
        let mut store = Store::open(self.disk.clone(), &stack).await.map_err(Ended::Store)?;
        let recovered =
            recover(&self.cloud, &stack, store.state(), &self.clock, &self.events()).await;
        store.record(&recovered.map_err(Ended::Plan)?).await.map_err(Ended::Store)?;
        let plan = self.plan_from(text, store.state(), to).await.map_err(Ended::Plan)?;
        self.apply(&mut store, text, &plan, interrupt).await
    }

    pub(crate) async fn apply(
        &self,
        store: &mut Store,
        text: &str,
        plan: &Plan,
        interrupt: impl Future<Output = ()> + Send,
    ) -> Outcome {
        let run = Run {
            cloud: &self.cloud,
            clock: self.clock,
            store,
            events: self.events(),
            done: self.done,
            confirm_data_loss: self.confirm.clone(),
        };
        apply(run, &declare(text), plan, interrupt).await.map_err(Ended::Apply)
    }

    /// A run that must do all it set out to do.
    pub(crate) async fn up(&self, text: &str) -> Report {
        self.complete(text, To::Declared).await
    }

    pub(crate) async fn destroy(&self, text: &str) -> Report {
        self.complete(text, To::Nothing).await
    }

    pub(crate) async fn complete(&self, text: &str, to: To) -> Report {
        let report = self.run(text, to, pending()).await.unwrap();
        assert!(report.failed.is_empty(), "failed: {:#?}", report.failed);
        assert!(report.skipped.is_empty(), "skipped: {:#?}", report.skipped);
        report
    }

    /// A run that may fail in part.
    pub(crate) async fn try_up(&self, text: &str) -> Report {
        self.run(text, To::Declared, pending()).await.unwrap()
    }

    /// A run that passes these boundaries, and that ends as soon as they stop it.
    pub(crate) async fn watched(&self, boundaries: &Boundaries, text: &str, to: To) -> Outcome {
        self.cloud.watch(boundaries);
        self.disk.watch(boundaries);
        let outcome = tokio::select! {
            biased;
            () = boundaries.stopped() => Err(Ended::Stopped),
            outcome = self.run(text, to, pending()) => outcome,
        };
        self.cloud.watch(&Boundaries::new());
        self.disk.watch(&Boundaries::new());
        outcome
    }

    pub(crate) async fn store(&self) -> Store {
        Store::open(self.disk.clone(), &declare("")).await.unwrap()
    }

    pub(crate) async fn state(&self) -> State {
        self.store().await.state().clone()
    }

    pub(crate) async fn plan(&self, text: &str) -> Result<Plan, PlanError> {
        self.plan_from(text, &self.state().await, To::Declared).await
    }

    pub(crate) async fn plan_destroy(&self, text: &str) -> Result<Plan, PlanError> {
        self.plan_from(text, &self.state().await, To::Nothing).await
    }

    async fn plan_from(&self, text: &str, state: &State, to: To) -> Result<Plan, PlanError> {
        let (stack, scope) = (declare(text), Scope { only: self.only.clone() });
        match to {
            To::Declared => plan(&self.cloud, &stack, state, &self.clock, &scope).await,
            To::Nothing => plan_destroy(&self.cloud, &stack, state, &self.clock, &scope).await,
        }
    }

    pub(crate) fn events(&self) -> Events {
        let events = Arc::clone(&self.events);
        Events::new(move |event| events.lock().unwrap().push(event))
    }

    pub(crate) fn told(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    /// Does something behind the engine's back: `a.size=3` changes an argument, `a#key=value` a tag (no value:
    /// removes it), `-a` deletes it, and `!a` begins to.
    pub(crate) fn meddle(&self, what: &str) {
        if let Some(address) = what.strip_prefix('-') {
            return self.cloud.vanish(address);
        }
        if let Some(address) = what.strip_prefix('!') {
            return self.cloud.begin_delete(address);
        }
        let Some((place, value)) = what.split_once('=') else { return };
        if let Some((address, key)) = place.split_once('#') {
            self.cloud.meddle_with_tag(address, key, Some(value).filter(|value| !value.is_empty()));
        } else if let Some((address, argument)) = place.split_once('.') {
            let value = value.parse::<u32>().map_or_else(|_| value.into(), serde_json::Value::from);
            self.cloud.meddle(address, argument, value);
        }
    }

    /// The calls that change something, with the second in which each was sent.
    pub(crate) fn changes(&self) -> String {
        self.sent(Verb::mutates)
    }

    /// The calls of some kinds, one a line.
    pub(crate) fn sent(&self, of: impl Fn(Verb) -> bool) -> String {
        let sent = self.cloud.sent();
        let lines: Vec<String> = sent.iter().filter(|sent| of(sent.verb)).map(line).collect();
        lines.join("\n")
    }

    /// Asserts that the cloud holds exactly what is recorded: no orphan, no duplicate, nothing missing.
    pub(crate) async fn assert_recorded(&self) {
        let state = self.state().await;
        let id = |entry: &crate::Entry| entry.outputs["id"].as_str().unwrap_or("?").to_owned();
        let recorded = state.all().map(|(address, _, entry)| (address.to_string(), id(entry)));
        let (mut recorded, mut live) = (recorded.collect::<Vec<_>>(), self.cloud.ids());
        recorded.sort();
        live.sort();
        assert_eq!(recorded, live, "recorded (left) and live (right)");
    }
}

fn line(sent: &Sent) -> String {
    let verb = format!("{:?}", sent.verb).to_lowercase();
    format!("{} {verb} {}", sent.at.as_secs_f64(), sent.addresses.join(" "))
}
