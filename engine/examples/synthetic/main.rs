//! Measures the engine by itself: one phase of a synthetic graph's life, in a process of its own.
//!
//! ```text
//! cargo run --release -p globecart-engine --example synthetic -- PHASE --graph FILE --dir DIR
//! ```
//!
//! PHASE is `plan`, `apply`, `noop_plan` (which fails if anything is to be done) or `destroy`. FILE is
//! `{"nodes":[{"id":"n1","deps":["n0"],"props":{…}}]}`. Every node is a resource whose calls answer at once and
//! whose property `deps` refers to the ids of what it depends on. `DIR/stack` has the state and its journal, written
//! and synced as any stack's; `DIR/cloud` has what the synthetic cloud holds.
//!
//! Prints one JSON object: what the phase cost, and which part of that is the cloud's.

use std::path::PathBuf;
use std::process::ExitCode;

mod cloud;
mod graph;
mod measure;
mod node;
mod phase;
mod writes;

use phase::Phase;

/// What is asked for.
struct Arguments {
    phase: Phase,
    graph: PathBuf,
    dir: PathBuf,
}

const USAGE: &str = "usage: synthetic plan|apply|noop_plan|destroy --graph FILE --dir DIR (see the file's first lines)";

fn main() -> ExitCode {
    let measured =
        arguments().ok_or_else(|| USAGE.to_owned()).and_then(|Arguments { phase, graph, dir }| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
            let runtime = runtime.map_err(|error| error.to_string())?;
            runtime.block_on(phase::run(phase, &graph, &dir))
        });
    match measured {
        Ok(figures) => {
            show(&figures);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            complain(&problem);
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Option<Arguments> {
    let mut arguments = std::env::args().skip(1);
    let (mut phase, mut graph, mut dir) = (None, None, None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--graph" => graph = Some(arguments.next()?.into()),
            "--dir" => dir = Some(arguments.next()?.into()),
            name if phase.is_none() => phase = Some(Phase::named(name)?),
            _ => return None,
        }
    }
    Some(Arguments { phase: phase?, graph: graph?, dir: dir? })
}

#[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
fn show(figures: &serde_json::Value) {
    println!("{figures}");
}

#[expect(clippy::print_stderr, reason = "the end of the program")]
fn complain(problem: &str) {
    eprintln!("error: {problem}");
}
