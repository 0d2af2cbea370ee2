//! `cargo xtask bench`: what the engine costs by itself, on graphs of three shapes and growing sizes, and what Terraform
//! costs on the same ones where it is installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::command;
use crate::failure::Failure;
use crate::report::say;
use crate::workspace::Workspace;

use self::graph::{Graph, Shape};

mod graph;
mod growth;
mod process;
mod terraform;

const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];

const PHASES: [&str; 4] = ["plan", "apply", "noop_plan", "destroy"];

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only up to 1,000 nodes: a minute instead of many
    #[arg(long)]
    quick: bool,
    /// Where the figures go. Default: `bench/figures.json` under the target folder
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How many seconds a run of Terraform may take; what takes longer is given up, and so are larger graphs
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    terraform_limit: u64,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let workspace = Workspace::load()?;
    let folder = workspace.target_directory.join("bench");
    fs::create_dir_all(&folder).map_err(|error| Failure::while_doing(folder.display(), error))?;
    let largest = if options.quick { 1_000 } else { usize::MAX };
    let sizes: Vec<usize> = SIZES.into_iter().filter(|size| *size <= largest).collect();
    let program = built(&workspace)?;
    let mut runs = Vec::new();
    for shape in Shape::ALL {
        for nodes in &sizes {
            runs.extend(phases(&program, &folder, shape, *nodes)?);
        }
    }
    let growth = growth::exponents(&runs);
    for line in &growth {
        say(format_args!("{line}"));
    }
    let figures = json!({
        "machine": machine(),
        "engine": runs,
        "growth": growth.iter().map(growth::Growth::json).collect::<Vec<_>>(),
        "terraform": terraform::compare(&folder, &sizes, options.terraform_limit)?,
    });
    let out = options.out.clone().unwrap_or_else(|| folder.join("figures.json"));
    write(&out, &format!("{figures:#}\n"))?;
    say(format_args!("all figures: {}", out.display()));
    Ok(())
}

fn built(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let example = ["--package", "globecart-engine", "--example", "synthetic"];
    command::run(workspace.cargo().args(["build", "--release", "--quiet"]).args(example))?;
    Ok(workspace.target_directory.join("release/examples/synthetic"))
}

/// Every phase in a process of its own, on one new stack.
fn phases(
    program: &Path,
    folder: &Path,
    shape: Shape,
    nodes: usize,
) -> Result<Vec<Value>, Failure> {
    let graph = folder.join("graph.json");
    let stack = cleared(folder.join("stack"))?;
    write(&graph, &Graph::new(shape, nodes).json().to_string())?;
    let phase = |phase: &&str| {
        let mut synthetic = Command::new(program);
        synthetic.arg(phase).arg("--graph").arg(&graph).arg("--dir").arg(&stack);
        let printed = command::stdout_of(&mut synthetic)?;
        let mut figures: Value = serde_json::from_str(&printed)
            .map_err(|error| Failure::while_doing("reading the figures", error))?;
        figures["shape"] = shape.name().into();
        tell(&figures);
        Ok(figures)
    };
    PHASES.iter().map(phase).collect()
}

fn tell(figures: &Value) {
    let text = |name: &str| figures[name].as_str().unwrap_or_default().to_owned();
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    say(format_args!(
        "{:<12}{:>8} {:<10}{:>9.3} CPU s (of it the cloud {:.3}){:>9.2} s{:>8.0} MB{:>8.0} bytes written a resource",
        text("shape"),
        figures["nodes"].as_u64().unwrap_or_default(),
        text("phase"),
        number(&figures["cpu_seconds"]),
        number(&figures["cloud_cpu_seconds"]),
        number(&figures["wall_seconds"]),
        number(&figures["peak_memory_bytes"]) / 1e6,
        number(&figures["written"]["bytes_per_resource"]),
    ));
}

/// A folder that is not there yet.
fn cleared(folder: PathBuf) -> Result<PathBuf, Failure> {
    if folder.exists() {
        let cleared = fs::remove_dir_all(&folder);
        cleared.map_err(|error| Failure::while_doing(folder.display(), error))?;
    }
    Ok(folder)
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    fs::write(file, text).map_err(|error| Failure::while_doing(file.display(), error))
}

/// What figures are worth nothing without.
fn machine() -> Value {
    let line = |file: &str, start: &str| {
        let text = fs::read_to_string(file).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(start))?;
        Some(line.trim_start_matches([' ', '\t', ':']).to_owned())
    };
    let date = command::stdout_of(Command::new("date").args(["-u", "+%F"])).ok();
    json!({
        "date": date.map(|date| date.trim().to_owned()),
        "processors": std::thread::available_parallelism().ok().map(usize::from),
        "processor": line("/proc/cpuinfo", "model name"),
        "memory": line("/proc/meminfo", "MemTotal"),
    })
}

#[cfg(test)]
mod tests;
