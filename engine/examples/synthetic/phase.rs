//! The phases: what each does, and what it says of itself.

use std::error::Error;
use std::future::pending;
use std::path::Path;

use globecart_engine::apply::{Done, Report, Run, apply};
use globecart_engine::plan::{Action, Plan, Scope, plan, plan_destroy};
use globecart_engine::store::{Directory, Store};
use globecart_engine::{Clock, Events, Stack, recover};
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::graph::Graph;
use crate::measure::{Meter, cpu_time, peak_memory, seconds};
use crate::writes::{Counted, Writes};

/// A phase of a stack's life.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Plan,
    Apply,
    NoopPlan,
    Destroy,
}

impl Phase {
    const ALL: [Self; 4] = [Self::Plan, Self::Apply, Self::NoopPlan, Self::Destroy];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::NoopPlan => "noop_plan",
            Self::Destroy => "destroy",
        }
    }

    fn changes(self) -> bool {
        matches!(self, Self::Apply | Self::Destroy)
    }
}

/// Does what the command line does of a phase, and measures it.
pub(crate) async fn run(phase: Phase, graph: &Path, dir: &Path) -> Result<Value, String> {
    let mut meter = Meter::start();
    let graph = Graph::read(graph)?;
    let nodes = graph.nodes.len();
    meter.part("read the graph");
    let stack = graph.declare()?;
    meter.part("declare");
    let made = std::fs::create_dir_all(dir).and_then(|()| Cloud::open(&dir.join("cloud")));
    let cloud = made.map_err(|error| format!("{}: {error}", dir.display()))?;
    meter.part("open the cloud");
    let writes = Writes::default();
    let directory = Directory::open(dir.join("stack")).map_err(text)?;
    let backend = Counted { directory, writes: writes.clone() };
    let mut store = Store::open(backend, &stack).await.map_err(text)?;
    meter.part("open the state");
    let clock = Clock::wall();
    let plan = planned(phase, &cloud, &stack, &mut store, clock).await?;
    meter.part("recover and plan");
    if phase == Phase::NoopPlan && !plan.is_empty() {
        return Err(format!("the plan is not empty: {}", counts(&plan)));
    }
    if phase.changes() {
        let run = Run {
            cloud: &cloud,
            clock,
            store: &mut store,
            events: Events::none(),
            done: Done::Ready,
            confirm_data_loss: Vec::new(),
        };
        complete(&apply(run, &stack, &plan, pending()).await.map_err(text)?)?;
        meter.part("apply");
    }
    let [journal, snapshot, syncs] = writes.counted();
    let spent = cloud.spent();
    Ok(json!({
        "phase": phase.name(),
        "nodes": nodes,
        "wall_seconds": seconds(meter.wall()),
        "cpu_seconds": cpu_time().map(seconds),
        "cpu_seconds_without_cloud": cpu_time().map(|cpu| seconds(cpu.saturating_sub(spent))),
        "cloud_cpu_seconds": seconds(spent),
        "peak_memory_bytes": peak_memory(),
        "written": {
            "journal_bytes": journal,
            "snapshot_bytes": snapshot,
            "bytes_per_resource": per_resource(journal + snapshot, nodes),
            "syncs": syncs,
        },
        "calls": cloud.calls(),
        "steps": counts(&plan),
        "resources_afterwards": cloud.len(),
        "parts": meter.parts(),
    }))
}

async fn planned(
    phase: Phase,
    cloud: &Cloud,
    stack: &Stack<Cloud>,
    store: &mut Store,
    clock: Clock,
) -> Result<Plan, String> {
    let found = recover(cloud, stack, store.state(), &clock, &Events::none()).await;
    store.record(&found.map_err(text)?).await.map_err(text)?;
    let (state, scope) = (store.state(), Scope::default());
    let plan = match phase {
        Phase::Destroy => plan_destroy(cloud, stack, state, &clock, &scope).await,
        _ => plan(cloud, stack, state, &clock, &scope).await,
    };
    plan.map_err(text)
}

fn counts(plan: &Plan) -> Value {
    let count = |of: Action| plan.count(|action| action == of);
    json!({
        "create": count(Action::Create),
        "update": count(Action::Update),
        "replace": plan.count(|action| matches!(action, Action::Replace(_))),
        "delete": count(Action::Delete),
        "keep": count(Action::Keep),
    })
}

fn complete(report: &Report) -> Result<(), String> {
    match report.failed.first() {
        None => Ok(()),
        Some(failure) => Err(format!("{}: {}", failure.address, failure.error)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
fn per_resource(bytes: u64, nodes: usize) -> f64 {
    (bytes as f64 / nodes.max(1) as f64 * 10.0).round() / 10.0
}

/// An error and what is behind it.
fn text(error: impl Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
