//! Disks that are full, and journals that are cut or altered.

use globecart_aws::engine::apply::ApplyError;
use globecart_aws::engine::store::{Kept, StoreError};
use globecart_aws::engine::testing::{Boundaries, Disk, Unsynced};
use globecart_local_aws::{Action, Hook, Point, Rule, Then};

use super::{Clean, clean, converges, is_complete};
use crate::contents::{difference, made};
use crate::lifecycle::compared;
use crate::lifecycle::{Case, mutating};
use crate::sample::{chosen, seed, tell};
use crate::threads::in_parallel;
use crate::world::{Checkpoint, Ended, To, World};

/// Fails the test at a call about a resource that no durable record names.
fn only_with_intent(disk: &Disk) -> Rule {
    let disk = disk.clone();
    let hook = Hook::new(move |call| {
        if let (true, Some(address)) = (call.is_mutating(), &call.address) {
            let Kept { snapshot, journal } = disk.kept();
            let named = format!("\"{address}\"");
            let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(&named);
            assert!(
                holds(&journal) || holds(&snapshot),
                "{} of {address} without a durable intent",
                call.operation
            );
        }
        Then::Continue
    });
    Rule::new(Action::Hook(Point::BeforeCall, hook))
}

#[test]
fn no_call_is_sent_whose_intent_is_not_durable() {
    let tried = in_parallel(compared(), async |case| {
        let clean = clean(&case.first()).await;
        for writes in 0.. {
            let world = World::new().await;
            world.cloud.add_rule(only_with_intent(&world.disk));
            world.disk.fail_after(writes);
            let what = format!("{}, the disk is full after {writes} writes", case.name);
            let first = converges(&what, &world, &case.first(), &clean).await;
            if is_complete(&first) {
                return writes;
            }
            let io = matches!(
                first,
                Err(Ended::Store(StoreError::Io { .. })
                    | Ended::Apply(ApplyError::Store(StoreError::Io { .. })))
            );
            assert!(io, "{what}: {first:?}");
        }
        0
    });
    println!("the disk was full at each of {} writes", tried.iter().sum::<u32>());
}

/// A world just before the journal of a run that made everything is folded into a snapshot.
async fn with_journal(case: &Case, clean: &Clean) -> (World, Checkpoint, Vec<u8>) {
    let world = World::new().await;
    let stack = world.stack(&case.first()).unwrap();
    let counting = Boundaries::new();
    let empty = world.checkpoint();
    world.watched(&counting, &stack, To::Declared).await.unwrap();
    let passed = counting.passed();
    let end = passed.iter().position(|name| name.contains("before the snapshot")).unwrap();
    world.restore(&empty).await;
    let outcome = world.watched(&Boundaries::stop_at(end), &stack, To::Declared).await;
    assert!(matches!(outcome, Err(Ended::Stopped)), "{}: {outcome:?}", case.name);
    world.disk.crash(Unsynced::Lost);
    assert_eq!(made(&world.calls()), clean.made, "{}", case.name);
    let (checkpoint, journal) = (world.checkpoint(), world.disk.kept().journal);
    (world, checkpoint, journal)
}

/// How many cuts and flips of each journal are tried where not all are.
const OF_JOURNAL: usize = 6;

#[test]
fn a_journal_may_be_cut_anywhere() {
    let tried = in_parallel(compared(), async |case| {
        let clean = clean(&case.first()).await;
        let (world, begin, journal) = with_journal(case, &clean).await;
        let cuts = chosen(journal.len(), OF_JOURNAL, seed());
        for cut in &cuts {
            world.restore(&begin).await;
            world.disk.put(Kept { snapshot: Vec::new(), journal: journal[..*cut].to_vec() });
            let at = format!("{}, cut to {cut} of {} bytes", case.name, journal.len());
            let stack = world.stack(&case.first()).unwrap();
            let report = world.run(&stack, To::Declared).await;
            let report = report.unwrap_or_else(|end| panic!("{at}: {end:?}"));
            assert!(report.failed.is_empty(), "{at}: {:#?}", report.failed);
            assert!(world.plan(&case.first()).await.unwrap().is_empty(), "{at}");
            assert_eq!(difference(&world.contents().await, &clean.contents), "", "{at}");
        }
        (cuts.len(), journal.len())
    });
    tell("cut journals", &tried);
}

#[test]
fn a_flipped_byte_is_refused_and_without_the_journal_everything_is_found() {
    let tried = in_parallel(compared(), async |case| {
        let clean = clean(&case.first()).await;
        let (world, begin, journal) = with_journal(case, &clean).await;
        let last = journal[..journal.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
        // The line feed that is missing at the end is a torn tail.
        let bytes = chosen(journal.len() - 1, OF_JOURNAL, seed());
        for byte in &bytes {
            world.restore(&begin).await;
            let mut flipped = journal.clone();
            flipped[*byte] ^= 1 << (byte % 8);
            world.disk.put(Kept { snapshot: Vec::new(), journal: flipped });
            let at = format!("{}, byte {byte} of {} flipped", case.name, journal.len());
            let stack = world.stack(&case.first()).unwrap();
            let outcome = world.run(&stack, To::Declared).await;
            let refused = matches!(outcome, Err(Ended::Store(StoreError::Damaged { .. })));
            // A length or a line feed of the last line that does not fit looks like a write that was interrupted.
            assert!(refused || *byte > last && outcome.is_ok(), "{at}: {outcome:?}");
            if refused {
                assert_eq!(world.calls(), [], "{at}");
                world.lose_state();
                world.up_well(&case.first()).await;
                assert_eq!(mutating(world.calls()), [], "{at}");
            }
            assert_eq!(difference(&world.contents().await, &clean.contents), "", "{at}");
        }
        (bytes.len(), journal.len())
    });
    tell("flipped bytes", &tried);
}
