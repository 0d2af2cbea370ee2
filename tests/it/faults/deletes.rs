//! Deletes that are blocked for a while.

use std::collections::BTreeMap;

use globecart_local_aws::{Action, Rule};

use super::each;
use crate::lifecycle::compared;
use crate::lifecycle::mutating;
use crate::matrix::network;
use crate::threads::in_parallel;
use crate::world::{Define, World};

/// The first tries of every delete are refused because something still hangs on it.
async fn is_blocked(name: &str, define: &Define, times: u64) {
    let world = World::new().await;
    let before = world.inventory();
    world.up_well(define).await;
    let begin = world.checkpoint();
    world.calls();
    world.destroy(define).await;
    let calls = mutating(world.calls());
    world.restore(&begin).await;
    for (service, code, status) in
        [("ec2", "DependencyViolation", 400), ("iam", "DeleteConflict", 409)]
    {
        let blocked = Action::Error(code.to_owned(), "something hangs on it".to_owned(), status);
        let of = calls.iter().filter(|call| call.service == service).cloned();
        let rule = Rule::new(blocked).times(times);
        for rule in each(&of.collect::<Vec<_>>(), &rule) {
            world.cloud.add_rule(rule);
        }
    }
    let report = world.try_destroy(define).await;
    assert!(report.failed.is_empty(), "{name}, blocked {times} times: {:#?}", report.failed);
    assert_eq!(world.left_since(&before), BTreeMap::new(), "{name}, blocked {times} times");
}

#[test]
fn deletes_may_be_blocked_for_a_while() {
    let jobs = compared().flat_map(|case| [1, 3, 10].map(|times| (case, times)));
    in_parallel(jobs, async |(case, times)| is_blocked(case.name, &case.first(), times).await);
}

#[tokio::test(start_paused = true)]
async fn deletes_of_the_network_may_be_blocked_for_a_while() {
    is_blocked("the network", &|stack| network(stack, false), 5).await;
}
