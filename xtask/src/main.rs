//! The developer commands of the workspace: `cargo xtask`.

use std::process::ExitCode;

use clap::Parser;

use crate::failure::Failure;

mod arrows;
mod bench;
mod command;
mod coverage;
mod dependencies;
mod failure;
mod lambda;
mod models;
mod postgres;
mod python;
mod report;
mod spdx;
mod test;
mod torture;
mod workspace;

/// The developer commands of the workspace.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
enum Task {
    /// Check formatting, lints, dependencies, and run every test
    #[command(visible_alias = "ci")]
    Test,
    /// Kill runs at every boundary and let every call fail, in place of a sample
    Torture(torture::Options),
    /// Build the packages of the rotation Lambda
    Lambda(lambda::Options),
    /// Cut the service models of the embedded AWS out of botocore
    Models,
    /// Measure which lines the tests run
    Coverage(coverage::Options),
    /// Measure what the engine costs by itself, and Terraform where it is installed
    Bench(bench::Options),
}

fn main() -> ExitCode {
    if let Some(code) = coverage::act_as_rustc() {
        return code;
    }
    match run(Task::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure);
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<(), Failure> {
    match task {
        Task::Test => test::run(),
        Task::Torture(options) => torture::run(&options),
        Task::Lambda(options) => lambda::run(&options),
        Task::Models => models::run().map_err(Failure::new),
        Task::Coverage(options) => coverage::run(&options),
        Task::Bench(options) => bench::run(&options),
    }
}

#[expect(clippy::print_stderr, reason = "the end of the program")]
fn complain(failure: &Failure) {
    eprintln!("error: {failure}");
}
