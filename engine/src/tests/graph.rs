//! Random declarations, and what holds of every run over them.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::Duration;

use proptest::prelude::*;

use super::world::{To, World};
use crate::apply::Report;
use crate::testing::{Fault, Verb};
use crate::{Class, Operation};

/// A node: its type, what it needs (and whether acceptance is enough), and how long it takes to make.
#[derive(Debug, Clone)]
struct Node {
    flavor: &'static str,
    needs: BTreeMap<usize, bool>,
    secs: u64,
    fails: Option<Fails>,
}

/// How something fails for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fails {
    /// Its call is refused.
    Refused(Class),
    /// Its call is accepted, and it is never ready.
    Broken,
}

type Graph = Vec<Node>;

fn graph(most: usize) -> impl Strategy<Value = Graph> {
    let fails = prop_oneof![
        8 => Just(None),
        1 => Just(Some(Fails::Broken)),
        1 => prop_oneof![Just(Class::Denied), Just(Class::Quota), Just(Class::Dependency), Just(Class::Ambiguous)]
            .prop_map(|class| Some(Fails::Refused(class))),
    ];
    let flavor =
        prop_oneof![Just("Plain"), Just("Named"), Just("Tagged"), Just("Batch"), Just("Slow")];
    let needs = prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..4);
    let node = (flavor, needs, prop_oneof![Just(0_u64), 1..30_u64], fails);
    prop::collection::vec(node, 1..most).prop_map(|nodes| {
        let before = |number: usize, (at, early): (prop::sample::Index, bool)| {
            (number > 0).then(|| (at.index(number), early))
        };
        let node = |(number, (flavor, needs, secs, fails)): (usize, (_, Vec<_>, _, _))| {
            let needs = needs.into_iter().filter_map(|need| before(number, need)).collect();
            Node { flavor, needs, secs, fails }
        };
        nodes.into_iter().enumerate().map(node).collect()
    })
}

fn text(graph: &Graph) -> String {
    let line = |(number, node): (usize, &Node)| {
        let needs = node
            .needs
            .iter()
            .map(|(need, early)| format!(" n{need}{}", if *early { "!" } else { "" }));
        format!("n{number}:{} <-{}\n", node.flavor, needs.collect::<String>())
    };
    graph.iter().enumerate().map(line).collect()
}

fn paused<T>(future: impl Future<Output = T>) -> T {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(future)
}

/// How each node fared.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Fared {
    Done,
    Failed,
    Skipped,
}

fn fared(graph: &Graph, report: &Report) -> Vec<Fared> {
    let name = |number: usize| format!("n{number}");
    let one = |number: usize| {
        let failed = report.failed.iter().any(|failure| failure.address.as_str() == name(number));
        let skipped =
            report.skipped.iter().filter(|(address, _)| address.as_str() == name(number)).count();
        match (failed, skipped) {
            (false, 0) => Fared::Done,
            (true, 0) => Fared::Failed,
            (false, 1) => Fared::Skipped,
            other => panic!("n{number} is told {other:?}"),
        }
    };
    (0..graph.len()).map(one).collect()
}

/// Every dependent of a failure is skipped, and nothing else is.
fn check_skips(graph: &Graph, report: &Report, needs: &[BTreeMap<usize, bool>]) {
    let fared = fared(graph, report);
    for (number, needs) in needs.iter().enumerate() {
        let stuck = |(need, _): &(&usize, &bool)| fared[**need] != Fared::Done;
        if fared[number] == Fared::Skipped {
            assert!(
                needs.iter().any(|need| stuck(&need)),
                "n{number} is skipped for nothing: {fared:?}"
            );
        } else {
            // What waits for acceptance alone may have been started before the failure.
            let mut hard = needs.iter().filter(|(_, early)| !**early);
            assert!(!hard.any(|need| stuck(&need)), "n{number} is not skipped: {fared:?}");
        }
    }
    for (number, node) in graph.iter().enumerate() {
        if fared[number] == Fared::Failed {
            assert!(node.fails.is_some(), "n{number} failed on its own");
        }
    }
}

fn inject(world: &World, graph: &Graph, verb: Verb) {
    for (number, node) in graph.iter().enumerate() {
        let address = format!("n{number}");
        match node.fails {
            None => {}
            Some(Fails::Broken) if verb == Verb::Create => {
                world.cloud.breaks(&address, "no capacity");
            }
            Some(Fails::Broken) => {
                world.cloud.fault(Fault::new(verb, &address, Class::Quota).times(u32::MAX));
            }
            Some(Fails::Refused(class)) => {
                world.cloud.fault(Fault::new(verb, &address, class).times(u32::MAX));
            }
        }
    }
}

fn mend(world: &World, graph: &Graph) {
    world.cloud.clear_faults();
    (0..graph.len()).for_each(|number| world.cloud.mends(&format!("n{number}")));
}

fn slow(graph: &Graph) -> World {
    let world = World::new();
    for (number, node) in graph.iter().enumerate() {
        world.cloud.set_duration(
            &format!("n{number}"),
            Operation::Create,
            Duration::from_secs(node.secs),
        );
        world.cloud.set_duration(
            &format!("n{number}"),
            Operation::Delete,
            Duration::from_secs(node.secs / 2),
        );
    }
    world
}

async fn survives_failures(graph: Graph) {
    let (world, text) = (slow(&graph), text(&graph));
    inject(&world, &graph, Verb::Create);
    let report = world.try_up(&text).await;
    let needs: Vec<_> = graph.iter().map(|node| node.needs.clone()).collect();
    check_skips(&graph, &report, &needs);
    mend(&world, &graph);
    world.up(&text).await;
    let clean = World::with(&text).await;
    assert_eq!(world.cloud.inventory(), clean.cloud.inventory());
    world.assert_recorded().await;
    assert!(world.plan(&text).await.unwrap().is_empty());
    inject(&world, &graph, Verb::Delete);
    let report = world.run(&text, To::Nothing, std::future::pending()).await.unwrap();
    let mut dependents: Vec<BTreeMap<usize, bool>> = vec![BTreeMap::new(); graph.len()];
    for (number, need) in graph
        .iter()
        .enumerate()
        .flat_map(|(number, node)| node.needs.keys().map(move |need| (number, need)))
    {
        dependents[*need].insert(number, false);
    }
    check_skips(&graph, &report, &dependents);
    mend(&world, &graph);
    world.destroy(&text).await;
    assert_eq!(world.cloud.inventory(), Vec::<String>::new());
    assert!(world.state().await.is_empty());
}

/// The longest chain of calls and of times to ready.
fn critical_path(graph: &Graph, latency: Duration) -> Duration {
    let mut accepted: Vec<Duration> = Vec::new();
    let mut ready: Vec<Duration> = Vec::new();
    for node in graph {
        let starts = node
            .needs
            .iter()
            .map(|(need, early)| if *early { accepted[*need] } else { ready[*need] });
        let start = starts.max().unwrap_or_default();
        accepted.push(start + latency);
        // The effect comes half-way, and its time runs from there.
        ready.push((start + latency / 2 + Duration::from_secs(node.secs)).max(start + latency));
    }
    ready.into_iter().max().unwrap_or_default()
}

async fn is_quick(graph: Graph) {
    // Times that are around the usual ones of their types, which polling goes by.
    let usual = |node: &Node| match node.flavor {
        "Slow" => 560 + node.secs * 10,
        _ if node.secs < 15 => 0,
        _ => 10,
    };
    let graph: Graph =
        graph.into_iter().map(|node| Node { secs: usual(&node), fails: None, ..node }).collect();
    let (world, latency) = (slow(&graph), Duration::from_millis(50));
    world.cloud.set_latency(latency);
    world.up(&text(&graph)).await;
    let (took, least) = (world.clock.elapsed(), critical_path(&graph, latency));
    assert!(
        took <= least.mul_f64(1.02) + Duration::from_secs(2),
        "took {took:?}, at least {least:?}"
    );
    assert!(took >= least, "took {took:?}, at least {least:?}");
    let kinds: BTreeSet<&str> =
        graph.iter().filter(|node| node.secs > 0).map(|node| node.flavor).collect();
    let reads = world.cloud.sent().into_iter().filter(|sent| sent.verb == Verb::Read).count();
    // Half a second is the shortest pause between two reads of a type, but for the read at the usual moment.
    let ticks = usize::try_from(took.as_millis() / 500).unwrap() + graph.len() + 1;
    assert!(reads <= kinds.len() * ticks, "{reads} reads in {took:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_failure_skips_its_dependents_and_nothing_else(graph in graph(24)) {
        paused(survives_failures(graph));
    }

    #[test]
    fn a_run_takes_little_longer_than_its_critical_path(graph in graph(40)) {
        paused(is_quick(graph));
    }
}
