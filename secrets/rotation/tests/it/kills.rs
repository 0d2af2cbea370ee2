//! Every step ended before and after each of its calls and statements, and run again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use globecart_rotation::testing::{Ended, until_boundary};
use globecart_rotation::{Boundaries, CURRENT, Outcome, PENDING, PREVIOUS, Strategy};

use crate::stage::Stage;

/// Which of an application's rotations is ended.
#[derive(Clone, Copy, PartialEq)]
enum Which {
    /// The one that makes the roles.
    First,
    Second,
}

/// Ends the rotation at its boundaries: at all of them, or at a sample.
async fn at_boundaries(strategy: Strategy, which: Which) {
    let Some(stage) = Stage::set(strategy).await else { return };
    let mut stage = prepared(stage, which).await;
    let all = boundaries_of(&stage).await;
    assert!(all > 50, "{all}");
    let chosen = sample(all);
    for &number in &chosen {
        stage = prepared(stage, which).await;
        let steps = |boundaries| stage.steps("next", boundaries);
        match Box::pin(until_boundary(number, steps)).await {
            Ended::Killed(place) => {
                check_meanwhile(&stage, strategy, which, &place).await;
                check_retry(&stage, strategy, which, &place).await;
            }
            Ended::Whole(outcomes) => panic!("{number} of {all} was not reached: {outcomes:?}"),
        }
    }
    let order = if which == Which::First { "first" } else { "second" };
    println!("{order} rotation, {strategy}: ended at {} of {all} boundaries", chosen.len());
}

/// An application whose next rotation is the one to be ended.
async fn prepared(stage: Stage, which: Which) -> Stage {
    let stage = stage.again();
    if which == Which::Second {
        stage.rotate("v2").await;
    }
    stage.secrets.rotate(&stage.secret, "next").unwrap();
    stage
}

/// How many boundaries the rotation has, by letting it through.
async fn boundaries_of(stage: &Stage) -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let boundaries = Boundaries::new(move |_, _| {
        counted.fetch_add(1, Ordering::Relaxed);
        false
    });
    assert_eq!(stage.steps("next", boundaries).await.unwrap(), [Outcome::Done; 4]);
    count.load(Ordering::Relaxed)
}

/// Every boundary if all are asked for, else each eighth, from one that `GLOBECART_SEED` says.
fn sample(all: usize) -> Vec<usize> {
    const EVERY: usize = 8;
    if variable("GLOBECART_TORTURE").as_deref() == Some("all") {
        return (0..all).collect();
    }
    let seed: usize = variable("GLOBECART_SEED").and_then(|seed| seed.parse().ok()).unwrap_or(1);
    (seed % EVERY..all).step_by(EVERY).collect()
}

#[expect(clippy::disallowed_methods, reason = "how much is tried is said there")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Until the retry, what the application reads must not be half of anything.
async fn check_meanwhile(stage: &Stage, strategy: Strategy, which: Which, place: &str) {
    let stages = stage.secrets.stages(&stage.secret);
    let with = |name: &str| stages.values().filter(|stages| stages.contains(name)).count();
    assert_eq!(with(CURRENT), 1, "{place}: {stages:?}");
    assert!(with(PENDING) <= 1 && with(PREVIOUS) <= 1, "{place}: {stages:?}");
    let current = stage.login(CURRENT);
    // Before the first rotation nobody logs in; with one user, what is set and not yet finished locks it out.
    if strategy == Strategy::AlternatingUsers && which == Which::Second {
        assert!(stage.logs_in(&current).await, "{place}");
    }
}

/// Secrets Manager repeats the whole rotation, and now and then a step that has succeeded.
async fn check_retry(stage: &Stage, strategy: Strategy, which: Which, place: &str) {
    let old = stage.login(if stage.secrets.stages(&stage.secret)["next"].contains(CURRENT) {
        PREVIOUS
    } else {
        CURRENT
    });
    let retried = stage.steps("next", Boundaries::default()).await;
    retried.unwrap_or_else(|error| panic!("{place}: {error}"));
    stage.assert_current("next").await;
    let repeated = stage.steps("next", Boundaries::default()).await.unwrap();
    assert!(repeated.iter().all(|outcome| *outcome != Outcome::Done), "{place}");
    stage.assert_current("next").await;

    assert_eq!(stage.login(PREVIOUS), old, "{place}");
    let stages = stage.secrets.stages(&stage.secret);
    assert!(stages.values().all(|stages| !stages.contains(PENDING)), "{place}: {stages:?}");
    let keeps_old = strategy == Strategy::AlternatingUsers;
    assert_eq!(stage.logs_in(&old).await, keeps_old, "{place}");
    if which == Which::Second && keeps_old {
        assert_ne!(old.0, stage.login(CURRENT).0, "{place}");
    }
}

#[tokio::test]
async fn the_first_rotation_of_a_single_user() {
    at_boundaries(Strategy::SingleUser, Which::First).await;
}

#[tokio::test]
async fn the_second_rotation_of_a_single_user() {
    at_boundaries(Strategy::SingleUser, Which::Second).await;
}

#[tokio::test]
async fn the_first_rotation_of_alternating_users() {
    at_boundaries(Strategy::AlternatingUsers, Which::First).await;
}

#[tokio::test]
async fn the_second_rotation_of_alternating_users() {
    at_boundaries(Strategy::AlternatingUsers, Which::Second).await;
}
