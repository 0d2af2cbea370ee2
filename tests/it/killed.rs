//! Real processes that are killed, or interrupted, at a boundary of one call: before it, after its effect, and after
//! its answer, with the embedded AWS in the process and in another one that serves it. The next run must end where an
//! undisturbed one ends.

use std::time::Duration;

use globecart_tests::{At, Boundary};

use crate::sample::{chosen, seed};
use crate::threads::in_parallel;
use case::Case;
use scenario::{SCENARIOS, Scenario};

mod case;
mod child;
mod scenario;
mod server;

/// How many calls of each run are tried in each place, at each point and with each signal, where not all are.
const OF_EACH: usize = 1;

/// What ends a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    Kill,
    Interrupt,
    Terminate,
}

/// Where the embedded AWS is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the process that is killed.
    Within,
    /// In the process of the test, which serves it.
    Served,
}

#[test]
fn the_next_run_finishes_what_a_process_that_died_with_its_cloud_began() {
    try_all(Place::Within);
}

#[test]
fn the_next_run_finishes_what_a_process_began_that_died_alone() {
    try_all(Place::Served);
}

#[expect(
    clippy::print_stdout,
    reason = "how many of how many is for whoever reads the tests' output"
)]
fn try_all(place: Place) {
    let scenarios: Vec<Scenario> = SCENARIOS.iter().map(Scenario::prepare).collect();
    let all = || scenarios.iter().flat_map(|scenario| ways().map(move |way| (scenario, way)));
    let of: usize = all().map(|(scenario, _)| scenario.calls.len()).sum();
    let mut cases = Vec::new();
    for (number, (scenario, (at, signal))) in (0..).zip(all()) {
        let tried = chosen(scenario.calls.len(), OF_EACH, seed() + number);
        cases.extend(tried.into_iter().map(|call| {
            let boundary = Boundary { at, ..scenario.calls[call].clone() };
            Case { scenario, place, boundary, signal }
        }));
    }
    let tried = cases.len();
    let took = in_parallel(cases, async |case| case.run());
    let took: Vec<Duration> = took.into_iter().flatten().collect();
    let soon = took.iter().filter(|took| **took < Duration::from_secs(1)).count();
    println!(
        "real processes, cloud {place:?}: died at {tried} of {of} boundaries (seed {}), all were hit; \
         {soon} of {} that were interrupted ended within a second, the last after {:?}",
        seed(),
        took.len(),
        took.iter().max()
    );
}

/// Every point of a call, with every signal.
fn ways() -> impl Iterator<Item = (At, Signal)> {
    let signals = [Signal::Kill, Signal::Interrupt, Signal::Terminate];
    At::ALL.into_iter().flat_map(move |at| signals.map(|signal| (at, signal)))
}
