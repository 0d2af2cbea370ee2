//! One life of every resource type: made, made again by the same intent, read, drifted, changed, deleted, deleted
//! again, gone. A type without a case fails `every_type_has_a_case`.

use std::collections::{BTreeMap, BTreeSet};

use globecart_aws::engine::plan::Action;
use globecart_aws::engine::{Invalid, Kind};
use globecart_aws::{Aws, Stack};
use globecart_local_aws::{Action as Fault, CallRecord, Rule};

use crate::sample::{chosen, seed, tell};
use crate::threads::in_parallel;
use crate::world::World;

pub(crate) mod cases;
mod cases_balancing;
mod cases_cache;
mod cases_compute;
mod cases_database;
pub(crate) mod cases_secrets;
mod cases_storage;

/// Two declarations of the same resources, of which the second changes one thing.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Declares; `changed` says which of the two.
    pub(crate) declare: fn(&mut Stack, changed: bool) -> Result<(), Invalid>,
    /// What the change does to the resource that it is about.
    pub(crate) change: Change,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    InPlace,
    Replacement,
}

/// Every resource type of every crate.
pub(crate) fn kinds() -> Vec<Kind<Aws>> {
    let crates = [
        globecart_aws::kinds(),
        globecart_network::kinds(),
        globecart_database::kinds(),
        globecart_cache::kinds(),
        globecart_compute::kinds(),
        globecart_secrets::kinds(),
        globecart_storage::kinds(),
    ];
    crates.into_iter().flatten().collect()
}

/// Every case of every crate.
pub(crate) fn all() -> impl Iterator<Item = &'static Case> {
    let data = cases_cache::ALL
        .iter()
        .chain(cases_compute::ALL)
        .chain(cases_database::ALL)
        .chain(cases_storage::ALL);
    let more = cases_balancing::ALL.iter().chain(cases_secrets::ALL);
    cases::ALL.iter().chain(data).chain(more)
}

/// The cases whose clouds can be compared word by word: what AWS draws in them is known to `contents`. The others live all
/// their lives in this file, and are not yet killed, lost and disturbed.
pub(crate) fn compared() -> impl Iterator<Item = &'static Case> {
    cases::ALL.iter().chain(cases_cache::ALL)
}

impl Case {
    pub(crate) fn first(&self) -> impl Fn(&mut Stack) -> Result<(), Invalid> + use<> {
        let declare = self.declare;
        move |stack| declare(stack, false)
    }

    pub(crate) fn second(&self) -> impl Fn(&mut Stack) -> Result<(), Invalid> + use<> {
        let declare = self.declare;
        move |stack| declare(stack, true)
    }
}

pub(crate) fn mutating(calls: Vec<CallRecord>) -> Vec<CallRecord> {
    calls.into_iter().filter(CallRecord::is_mutating).collect()
}

#[test]
fn every_type_has_a_case() {
    let known: BTreeSet<&str> = kinds().iter().map(Kind::name).collect();
    let place = crate::world::place();
    let mut covered = BTreeSet::new();
    for case in all() {
        let mut stack = Stack::new("test", place.clone()).unwrap();
        (case.declare)(&mut stack, false).unwrap();
        covered.extend(stack.kinds().map(str::to_owned));
    }
    let missing: Vec<_> = known.into_iter().filter(|kind| !covered.contains(*kind)).collect();
    assert!(missing.is_empty(), "no case in lifecycle/cases.rs declares {missing:?}");
}

#[tokio::test(start_paused = true)]
async fn a_second_run_reads_back_what_was_declared_and_changes_nothing() {
    for case in all() {
        let world = World::new().await;
        world.up_well(&case.first()).await;
        world.calls();
        let plan = world.plan(&case.first()).await.unwrap();
        let differing: Vec<_> =
            plan.steps.iter().filter(|step| step.action != Action::Keep).collect();
        assert!(differing.is_empty(), "{}: {differing:#?}", case.name);
        world.up_well(&case.first()).await;
        let calls = mutating(world.calls());
        assert!(calls.is_empty(), "{}: {calls:#?}", case.name);
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_is_applied_as_it_is_planned() {
    for case in all() {
        let world = World::new().await;
        world.up_well(&case.first()).await;
        let plan = world.plan(&case.second()).await.unwrap();
        let changes: Vec<_> = plan
            .steps
            .iter()
            .map(|step| step.action)
            .filter(|action| *action != Action::Keep)
            .collect();
        let expected = |action: &Action| match case.change {
            Change::InPlace => *action == Action::Update,
            Change::Replacement => matches!(action, Action::Replace(_)),
        };
        assert!(changes.iter().any(expected), "{}: {changes:?}", case.name);
        world.up_well(&case.second()).await;
        let again = world.plan(&case.second()).await.unwrap();
        let left: Vec<_> = again.steps.iter().filter(|step| step.action != Action::Keep).collect();
        assert!(left.is_empty(), "{}: {left:#?}", case.name);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_after_a_destroy_but_what_says_so() {
    for case in all() {
        let world = World::new().await;
        let before = world.inventory();
        world.up_well(&case.first()).await;
        world.destroy(&case.first()).await;
        assert_eq!(world.left_since(&before), BTreeMap::new(), "{}", case.name);
        // Again, with nothing recorded and nothing there.
        world.calls();
        world.destroy(&case.first()).await;
        assert_eq!(mutating(world.calls()), [], "{}", case.name);
    }
}

#[tokio::test(start_paused = true)]
async fn a_changed_tag_is_drift_and_is_put_back() {
    for case in all() {
        let world = World::new().await;
        let tagged = |stack: &mut Stack| {
            stack.tag("team", "shop")?;
            (case.declare)(stack, false)
        };
        world.up_well(&tagged).await;
        let arns = world.tagged_arns().await;
        if arns.is_empty() {
            continue;
        }
        world.tag_by_hand(&arns, "team", "somebody").await;
        let plan = world.plan(&tagged).await.unwrap();
        let drifted =
            plan.steps.iter().flat_map(|step| &step.fields).filter(|field| field.drifted).count();
        assert_eq!(drifted, arns.len(), "{}: {:#?}", case.name, plan.steps);
        world.up_well(&tagged).await;
        assert!(world.plan(&tagged).await.unwrap().is_empty(), "{}", case.name);
    }
}

/// What goes wrong with one call after the other.
const FAULTS: [Fault; 3] = [Fault::LoseAfter, Fault::LoseBefore, Fault::ServerError(500)];

/// How many calls of each case go wrong in one way where not all do in all.
const OF_CASE: usize = 9;

/// Calls and what goes wrong with them.
fn disturbances(calls: &[CallRecord]) -> Vec<(usize, Fault)> {
    let all = chosen(calls.len() * FAULTS.len(), OF_CASE, seed());
    all.into_iter().map(|one| (one / FAULTS.len(), FAULTS[one % FAULTS.len()].clone())).collect()
}

#[test]
fn whichever_answer_is_lost_everything_is_made_once() {
    let tried = in_parallel(all(), async |case| {
        let undisturbed = World::new().await;
        undisturbed.up_well(&case.first()).await;
        let calls = mutating(undisturbed.calls());
        let chosen = disturbances(&calls);
        for (nth, fault) in &chosen {
            let world = World::new().await;
            world.disturb(fault.clone(), &calls[*nth], occurrence(&calls, *nth));
            world.up(&case.first()).await;
            world.cloud.clear_rules();
            let what = format!("{}: {fault:?} at {} ({nth})", case.name, calls[*nth].operation);
            let report = world.up(&case.first()).await;
            assert!(report.failed.is_empty(), "{what}: {:#?}", report.failed);
            assert_eq!(world.inventory(), undisturbed.inventory(), "{what}");
            assert!(world.plan(&case.first()).await.unwrap().is_empty(), "{what}");
        }
        (chosen.len(), calls.len() * FAULTS.len())
    });
    tell("answers of creates and changes lost", &tried);
}

#[test]
fn whichever_answer_is_lost_everything_is_deleted() {
    let tried = in_parallel(all(), async |case| {
        let undisturbed = World::new().await;
        let before = undisturbed.inventory();
        undisturbed.up_well(&case.first()).await;
        undisturbed.calls();
        undisturbed.destroy(&case.first()).await;
        let calls = mutating(undisturbed.calls());
        let chosen = disturbances(&calls);
        for (nth, fault) in &chosen {
            let world = World::new().await;
            world.up_well(&case.first()).await;
            world.disturb(fault.clone(), &calls[*nth], occurrence(&calls, *nth));
            world.try_destroy(&case.first()).await;
            world.cloud.clear_rules();
            world.destroy(&case.first()).await;
            let what = format!("{}: {fault:?} at {} ({nth})", case.name, calls[*nth].operation);
            assert_eq!(world.left_since(&before), BTreeMap::new(), "{what}");
        }
        (chosen.len(), calls.len() * FAULTS.len())
    });
    tell("answers of deletes lost", &tried);
}

/// Which occurrence of its operation the nth call is, from 1.
pub(crate) fn occurrence(calls: &[CallRecord], nth: usize) -> u64 {
    let same = |call: &&CallRecord| {
        (call.service, &call.operation) == (calls[nth].service, &calls[nth].operation)
    };
    calls[..=nth].iter().filter(same).count() as u64
}

impl World {
    fn disturb(&self, fault: Fault, call: &CallRecord, occurrence: u64) {
        let rule = Rule::new(fault).service(call.service).operation(call.operation.clone());
        self.cloud.add_rule(rule.nth(occurrence));
    }
}
