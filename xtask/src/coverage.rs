//! `cargo xtask coverage`: which lines the tests run, by the compiler's own instrumentation.
//!
//! Only the crates of the workspace are instrumented, through cargo's wrapper for these crates; so the dependencies
//! are those that every other build uses, and nothing but the workspace is built again.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde::Deserialize;

use crate::command;
use crate::failure::Failure;
use crate::python::Python;
use crate::report::say;
use crate::workspace::Workspace;

use self::lines::{Lines, Tally};

mod lines;

/// Set for the compiler wrapper, which is this program.
const WRAPPER: &str = "XTASK_COVERAGE";

/// The crate whose tests use Python.
const END_TO_END: &str = "globecart-tests";

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Run only the tests of this crate (repeatable). Default: all tests but doc tests
    #[arg(short, long, value_name = "CRATE")]
    package: Vec<String>,
    /// List the lines of this crate that no test ran (repeatable)
    #[arg(short, long, value_name = "CRATE")]
    uncovered: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let workspace = Workspace::load()?;
    let unknown = |name: &&String| !workspace.members().any(|member| member.name == **name);
    if let Some(name) = options.package.iter().chain(&options.uncovered).find(unknown) {
        return Err(Failure::new(format!("no crate of this workspace is called `{name}`")));
    }
    let tools = Tools::find()?;
    let folder = workspace.target_directory.join("coverage");
    let wrapper = wrapper(&folder)?;
    let instrumenting = || {
        let mut cargo = workspace.cargo();
        cargo.env("RUSTC_WORKSPACE_WRAPPER", &wrapper).env(WRAPPER, "1");
        cargo
    };
    let programs = build(instrumenting, options)?;
    let profiles = folder.join("profiles");
    let tested = run_tests(&workspace, instrumenting(), options, &profiles);
    let lines = Lines::from_lcov(&tools.lcov(&profiles, &programs)?);
    print(&workspace, options, &lines)?;
    tested
}

/// Compiles with instrumentation when cargo calls this program in place of rustc; none otherwise.
pub(crate) fn act_as_rustc() -> Option<ExitCode> {
    env::var_os(WRAPPER)?;
    let mut arguments = env::args_os().skip(1);
    let rustc = arguments
        .next()
        .filter(|program| Path::new(program).file_stem().is_some_and(|stem| stem == "rustc"))?;
    let status = Command::new(rustc).args(arguments).arg("-Cinstrument-coverage").status();
    let code =
        status.ok().and_then(|status| status.code()).and_then(|code| u8::try_from(code).ok());
    Some(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// A copy of this program to stand in for the compiler: cargo may build, and so replace, this one meanwhile.
fn wrapper(folder: &Path) -> Result<PathBuf, Failure> {
    let copy = folder.join("rustc-wrapper");
    let copied = fs::create_dir_all(folder).and_then(|()| fs::copy(env::current_exe()?, &copy));
    copied.map_err(|error| Failure::while_doing(copy.display(), error))?;
    Ok(copy)
}

/// Builds the tests, and the programs that end-to-end tests start; returns where all of them are.
fn build(cargo: impl Fn() -> Command, options: &Options) -> Result<BTreeSet<PathBuf>, Failure> {
    let mut programs = BTreeSet::new();
    for what in [&["build", "--bins"][..], &["test", "--no-run", "--tests"]] {
        let mut cargo = cargo();
        cargo.args(what).args(selection(options)).arg("--message-format=json-render-diagnostics");
        command::each_line(&mut cargo, |line| {
            programs.extend(
                serde_json::from_str::<Artifact>(line).ok().and_then(|built| built.executable),
            );
        })?;
    }
    Ok(programs)
}

#[derive(Deserialize)]
struct Artifact {
    executable: Option<PathBuf>,
}

fn run_tests(
    workspace: &Workspace,
    mut cargo: Command,
    options: &Options,
    profiles: &Path,
) -> Result<(), Failure> {
    // Counts of an earlier run belong to earlier programs.
    if profiles.exists() {
        let cleared = fs::remove_dir_all(profiles);
        cleared.map_err(|error| Failure::while_doing(profiles.display(), error))?;
    }
    cargo.args(["test", "--no-fail-fast", "--tests"]).args(selection(options));
    cargo.env("LLVM_PROFILE_FILE", profiles.join("%p-%m.profraw"));
    if options.package.is_empty() || options.package.iter().any(|name| name == END_TO_END) {
        match Python::set_up(workspace) {
            Ok(python) => drop(cargo.envs(python.variables())),
            Err(failure) => say(format_args!("{failure}")),
        }
    }
    command::run(&mut cargo)
}

fn selection(options: &Options) -> Vec<String> {
    if options.package.is_empty() {
        return vec!["--workspace".to_owned()];
    }
    options.package.iter().flat_map(|name| ["--package".to_owned(), name.clone()]).collect()
}

fn print(workspace: &Workspace, options: &Options, lines: &Lines) -> Result<(), Failure> {
    let mut crates = BTreeMap::new();
    let mut uncovered = Vec::new();
    for (file, hits) in lines.files() {
        let Some(member) =
            workspace.members().find(|member| file.starts_with(member.folder().join("src")))
        else {
            continue;
        };
        let short = file.strip_prefix(&workspace.root).unwrap_or(file);
        let source = workspace.read(file)?;
        let Some(product) = lines::product_lines(file, &source) else { continue };
        let tally: &mut Tally = crates.entry(member.name.as_str()).or_default();
        for (number, text) in tally.add(hits, &product) {
            if options.uncovered.contains(&member.name) {
                uncovered.push(format!("{}:{number}  {}", short.display(), text.trim()));
            }
        }
    }
    for line in &uncovered {
        say(format_args!("{line}"));
    }
    say(format_args!("{:<24}{:>8}{:>8}{:>9}", "crate", "covered", "lines", "percent"));
    for (name, tally) in crates {
        say(format_args!(
            "{name:<24}{:>8}{:>8}{:>8.1}%",
            tally.covered,
            tally.total,
            tally.percent()
        ));
    }
    Ok(())
}

/// The two programs of the compiler's own LLVM that read its profiles; another version may not understand them.
struct Tools {
    profdata: PathBuf,
    cov: PathBuf,
}

impl Tools {
    fn find() -> Result<Self, Failure> {
        let libraries =
            command::stdout_of(Command::new("rustc").args(["--print", "target-libdir"]))?;
        let folder = Path::new(libraries.trim()).with_file_name("bin");
        let tools = Self { profdata: folder.join("llvm-profdata"), cov: folder.join("llvm-cov") };
        if tools.profdata.exists() && tools.cov.exists() {
            return Ok(tools);
        }
        Err(Failure::new(
            "the compiler's coverage tools are missing: run `rustup component add llvm-tools`",
        ))
    }

    fn lcov(&self, profiles: &Path, programs: &BTreeSet<PathBuf>) -> Result<String, Failure> {
        let merged = profiles.join("merged.profdata");
        // A program that a test killed may leave half a profile; only the others count.
        let mut merge = Command::new(&self.profdata);
        merge.args(["merge", "--sparse", "--failure-mode=all", "--output"]).arg(&merged);
        command::run(merge.args(raw(profiles)?))?;
        let mut export = Command::new(&self.cov);
        export.args(["export", "--format=lcov", "--instr-profile"]).arg(&merged);
        let objects =
            programs.iter().flat_map(|program| [OsString::from("--object"), program.into()]);
        command::stdout_of(export.args(objects))
    }
}

fn raw(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries =
        fs::read_dir(folder).map_err(|error| Failure::while_doing(folder.display(), error))?;
    let is_profile =
        |path: &PathBuf| path.extension().is_some_and(|extension| extension == "profraw");
    Ok(entries.filter_map(Result::ok).map(|entry| entry.path()).filter(is_profile).collect())
}
