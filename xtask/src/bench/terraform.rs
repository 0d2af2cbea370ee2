//! The same graphs with Terraform, on the resource that it has built in and that calls nothing.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use super::graph::{Graph, Shape};
use super::process::{Took, measured};
use super::{PHASES, cleared, write};
use crate::command;
use crate::failure::Failure;
use crate::report::say;

/// Measures every shape until a run takes longer than `limit` seconds.
pub(crate) fn compare(folder: &Path, sizes: &[usize], limit: u64) -> Result<Value, Failure> {
    if !command::works(Command::new("terraform").arg("version")) {
        say(format_args!("terraform is not installed, so nothing is compared"));
        return Ok(json!({ "skipped": "terraform is not installed" }));
    }
    let mut asked = Command::new("terraform");
    let version = command::stdout_of(asked.args(["version", "-json"]))?;
    let version: Value = serde_json::from_str(&version).unwrap_or_default();
    let mut runs = Vec::new();
    for shape in Shape::ALL {
        for nodes in sizes {
            let (of_size, complete) = phases(folder, shape, *nodes, Duration::from_secs(limit))?;
            runs.extend(of_size);
            if !complete {
                say(format_args!("terraform: larger {} graphs are left out", shape.name()));
                break;
            }
        }
    }
    Ok(json!({ "version": version["terraform_version"], "limit_seconds": limit, "runs": runs }))
}

/// The phases of one graph, and whether all of them ended in time.
fn phases(
    folder: &Path,
    shape: Shape,
    nodes: usize,
    limit: Duration,
) -> Result<(Vec<Value>, bool), Failure> {
    let folder = cleared(folder.join("terraform"))?;
    std::fs::create_dir_all(&folder)
        .map_err(|error| Failure::while_doing(folder.display(), error))?;
    write(&folder.join("main.tf.json"), &Graph::new(shape, nodes).terraform().to_string())?;
    let run = |arguments: &[&str]| {
        let mut terraform = Command::new("terraform");
        // It would otherwise ask its maker for newer versions meanwhile.
        terraform.current_dir(&folder).env("CHECKPOINT_DISABLE", "1").args(arguments);
        measured(&mut terraform, limit)
    };
    run(&["init", "-input=false", "-no-color"])?;
    let mut runs = Vec::new();
    for phase in PHASES {
        let took = run(arguments(phase))?;
        tell(shape, nodes, phase, &took);
        runs.push(figures(shape, nodes, phase, &took));
        if took.succeeded != Some(true) {
            return Ok((runs, false));
        }
    }
    Ok((runs, true))
}

fn arguments(phase: &str) -> &'static [&'static str] {
    match phase {
        "apply" => &["apply", "-auto-approve", "-input=false", "-no-color"],
        "destroy" => &["destroy", "-auto-approve", "-input=false", "-no-color"],
        // It would end with 2 where there is something to do.
        "noop_plan" => &["plan", "-detailed-exitcode", "-input=false", "-no-color"],
        _ => &["plan", "-input=false", "-no-color"],
    }
}

fn figures(shape: Shape, nodes: usize, phase: &str, took: &Took) -> Value {
    json!({
        "shape": shape.name(),
        "nodes": nodes,
        "phase": phase,
        "wall_seconds": took.wall.as_secs_f64(),
        "cpu_seconds": took.cpu_seconds,
        "peak_memory_bytes": took.peak_memory_bytes,
        "ended": ended(took),
    })
}

fn ended(took: &Took) -> &'static str {
    match took.succeeded {
        Some(true) => "well",
        Some(false) => "with an error",
        None => "given up",
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
fn tell(shape: Shape, nodes: usize, phase: &str, took: &Took) {
    say(format_args!(
        "terraform: {:<12}{nodes:>8} {phase:<10}{:>9.2} CPU s{:>9.2} s{:>8.0} MB  {}",
        shape.name(),
        took.cpu_seconds.unwrap_or(f64::NAN),
        took.wall.as_secs_f64(),
        took.peak_memory_bytes.map_or(f64::NAN, |bytes| bytes as f64 / 1e6),
        ended(took),
    ));
}
