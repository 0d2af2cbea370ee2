//! Calls that are throttled, fail or get no answer, each of them, reads too.

use globecart_local_aws::{Action, Rule};

use super::{clean, converges, each, is_complete};
use crate::lifecycle::compared;
use crate::matrix::network;
use crate::sample::is_torture;
use crate::threads::in_parallel;
use crate::world::{Define, World};

/// Disturbs every call of a run in this way; the run itself must come through.
async fn comes_through(name: &str, define: &Define, rule: Rule) {
    let clean = clean(define).await;
    let world = World::new().await;
    for rule in each(&clean.calls, &rule) {
        world.cloud.add_rule(rule);
    }
    let what = format!("{name}, {rule:?}");
    let first = converges(&what, &world, define, &clean).await;
    assert!(is_complete(&first), "{what}: {first:#?}");
}

fn rules() -> [Rule; 5] {
    [
        Rule::new(Action::Throttle).times(3),
        Rule::new(Action::ServerError(500)).times(1),
        Rule::new(Action::ServerError(503)).times(2),
        Rule::new(Action::LoseBefore).times(1),
        Rule::new(Action::LoseAfter).times(1),
    ]
}

#[test]
fn each_call_of_the_network_may_fail_at_first() {
    // The first and the last are the hardest.
    let rules = rules().into_iter().step_by(if is_torture() { 1 } else { 4 });
    in_parallel(rules, async |rule| {
        comes_through("the network", &|stack| network(stack, false), rule).await;
    });
}

#[test]
fn each_call_of_every_case_may_fail_at_first() {
    let rules = rules().into_iter().step_by(if is_torture() { 1 } else { 4 });
    let jobs = rules.flat_map(|rule| compared().map(move |case| (case, rule.clone())));
    in_parallel(jobs, async |(case, rule)| comes_through(case.name, &case.first(), rule).await);
}
