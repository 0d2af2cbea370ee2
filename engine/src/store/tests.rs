use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::{Backend, Directory, Store, StoreError};
use crate::Place;
use crate::journal::tests::record;
use crate::state::{Record, State};
use crate::testing::{Boundaries, Disk, Unsynced};
use crate::tests::place;

async fn open(backend: impl Backend + 'static) -> Result<Store, StoreError> {
    Store::open_for(Box::new(backend), "shop", &place()).await
}

fn gone(name: &str) -> Record {
    Record::Needs { address: crate::Address::new(name), needs: Vec::new() }
}

fn exports(name: &str) -> Record {
    Record::Exports { exports: [("name".to_owned(), name.into())].into() }
}

/// How lives start is random; everything else is the records'.
fn same(one: &State, other: &State) -> bool {
    State { lives: 0, ..one.clone() } == State { lives: 0, ..other.clone() }
}

fn blocking<T>(future: impl Future<Output = T>) -> T {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_opened_again_is_what_was_recorded(
        groups in prop::collection::vec((prop::collection::vec(record(), 1..4), any::<bool>(), any::<bool>()), 0..8)
    ) {
        blocking(async {
            let disk = Disk::new();
            let mut store = open(disk.clone()).await.unwrap();
            for (group, compact, reopen) in groups {
                store.record(&group).await.unwrap();
                if compact {
                    store.compact().await.unwrap();
                }
                if reopen {
                    let before = store.state().clone();
                    disk.crash(Unsynced::Lost);
                    store = open(disk.clone()).await.unwrap();
                    assert!(same(store.state(), &before), "{:?} is not {before:?}", store.state());
                }
            }
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_compaction_that_is_stopped_anywhere_loses_and_repeats_nothing() {
    for boundary in 0.. {
        let (disk, boundaries) = (Disk::new(), Boundaries::stop_at(boundary));
        let mut store = open(disk.clone()).await.unwrap();
        store.record(&[exports("one")]).await.unwrap();
        store.record(&[exports("two")]).await.unwrap();
        let before = store.state().clone();
        disk.watch(&boundaries);
        let ended = tokio::select! {
            biased;
            () = boundaries.stopped() => false,
            done = store.compact() => done.is_ok(),
        };
        disk.watch(&Boundaries::new());
        disk.crash(Unsynced::Torn);
        let mut store = open(disk.clone()).await.unwrap();
        assert!(same(store.state(), &before), "{:?}", boundaries.passed());
        store.record(&[exports("three")]).await.unwrap();
        assert_eq!(open(disk.clone()).await.unwrap().state().exports["name"], "three");
        if ended {
            assert_eq!(boundary, 3);
            break;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_write_that_failed_the_next_one_takes_its_place() {
    let disk = Disk::new();
    let mut store = open(disk.clone()).await.unwrap();
    store.record(&[exports("one")]).await.unwrap();
    disk.fail_after(0);
    let error = store.record(&[exports("two")]).await.unwrap_err();
    assert_snapshot!(error, @"cannot write the state in memory");
    assert_eq!(store.state().exports["name"], "one", "what is not durable does not count");
    disk.mend();
    store.record(&[exports("three")]).await.unwrap();
    assert_eq!(open(disk.clone()).await.unwrap().state().exports["name"], "three");
}

#[tokio::test(start_paused = true)]
async fn after_a_compaction_that_failed_nothing_more_is_recorded() {
    let disk = Disk::new();
    let mut store = open(disk.clone()).await.unwrap();
    store.record(&[exports("one")]).await.unwrap();
    disk.fail_after(0);
    assert!(store.compact().await.is_err());
    disk.mend();
    assert_snapshot!(store.record(&[exports("two")]).await.unwrap_err().to_string(), @"cannot write the state in memory");
    assert_eq!(open(disk.clone()).await.unwrap().state().exports["name"], "one");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_this_stacks_state_is_refused() {
    let disk = Disk::new();
    let mut store = open(disk.clone()).await.unwrap();
    store.record(&[exports("one")]).await.unwrap();
    let journal = disk.kept();
    store.compact().await.unwrap();
    store.record(&[exports("two")]).await.unwrap();
    let both = disk.kept();
    let mut says = Vec::new();
    let mut refused = async |kept: super::Kept, stack: &str, place: Place| {
        let disk = Disk::new();
        disk.put(kept.clone());
        let error = Store::open_for(Box::new(disk.clone()), stack, &place).await.err();
        says.push(error.map_or_else(|| "opened".to_owned(), |error| error.to_string()));
        assert_eq!(disk.kept(), kept, "opening changes nothing");
    };
    let there = Place { region: "eu-test-2".to_owned(), ..place() };
    refused(journal.clone(), "other", place()).await;
    refused(journal.clone(), "shop", Place { account: "210987654321".to_owned(), ..place() }).await;
    refused(both.clone(), "shop", there).await;
    let without_snapshot = super::Kept { snapshot: Vec::new(), ..both.clone() };
    refused(without_snapshot, "shop", place()).await;
    let mut damaged = both.clone();
    damaged.snapshot[40] ^= 1;
    refused(damaged, "shop", place()).await;
    let mut damaged = both.clone();
    damaged.journal[40] ^= 1;
    refused(damaged, "shop", place()).await;
    let newer = crate::journal::line(&serde_json::json!({ "format": 9 }));
    refused(super::Kept { snapshot: newer.clone(), journal: Vec::new() }, "shop", place()).await;
    refused(super::Kept { snapshot: Vec::new(), journal: newer }, "shop", place()).await;
    refused(super::Kept { journal: both.journal[..20].to_vec(), ..both }, "shop", place()).await;
    assert_snapshot!(says.join("\n"), @"
    the state in memory belongs to stack `shop` in account 123456789012, eu-test-1, this run is for stack `other` in account 123456789012, eu-test-1; use another `--state`
    the state in memory belongs to stack `shop` in account 123456789012, eu-test-1, this run is for stack `shop` in account 210987654321, eu-test-1; use another `--state`
    the state in memory belongs to stack `shop` in account 123456789012, eu-test-1, this run is for stack `shop` in account 123456789012, eu-test-2; use another `--state`
    the journal in memory is damaged: the snapshot that it continues is missing; nothing was called. Set the directory aside (keep it) and run the same command again: the state is then rebuilt from the tags and names of what exists
    the snapshot in memory is damaged: its checksum or length does not fit; nothing was called. Set the directory aside (keep it) and run the same command again: the state is then rebuilt from the tags and names of what exists
    the journal in memory is damaged: line 1 (byte 0) is damaged: its checksum or length does not fit; nothing was called. Set the directory aside (keep it) and run the same command again: the state is then rebuilt from the tags and names of what exists
    the state in memory has format 9, this version knows up to 1; use the newer version
    the state in memory has format 9, this version knows up to 1; use the newer version
    opened
    ");
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_can_be_looked_at_whichever_stacks_it_is() {
    let disk = Disk::new();
    assert!(Store::look(disk.clone()).await.unwrap().is_none());
    let mut store = open(disk.clone()).await.unwrap();
    for compact in [false, true] {
        store.record(&[exports("one")]).await.unwrap();
        if compact {
            store.compact().await.unwrap();
        }
        let state = Store::look(disk.clone()).await.unwrap().unwrap();
        assert_eq!((state.stack.as_str(), &state.exports), ("shop", &store.state().exports));
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_directory_is_its_owners_alone_and_held_by_one() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("deep/state");
    let mut store = open(Directory::open(&path).unwrap()).await.unwrap();
    store.record(&[exports("one")]).await.unwrap();
    assert_eq!(
        [mode(&path), mode(&path.join("journal")), mode(&path.join("lock"))],
        [0o700, 0o600, 0o600]
    );
    store.compact().await.unwrap();
    assert_eq!(mode(&path.join("snapshot")), 0o600);
    store.record(&[exports("two")]).await.unwrap();

    let Err(error) = Directory::open(&path) else { panic!("the directory was opened twice") };
    let StoreError::Held { at, holder } = &error else { panic!("{error}") };
    assert_eq!(at, &path.display().to_string());
    assert!(holder.starts_with(&format!("process {} on ", std::process::id())), "{holder}");
    assert!(holder.contains("last sign of life 20"), "{holder}");
    assert!(
        matches!(Directory::open(&path), Err(StoreError::Held { .. })),
        "a refusal does not free it"
    );

    let mut looked = open(Directory::peek(&path)).await.unwrap();
    assert_eq!(looked.state(), store.state());
    assert!(looked.record(&[exports("three")]).await.is_err());
    drop(store);
    let store = open(Directory::open(&path).unwrap()).await.unwrap();
    assert_eq!(store.state().exports["name"], "two");
}

#[tokio::test]
async fn a_torn_tail_on_disk_is_cut_before_the_next_record() {
    let temporary = tempfile::tempdir().unwrap();
    let mut store = open(Directory::open(temporary.path()).unwrap()).await.unwrap();
    store.record(&[exports("one")]).await.unwrap();
    store
        .record(&[exports("a name that is longer than the one that comes after it")])
        .await
        .unwrap();
    drop(store);
    let journal = temporary.path().join("journal");
    let bytes = fs::read(&journal).unwrap();
    fs::write(&journal, &bytes[..bytes.len() - 3]).unwrap();
    let mut store = open(Directory::open(temporary.path()).unwrap()).await.unwrap();
    assert_eq!(store.state().exports["name"], "one");
    store.record(&[exports("2")]).await.unwrap();
    drop(store);
    let store = open(Directory::open(temporary.path()).unwrap()).await.unwrap();
    assert_eq!((store.state().exports["name"].as_str(), store.state().serial), (Some("2"), 2));
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_named() {
    let temporary = tempfile::tempdir().unwrap();
    let file = temporary.path().join("file");
    fs::write(&file, "").unwrap();
    let Err(error) = Directory::open(file.join("state")) else {
        panic!("a file was opened as a directory")
    };
    assert!(error.to_string().starts_with("cannot open the state in "), "{error}");
    assert!(open(Directory::peek(temporary.path().join("none"))).await.unwrap().state().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_an_operation_costs_does_not_grow_with_the_stack() {
    let disk = Disk::new();
    let mut store = open(disk.clone()).await.unwrap();
    for number in 0..200 {
        store.record(&[gone(&format!("n{number:03}"))]).await.unwrap();
    }
    let appends = disk.appends();
    assert!(appends[1..].iter().all(|bytes| *bytes == appends[1]), "{appends:?}");
    assert_eq!(store.written(), appends.iter().sum::<usize>() as u64);
}
