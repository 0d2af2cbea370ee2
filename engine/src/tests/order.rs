//! What starts when: the second of each call that changes something.

use std::time::Duration;

use insta::assert_snapshot;

use super::world::{Ended, To, World};
use crate::Operation;
use crate::testing::{Boundaries, Unsynced};

#[tokio::test(start_paused = true)]
async fn a_resource_starts_as_soon_as_what_it_needs_is_there() {
    let world = World::new();
    world
        .up("network:Slow
             role
             gateway <- network!
             cluster <- role
             service <- cluster network")
        .await;
    assert_snapshot!(world.changes(), @"
    0 create network
    0 create role
    0 create gateway
    10 create cluster
    600 create service
    ");
}

#[tokio::test(start_paused = true)]
async fn the_longest_remaining_path_starts_first() {
    let world = World::new();
    world
        .up("short
             way
             middle <- way
             end:Slow <- middle")
        .await;
    assert_snapshot!(world.changes(), @"
    0 create way
    0 create short
    10 create middle
    20 create end
    ");
}

#[tokio::test(start_paused = true)]
async fn a_declared_order_holds_without_a_reference_and_backwards_on_destroy() {
    let text = "a
                b
                +after a b";
    let world = World::with(text).await;
    world.destroy(text).await;
    assert_snapshot!(world.changes(), @"
    20 delete a
    25 delete b
    ");
}

#[tokio::test(start_paused = true)]
async fn destroy_is_the_graph_backwards() {
    let text = "network:Slow
                role
                gateway <- network!
                cluster <- role
                service <- cluster network";
    let world = World::with(text).await;
    let report = world.destroy(text).await;
    assert_eq!((report.deleted, world.cloud.inventory()), (5, vec![]));
    assert_snapshot!(world.changes(), @"
    610 delete gateway
    610 delete service
    615 delete cluster
    615 delete network
    620 delete role
    ");
}

#[tokio::test(start_paused = true)]
async fn a_replacement_is_there_before_its_dependents_turn_to_it_and_the_old_one_goes() {
    let world = World::with("base shape=round\nuser <- base\nguest <- @base").await;
    let report = world.up("base shape=square\nuser <- base\nguest <- @base").await;
    assert_eq!((report.replaced, report.updated), (2, 1));
    assert_snapshot!(world.changes(), @"
    20 create base
    30 create guest
    30 update user
    40 delete guest
    45 delete base
    ");
    world.assert_recorded().await;
}

#[tokio::test(start_paused = true)]
async fn what_holds_a_slot_goes_before_its_successor_comes_and_what_lives_in_it_goes_even_earlier()
{
    let world = World::with("base slot=x shape=round\nuser <- base\nguest <- @base").await;
    // The user keeps its reference until the successor is there, and AWS keeps what is referred to.
    world.up("base slot=x shape=round\nguest <- @base").await;
    world.cloud.forget_sent();
    world.up("base slot=y shape=round\nguest <- @base").await;
    assert_snapshot!(world.changes(), @"
    25 delete guest
    30 delete base
    35 create base
    45 create guest
    ");
    world.assert_recorded().await;
}

#[tokio::test(start_paused = true)]
async fn a_dependent_lets_go_before_what_is_no_longer_declared_is_deleted() {
    let world = World::with("old\nuser <- old").await;
    world.up("new\nuser <- new").await;
    assert_snapshot!(world.changes(), @"
    20 create new
    30 update user
    35 delete old
    ");
}

#[tokio::test(start_paused = true)]
async fn another_type_at_the_same_address_is_made_before_the_old_one_is_deleted() {
    let world = World::with("store\nuser <- store").await;
    let report = world.up("store:Named\nuser <- store").await;
    assert_eq!((report.created, report.updated, report.deleted), (1, 1, 1));
    assert_snapshot!(world.changes(), @"
    20 create store
    30 update user
    35 delete store
    ");
    world.assert_recorded().await;
}

#[tokio::test(start_paused = true)]
async fn deletes_go_together_where_one_call_takes_many() {
    let text = "base\na:Batch <- base\nb:Batch <- base\nc:Batch <- base\nd:Batch <- base";
    let world = World::with(text).await;
    world.destroy(text).await;
    assert_snapshot!(world.changes(), @"
    20 delete a b c
    20 delete d
    25 delete base
    ");
}

#[tokio::test(start_paused = true)]
async fn one_missing_resource_does_not_pass_for_its_whole_group() {
    let text = "a:Batch\nb:Batch\nc:Batch";
    let world = World::with(text).await;
    let (mut store, plan) = (world.store().await, world.plan_destroy(text).await.unwrap());
    world.cloud.vanish("b");
    let report = world.apply(&mut store, text, &plan, std::future::pending()).await.unwrap();
    assert_eq!((report.deleted, world.cloud.inventory()), (3, vec![]));
    assert_snapshot!(world.changes(), @"
    10 delete a batch-2 c
    10 delete a
    10 delete batch-2
    10 delete c
    ");
}

/// What keeps `hook` from going is turned to the successor of what `hook` keeps from going.
#[tokio::test(start_paused = true)]
async fn a_circle_of_wishes_is_cut() {
    let world = World::with("base slot=x\nhook <- base\nuser <- hook").await;
    world.cloud.set_duration("*", Operation::Delete, Duration::ZERO);
    let report = world.try_up("base slot=y\nuser <- base").await;
    // The cloud refuses to delete what is in use, so that the deletes fail in the end; nothing hangs.
    assert_eq!(report.failed[0].address.as_str(), "hook");
    assert_eq!(report.failed.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_lets_go_of_a_slot_does_so_before_its_holder_goes() {
    let world = World::with("base slot=x; user <- base").await;
    world.up("base slot=y; user").await;
    assert_snapshot!(world.changes(), @"
    20 update user
    25 delete base
    30 create base
    ");
}

/// The run that was to replace it died; the successor still comes before the old one goes.
#[tokio::test(start_paused = true)]
async fn an_older_life_stays_until_its_successor_is_there() {
    let world = World::with("a shape=x").await;
    let (boundaries, text) = (Boundaries::new(), "a shape=y");
    world.watched(&boundaries, text, To::Declared).await.unwrap();
    let create =
        boundaries.passed().iter().position(|name| name == "create a: before the call").unwrap();

    let world = World::with("a shape=x").await;
    let stopped = world.watched(&Boundaries::stop_at(create), text, To::Declared).await;
    assert!(matches!(stopped, Err(Ended::Stopped)));
    world.disk.crash(Unsynced::Lost);
    world.cloud.forget_sent();
    world.up(text).await;
    assert_snapshot!(world.changes(), @"
    40 create a
    50 delete a
    ");
    world.assert_recorded().await;
}

#[tokio::test(start_paused = true)]
async fn a_report_counts_resources_and_says_what_is_left() {
    let world = World::new();
    let report = world.up("a shape=x; b; c:Untagged; d").await;
    assert_eq!((report.created, report.unchanged, report.remains.len()), (4, 0, 0));
    let report = world.up("a shape=y; b size=2; d").await;
    let counts =
        (report.created, report.updated, report.replaced, report.deleted, report.unchanged);
    assert_eq!(counts, (0, 1, 1, 1, 1));
    let remains: Vec<_> = report
        .remains
        .iter()
        .map(|(address, kind, what)| format!("{address} {kind} {what}"))
        .collect();
    assert_eq!(remains, ["c test:Untagged is kept for a week"]);
}
