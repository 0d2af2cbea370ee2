//! Updates of several steps, each of which is waited for.

use insta::assert_snapshot;

use super::show::shown;
use super::world::{Ended, To, World};
use crate::apply::{ApplyError, Done};
use crate::testing::{Boundaries, Fault, Unsynced, Verb};
use crate::{Address, Class, Event};

const BEFORE: &str = "a:Stepped\nb <- a";
const AFTER: &str = "a:Stepped size=4\nb size=2 <- a\nc <- a";

#[tokio::test(start_paused = true)]
async fn an_update_goes_step_by_step_and_what_needs_it_waits_for_the_last() {
    let world = World::with(BEFORE).await;
    let plan = world.plan(AFTER).await.unwrap();
    assert_snapshot!(shown(&plan), @"
    ~ test:Stepped a, steps: size 2, then size 3, then size 4
          size: 1 -> 4 (AtOnce)
    ~ test:Plain b
          size: 1 -> 2 (AtOnce)
    + test:Plain c
    ");
    assert_eq!(plan.estimate.seconds, 3 * 5 + 10);
    let start = world.clock.elapsed().as_secs();
    let report = world.up(AFTER).await;
    assert_eq!((start, report.updated, report.created), (20, 2, 1));
    assert_snapshot!(world.changes(), @"
    20 update a
    25 update a
    30 update a
    35 create c
    35 update b
    ");
    let started = world
        .told()
        .into_iter()
        .filter(|event| matches!(event, Event::Started { address, .. } if address.as_str() == "a"));
    assert_eq!(started.count(), 2, "it was made, and it was changed once");
    assert!(world.plan(AFTER).await.unwrap().is_empty());
    world.assert_recorded().await;
}

#[tokio::test(start_paused = true)]
async fn a_sequence_that_was_stopped_anywhere_is_finished_by_the_next_run() {
    let clean = World::with(BEFORE).await;
    let boundaries = Boundaries::new();
    clean.watched(&boundaries, AFTER, To::Declared).await.unwrap();
    let names = boundaries.passed();
    assert!(names.iter().filter(|name| name.starts_with("update a: before the call")).count() == 3);
    for (boundary, name) in names.iter().enumerate() {
        for unsynced in [Unsynced::Lost, Unsynced::Kept] {
            let world = World::with(BEFORE).await;
            let stopped = world.watched(&Boundaries::stop_at(boundary), AFTER, To::Declared).await;
            assert!(matches!(stopped, Err(Ended::Stopped)), "{name}");
            world.disk.crash(unsynced);
            world.up(AFTER).await;
            assert_eq!(world.cloud.inventory(), clean.cloud.inventory(), "{name}");
            assert_eq!(world.cloud.made(), clean.cloud.made(), "{name}");
            assert!(world.plan(AFTER).await.unwrap().is_empty(), "{name}");
            world.assert_recorded().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_fails_leaves_what_was_reached_and_the_next_run_goes_on_from_there() {
    for class in [Class::Denied, Class::Ambiguous] {
        let world = World::with(BEFORE).await;
        // The second step: the first one has been answered by then.
        let watch = async {
            while world.changes().matches("update a").count() == 0 {
                world.clock.sleep(std::time::Duration::from_millis(100)).await;
            }
            world.cloud.fault(Fault::new(Verb::Update, "a", class).times(99));
        };
        let (report, ()) = tokio::join!(world.try_up(AFTER), watch);
        assert_eq!((report.failed.len(), report.skipped.len()), (1, 2), "{:?}", report.failed);
        world.cloud.clear_faults();
        let plan = world.plan(AFTER).await.unwrap();
        let a = plan.steps.iter().find(|step| step.address == Address::new("a")).unwrap();
        assert_eq!(a.steps, ["size 3", "size 4"], "{class:?}");
        world.up(AFTER).await;
        assert!(world.plan(AFTER).await.unwrap().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_sequence_that_gets_nowhere_ends() {
    let world = World::with(BEFORE).await;
    let stuck = "a:Stepped size=4 note=stuck\nb <- a";
    let report = world.try_up(stuck).await;
    assert_snapshot!(report.failed[0].error, @"preparing a: after 12 steps it still differs in size");
    assert_eq!(world.changes().matches("update a").count(), 12);
}

#[tokio::test(start_paused = true)]
async fn done_accepted_is_not_done_before_the_last_step_is_accepted() {
    let mut world = World::with(BEFORE).await;
    world.done = Done::Accepted;
    world.up("a:Stepped size=3\nb <- a").await;
    assert_eq!(world.changes().matches("update a").count(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_update_that_loses_data_is_refused_unless_confirmed() {
    let mut world = World::with("a size=5 data=true").await;
    let text = "a size=2 data=true";
    assert_snapshot!(shown(&world.plan(text).await.unwrap()), @"
    ~ test:Plain a, loses 3 rows
          size: 5 -> 2 (AtOnce)
    ");
    world.confirm = Vec::new();
    let refused = world.run(text, To::Declared, std::future::pending()).await;
    assert!(
        matches!(refused, Err(Ended::Apply(ApplyError::DataLoss(losses))) if losses.len() == 1)
    );
    assert_eq!(world.changes(), "");
    world.up("a size=6 data=true").await;
    world.confirm = vec!["a".to_owned()];
    world.up(text).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_waived_is_recorded_as_long_as_it_is_declared() {
    let world = World::new();
    let waived = async || {
        let state = world.state().await;
        let line = |waiver: &crate::Waiver| {
            format!("{}: {} ({})", waiver.at, waiver.control, waiver.reason)
        };
        state.waivers.iter().map(line).collect::<Vec<_>>().join("; ")
    };
    let text = "a\n+waive tls testing\n+waive alarms nobody";
    assert_eq!(
        world.plan(text).await.unwrap().notices,
        ["waived: tls (testing)", "waived: alarms (nobody)"]
    );
    world.up(text).await;
    assert_eq!(waived().await, "shop: alarms (nobody); shop: tls (testing)");
    world.up("a\n+waive tls testing").await;
    assert_eq!(waived().await, "shop: tls (testing)");
    world.destroy("a\n+waive tls testing").await;
    assert_eq!(waived().await, "");
}

#[tokio::test(start_paused = true)]
async fn what_a_delete_leaves_on_purpose_is_planned_told_and_reported() {
    let text = "a data=true note=copy\nb data=true";
    let world = World::with(text).await;
    assert_snapshot!(shown(&world.plan_destroy(text).await.unwrap()), @"
    - test:Plain a, loses 1 rows, keeps copy of plain-1
    - test:Plain b, loses 1 rows
    ");
    let ids = |report: &crate::apply::Report| {
        let kept = report.kept.iter().map(|(address, kept)| format!("{address}: {}", kept.id));
        kept.collect::<Vec<_>>()
    };
    // Stopped after the delete and before it could be said: the next run says it.
    let stopped = world.watched(&Boundaries::stop_at(3), text, To::Nothing).await;
    assert!(matches!(stopped, Err(Ended::Stopped)));
    let report = world.destroy(text).await;
    assert_eq!(ids(&report), ["a: copy of plain-1"]);
    let told = world.told().into_iter().filter(|event| matches!(event, Event::Kept { .. }));
    assert_eq!(told.count(), 1);
}
