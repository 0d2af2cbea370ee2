//! States that are lost, and names and tokens that AWS remembers: what exists is found by its tags, names and keys, and
//! is never made a second time.

use std::collections::BTreeMap;

use globecart_aws::engine::Event;
use globecart_aws::engine::store::Kept;
use globecart_aws::engine::testing::{Boundaries, Unsynced};

use crate::contents::{difference, made};
use crate::lifecycle::{Case, cases, compared, mutating};
use crate::matrix::{network, scenarios};
use crate::sample::{chosen, seed, tell};
use crate::threads::in_parallel;
use crate::world::{Define, Ended, To, World};

impl World {
    /// Loses the state.
    pub(crate) fn lose_state(&self) {
        self.disk.put(Kept::default());
    }
}

/// Up, and up again without the state: everything is adopted and nothing changes.
async fn is_adopted(name: &str, define: &Define) {
    let world = World::new().await;
    world.up_well(define).await;
    let (state, contents) = (world.state(define).await, world.contents().await);
    let recorded = world.recorded(&state);
    world.lose_state();
    world.calls();
    world.take_events();
    let report = world.up_well(define).await;
    let calls = mutating(world.calls());
    assert_eq!(calls, [], "{name}");
    assert_eq!((report.created, report.unchanged), (0, state.len()), "{name}");
    let found = |event: &&Event| matches!(event, Event::Recovered { found: true, .. });
    assert_eq!(world.take_events().iter().filter(found).count(), state.len(), "{name}");
    let again = world.recorded(&world.state(define).await);
    assert_eq!(difference(&again, &recorded), "", "{name}");
    assert_eq!(difference(&world.contents().await, &contents), "", "{name}");
}

#[test]
fn a_lost_state_is_rebuilt_and_nothing_is_called_that_changes_anything() {
    in_parallel(compared(), async |case: &Case| is_adopted(case.name, &case.first()).await);
}

#[tokio::test(start_paused = true)]
async fn the_network_is_adopted_whole_and_the_plan_says_so() {
    let define = |stack: &mut globecart_aws::Stack| network(stack, false);
    is_adopted("the network", &define).await;
    let world = World::new().await;
    world.up_well(&define).await;
    world.lose_state();
    let plan = world.plan_recovered(&define).await;
    assert!(plan.is_empty(), "{:#?}", plan.steps);
    let told = plan.notices.iter().find(|notice| notice.contains("were found and adopted"));
    assert!(told.is_some_and(|told| told.contains("network/vpc")), "{:#?}", plan.notices);
}

#[test]
fn what_a_lost_state_had_is_destroyed() {
    in_parallel(compared(), async |case: &Case| {
        let world = World::new().await;
        let before = world.inventory();
        world.up_well(&case.first()).await;
        world.lose_state();
        world.destroy(&case.first()).await;
        assert_eq!(world.left_since(&before), BTreeMap::new(), "{}", case.name);
    });
}

/// AWS remembers client tokens for a day, and some names for longer.
#[test]
fn what_was_destroyed_comes_up_again_within_a_day() {
    in_parallel(cases::ALL, async |case: &Case| {
        for lost in [false, true] {
            let world = World::new().await;
            let before = world.inventory();
            world.up_well(&case.first()).await;
            let state = world.recorded(&world.state(&case.first()).await);
            world.destroy(&case.first()).await;
            if lost {
                world.lose_state();
            }
            let report = world.up_well(&case.first()).await;
            assert_eq!((report.updated, report.replaced), (0, 0), "{}, lost: {lost}", case.name);
            let again = world.recorded(&world.state(&case.first()).await);
            assert_eq!(difference(&again, &state), "", "{}, lost: {lost}", case.name);
            assert!(world.plan(&case.first()).await.unwrap().is_empty(), "{}", case.name);
            world.destroy(&case.first()).await;
            assert_eq!(world.left_since(&before), BTreeMap::new(), "{}, lost: {lost}", case.name);
        }
    });
}

/// The index of tags knows nothing yet: whatever has no name is found by the service's own tags, and what has one
/// by the names that its neighbours' lives give it.
#[test]
fn a_state_that_is_lost_at_once_is_rebuilt_without_the_index_of_tags() {
    // What stands alone with a name of its own has no neighbour to be found by.
    let alone = ["a role", "an alarm", "a topic", "a bucket", "a subscription", "a role's policy"];
    let some = cases::ALL.iter().filter(|case| !alone.contains(&case.name));
    in_parallel(some, async |case| {
        let latencies = BTreeMap::from([("tagging.resource.visible".to_owned(), 3600.0)]);
        let options = globecart_local_aws::Options { latencies, ..Default::default() };
        let world = World::with(options).await;
        world.up_well(&case.first()).await;
        world.lose_state();
        world.calls();
        world.up_well(&case.first()).await;
        let calls = mutating(world.calls());
        assert_eq!(calls, [], "{}", case.name);
    });
}

/// How many boundaries of each scenario are tried where not all are.
const KILLED: usize = 3;

/// The worst: a run is killed, and its state is lost with it.
#[test]
fn whatever_is_killed_and_loses_its_state_is_found_again() {
    let all = compared().flat_map(|case| scenarios(case.name, case.declare));
    // A changed declaration does not say what there was before.
    let some = all.filter(|scenario| !scenario.name.ends_with("change"));
    let tried = in_parallel(some, async |scenario| {
        let (world, begin) = scenario.world().await;
        let clean = scenario.undisturbed(&world, &begin).await;
        let chosen = chosen(clean.passed.len(), KILLED, seed());
        for boundary in &chosen {
            world.restore(&begin).await;
            let stack = world.stack(&scenario.declare).unwrap();
            let outcome = world.watched(&Boundaries::stop_at(*boundary), &stack, scenario.to).await;
            let at = format!("{}, killed at {}", scenario.name, clean.passed[*boundary]);
            assert!(matches!(outcome, Err(Ended::Stopped)), "{at}: {outcome:?}");
            world.disk.crash(Unsynced::Lost);
            world.lose_state();
            let report = world.run(&stack, scenario.to).await.unwrap();
            assert!(report.failed.is_empty(), "{at}: {:#?}", report.failed);
            if scenario.to == To::Declared {
                assert_eq!(made(&world.calls()), clean.made, "{at}: what was made");
                let plan = world.plan(&scenario.declare).await.unwrap();
                assert!(plan.is_empty(), "{at}: {:#?}", plan.steps);
            }
            let contents = difference(&world.contents().await, &clean.contents);
            assert_eq!(contents, "", "{at}: the cloud");
        }
        (chosen.len(), clean.passed.len())
    });
    tell("boundaries at which a run was killed and lost its state", &tried);
}
