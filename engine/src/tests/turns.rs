//! Resources that are changed one after the other.

use insta::assert_snapshot;

use super::show::shown;
use super::world::World;
use crate::testing::{Fault, Verb};
use crate::{Class, Event, Operation};

const CLUSTER: &str = "cluster; w scale=9 <- cluster; r1 <- cluster; r2 <- cluster; +turns cluster";

/// The changes since the world was made, each in the second it was sent, from 0.
fn changes(world: &World) -> String {
    let lines = world.changes();
    let first = |line: &str| line.split(' ').next().unwrap().parse::<f64>().unwrap();
    let start = lines.lines().next().map_or(0.0, first);
    let line = |line: &str| {
        let rest = line.split_once(' ').unwrap().1;
        format!("{} {rest}", first(line) - start)
    };
    lines.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test(start_paused = true)]
async fn the_live_role_decides_whose_turn_it_is() {
    let world = World::with(CLUSTER).await;
    // The second reader became the writer meanwhile.
    world.meddle("w.scale=1");
    world.meddle("r2.scale=9");
    let text = "cluster; w scale=9 size=2 <- cluster; r1 size=2 <- cluster; r2 size=2 <- cluster; \
                +turns cluster";
    assert_snapshot!(shown(&world.plan(text).await.unwrap()), @"
    ~ test:Plain w, turn 1 of 3
          size: 1 -> 2 (Rolling)
    ~ test:Plain r1, turn 2 of 3
          size: 1 -> 2 (Rolling)
    ~ test:Plain r2, turn 3 of 3
          size: 1 -> 2 (Rolling)
    ");
    world.up(text).await;
    assert_snapshot!(changes(&world), @"
    0 update w
    5 update r1
    10 update r2
    ");
}

#[tokio::test(start_paused = true)]
async fn new_members_come_first_and_those_that_go_come_last() {
    let world = World::with(CLUSTER).await;
    let text = "cluster; w scale=9 size=2 <- cluster; r1 size=2 <- cluster; r3 <- cluster w; \
                +turns cluster";
    world.up(text).await;
    assert_snapshot!(changes(&world), @"
    0 create r3
    10 update r1
    15 update w
    20 delete r2
    ");
    world.assert_recorded().await;
}

#[tokio::test(start_paused = true)]
async fn a_member_is_replaced_in_its_turn_although_another_is_declared_to_need_it() {
    let world =
        World::with("cluster; w scale=9 <- cluster; r <- cluster; +after r w; +turns cluster")
            .await;
    let text =
        "cluster; w scale=9 shape=x <- cluster; r shape=x <- cluster; +after r w; +turns cluster";
    world.up(text).await;
    assert_snapshot!(changes(&world), @"
    0 create r
    10 delete r
    15 create w
    25 delete w
    ");
    let world =
        World::with("cluster; w scale=9 <- cluster; r <- cluster; +after r w; +turns cluster")
            .await;
    world
        .up("cluster; w scale=9 size=2 <- cluster; r size=2 <- cluster; +after r w; +turns cluster")
        .await;
    assert_snapshot!(changes(&world), @"
    0 update r
    5 update w
    ");
}

#[tokio::test(start_paused = true)]
async fn a_failure_in_the_middle_leaves_the_rest_as_it_is() {
    let world = World::with(CLUSTER).await;
    world.cloud.fault(Fault::new(Verb::Update, "r2", Class::Denied));
    let text = "cluster; w scale=9 size=2 <- cluster; r1 size=2 <- cluster; r2 size=2 <- cluster; \
                x size=2; +turns cluster";
    let report = world.try_up(text).await;
    assert_eq!(report.failed[0].address.as_str(), "r2");
    let skipped: Vec<&str> = report.skipped.iter().map(|(address, _)| address.as_str()).collect();
    assert_eq!((skipped, report.updated, report.created), (vec!["w"], 1, 1));
    world.up(text).await;
    assert!(world.plan(text).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn other_tags_wait_for_no_turn_and_a_destroy_for_none() {
    let world = World::with(CLUSTER).await;
    world.up(&format!("{CLUSTER}; +tag team blue")).await;
    assert_snapshot!(changes(&world), @"
    0 tag cluster
    0 tag w
    0 tag r1
    0 tag r2
    ");
    world.cloud.forget_sent();
    world.destroy(CLUSTER).await;
    assert_snapshot!(changes(&world), @"
    0 delete r1
    0 delete r2
    0 delete w
    5 delete cluster
    ");
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_run_began_is_waited_for_before_the_next_turn() {
    let world = World::with(CLUSTER).await;
    let clock = world.clock;
    let text =
        "cluster; w scale=9 size=2 <- cluster; r1 size=2 <- cluster; r2 <- cluster; +turns cluster";
    let interrupt = async move { clock.sleep(std::time::Duration::from_secs(2)).await };
    let report = world.run(text, super::world::To::Declared, interrupt).await.unwrap();
    assert!(report.interrupted);
    world.up(text).await;
    assert_snapshot!(changes(&world), @"
    0 update r1
    5 update w
    ");
    let done = world.told().into_iter().filter_map(|event| match event {
        Event::Done { address, operation: Operation::Update, .. } => Some(address.to_string()),
        _ => None,
    });
    assert_eq!(done.collect::<Vec<_>>(), ["w"]);
}
