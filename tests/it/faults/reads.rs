//! Reads that lag behind writes, and answers that come in small pages.

use std::collections::BTreeMap;

use globecart_local_aws::{Action, Options, Rule};

use super::clean;
use crate::contents::{difference, made};
use crate::lifecycle::compared;
use crate::lifecycle::mutating;
use crate::matrix::network;
use crate::sample::is_torture;
use crate::threads::in_parallel;
use crate::world::{Define, World};

/// Up, up again until nothing is left to do, and gone, while reads show a row as it was for a few reads.
async fn lags(name: &str, define: &Define, stale_reads: u32) {
    let clean = clean(define).await;
    let world = World::with(Options { stale_reads, ..Options::default() }).await;
    let before = world.inventory();
    let what = format!("{name}, {stale_reads} stale reads");
    world.calls();
    world.up_well(define).await;
    assert_eq!(made(&world.calls()), clean.made, "{what}: what was made");
    let report = world.up_well(define).await;
    assert_eq!((report.created, report.replaced, report.deleted), (0, 0, 0), "{what}");
    for _ in 0..stale_reads {
        world.up_well(define).await;
    }
    assert!(world.plan(define).await.unwrap().is_empty(), "{what}");
    assert_eq!(difference(&world.contents().await, &clean.contents), "", "{what}: the cloud");
    world.destroy(define).await;
    assert_eq!(world.left_since(&before), BTreeMap::new(), "{what}");
}

#[test]
fn reads_of_the_network_may_lag_behind() {
    let some: &[u32] = if is_torture() { &[1, 2, 3, 4, 5] } else { &[3] };
    in_parallel(some.iter().copied(), async |reads| {
        lags("the network", &|stack| network(stack, false), reads).await;
    });
}

/// Up, up again without a change, and gone, while answers come in pages.
async fn pages(name: &str, define: &Define, rules: &[Rule]) {
    let clean = clean(define).await;
    let world = World::new().await;
    let before = world.inventory();
    for rule in rules {
        world.cloud.add_rule(rule.clone());
    }
    let what = format!("{name}, {rules:?}");
    world.up_well(define).await;
    world.calls();
    assert!(world.plan(define).await.unwrap().is_empty(), "{what}");
    world.up_well(define).await;
    assert_eq!(mutating(world.calls()), [], "{what}");
    assert_eq!(difference(&world.contents().await, &clean.contents), "", "{what}: the cloud");
    world.lose_state();
    world.up_well(define).await;
    assert_eq!(mutating(world.calls()), [], "{what}: the state was lost");
    world.destroy(define).await;
    assert_eq!(world.left_since(&before), BTreeMap::new(), "{what}");
}

#[test]
fn pages_may_hold_one_element_and_be_empty_in_between() {
    let rules = || [Rule::new(Action::PageSize(1)), Rule::new(Action::EmptyPages)];
    in_parallel(compared(), async |case| pages(case.name, &case.first(), &rules()).await);
}
