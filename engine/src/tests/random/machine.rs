//! The same done to a world, and what must hold after every step.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proptest_state_machine::StateMachineTest;
use tokio::runtime::{Builder, Runtime};

use super::model::{Fate, Meddling, Model, Step, name};
use crate::apply::{Done, Report};
use crate::plan::Action;
use crate::testing::{Boundaries, Cloud, Fault, Unsynced, Verb};
use crate::tests::world::{Outcome, To, World};
use crate::{Class, Status};

/// How many runs were to be killed, and how many of them came as far as that.
pub(super) static KILLS: AtomicUsize = AtomicUsize::new(0);
pub(super) static REACHED: AtomicUsize = AtomicUsize::new(0);

/// Nothing here takes that long on its clock.
const HANGS: Duration = Duration::from_hours(10 * 24);

/// A world on paused time of its own.
pub(super) struct Machine {
    runtime: Runtime,
    world: World,
    /// Whether the last run did all it set out to do, so that what is recorded is known for certain.
    settled: bool,
    /// What an undisturbed run would have made since the last settled one, and what there was by then.
    expected: Option<Expected>,
}

struct Expected {
    to: To,
    before: u64,
    creates: u64,
}

impl StateMachineTest for Machine {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(model: &Model) -> Self {
        let runtime =
            Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let world = runtime.block_on(async { World::new() });
        world.cloud.set_lag(Duration::from_secs(model.lag_secs));
        world.cloud.set_latency(Duration::from_millis(model.latency_millis));
        Self { runtime, world, settled: true, expected: None }
    }

    fn apply(mut machine: Self, model: &Model, step: Step) -> Self {
        let text = model.text();
        match step {
            Step::Declare(..) | Step::Undeclare(_) => machine.expected = None,
            Step::Plan => machine.plans(&text),
            Step::Up(fate) => machine.runs(&text, To::Declared, fate),
            Step::Destroy(fate) => machine.runs(&text, To::Nothing, fate),
            Step::Meddle(place, how) => machine.meddle(&name(place), how),
            Step::Wait(secs) => {
                machine
                    .runtime
                    .block_on(machine.world.clock.sleep(Duration::from_secs(secs.into())));
            }
        }
        machine
    }

    fn check_invariants(machine: &Self, _: &Model) {
        machine.runtime.block_on(machine.nothing_is_unknown());
    }

    /// Whatever happened, the next run finishes what is declared, and a last one deletes it.
    fn teardown(mut machine: Self, model: Model) {
        machine.runs(&model.text(), To::Declared, Fate::Undisturbed);
        machine.runs(&model.text(), To::Nothing, Fate::Undisturbed);
    }
}

impl Machine {
    fn plans(&self, text: &str) {
        let sent = || self.world.sent(Verb::mutates);
        let (before, kept) = (sent(), self.world.disk.kept());
        self.runtime.block_on(self.world.plan(text)).unwrap();
        assert_eq!((sent(), self.world.disk.kept()), (before, kept), "a plan only reads");
    }

    fn runs(&mut self, text: &str, to: To, fate: Fate) {
        self.expect(text, to);
        let outcome = self.run(text, to, fate);
        let whole = |report: &Report| {
            report.failed.is_empty() && report.skipped.is_empty() && !report.interrupted
        };
        let hurt = matches!(fate, Fate::Refused(_) | Fate::Interrupted(_) | Fate::Accepted);
        match outcome {
            Ok(report) if whole(&report) && !matches!(fate, Fate::Accepted) => {
                self.has_settled(text, to);
            }
            Ok(_) if hurt => self.settled = false,
            Ok(report) => panic!("{fate:?}, {to:?}: {report:#?}"),
            Err(_) if ends(fate) => {
                self.settled = false;
            }
            Err(ended) => panic!("{fate:?}, {to:?}: {ended:?}"),
        }
    }

    /// What a run from here on makes, where that is known: it is planned from a settled state.
    fn expect(&mut self, text: &str, to: To) {
        if self.expected.as_ref().is_some_and(|expected| expected.to != to) {
            self.expected = None;
        }
        if self.expected.is_some() || !self.settled {
            return;
        }
        let planned = match to {
            To::Declared => self.runtime.block_on(self.world.plan(text)),
            To::Nothing => self.runtime.block_on(self.world.plan_destroy(text)),
        };
        let makes = |action| matches!(action, Action::Create | Action::Replace(_));
        let creates = planned.unwrap().count(makes) as u64;
        self.expected = Some(Expected { to, before: self.world.cloud.made(), creates });
    }

    fn run(&mut self, text: &str, to: To, fate: Fate) -> Outcome {
        let (cloud, clock) = (self.world.cloud.clone(), self.world.clock);
        disturb(&cloud, fate);
        match fate {
            Fate::Accepted => self.world.done = Done::Accepted,
            Fate::DiskFull(writes) => self.world.disk.fail_after(writes),
            _ => {}
        }
        let world = &self.world;
        let outcome = self.runtime.block_on(async {
            let run = async {
                match fate {
                    Fate::Killed(at, _) => world.watched(&Boundaries::stop_at(at), text, to).await,
                    Fate::Interrupted(tenths) => {
                        let after = Duration::from_millis(u64::from(tenths) * 100);
                        world.run(text, to, async move { clock.sleep(after).await }).await
                    }
                    _ => world.run(text, to, pending()).await,
                }
            };
            tokio::select! {
                outcome = run => outcome,
                () = clock.sleep(HANGS) => panic!("{fate:?}, {to:?}: the run hangs"),
            }
        });
        match fate {
            Fate::Killed(_, unsynced) => {
                KILLS.fetch_add(1, Ordering::Relaxed);
                REACHED.fetch_add(outcome.is_err().into(), Ordering::Relaxed);
                world.disk.crash(unsynced);
            }
            Fate::DiskFull(_) => world.disk.crash(Unsynced::Torn),
            _ => {}
        }
        world.disk.mend();
        cloud.clear_faults();
        self.world.done = Done::Ready;
        outcome
    }

    /// A run has done all it set out to do: the cloud is as if there had been no run but this one.
    fn has_settled(&mut self, text: &str, to: To) {
        let declared = if to == To::Declared { text } else { "" };
        let world = &self.world;
        self.runtime.block_on(async {
            world.assert_recorded().await;
            assert_eq!(world.cloud.inventory(), fresh(declared).await, "{to:?} of {text}");
            if to == To::Declared {
                let plan = world.plan(text).await.unwrap();
                assert!(plan.is_empty(), "planned again: {:#?}", plan.steps);
            }
        });
        if let Some(Expected { before, creates, .. }) = self.expected.take() {
            assert_eq!(world.cloud.made() - before, creates, "how many were made for {text}");
        }
        self.settled = true;
    }

    fn meddle(&mut self, address: &str, how: Meddling) {
        self.expected = None;
        let untagged = format!("test:Untagged {address} ");
        match how {
            Meddling::Size(size) => self.world.meddle(&format!("{address}.size={size}")),
            Meddling::Vanish => self.world.meddle(&format!("-{address}")),
            // What the engine gives no tags is none of its business.
            Meddling::Tag
                if self.world.cloud.inventory().iter().any(|line| line.starts_with(&untagged)) => {}
            Meddling::Tag => self.world.meddle(&format!("{address}#team=red")),
        }
    }

    /// Nothing exists that is not recorded or covered by an intent: no orphan, at no time.
    async fn nothing_is_unknown(&self) {
        let state = self.world.state().await;
        for (address, id) in self.world.cloud.ids() {
            let known = state.all().any(|(at, _, entry)| {
                at.as_str() == address
                    && (entry.status == Status::Creating || entry.outputs["id"] == *id)
            });
            assert!(known, "nobody knows of {id} at {address}: {:#?}", state.entries);
        }
    }
}

/// Whether a run may end with an error.
fn ends(fate: Fate) -> bool {
    matches!(fate, Fate::Killed(..) | Fate::DiskFull(_))
}

fn disturb(cloud: &Cloud, fate: Fate) {
    const CHANGES: [Verb; 4] = [Verb::Create, Verb::Update, Verb::Tag, Verb::Delete];
    match fate {
        Fate::Lost(times) => {
            cloud.fault(Fault::new(Verb::Create, "*", Class::Ambiguous).lost().times(times));
        }
        Fate::Throttled(times) => {
            for verb in CHANGES {
                cloud.fault(Fault::new(verb, "*", Class::Throttled).times(times));
            }
        }
        Fate::Refused(times) => {
            for verb in CHANGES {
                cloud.fault(Fault::new(verb, "*", Class::Other).times(times));
            }
        }
        _ => {}
    }
}

/// What an undisturbed run makes of nothing.
async fn fresh(text: &str) -> Vec<String> {
    let world = World::new();
    world.up(text).await;
    world.cloud.inventory()
}
