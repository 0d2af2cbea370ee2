//! The network as GlobeCart has it, on paused time: up, change, replacement, destroy, and what each costs.

use std::collections::BTreeMap;
use std::time::Duration;

use globecart_aws::engine::plan::{Action, lower_bound};
use globecart_aws::engine::{Invalid, Operation, When};
use globecart_aws::{Alerts, Stack};
use globecart_local_aws::CallRecord;
use globecart_network::{Nat, Network};

use crate::world::World;

fn globecart(zones: u8, nat: Nat) -> impl Fn(&mut Stack) -> Result<(), Invalid> {
    move |stack| {
        let alerts = Alerts::builder().emails(["oncall@globecart.example"]).build();
        let alerts = stack.component("alerts", alerts)?;
        let network = Network::builder().zones(zones).nat(nat).alerts(alerts.route()).build();
        let network = stack.component("network", network)?;
        stack.export("vpc_id", &network.vpc)
    }
}

#[tokio::test(start_paused = true)]
async fn it_comes_up_stays_changes_and_goes() {
    let world = World::new().await;
    let before = world.inventory();
    let three = globecart(3, Nat::PerZone);
    let report = world.up_well(&three).await;
    assert!(report.created > 80, "{}", report.created);
    assert!(world.plan(&three).await.unwrap().is_empty());

    let single = globecart(3, Nat::Single);
    let plan = world.plan(&single).await.unwrap();
    assert_eq!(
        plan.count(|action| matches!(action, Action::Replace(_))),
        0,
        "{:#?}",
        changes(&plan)
    );
    world.up_well(&single).await;
    assert!(world.plan(&single).await.unwrap().is_empty());

    let two = globecart(2, Nat::Single);
    let report = world.up_well(&two).await;
    assert_eq!((report.created, report.replaced), (0, 0));
    let report = world.up_well(&globecart(3, Nat::PerZone)).await;
    assert_eq!(report.replaced, 0, "a zone that is added moves nothing");
    world.destroy(&three).await;
    assert_eq!(world.left_since(&before), BTreeMap::new());
}

fn changes(plan: &globecart_aws::engine::plan::Plan) -> Vec<String> {
    let changes = plan.steps.iter().filter(|step| step.action != Action::Keep);
    changes.map(|step| format!("{:?} {} {:?}", step.action, step.address, step.fields)).collect()
}

/// A run that changes nothing makes the calls that the types declare as the least, and no others.
#[tokio::test(start_paused = true)]
async fn a_second_run_makes_only_the_calls_it_must() {
    let world = World::new().await;
    let define = globecart(3, Nat::PerZone);
    world.up_well(&define).await;
    let least = lower_bound(&world.stack(&define).unwrap(), &world.state(&define).await).unwrap();
    world.calls();
    world.up_well(&define).await;
    let calls = world.calls();
    println!(
        "a run without changes over {} resources: {} calls, at least {least}",
        world.state(&define).await.len(),
        calls.len()
    );
    assert_eq!(calls.len(), least, "{:#?}", counted(&calls));
    assert!(!calls.iter().any(CallRecord::is_mutating));
}

fn counted(calls: &[CallRecord]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for call in calls {
        *counts.entry(format!("{}:{}", call.service, call.operation)).or_insert(0) += 1;
    }
    counts
}

/// From the first mutating call to the last ready, a run takes what its longest chain takes and hardly more.
#[tokio::test(start_paused = true)]
async fn a_run_takes_its_critical_path() {
    let world = World::new().await;
    let define = globecart(3, Nat::PerZone);
    world.calls();
    let (started, _) = (world.cloud.now(), world.up_well(&define).await);
    let took = world.cloud.now() - started;
    let path = critical_path(&world, &define).await;
    println!("up: {took:.1} s of simulated time, critical path {path:.1} s");
    assert!(took <= path * 1.02 + 2.0, "took {took:.1} s, critical path {path:.1} s");
}

/// The longest chain of call latencies and times to ready that the cloud used.
async fn critical_path(world: &World, define: &crate::world::Define) -> f64 {
    let (stack, state, calls) =
        (world.stack(define).unwrap(), world.state(define).await, world.calls());
    let mut done: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for (address, needs) in stack.needs() {
        let (_, entry) = state.current(address).unwrap();
        let outputs = entry.outputs.as_object().unwrap();
        let ids: Vec<&str> = outputs.values().filter_map(|output| output.as_str()).collect();
        let own = calls.iter().filter(|call| {
            call.is_mutating() && call.ids.iter().any(|id| ids.contains(&id.as_str()))
        });
        let own: Vec<&CallRecord> = own.collect();
        // What has no id of its own takes one call.
        let latency: f64 =
            if own.is_empty() { 0.1 } else { own.iter().map(|call| call.latency).sum() };
        let transitions = own
            .iter()
            .flat_map(|call| &call.transitions)
            .filter(|change| ids.contains(&change.id.as_str()));
        let ready = transitions.map(|change| change.seconds).fold(0.0, f64::max);
        let start = needs.iter().map(|(need, when)| match (done[need.as_str()], when) {
            ((accepted, _), When::Accepted) => accepted,
            ((_, ready), When::Ready) => ready,
        });
        let start = start.fold(0.0, f64::max);
        done.insert(address.to_string(), (start + latency, start + latency + ready));
    }
    done.values().map(|(_, ready)| *ready).fold(0.0, f64::max)
}

/// What a plan says is usual is what the run takes, roughly: both come from the same published times.
#[tokio::test(start_paused = true)]
async fn the_estimate_is_near_what_a_run_takes() {
    let world = World::new().await;
    let define = globecart(3, Nat::PerZone);
    let usual = world.plan(&define).await.unwrap().estimate;
    let started = world.cloud.now();
    world.up_well(&define).await;
    let took = Duration::from_secs_f64(world.cloud.now() - started);
    assert!(took < Duration::from_secs(usual.seconds) * 2, "{took:?}, usual {usual:?}");
    let _ = Operation::Create;
}
