//! Runs that are stopped, interrupted or refused their disk, and the runs that come after them.

use std::future::pending;
use std::time::Duration;

use super::world::{Ended, To, World};
use crate::Status;
use crate::apply::ApplyError;
use crate::store::StoreError;
use crate::testing::{Boundaries, Unsynced};

/// What was there, and what a run brings it to.
#[derive(Clone, Copy)]
struct Scenario {
    before: &'static str,
    text: &'static str,
    to: To,
}

const NEW: &str = "net:Tagged size=2
                   a <- net
                   b:Named note=later <- net!
                   c:Untagged slot=x <- a b
                   d:Batch <- net!
                   e:Batch scale=3 <- net";

const CHANGED: &str = "net:Tagged size=3
                       a shape=other <- net
                       b:Named note=again size=2 <- net!
                       c:Untagged slot=y <- a b
                       f <- @a
                       e:Batch scale=4 <- net
                       +tag team blue
                       +moved d f";

const SCENARIOS: [Scenario; 4] = [
    Scenario { before: "", text: NEW, to: To::Declared },
    Scenario { before: NEW, text: CHANGED, to: To::Declared },
    Scenario { before: NEW, text: "net:Tagged size=2", to: To::Declared },
    Scenario { before: CHANGED, text: CHANGED, to: To::Nothing },
];

impl Scenario {
    /// A world as it was, whose reads lag behind writes.
    async fn world(&self, lag: u64) -> World {
        let world = World::with(self.before).await;
        world.clock.sleep(Duration::from_mins(1)).await;
        world.cloud.set_lag(Duration::from_secs(lag));
        world
    }

    /// What an undisturbed run passes, what it leaves, and how much it makes.
    async fn undisturbed(&self, lag: u64) -> (Vec<String>, Vec<String>, u64) {
        let (world, boundaries) = (self.world(lag).await, Boundaries::new());
        let report = world.watched(&boundaries, self.text, self.to).await.unwrap();
        assert!(report.failed.is_empty(), "{:#?}", report.failed);
        (boundaries.passed(), world.cloud.inventory(), world.cloud.made())
    }

    /// A world in which a run was stopped at a boundary, and the machine with it.
    async fn stopped(&self, lag: u64, boundary: usize, name: &str, unsynced: Unsynced) -> World {
        let (world, boundaries) = (self.world(lag).await, Boundaries::stop_at(boundary));
        let outcome = world.watched(&boundaries, self.text, self.to).await;
        assert!(matches!(outcome, Err(Ended::Stopped)), "boundary {boundary} was not reached");
        assert_eq!(
            boundaries.passed().get(boundary).map(String::as_str),
            Some(name),
            "the wrong step was hit"
        );
        world.disk.crash(unsynced);
        world
    }
}

/// Stopped anywhere, a run is finished by the next one as if nothing had happened.
async fn next_run_finishes(scenario: Scenario, lag: u64, unsynced: Unsynced) {
    let (names, clean, made) = scenario.undisturbed(lag).await;
    for (boundary, name) in names.iter().enumerate() {
        let world = scenario.stopped(lag, boundary, name, unsynced).await;
        world.complete(scenario.text, scenario.to).await;
        let at =
            format!("stopped at {boundary} of {}, {name}, {unsynced:?}, lag {lag}", names.len());
        assert_eq!(world.cloud.inventory(), clean, "{at}");
        assert_eq!(world.cloud.made(), made, "{at}: something was made twice");
        world.assert_recorded().await;
        if scenario.to == To::Declared {
            assert!(world.plan(scenario.text).await.unwrap().is_empty(), "{at}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_stopped_anywhere_is_finished_by_the_next() {
    for scenario in SCENARIOS {
        next_run_finishes(scenario, 0, Unsynced::Lost).await;
    }
}

#[tokio::test(start_paused = true)]
async fn so_it_is_whatever_became_of_bytes_that_were_not_synced() {
    for unsynced in [Unsynced::Torn, Unsynced::Kept] {
        next_run_finishes(SCENARIOS[1], 0, unsynced).await;
    }
}

#[tokio::test(start_paused = true)]
async fn so_it_is_where_reads_lag_behind_writes() {
    for scenario in &SCENARIOS[..2] {
        next_run_finishes(*scenario, 5, Unsynced::Lost).await;
    }
}

/// Stopped anywhere, a run is followed by one that wants something else.
#[tokio::test(start_paused = true)]
async fn a_run_that_was_stopped_anywhere_does_not_bind_the_next() {
    let other = "b:Named\nnew <- b\nnet:Plain";
    let clean = World::with(other).await.cloud.inventory();
    for (text, to, clean) in [(NEW, To::Nothing, Vec::new()), (other, To::Declared, clean)] {
        for scenario in SCENARIOS {
            let (names, ..) = scenario.undisturbed(0).await;
            for (boundary, name) in names.iter().enumerate() {
                let world = scenario.stopped(0, boundary, name, Unsynced::Lost).await;
                world.complete(text, to).await;
                assert_eq!(world.cloud.inventory(), clean, "{name}, then `{text}` to {to:?}");
                world.assert_recorded().await;
            }
        }
    }
}

/// The run that recovers is stopped too.
#[tokio::test(start_paused = true)]
async fn a_recovery_that_was_stopped_is_finished_by_the_next() {
    let scenario = Scenario {
        before: "net:Tagged",
        text: "net:Tagged size=2\na:Named note=x shape=y <- net",
        to: To::Declared,
    };
    let (names, clean, made) = scenario.undisturbed(0).await;
    for (first, name) in names.iter().enumerate() {
        for second in 0.. {
            let world = scenario.stopped(0, first, name, Unsynced::Lost).await;
            let boundaries = Boundaries::stop_at(second);
            let outcome = world.watched(&boundaries, scenario.text, scenario.to).await;
            world.disk.crash(Unsynced::Torn);
            let ended = outcome.is_ok();
            world.up(scenario.text).await;
            let at = format!("{name}, then {:?}", boundaries.passed().last());
            assert_eq!(
                (world.cloud.inventory(), world.cloud.made()),
                (clean.clone(), made),
                "{at}"
            );
            world.assert_recorded().await;
            if ended {
                break;
            }
        }
    }
}

/// A world in which the create of `a` had its effect when the machine stopped.
async fn stopped_before_the_answer(text: &str, lag: u64) -> World {
    let boundaries = Boundaries::new();
    World::new().watched(&boundaries, text, To::Declared).await.unwrap();
    let named = |name: &String| name == "create a: before the answer";
    let answer = boundaries.passed().iter().position(named).unwrap();
    let world = World::new();
    world.cloud.set_lag(Duration::from_secs(lag));
    let outcome = world.watched(&Boundaries::stop_at(answer), text, To::Declared).await;
    assert!(matches!(outcome, Err(Ended::Stopped)));
    world.disk.crash(Unsynced::Lost);
    world
}

/// Reads do not show it yet, and what is wanted by now would not be made with the same token.
#[tokio::test(start_paused = true)]
async fn what_was_made_unseen_is_not_forgotten_by_a_run_that_wants_something_else() {
    for kind in ["Plain", "Named", "Tagged", "Untagged", "Batch"] {
        let first = format!("a:{kind}");
        let changed = format!("a:{kind} shape=other");
        for (text, to) in
            [(changed.as_str(), To::Declared), ("b", To::Declared), (&first, To::Nothing)]
        {
            let world = stopped_before_the_answer(&first, 5).await;
            world.complete(text, to).await;
            world.assert_recorded().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tags_that_somebody_changed_meanwhile_are_put_back_by_the_run_that_finds_it() {
    let text = "a:Slow\n+tag team blue";
    let world = stopped_before_the_answer(text, 0).await;
    world.meddle("a#team=red");
    world.up(text).await;
    assert_eq!(world.cloud.inventory(), World::with(text).await.cloud.inventory());
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_returns_at_once_and_the_next_run_goes_on_where_it_was() {
    for scenario in SCENARIOS {
        let (_, clean, made) = scenario.undisturbed(0).await;
        for tenths in (0..600).step_by(17) {
            let world = scenario.world(0).await;
            world.cloud.set_latency(Duration::from_millis(400));
            let start = world.clock.elapsed();
            let after = Duration::from_millis(tenths * 100);
            let planned = world.plan(scenario.text).await.is_ok();
            assert!(planned);
            let until = world.clock;
            let report = world
                .run(scenario.text, scenario.to, async move { until.sleep(after).await })
                .await
                .unwrap();
            let (ended, sent) = (world.clock.elapsed(), world.cloud.sent());
            if report.interrupted {
                // Reading and planning come first; the interrupt is for the run.
                assert!(ended <= start + after + Duration::from_secs(3), "{after:?}");
                assert!(sent.last().is_none_or(|last| last.at <= ended));
            }
            world.cloud.set_latency(Duration::ZERO);
            world.complete(scenario.text, scenario.to).await;
            assert_eq!(
                (world.cloud.inventory(), world.cloud.made()),
                (clean.clone(), made),
                "after {after:?}"
            );
            world.assert_recorded().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_run_starts_nothing_more_and_its_journal_names_what_is_in_flight() {
    let world = World::new();
    world.cloud.set_latency(Duration::from_secs(4));
    let clock = world.clock;
    // `a` was answered, `b` is on its way, `c` would come after.
    let text = "a\nb <- a!\nc <- b!";
    let report = world
        .run(text, To::Declared, async move { clock.sleep(Duration::from_secs(5)).await })
        .await
        .unwrap();
    assert!(report.interrupted && report.failed.is_empty() && report.skipped.is_empty());
    assert_eq!(
        (world.clock.elapsed().as_secs(), world.changes().as_str()),
        (5, "0 create a\n4 create b")
    );
    let state = world.state().await;
    let recorded: Vec<_> =
        state.all().map(|(address, _, entry)| (address.as_str(), entry.status)).collect();
    assert_eq!(recorded, [("a", Status::Accepted), ("b", Status::Creating)]);
    // Before it has begun, nothing is sent at all.
    let world = World::new();
    assert!(world.run(text, To::Declared, async {}).await.unwrap().interrupted);
    assert_eq!(world.changes(), "");
}

#[tokio::test(start_paused = true)]
async fn no_call_is_sent_whose_intent_the_disk_refused() {
    for scenario in SCENARIOS {
        let (_, clean, made) = scenario.undisturbed(0).await;
        for writes in 0.. {
            let world = scenario.world(0).await;
            world.cloud.forget_sent();
            world.disk.fail_after(writes);
            let outcome = world.run(scenario.text, scenario.to, pending()).await;
            if writes == 0 {
                assert_eq!(world.changes(), "");
            }
            if outcome.is_ok() {
                break;
            }
            assert!(matches!(
                outcome,
                Err(Ended::Store(StoreError::Io { .. })
                    | Ended::Apply(ApplyError::Store(StoreError::Io { .. })))
            ));
            world.disk.mend();
            world.disk.crash(Unsynced::Torn);
            world.complete(scenario.text, scenario.to).await;
            assert_eq!(
                (world.cloud.inventory(), world.cloud.made()),
                (clean.clone(), made),
                "{writes} writes"
            );
            world.assert_recorded().await;
        }
    }
}
