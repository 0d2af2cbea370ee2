//! What goes wrong between the engine and AWS: every run ends as it would have ended undisturbed, or with an error from
//! which the next run does.

use std::collections::BTreeMap;

use globecart_aws::engine::apply::Report;
use globecart_local_aws::{CallRecord, Rule};

use crate::contents::{difference, made};
use crate::world::{Define, Ended, To, World};

mod calls;
mod credentials;
mod deletes;
mod disk;
mod graph;
mod reads;

/// What an undisturbed run comes to.
struct Clean {
    calls: Vec<CallRecord>,
    contents: Vec<String>,
    made: BTreeMap<String, usize>,
}

async fn clean(define: &Define) -> Clean {
    let world = World::new().await;
    world.calls();
    world.up_well(define).await;
    let calls = world.calls();
    Clean { contents: world.contents().await, made: made(&calls), calls }
}

/// Runs as the world is, then again without faults: it must end as if there had been none. Answers how the first ended.
async fn converges(
    what: &str,
    world: &World,
    define: &Define,
    clean: &Clean,
) -> Result<Report, Ended> {
    world.calls();
    let stack = world.stack(define).unwrap();
    let first = world.run(&stack, To::Declared).await;
    world.cloud.clear_rules();
    world.disk.mend();
    let second = world.run(&stack, To::Declared).await;
    let report = second.unwrap_or_else(|end| panic!("{what}: {end:?}"));
    assert!(report.failed.is_empty(), "{what}: {:#?}", report.failed);
    assert_eq!(made(&world.calls()), clean.made, "{what}: what was made");
    let plan = world.plan(define).await.unwrap();
    assert!(plan.is_empty(), "{what}: {:#?}", plan.steps);
    let contents = difference(&world.contents().await, &clean.contents);
    assert_eq!(contents, "", "{what}: the cloud");
    first
}

/// Whether a run did all it set out to do.
fn is_complete(outcome: &Result<Report, Ended>) -> bool {
    outcome.as_ref().is_ok_and(|report| report.failed.is_empty() && report.skipped.is_empty())
}

/// A rule for each of these calls, told apart by service, operation and, where it can be told, resource.
fn each(calls: &[CallRecord], rule: &Rule) -> Vec<Rule> {
    let mut about: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.service != "sts") {
        let addresses = about.entry((call.service, &call.operation)).or_default();
        addresses.extend(call.address.as_deref().filter(|address| !addresses.contains(address)));
    }
    let rules = about.into_iter().flat_map(|((service, operation), addresses)| {
        let rule = rule.clone().service(service).operation(operation);
        if addresses.is_empty() {
            return vec![rule];
        }
        addresses.into_iter().map(|address| rule.clone().address(address)).collect()
    });
    rules.collect()
}
