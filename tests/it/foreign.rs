//! What is somebody else's: neither the same name nor an id in the record makes it ours.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use globecart_aws::Stack;
use globecart_aws::engine::store::Store;
use globecart_aws::engine::testing::{Boundaries, Unsynced};
use globecart_aws::engine::{Class, Record, State};
use globecart_local_aws::Row;

use crate::lifecycle::{Case, cases, compared, kinds};
use crate::sample::chosen;
use crate::threads::in_parallel;
use crate::world::{Ended, To, World};

impl World {
    /// Takes this stack's tags off what is at an address, as somebody would by hand. Answers its rows.
    async fn disown(&self, address: &str) -> Vec<Row> {
        let is_at = |row: &Row| crate::contents::address(&row.value).as_deref() == Some(address);
        let rows: Vec<Row> = self.cloud.rows().into_iter().filter(is_at).collect();
        let keys = ["globecart:stack", "globecart:resource", "globecart:life"];
        for row in &rows {
            let arn = row.value["_arn"].as_str().expect("what has tags has an ARN");
            let name = arn.rsplit('/').next().expect("an ARN has an end");
            if arn.contains(":role/") {
                let call = self.aws.iam().untag_role().role_name(name);
                let keys = keys.map(str::to_owned).to_vec();
                call.set_tag_keys(Some(keys)).send().await.unwrap();
            } else if arn.contains(":policy/") {
                let call = self.aws.iam().untag_policy().policy_arn(arn);
                let keys = keys.map(str::to_owned).to_vec();
                call.set_tag_keys(Some(keys)).send().await.unwrap();
            } else {
                let call = self.aws.tagging().untag_resources().resource_arn_list(arn);
                let keys = keys.map(str::to_owned).to_vec();
                call.set_tag_keys(Some(keys)).send().await.unwrap();
            }
        }
        let ids: BTreeSet<&String> = rows.iter().map(|row| &row.id).collect();
        self.cloud.rows().into_iter().filter(|row| ids.contains(&row.id)).collect()
    }
}

/// The creates of named resources in an undisturbed run, as boundaries: after the effect, before the answer.
async fn named_creates(case: &Case) -> Vec<(usize, String)> {
    let kinds = kinds();
    let named: BTreeSet<&str> = kinds
        .iter()
        .filter(|kind| kind.facts().name.is_some() && kind.facts().tags)
        .map(globecart_aws::engine::Kind::name)
        .collect();
    let world = World::new().await;
    let stack = world.stack(&case.first()).unwrap();
    let boundaries = Boundaries::new();
    world.watched(&boundaries, &stack, To::Declared).await.unwrap();
    let state = world.state(&case.first()).await;
    let mut seen = BTreeSet::new();
    let mut creates = Vec::new();
    for (number, name) in boundaries.passed().iter().enumerate() {
        let Some((call, about)) =
            name.strip_suffix(": before the answer").and_then(|name| name.split_once(" of "))
        else {
            continue;
        };
        let kind = state
            .all()
            .find(|(address, ..)| address.as_str() == about)
            .map(|(_, _, entry)| entry.kind.clone());
        let makes = call.split_once(' ').is_some_and(|(_, operation)| {
            operation.starts_with("Create") || operation == "PutMetricAlarm"
        });
        if makes
            && kind.is_some_and(|kind| named.contains(kind.as_str()))
            && seen.insert(about.to_owned())
        {
            creates.push((number, about.to_owned()));
        }
    }
    creates
}

/// Somebody has what a run was about to make, under its very name.
#[test]
fn what_has_the_same_name_is_never_adopted_changed_or_deleted() {
    let tried = in_parallel(cases::ALL, async |case: &Case| {
        let mut kinds = BTreeSet::new();
        for (boundary, address) in named_creates(case).await {
            let world = World::new().await;
            let stack = world.stack(&case.first()).unwrap();
            let outcome = world.watched(&Boundaries::stop_at(boundary), &stack, To::Declared).await;
            assert!(matches!(outcome, Err(Ended::Stopped)), "{outcome:?}");
            world.disk.crash(Unsynced::Lost);
            // What is being made has come to rest before somebody takes it.
            world.let_pass(Duration::from_mins(30)).await;
            let theirs = world.disown(&address).await;
            let at = format!("{}, {address}", case.name);
            assert!(!theirs.is_empty(), "{at}");
            let kind = world
                .state(&case.first())
                .await
                .all()
                .find(|(at, ..)| at.as_str() == address)
                .map(|(_, _, entry)| entry.kind.clone())
                .unwrap();
            let report = world.up(&case.first()).await;
            let failure = report.failed.iter().find(|failure| failure.address.as_str() == address);
            let failure = failure.unwrap_or_else(|| panic!("{at} was taken over: {report:#?}"));
            assert_eq!(failure.error.class, Class::AlreadyExists, "{at}: {:#?}", failure.error);
            let told = &failure.error.message;
            assert!(told.contains("is not this stack's"), "{at}: {told}");
            assert_same(&world, &theirs, &at);
            world.try_destroy(&case.first()).await;
            assert_same(&world, &theirs, &at);
            kinds.insert(kind);
        }
        kinds
    });
    let tried: BTreeSet<String> = tried.into_iter().flatten().collect();
    println!("of the same name and somebody else's: {tried:?}");
    assert!(tried.len() >= 7, "{tried:?}");
}

#[track_caller]
fn assert_same(world: &World, theirs: &[Row], at: &str) {
    let now = world.cloud.rows();
    for row in theirs {
        assert!(
            now.contains(row),
            "{at}: {row:#?} is now {:#?}",
            now.iter().find(|other| other.id == row.id && other.table == row.table)
        );
    }
}

/// Puts the outputs of another stack's resource into the record of ours.
async fn alter(world: &World, stack: &Stack, address: &str, theirs: &State) {
    let mut store = Store::open(world.disk.clone(), stack).await.unwrap();
    let (at, life) = {
        let (at, life, _) = store.state().all().find(|(at, ..)| at.as_str() == address).unwrap();
        (at.clone(), life)
    };
    let outputs = theirs.current(&at).unwrap().1.outputs.clone();
    store.record(&[Record::Ready { address: at, life, outputs: Some(outputs) }]).await.unwrap();
}

/// How many resources of each case are altered where not all are.
const ALTERED: usize = 40;

#[test]
fn an_id_altered_in_the_state_changes_and_deletes_nothing_of_somebody_elses() {
    in_parallel(compared(), async |case: &Case| {
        let world = World::new().await;
        let mut others = Stack::new("other", world.aws.place().clone()).unwrap();
        (case.declare)(&mut others, false).unwrap();
        let report = world.run(&others, To::Declared).await.unwrap();
        assert!(report.failed.is_empty(), "{}: {:#?}", case.name, report.failed);
        let theirs = Store::open(world.disk.clone(), &others).await.unwrap().state().clone();
        let rows = world.cloud.rows();
        world.lose_state();
        world.up_well(&case.first()).await;
        let (begin, state) = (world.checkpoint(), world.state(&case.first()).await);
        let addresses: Vec<String> = state.all().map(|(address, ..)| address.to_string()).collect();
        for index in chosen(addresses.len(), ALTERED, 1) {
            for to in [To::Nothing, To::Declared] {
                world.restore(&begin).await;
                let address = &addresses[index];
                let stack = world.stack(&case.first()).unwrap();
                alter(&world, &stack, address, &theirs).await;
                let outcome = world.run(&stack, to).await;
                let at = format!("{}, {address} altered, {to:?}: {outcome:?}", case.name);
                assert_same_but_by_itself(&world, &rows, &at);
            }
        }
    });
}

/// What the cloud changes by itself does not count, nor what the region has whoever asks.
fn assert_same_but_by_itself(world: &World, theirs: &[Row], at: &str) {
    let known: BTreeMap<(String, String), Row> = world
        .cloud
        .rows()
        .into_iter()
        .map(|row| ((row.table.clone(), row.id.clone()), row))
        .collect();
    for row in theirs {
        let now = known.get(&(row.table.clone(), row.id.clone()));
        let mut was = [Some(row.value.clone()), now.map(|now| now.value.clone())];
        for value in was.iter_mut().flatten() {
            crate::contents::settle(value);
        }
        assert_eq!(was[1], was[0], "{} {}: {at}", row.table, row.id);
    }
}
