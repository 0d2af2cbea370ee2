//! Random sequences of what a user does to a stack, somebody else to its resources, and fate to its runs.
//!
//! Every sequence has a seed, so that one that failed can be run again alone: `GLOBECART_SEED=N GLOBECART_RANDOM=1`.

use std::sync::atomic::Ordering;

use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};

use machine::{KILLS, Machine, REACHED};
use model::Model;

mod machine;
mod model;

/// How many sequences an ordinary test runs.
const CASES: u64 = 50;

/// How many steps a sequence has.
const STEPS: std::ops::RangeInclusive<usize> = 5..=30;

#[test]
fn any_sequence_ends_as_if_nothing_had_happened() {
    let first = number("GLOBECART_SEED").unwrap_or(1);
    let cases = number("GLOBECART_RANDOM").unwrap_or(CASES);
    println!("random sequences: seeds {first} to {}", first + cases - 1);
    for seed in first..first + cases {
        sequence(seed);
    }
    let (killed, reached) = (KILLS.load(Ordering::Relaxed), REACHED.load(Ordering::Relaxed));
    println!("random sequences: {cases} of {cases} converged; {reached} of {killed} kills hit");
    assert!(cases < CASES || reached * 3 > killed, "most kills came after the end of their run");
}

fn sequence(seed: u64) {
    let config = Config {
        cases: 1,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 4096,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config.clone());
    let run = runner.run(&Model::sequential_strategy(STEPS), |(model, steps, seen)| {
        Machine::test_sequential(config.clone(), model, steps, seen);
        Ok(())
    });
    match run {
        Ok(()) => {}
        Err(TestError::Fail(why, (model, steps, _))) => {
            let steps: Vec<String> = steps.iter().map(|step| format!("{step:?}")).collect();
            let alone = format!("GLOBECART_SEED={seed} GLOBECART_RANDOM=1 runs it alone");
            panic!("seed {seed} ({alone}): {why}\n{model:?}\n{}", steps.join("\n"));
        }
        Err(error) => panic!("seed {seed}: {error}"),
    }
}

fn number(variable: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "how the torture says how much to run")]
    std::env::var(variable).ok()?.parse().ok()
}
