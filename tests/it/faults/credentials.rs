//! Credentials that expire on the way, and clocks that differ.

use globecart_aws::engine::plan::PlanError;
use globecart_aws::engine::{CallError, Class};
use globecart_local_aws::{Action, Rule};

use super::{clean, converges, is_complete};
use crate::lifecycle::compared;
use crate::matrix::network;
use crate::sample::{chosen, seed, tell};
use crate::threads::in_parallel;
use crate::world::{Define, Ended, World};

/// Lets the credentials expire from the nth call on, for `most` different n; answers how many, of how many.
async fn expire(name: &str, define: &Define, most: usize) -> (usize, usize) {
    let clean = clean(define).await;
    let calls = clean.calls.len();
    let chosen = chosen(calls, most, seed());
    for nth in &chosen {
        let world = World::new().await;
        world.cloud.add_rule(Rule::new(Action::ExpiredCredentials).from(*nth as u64 + 1));
        let what = format!("{name}, expired from call {} of {calls} on", nth + 1);
        let errors: Vec<CallError> = match converges(&what, &world, define, &clean).await {
            Err(Ended::Plan(PlanError::Read(error))) => vec![error],
            Ok(report) => report.failed.into_iter().map(|failure| failure.error).collect(),
            Err(other) => panic!("{what}: {other:?}"),
        };
        assert!(!errors.is_empty(), "{what}: nothing failed");
        let others: Vec<_> = errors.iter().filter(|error| error.class != Class::Expired).collect();
        assert!(others.is_empty(), "{what}: {others:#?}");
    }
    (chosen.len(), calls)
}

#[test]
fn credentials_may_expire_at_any_call() {
    let tried = in_parallel(compared(), async |case| expire(case.name, &case.first(), 4).await);
    tell("calls at which credentials expired", &tried);
}

#[tokio::test(start_paused = true)]
async fn credentials_may_expire_at_any_call_of_the_network() {
    let tried = expire("the network", &|stack| network(stack, false), 1).await;
    tell("calls of the network at which credentials expired", &[tried]);
}

#[test]
fn the_clock_may_be_a_quarter_of_an_hour_off() {
    let jobs = compared().flat_map(|case| [-900.0, 900.0].map(|seconds| (case, seconds)));
    in_parallel(jobs, async |(case, seconds)| {
        let clean = clean(&case.first()).await;
        let world = World::new().await;
        world.cloud.add_rule(Rule::new(Action::ClockSkew(seconds)));
        let what = format!("{}, {seconds} s off", case.name);
        let first = converges(&what, &world, &case.first(), &clean).await;
        assert!(is_complete(&first), "{what}: {first:#?}");
    });
}
