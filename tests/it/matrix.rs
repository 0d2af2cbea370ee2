//! Runs that are killed at every boundary: before each call, after its effect, before and after each write of the state.
//! What was not synced by then is lost. The next run must end where an undisturbed one ends, and make nothing twice.

use std::collections::BTreeMap;

use globecart_aws::engine::Invalid;
use globecart_aws::engine::testing::{Boundaries, Unsynced};
use globecart_aws::{Alerts, Stack};
use globecart_network::{Nat, Network};

use crate::contents::{difference, made};
use crate::lifecycle::{cases_secrets, compared};
use crate::sample::{chosen, is_torture, seed};
use crate::threads::in_parallel;
use crate::world::{Checkpoint, Define, Ended, To, World};

/// What was there, and what a run brings it to.
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) before: Option<Box<Define>>,
    pub(crate) declare: Box<Define>,
    pub(crate) to: To,
}

/// What is left when nothing disturbs a run.
pub(crate) struct Undisturbed {
    pub(crate) passed: Vec<String>,
    pub(crate) contents: Vec<String>,
    pub(crate) recorded: Vec<String>,
    pub(crate) made: BTreeMap<String, usize>,
}

/// How many boundaries were tried, and of how many.
#[derive(Debug, Default, Clone, Copy)]
struct Tried {
    tried: usize,
    of: usize,
}

impl Scenario {
    /// The world in which the scenario begins.
    pub(crate) async fn world(&self) -> (World, Checkpoint) {
        let world = World::new().await;
        if let Some(before) = &self.before {
            world.up_well(before).await;
        }
        let checkpoint = world.checkpoint();
        (world, checkpoint)
    }

    pub(crate) async fn undisturbed(&self, world: &World, begin: &Checkpoint) -> Undisturbed {
        world.restore(begin).await;
        let boundaries = Boundaries::new();
        let stack = world.stack(&self.declare).unwrap();
        let report = world.watched(&boundaries, &stack, self.to).await.unwrap();
        assert!(report.failed.is_empty(), "{}: {:#?}", self.name, report.failed);
        let made = made(&world.calls());
        let state = world.state(&self.declare).await;
        Undisturbed {
            passed: boundaries.passed(),
            contents: world.contents().await,
            recorded: world.recorded(&state),
            made,
        }
    }

    /// Kills a run at a boundary, runs again, and compares.
    async fn kill(&self, world: &World, begin: &Checkpoint, clean: &Undisturbed, boundary: usize) {
        world.restore(begin).await;
        let stack = world.stack(&self.declare).unwrap();
        let boundaries = Boundaries::stop_at(boundary);
        let outcome = world.watched(&boundaries, &stack, self.to).await;
        let name = &clean.passed[boundary];
        let at = format!("{}, killed at {boundary} of {}, {name}", self.name, clean.passed.len());
        assert!(matches!(outcome, Err(Ended::Stopped)), "{at}: it was not reached: {outcome:?}");
        assert_eq!(boundaries.passed().get(boundary), Some(name), "{at}: another step was hit");
        world.disk.crash(Unsynced::Lost);
        let report = world.run(&stack, self.to).await.unwrap_or_else(|end| panic!("{at}: {end:?}"));
        assert!(report.failed.is_empty(), "{at}: {:#?}", report.failed);
        assert!(report.skipped.is_empty(), "{at}: {:#?}", report.skipped);
        let made = made(&world.calls());
        let state = world.state(&self.declare).await;
        if self.to == To::Declared {
            let plan = world.plan(&self.declare).await.unwrap();
            assert!(plan.is_empty(), "{at}: {:#?}", plan.steps);
        }
        assert_eq!(made, clean.made, "{at}: what was made, and what an undisturbed run makes");
        let recorded = difference(&world.recorded(&state), &clean.recorded);
        assert_eq!(recorded, "", "{at}: the state");
        let contents = difference(&world.contents().await, &clean.contents);
        assert_eq!(contents, "", "{at}: the cloud");
    }

    /// Kills runs at `most` boundaries, of which this takes every `step`th from `first` on.
    async fn kill_many(&self, most: usize, (first, step): (usize, usize)) -> Tried {
        let (world, begin) = self.world().await;
        let clean = self.undisturbed(&world, &begin).await;
        let of = clean.passed.len();
        let mine: Vec<usize> =
            chosen(of, most, seed()).into_iter().skip(first).step_by(step).collect();
        for boundary in &mine {
            self.kill(&world, &begin, &clean, *boundary).await;
        }
        Tried { tried: mine.len(), of: if first == 0 { of } else { 0 } }
    }
}

/// Coming up, changing and going, of something declared in two ways.
pub(crate) fn scenarios<F>(name: &str, declare: F) -> Vec<Scenario>
where
    F: Fn(&mut Stack, bool) -> Result<(), Invalid> + Copy + Send + Sync + 'static,
{
    let first = || Box::new(move |stack: &mut Stack| declare(stack, false)) as Box<Define>;
    let second = || Box::new(move |stack: &mut Stack| declare(stack, true)) as Box<Define>;
    let scenario = |verb, before, declare, to| Scenario {
        name: format!("{name}, {verb}"),
        before,
        declare,
        to,
    };
    vec![
        scenario("up", None, first(), To::Declared),
        scenario("change", Some(first()), second(), To::Declared),
        scenario("destroy", Some(first()), first(), To::Nothing),
    ]
}

#[expect(
    clippy::print_stdout,
    reason = "how many of how many is for whoever reads the tests' output"
)]
fn tell(what: &str, tried: Vec<Tried>) {
    let (count, of) =
        tried.iter().fold((0, 0), |(count, of), one| (count + one.tried, of + one.of));
    println!("killed {what} at {count} of {of} boundaries (seed {}); all were hit", seed());
    assert!(count > 0);
}

/// How many boundaries of each scenario are tried where not all are.
const OF_CASE: usize = 4;

#[test]
fn whatever_is_killed_anywhere_is_finished_by_the_next_run() {
    let all = compared().chain(cases_secrets::ALL);
    let all = all.flat_map(|case| scenarios(case.name, case.declare));
    let tried = in_parallel(all, async |scenario| scenario.kill_many(OF_CASE, (0, 1)).await);
    tell("the lifecycles of all types", tried);
}

/// Another range replaces the VPC and all that is in it.
pub(crate) fn network(stack: &mut Stack, changed: bool) -> Result<(), Invalid> {
    let alerts = Alerts::builder().emails(["oncall@globecart.example"]).build();
    let alerts = stack.component("alerts", alerts)?;
    let cidr = if changed { "10.64.0.0/16" } else { "10.0.0.0/16" };
    let network = Network::builder()
        .cidr(cidr.parse().unwrap())
        .zones(3)
        .nat(Nat::PerZone)
        .alerts(alerts.route())
        .build();
    stack.component("network", network)?;
    Ok(())
}

/// How many boundaries of each of the network's three runs are tried where not all are.
const OF_NETWORK: usize = 4;

#[test]
fn the_network_killed_anywhere_is_finished_by_the_next_run() {
    // A part has to bring the network up itself, so few of them are worth it where few boundaries are tried.
    let parts = if is_torture() { 4 } else { 1 };
    let jobs = (0..parts).flat_map(|part| {
        scenarios("the network", network).into_iter().map(move |scenario| (scenario, part))
    });
    let tried = in_parallel(jobs, async |(scenario, part)| {
        scenario.kill_many(OF_NETWORK, (part, parts)).await
    });
    tell("the network", tried);
}
