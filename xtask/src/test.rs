//! `cargo xtask test`: everything that must hold before a change is taken.

use std::path::PathBuf;

use crate::command;
use crate::failure::Failure;
use crate::postgres::Postgres;
use crate::python::Python;
use crate::report::{Report, Verdict, say};
use crate::workspace::Workspace;
use crate::{arrows, dependencies, lambda};

/// Runs every check, also after one failed, so that one run shows all there is to mend.
pub(crate) fn run() -> Result<(), Failure> {
    let workspace = Workspace::load()?;
    let mut report = Report::default();
    report.step("formatting", || formatting(&workspace));
    report.step("clippy", || clippy(&workspace));
    report.step("dependency licences", || {
        let count = dependencies::check(&workspace)?;
        Ok(Verdict::Passed(format!("{count} packages")))
    });
    report.step("dependency arrows", || {
        let count = arrows::check(&workspace)?;
        Ok(Verdict::Passed(format!("{count} crates")))
    });
    report.step("cargo deny", || cargo_deny(&workspace));
    let mut python = None;
    report.step("python environment", || {
        python = Some(Python::set_up(&workspace)?);
        Ok(Verdict::Passed(String::new()))
    });
    let mut postgres = None;
    report.step("PostgreSQL", || {
        let found = postgres.insert(Postgres::find()?);
        Ok(Verdict::Passed(found.about.clone()))
    });
    let mut rotation = None;
    report.step("rotation package", || {
        rotation = Some(lambda::host(&workspace)?);
        Ok(Verdict::Passed("for this machine".to_owned()))
    });
    report.step("tests", || {
        let python = python.iter().flat_map(Python::variables);
        let postgres =
            postgres.iter().map(Postgres::variable).map(|(name, path)| (name, path.to_owned()));
        let rotation = rotation.iter().map(|package| ("GLOBECART_TEST_ROTATION", package.clone()));
        tests(&workspace, python.chain(postgres).chain(rotation).collect())
    });
    report.finish()
}

fn formatting(workspace: &Workspace) -> Result<Verdict, Failure> {
    command::run(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Verdict::Passed(String::new()))
}

fn clippy(workspace: &Workspace) -> Result<Verdict, Failure> {
    let everything = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    command::run(workspace.cargo().args(everything))?;
    Ok(Verdict::Passed(String::new()))
}

/// Looks deeper than the checks above (licence files, banned crates), but is not installed everywhere.
fn cargo_deny(workspace: &Workspace) -> Result<Verdict, Failure> {
    if !command::works(workspace.cargo().args(["deny", "--version"])) {
        return Ok(Verdict::Skipped("cargo-deny is not installed".to_owned()));
    }
    command::run(workspace.cargo().args([
        "deny",
        "--all-features",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))?;
    Ok(Verdict::Passed(String::new()))
}

/// The variables tell the tests what is there for them.
fn tests(workspace: &Workspace, variables: Vec<(&str, PathBuf)>) -> Result<Verdict, Failure> {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--workspace", "--no-fail-fast"]);
    cargo.envs(variables);
    let mut counts = Counts::default();
    let ended = command::each_line(&mut cargo, |line| {
        say(format_args!("{line}"));
        counts.add(line);
    });
    ended.map_err(|failure| Failure::new(format!("{} ({failure})", counts.shown())))?;
    Ok(Verdict::Passed(counts.shown()))
}

/// The sums of what the test programs report.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u32,
    failed: u32,
    ignored: u32,
}

impl Counts {
    /// Adds a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; …`; leaves out any other.
    fn add(&mut self, line: &str) {
        let Some((_, sums)) =
            line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for (number, what) in sums.split("; ").filter_map(|sum| sum.split_once(' ')) {
            let number = number.parse().unwrap_or(0);
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }

    fn shown(&self) -> String {
        format!("{} passed, {} failed, {} ignored", self.passed, self.failed, self.ignored)
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn counts_are_summed_over_test_programs() {
        let mut counts = Counts::default();
        for line in [
            "running 4 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
            "7 passed; 7 failed",
        ] {
            counts.add(line);
        }
        assert_eq!(counts, Counts { passed: 13, failed: 2, ignored: 1 });
    }
}
