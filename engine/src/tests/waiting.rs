//! How what was accepted is waited for, and how failed calls are repeated.

use std::future::pending;
use std::time::Duration;

use insta::assert_snapshot;

use super::world::World;
use crate::apply::Done;
use crate::testing::{Fault, Verb};
use crate::{Class, Event, Operation, Status};

/// The seconds at which resources were read, and how many at a time.
fn reads(world: &World) -> Vec<(f64, usize)> {
    let sent = world.cloud.sent().into_iter().filter(|sent| sent.verb == Verb::Read);
    sent.map(|sent| (sent.at.as_secs_f64(), sent.addresses.len())).collect()
}

#[tokio::test(start_paused = true)]
async fn intervals_grow_from_half_a_second_to_a_hundredth_of_the_usual_time() {
    let world = World::new();
    world.up("a:Slow").await;
    let at: Vec<f64> = reads(&world).into_iter().map(|(at, _)| at).collect();
    let pauses: Vec<f64> =
        at.windows(2).map(|pair| ((pair[1] - pair[0]) * 10.0).round() / 10.0).collect();
    assert_eq!(at.first(), Some(&0.5));
    assert_eq!(at.last(), Some(&600.0), "it is read at its usual moment");
    assert!(pauses.iter().all(|pause| (0.0..=6.0).contains(pause)), "{pauses:?}");
    assert_eq!(pauses.iter().filter(|pause| **pause < 6.0).count(), 36, "{pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn everything_of_a_type_is_read_by_one_call_a_tick() {
    let world = World::new();
    let many = (0..50).map(|number| format!("a{number}; b{number}:Named"));
    world.up(&many.collect::<Vec<_>>().join("; ")).await;
    let reads = reads(&world);
    assert!(reads.iter().all(|(_, together)| *together == 50), "{reads:?}");
    // Ten seconds of ticks that grow from half a second to one, and that for two types.
    assert_eq!(reads.len(), 2 * 18);
}

#[tokio::test(start_paused = true)]
async fn a_slow_read_is_not_overtaken_by_another_of_the_same_resources() {
    let world = World::new();
    world.cloud.set_latency(Duration::from_secs(3));
    world.up("a\nb").await;
    assert_snapshot!(world.sent(|verb| verb == Verb::Read), @"
    3.5 read a b
    7 read a b
    10.7 read a b
    ");
}

#[tokio::test(start_paused = true)]
async fn what_the_answer_says_is_ready_is_not_read() {
    let world = World::new();
    world.cloud.set_duration("*", Operation::Create, Duration::ZERO);
    world.up("a\nb <- a").await;
    assert_eq!(reads(&world), []);
}

#[tokio::test(start_paused = true)]
async fn done_accepted_waits_for_what_others_need_and_the_next_run_for_the_rest() {
    let mut world = World::new();
    world.done = Done::Accepted;
    let text = "a\nb:Slow <- a\n+export url b";
    let report = world.up(text).await;
    assert_eq!((report.created, world.clock.elapsed().as_secs()), (2, 10));
    assert_eq!(world.state().await.outputs()["url"], serde_json::Value::Null);
    world.done = Done::Ready;
    let report = world.up(text).await;
    assert_eq!((report.unchanged, world.clock.elapsed().as_secs()), (2, 610));
    assert_eq!(world.state().await.outputs()["url"], "slow-2.test");
    assert_snapshot!(world.changes(), @"
    0 create a
    10 create b
    ");
}

#[tokio::test(start_paused = true)]
async fn what_became_ready_between_two_runs_is_learned_without_a_change() {
    let mut world = World::new();
    world.done = Done::Accepted;
    let text = "a\n+export url a";
    world.up(text).await;
    world.clock.sleep(Duration::from_mins(1)).await;
    assert!(world.plan(text).await.unwrap().is_empty());
    let report = world.up(text).await;
    assert_eq!(
        (report.unchanged, world.state().await.outputs()["url"].as_str()),
        (1, Some("plain-1.test"))
    );
}

/// How a create fares whose call fails this often: when each try was sent, and how it ended.
async fn tries(flavor: &str, verb: Verb, fault: Fault) -> String {
    let world = World::new();
    let text = format!("a:{flavor}\nb <- a");
    if verb != Verb::Create {
        world.up(&text).await;
        world.cloud.forget_sent();
    }
    let start = world.clock.elapsed();
    world.cloud.fault(fault);
    let report = match verb {
        Verb::Delete => world.run("", super::world::To::Nothing, pending()).await.unwrap(),
        Verb::Update => world.try_up(&text.replacen('\n', " size=2\n", 1)).await,
        _ => world.try_up(&text).await,
    };
    let sent = world.cloud.sent().into_iter().filter(|sent| sent.addresses == ["a"]);
    let sent = sent.filter(|sent| sent.verb.mutates() || sent.verb == Verb::Find);
    let at = |at: Duration| (at.saturating_sub(start).as_secs_f64() * 10.0).round() / 10.0;
    let tries: Vec<String> = sent.map(|sent| format!("{:?} {}", sent.verb, at(sent.at))).collect();
    let tries = tries.join(", ").to_lowercase();
    let shown = if tries.len() > 200 { format!("{}…", &tries[..200]) } else { tries };
    match &report.failed[..] {
        [] => format!("{shown}: done"),
        [failure] => format!(
            "{shown}: {} after {} s, skips {:?}",
            failure.error,
            at(world.clock.elapsed()),
            report.skipped.len()
        ),
        more => format!("{shown}: {} failed", more.len()),
    }
}

#[tokio::test(start_paused = true)]
async fn calls_are_repeated_by_the_class_of_their_error() {
    let mut lines = Vec::new();
    let classes = [
        Class::Throttled,
        Class::Propagation,
        Class::Dependency,
        Class::Ambiguous,
        Class::Unreachable,
        Class::NotFound,
        Class::AlreadyExists,
        Class::Denied,
        Class::Expired,
        Class::Quota,
        Class::Invalid,
        Class::Unsupported,
        Class::Other,
    ];
    for class in classes {
        for times in [2, 10_000] {
            let fault = Fault::new(Verb::Create, "a", class).times(times);
            lines.push(format!("{class:?} {times}: {}", tries("Plain", Verb::Create, fault).await));
        }
    }
    assert_snapshot!(lines.join("\n"), @"
    Throttled 2: create 0, create 0.5, create 1.5: done
    Throttled 10000: create 0, create 0.5, create 1.5, create 3.5, create 7.5, create 15.5, create 31.5, create 51.5, create 71.5, create 91.5, create 111.5, create 131.5, create 151.5, create 171.5, create 191.5, create …: sending create a: Throttled: as told after 911.5 s, skips 1
    Propagation 2: create 0, create 0.5, create 1: done
    Propagation 10000: create 0, create 0.5, create 1, create 1.5, create 2, create 2.5, create 3, create 3.5, create 4, create 5, create 6, create 7, create 8, create 9, create 10, create 11, create 12, create 13, create 1…: sending create a: Propagation: as told after 120 s, skips 1
    Dependency 2: create 0, create 1, create 3: done
    Dependency 10000: create 0, create 1, create 3, create 7, create 12, create 17, create 22, create 27, create 32, create 37, create 42, create 47, create 52, create 57, create 62, create 67, create 72, create 77, create…: sending create a: Dependency: as told after 902 s, skips 1
    Ambiguous 2: create 0, find 0, create 1, find 1, create 3: done
    Ambiguous 10000: create 0, find 0, create 1, find 1, create 3, find 3, create 7, find 7, create 15, find 15: sending create a: Ambiguous: as told after 15 s, skips 1
    Unreachable 2: create 0, create 1, create 3: done
    Unreachable 10000: create 0, create 1, create 3, create 7, create 15, create 25, create 35, create 45, create 55, create 65: sending create a: Unreachable: as told after 65 s, skips 1
    NotFound 2: create 0, create 0.5, create 1: done
    NotFound 10000: create 0, create 0.5, create 1, create 1.5, create 2, create 2.5, create 3, create 3.5, create 4, create 5, create 6, create 7, create 8, create 9, create 10, create 11, create 12, create 13, create 1…: sending create a: NotFound: as told after 120 s, skips 1
    AlreadyExists 2: create 0, find 0, find 2, find 4, find 6, find 8, find 10, find 12, find 14, find 16, find 18, find 20, find 22, find 24, find 26, find 28, find 30: sending create a: AlreadyExists: as told after 30 s, skips 1
    AlreadyExists 10000: create 0, find 0, find 2, find 4, find 6, find 8, find 10, find 12, find 14, find 16, find 18, find 20, find 22, find 24, find 26, find 28, find 30: sending create a: AlreadyExists: as told after 30 s, skips 1
    Denied 2: create 0: sending create a: Denied: as told after 0 s, skips 1
    Denied 10000: create 0: sending create a: Denied: as told after 0 s, skips 1
    Expired 2: create 0: sending create a: Expired: as told after 0 s, skips 1
    Expired 10000: create 0: sending create a: Expired: as told after 0 s, skips 1
    Quota 2: create 0: sending create a: Quota: as told after 0 s, skips 1
    Quota 10000: create 0: sending create a: Quota: as told after 0 s, skips 1
    Invalid 2: create 0: sending create a: Invalid: as told after 0 s, skips 1
    Invalid 10000: create 0: sending create a: Invalid: as told after 0 s, skips 1
    Unsupported 2: create 0: sending create a: Unsupported: as told after 0 s, skips 1
    Unsupported 10000: create 0: sending create a: Unsupported: as told after 0 s, skips 1
    Other 2: create 0: sending create a: Other: as told after 0 s, skips 1
    Other 10000: create 0: sending create a: Other: as told after 0 s, skips 1
    ");
}

#[tokio::test(start_paused = true)]
async fn updates_and_deletes_are_repeated_too() {
    let mut lines = Vec::new();
    for verb in [Verb::Update, Verb::Delete] {
        for class in [Class::Throttled, Class::Dependency, Class::NotFound, Class::Ambiguous] {
            for fault in
                [Fault::new(verb, "a", class).times(2), Fault::new(verb, "a", class).lost()]
            {
                lines.push(format!("{verb:?} {class:?}: {}", tries("Plain", verb, fault).await));
            }
        }
    }
    assert_snapshot!(lines.join("\n"), @"
    Update Throttled: update 0, update 0.5, update 1.5: done
    Update Throttled: update 0, update 0.5: done
    Update Dependency: update 0, update 1, update 3: done
    Update Dependency: update 0, update 1: done
    Update NotFound: update 0, update 0.5, update 1: done
    Update NotFound: update 0, update 0.5: done
    Update Ambiguous: update 0, update 1, update 3: done
    Update Ambiguous: update 0, update 1: done
    Delete Throttled: delete 5, delete 5.5, delete 6.5: done
    Delete Throttled: delete 5, delete 5.5: done
    Delete Dependency: delete 5, delete 6, delete 8: done
    Delete Dependency: delete 5, delete 6: done
    Delete NotFound: delete 5: done
    Delete NotFound: delete 5: done
    Delete Ambiguous: delete 5, delete 6, delete 8: done
    Delete Ambiguous: delete 5, delete 6: done
    ");
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_makes_no_second_resource_however_it_is_told_apart() {
    for flavor in ["Plain", "Named", "Tagged", "Untagged"] {
        for lag in [0, 1, 5, 20] {
            let world = World::new();
            world.cloud.set_lag(Duration::from_secs(lag));
            world.cloud.fault(Fault::new(Verb::Create, "a", Class::Ambiguous).lost());
            world.up(&format!("a:{flavor} note=later\nb <- a")).await;
            assert!(world.cloud.clear_faults());
            let clean = World::with(&format!("a:{flavor} note=later\nb <- a")).await;
            assert_eq!(world.cloud.inventory(), clean.cloud.inventory(), "{flavor}, lag {lag}");
            world.assert_recorded().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_is_not_repeated_after_a_look_that_failed() {
    let world = World::new();
    world.cloud.fault(Fault::new(Verb::Create, "a", Class::Ambiguous).lost());
    world.cloud.fault(Fault::new(Verb::Find, "a", Class::Denied).times(100));
    let report = world.try_up("a:Tagged").await;
    assert_snapshot!(report.failed[0].error, @"sending create a: Ambiguous: as told; whether it had its effect cannot be told: sending find a: Denied: as told");
    assert_eq!(world.changes(), "0 create a");
    world.cloud.clear_faults();
    world.up("a:Tagged").await;
    assert_eq!(world.changes(), "0 create a", "the next run finds it");
}

/// What is recorded of `a`, and what the next run sends of it until it is made, after this failed create.
async fn after_a_failed_create(faults: &[Fault]) -> (Option<Status>, String) {
    let world = World::new();
    let text = "a:Tagged note=later\nb <- a";
    for fault in faults {
        world.cloud.fault(fault.clone());
    }
    assert_eq!(world.try_up(text).await.failed.len(), 1);
    let status = world.state().await.all().next().map(|(_, _, entry)| entry.status);
    world.cloud.clear_faults();
    world.cloud.forget_sent();
    world.up(text).await;
    world.assert_recorded().await;
    assert_eq!(world.cloud.made(), 2, "something was made twice");
    let sent = world.cloud.sent().into_iter().filter(|sent| sent.addresses == ["a"]);
    let verbs: Vec<String> = sent.map(|sent| format!("{:?}", sent.verb).to_lowercase()).collect();
    (status, verbs.join(" "))
}

#[tokio::test(start_paused = true)]
async fn a_create_that_was_refused_is_not_looked_for() {
    let classes = [
        Class::Denied,
        Class::Expired,
        Class::Quota,
        Class::Invalid,
        Class::Unsupported,
        Class::Unreachable,
        Class::Throttled,
    ];
    for class in classes {
        let fault = Fault::new(Verb::Create, "a", class).times(10_000);
        let (status, sent) = after_a_failed_create(&[fault]).await;
        assert_eq!(status, None, "{class:?}");
        assert!(sent.starts_with("create configure read"), "{class:?}: {sent}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_that_may_have_had_an_effect_is_looked_for() {
    let refused = Fault::new(Verb::Create, "a", Class::Denied);
    let cases = [
        // The second step was refused: the first made something.
        (vec![Fault::new(Verb::Configure, "a", Class::Denied)], "find read"),
        (vec![refused, Fault::new(Verb::Create, "a", Class::Ambiguous)], "find find"),
        (vec![Fault::new(Verb::Create, "a", Class::Other).lost()], "find read"),
        (vec![Fault::new(Verb::Create, "a", Class::Other)], "find find"),
    ];
    for (faults, first) in cases {
        let (status, sent) = after_a_failed_create(&faults).await;
        assert_eq!(status, Some(Status::Creating), "{faults:?}");
        assert!(sent.starts_with(first), "{faults:?}: {sent}");
    }
}

/// A refusal of today does not answer what a killed run sent.
#[tokio::test(start_paused = true)]
async fn a_refusal_leaves_open_what_became_of_an_earlier_runs_call() {
    let world = World::new();
    world.cloud.set_lag(Duration::from_mins(5));
    world.cloud.fault(Fault::new(Verb::Create, "a", Class::Denied));
    world.cloud.fault(Fault::new(Verb::Create, "a", Class::Other).lost());
    world.try_up("a:Tagged").await;
    // It is there, and no look of the next run shows it.
    let report = world.try_up("a:Tagged").await;
    assert_eq!(report.failed[0].error.class, Class::Denied);
    world.clock.sleep(Duration::from_mins(5)).await;
    world.up("a:Tagged").await;
    assert_eq!(world.cloud.made(), 1);
    world.assert_recorded().await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_replacement_leaves_the_old_one_as_it_was() {
    let world = World::with("a shape=x\nb <- a").await;
    world.cloud.fault(Fault::new(Verb::Create, "a", Class::Quota));
    let report = world.try_up("a shape=y\nb <- a").await;
    assert_eq!((report.failed.len(), report.replaced), (1, 0));
    assert!(world.plan("a shape=x\nb <- a").await.unwrap().is_empty());
    world.up("a shape=y\nb <- a").await;
    world.assert_recorded().await;
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_run_began_is_told_as_started() {
    let mut world = World::new();
    world.done = Done::Accepted;
    world.up("a:Slow").await;
    let before = world.told().len();
    world.done = Done::Ready;
    world.up("a:Slow").await;
    let told = world.told();
    assert!(
        matches!(&told[before], Event::Started { address, usual_seconds: 600, .. } if address.as_str() == "a"),
        "{:?}",
        told[before]
    );
    assert!(matches!(told.last(), Some(Event::Done { .. })));
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_resource_of_the_same_name_is_left_alone() {
    let world = World::new();
    world.cloud.fault(Fault::new(Verb::Create, "a", Class::Ambiguous).lost().times(1));
    world.cloud.fault(Fault::new(Verb::Find, "a", Class::Denied));
    world.try_up("a:Named").await;
    world.cloud.disown("a");
    let before = world.cloud.inventory();
    let report = world.try_up("a:Named\nb <- a").await;
    assert_snapshot!(report.failed[0].error, @"creating a: test:Named named-1 exists and is not this stack's; it was left alone");
    assert_eq!(report.skipped.len(), 1);
    assert_eq!(world.cloud.inventory(), before);
    world.destroy("").await;
    assert_eq!(world.cloud.inventory(), before);
}

#[tokio::test(start_paused = true)]
async fn reads_that_fail_are_repeated_for_long_and_then_named() {
    let cases = [
        (Class::Throttled, 100, 0),
        (Class::Ambiguous, 100, 0),
        (Class::Throttled, 10_000, 1),
        (Class::Denied, 1, 1),
    ];
    for (class, times, failed) in cases {
        let world = World::new();
        world.cloud.fault(Fault::new(Verb::Read, "*", class).times(times));
        let report = world.try_up("a\nb <- a").await;
        assert_eq!(
            (report.failed.len(), report.skipped.len()),
            (failed, failed),
            "{class:?} × {times}"
        );
        world.cloud.clear_faults();
        world.up("a\nb <- a").await;
        assert_eq!(world.cloud.inventory().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn what_will_never_be_usable_is_named_and_replaced_by_the_next_run() {
    let world = World::new();
    world.cloud.breaks("a", "insufficient capacity");
    let report = world.try_up("a\nb <- a\nc").await;
    assert_eq!((report.failed.len(), report.skipped.len(), report.created), (1, 1, 1));
    assert_snapshot!(report.failed[0].error, @"waiting until it is ready: insufficient capacity");
    world.cloud.mends("a");
    world.up("a\nb <- a\nc").await;
    assert_snapshot!(world.changes(), @"
    0 create a
    0 create c
    10 delete a
    15 create a
    25 create b
    ");
    world.assert_recorded().await;
}

#[tokio::test(start_paused = true)]
async fn progress_is_told_when_it_changes() {
    let world = World::new();
    world.up("a").await;
    let told: Vec<String> = world
        .told()
        .iter()
        .map(|event| match event {
            Event::Progress { text, .. } => format!("progress {text}"),
            Event::Done { seconds, .. } => format!("done {seconds}"),
            other => format!("{other:?}").split(' ').next().unwrap().to_lowercase(),
        })
        .collect();
    assert_eq!(told, ["started", "accepted", "progress creating", "done 10"]);
}
