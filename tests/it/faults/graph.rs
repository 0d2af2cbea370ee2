//! One resource that fails for ever: what hangs on it is left out, and everything else is done.

use std::collections::BTreeSet;

use globecart_aws::Stack;
use globecart_aws::engine::{Address, Status};
use globecart_local_aws::{Action, Rule};

use super::{Clean, clean};
use crate::contents::{difference, made};
use crate::lifecycle::compared;
use crate::matrix::network;
use crate::sample::{chosen, seed};
use crate::threads::in_parallel;
use crate::world::{Define, World};

/// What needs a resource, directly or not.
fn dependents(stack: &Stack, of: &str) -> BTreeSet<Address> {
    let mut found: BTreeSet<Address> = BTreeSet::from([Address::new(of)]);
    loop {
        let more = stack.needs().filter(|(_, needs)| needs.keys().any(|need| found.contains(need)));
        let more: Vec<Address> = more.map(|(address, _)| address.clone()).collect();
        let before = found.len();
        found.extend(more);
        if found.len() == before {
            found.remove(of);
            return found;
        }
    }
}

/// The creates that name the resource that they make.
fn creates(clean: &Clean) -> Vec<(&'static str, String, String)> {
    let mut creates = BTreeSet::new();
    for call in clean.calls.iter().filter(|call| call.operation.starts_with("Create")) {
        let Some(address) = &call.address else { continue };
        if creates.iter().all(|(_, _, known)| known != address) {
            creates.insert((call.service, call.operation.clone(), address.clone()));
        }
    }
    creates.into_iter().collect()
}

async fn fails_for_ever(name: &str, define: &Define, most: usize) -> (usize, usize) {
    let clean = clean(define).await;
    let creates = creates(&clean);
    let chosen = chosen(creates.len(), most, seed());
    for (service, operation, address) in chosen.iter().map(|index| &creates[*index]) {
        let world = World::new().await;
        let refusal = Action::Error("InvalidParameterValue".to_owned(), "no".to_owned(), 400);
        let rule = Rule::new(refusal).service(*service).operation(operation.clone());
        world.cloud.add_rule(rule.address(address.clone()));
        world.calls();
        let report = world.up(define).await;
        let at = format!("{name}, {operation} of {address} fails");
        let failed: Vec<&str> =
            report.failed.iter().map(|failure| failure.address.as_str()).collect();
        assert_eq!(failed, [address.as_str()], "{at}");
        let stack = world.stack(define).unwrap();
        let left_out = dependents(&stack, address);
        let skipped: BTreeSet<Address> =
            report.skipped.iter().map(|(address, _)| address.clone()).collect();
        assert_eq!(skipped, left_out, "{at}: what was skipped");
        let state = world.state(define).await;
        let ready = |address: &&Address| {
            state.current(address).is_some_and(|(_, entry)| entry.status == Status::Ready)
        };
        let done: BTreeSet<&Address> =
            stack.needs().map(|(address, _)| address).filter(ready).collect();
        let others = stack.needs().map(|(address, _)| address);
        let others: BTreeSet<&Address> = others
            .filter(|other| other.as_str() != address && !left_out.contains(*other))
            .collect();
        assert_eq!(done, others, "{at}: what is ready");
        world.cloud.clear_rules();
        world.up_well(define).await;
        assert_eq!(made(&world.calls()), clean.made, "{at}: what was made");
        assert_eq!(difference(&world.contents().await, &clean.contents), "", "{at}");
    }
    (chosen.len(), creates.len())
}

#[test]
fn whatever_fails_for_ever_stops_only_what_needs_it() {
    in_parallel(compared(), async |case| {
        fails_for_ever(case.name, &case.first(), usize::MAX).await;
    });
}

#[tokio::test(start_paused = true)]
async fn whatever_fails_for_ever_in_the_network_stops_only_what_needs_it() {
    let define = |stack: &mut Stack| network(stack, false);
    let (count, of) = fails_for_ever("the network", &define, 2).await;
    println!("{count} of {of} resources of the network failed for ever (seed {})", seed());
}
