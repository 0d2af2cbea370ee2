//! What the checks print: a heading and a verdict per step, and a summary of all.

use std::fmt;
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// How a step ended when it did not fail; the text says what was seen.
pub(crate) enum Verdict {
    Passed(String),
    Skipped(String),
}

enum Outcome {
    Passed,
    Skipped,
    Failed,
}

struct Step {
    name: &'static str,
    outcome: Outcome,
    note: String,
    took: Duration,
}

/// Runs the steps one after the other, whether or not the earlier ones passed.
#[derive(Default)]
pub(crate) struct Report {
    steps: Vec<Step>,
}

impl Report {
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<Verdict, Failure>,
    ) {
        say(format_args!("\n== {name}"));
        let started = now();
        let (outcome, note) = match work() {
            Ok(Verdict::Passed(note)) => (Outcome::Passed, note),
            Ok(Verdict::Skipped(note)) => (Outcome::Skipped, note),
            Err(failure) => {
                say(format_args!("{failure}"));
                (Outcome::Failed, failure.to_string())
            }
        };
        let step = Step { name, outcome, note, took: started.elapsed() };
        say(format_args!("{}", step.verdict()));
        self.steps.push(step);
    }

    /// Prints the summary; fails if a step did.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        say(format_args!("\n== summary"));
        for step in &self.steps {
            say(format_args!("{step}"));
        }
        let failed = |step: &&Step| matches!(step.outcome, Outcome::Failed);
        match self.steps.iter().filter(failed).count() {
            0 => Ok(()),
            count => Err(Failure::new(format!("{count} of {} steps failed", self.steps.len()))),
        }
    }
}

impl Step {
    fn verdict(&self) -> String {
        let outcome = match self.outcome {
            Outcome::Passed => "passed",
            Outcome::Skipped => "skipped",
            Outcome::Failed => "FAILED",
        };
        format!("{outcome:<8}{:<22}{:>7.1} s", self.name, self.took.as_secs_f64())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let note = self.note.lines().next().unwrap_or_default();
        out.write_str(format!("{}  {note}", self.verdict()).trim_end())
    }
}

/// Prints one line for the person at the terminal.
#[expect(clippy::print_stdout, reason = "the one place where the developer commands print")]
pub(crate) fn say(line: fmt::Arguments<'_>) {
    println!("{line}");
}

#[expect(clippy::disallowed_methods, reason = "measures real work; no clock to simulate here")]
fn now() -> Instant {
    Instant::now()
}
