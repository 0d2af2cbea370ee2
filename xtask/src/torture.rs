//! `cargo xtask torture`: the suites that kill runs and let calls fail, with everything that they otherwise sample.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::command;
use crate::failure::Failure;
use crate::postgres::Postgres;
use crate::report::{Report, Verdict, say};
use crate::workspace::Workspace;

/// How much is tried.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Where the random sequences begin; a new one each time if it is not given
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How many random sequences are run
    #[arg(long, value_name = "N", default_value_t = 1000)]
    sequences: u64,
}

/// What is run: a name, and the arguments of `cargo test`.
const SUITES: [(&str, &[&str]); 4] = [
    ("rotations", &["-p", "globecart-rotation", "--test", "it", "--", "--show-output", "kills::"]),
    ("engine", &["-p", "globecart-engine", "--lib", "--", "--show-output"]),
    ("real types", &["-p", "globecart-tests", "--", "--show-output", "--skip", "killed::"]),
    ("real processes", &["-p", "globecart-tests", "--", "--show-output", "killed::"]),
];

/// Runs every suite, also after one failed, and says how much of what was tried.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let workspace = Workspace::load()?;
    let postgres = Postgres::find()?;
    let seed = options.seed.unwrap_or_else(seconds);
    say(format_args!("seed {seed}: `cargo xtask torture --seed {seed}` tries the same again"));
    let (mut report, mut figures) = (Report::default(), Vec::new());
    for (name, arguments) in SUITES {
        report.step(name, || {
            let mut cargo = workspace.cargo();
            cargo.arg("test").args(arguments).env("GLOBECART_TORTURE", "all");
            cargo.env("GLOBECART_SEED", seed.to_string());
            cargo.envs([postgres.variable()]);
            cargo.env("GLOBECART_RANDOM", options.sequences.to_string());
            let before = figures.len();
            command::each_line(&mut cargo, |line| {
                say(format_args!("{line}"));
                figures.extend(is_figure(line).then(|| line.to_owned()));
            })?;
            Ok(Verdict::Passed(format!("{} figures", figures.len() - before)))
        });
    }
    say(format_args!("\n== figures"));
    for figure in &figures {
        say(format_args!("{figure}"));
    }
    report.finish()
}

/// Whether a line says how many of how many, as the suites do.
fn is_figure(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    words.windows(3).any(|of| of[1] == "of" && is_number(of[0]) && is_number(of[2]))
}

#[expect(clippy::disallowed_methods, reason = "a seed that was not there before")]
fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::is_figure;

    #[test]
    fn a_figure_says_how_many_of_how_many() {
        assert!(is_figure("killed the network at 36 of 1804 boundaries (seed 1); all were hit"));
        assert!(!is_figure("test killed::the_end_of_it ... ok"));
        assert!(!is_figure("2 of them"));
    }
}
