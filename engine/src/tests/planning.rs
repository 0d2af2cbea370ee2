//! What is planned: declared × recorded × live.

use insta::assert_snapshot;

use super::declare::declare;
use super::show::shown;
use super::world::World;
use crate::plan::PlanError;
use crate::{Address, Desired, Operation, Record, Status};

/// A case a line: its name, what is there, what somebody else did to it, and what is declared then.
const CASES: &str = "
nothing changed                          | a data=true; b <- a     |              | a data=true; b <- a
in place                                 | a; b <- a               |              | a size=2 note=x; b <- a
replaced, new one first                  | a shape=x; b <- a       |              | a shape=y; b <- a
replaced, old one first                  | a slot=x size=1         |              | a slot=y size=2
old one first wins                       | a slot=x shape=x        |              | a slot=y shape=y
what lives in it goes with it            | a slot=x; b <- @a; c <- @b |           | a slot=y; b <- @a; c <- @b
data lost                                | a data=true slot=x; b data=true |      | a data=true slot=y
no longer declared                       | a; b <- a               |              | a
another type                             | a data=true             |              | a:Named data=true
drift                                    | a size=2                | a.size=3     | a size=2
drift that is declared now               | a                       | a.size=3     | a size=3
drift of what forces                     | a shape=x               | a.shape=y    | a shape=x
deleted by somebody else                 | a data=true; b <- a     | -a           | a data=true; b <- a
deleted, and no longer declared          | a data=true             | -a           |
owned: changed by its owner              | a scale=2               | a.scale=7    | a scale=2
owned: declared anew                     | a scale=2               | a.scale=7    | a scale=3
initial                                  | a seed=1                |              | a seed=2
";

/// The same, of tags, renames and protection.
const NAMES: &str = "
tag set                                  | a; u:Untagged           |              | a; u:Untagged; +tag team blue
tag changed                              | a; +tag team blue       |              | a; +tag team red
tag removed                              | a; +tag team blue       |              | a
tag drift                                | a; +tag team blue       | a#team=red   | a; +tag team blue
somebody else's tag                      | a                       | a#theirs=x   | a
our tags gone                            | a                       | a#globecart:stack= | a
another life's tag                       | a                       | a#globecart:life=0 | a
moved                                    | old; b <- old           |              | new; b <- new; +moved old new
moved twice                              | old                     |              | newest; +moved old new; +moved new newest
moved and changed                        | old                     |              | new size=2; +moved old new
moved away from nothing                  | a                       |              | a; +moved old a
moved, but still declared                | old                     |              | old; new; +moved old new
moved in a circle                        | a                       |              | b; +moved a c; +moved c a
protected, and changed                   | a; +protect a           |              | a size=2; +protect a
protected, and replaced                  | a shape=x               |              | a shape=y; +protect a
protected, and gone                      | a                       | -a           | a; +protect a
";

/// A case a line: what was there, what a run was killed in the midst of, what was done to the cloud by then, and
/// what is declared.
const INTERRUPTED: &str = "
update, not sent                   | a scale=1         | update a scale=2 size=2 |          | a scale=2 size=2
update, answered                   | a                 | update a size=2         | a.size=2 | a size=2
update of an owned one, not sent   | a scale=1         | update a scale=2        |          | a scale=2
update that drops a tag, not sent  | a; +tag team blue | update a                |          | a
delete, not sent                   | a data=true       | delete a                |          | a data=true
delete, under way                  | a data=true       | delete a                | !a       | a data=true
delete, done                       | a data=true       | delete a                | -a       | a data=true
";

fn rows<const N: usize>(table: &str) -> impl Iterator<Item = [&str; N]> {
    let lines = table.lines().filter(|line| !line.is_empty());
    lines.map(|line| line.split('|').map(str::trim).collect::<Vec<_>>().try_into().unwrap())
}

async fn plans(table: &str) -> String {
    let mut all = Vec::new();
    for [name, before, meddle, after] in rows(table) {
        let world = World::with(before).await;
        world.meddle(meddle);
        let plan = match world.plan(after).await {
            Ok(plan) => shown(&plan),
            // Lives start at random.
            Err(PlanError::NotOurs { address, .. }) => format!("error: {address} is not ours"),
            Err(error) => format!("error: {error}"),
        };
        all.push(format!("{name}\n  {}", plan.replace('\n', "\n  ")));
    }
    all.join("\n")
}

#[tokio::test(start_paused = true)]
async fn what_is_planned() {
    assert_snapshot!(plans(CASES).await, @r#"
    nothing changed
      no changes
    in place
      ~ test:Plain a
            note: null -> "x" (Rolling)
            size: 1 -> 2 (AtOnce)
    replaced, new one first
      +/- test:Plain a
            shape: "x" -> "y" forces it
      ~ test:Plain b
            needs: ["plain-1"] -> [{"$ref":"a","output":"id","when":"ready"}] (AtOnce)
    replaced, old one first
      -/+ test:Plain a
            size: 1 -> 2 (AtOnce)
            slot: "x" -> "y" forces it
    old one first wins
      -/+ test:Plain a
            shape: "x" -> "y" forces it
            slot: "x" -> "y" forces it
    what lives in it goes with it
      -/+ test:Plain a
            slot: "x" -> "y" forces it
      -/+ test:Plain b
            host: "plain-1" -> {"$ref":"a","output":"id","when":"ready"} forces it
      -/+ test:Plain c
            host: "plain-2" -> {"$ref":"b","output":"id","when":"ready"} forces it
    data lost
      -/+ test:Plain a, loses 1 rows
            slot: "x" -> "y" forces it
      - test:Plain b, it is no longer declared, loses 1 rows
    no longer declared
      - test:Plain b, it is no longer declared
    another type
      + test:Named a, it was a test:Plain
      - test:Plain a, it is a test:Named now, loses 1 rows
    drift
      ~ test:Plain a
            size: 3 -> 2 (AtOnce) drifted
    drift that is declared now
      no changes
    drift of what forces
      +/- test:Plain a
            shape: "y" -> "x" forces it drifted
    deleted by somebody else
      + test:Plain a, gone, it was deleted by somebody else
      ~ test:Plain b
            needs: ["plain-1"] -> [{"$ref":"a","output":"id","when":"ready"}] (AtOnce)
    deleted, and no longer declared
      - test:Plain a, gone, it is already gone
    owned: changed by its owner
      no changes
    owned: declared anew
      ~ test:Plain a
            scale: 7 -> 3 (AtOnce)
    initial
      no changes
    "#);
}

#[tokio::test(start_paused = true)]
async fn what_is_planned_of_tags_names_and_protection() {
    assert_snapshot!(plans(NAMES).await, @r#"
    tag set
      ~ test:Plain a
            tags: {"team":null} -> {"team":"blue"} (AtOnce)
    tag changed
      ~ test:Plain a
            tags: {"team":"blue"} -> {"team":"red"} (AtOnce)
    tag removed
      ~ test:Plain a
            tags: {"team":"blue"} -> {"team":null} (AtOnce)
    tag drift
      ~ test:Plain a
            tags: {"team":"red"} -> {"team":"blue"} (AtOnce) drifted
    somebody else's tag
      no changes
    our tags gone
      error: a is not ours
    another life's tag
      error: a is not ours
    moved
      ~ test:Plain new
            tags: {"Name":"shop/old","globecart:resource":"old"} -> {"Name":"shop/new","globecart:resource":"new"} (AtOnce)
    moved twice
      ~ test:Plain newest
            tags: {"Name":"shop/old","globecart:resource":"old"} -> {"Name":"shop/newest","globecart:resource":"newest"} (AtOnce)
    moved and changed
      ~ test:Plain new
            size: 1 -> 2 (AtOnce)
            tags: {"Name":"shop/old","globecart:resource":"old"} -> {"Name":"shop/new","globecart:resource":"new"} (AtOnce)
    moved away from nothing
      no changes
    moved, but still declared
      + test:Plain new
    moved in a circle
      + test:Plain b
      - test:Plain a, it is no longer declared
    protected, and changed
      ~ test:Plain a
            size: 1 -> 2 (AtOnce)
    protected, and replaced
      error: a is protected and would be replaced; remove `protect` in a run of its own first
    protected, and gone
      + test:Plain a, gone, it was deleted by somebody else
    "#);
}

#[tokio::test(start_paused = true)]
async fn what_is_planned_is_done_and_leaves_nothing_to_do() {
    for [name, before, meddle, after] in rows(CASES).chain(rows(NAMES)) {
        let world = World::with(before).await;
        world.meddle(meddle);
        if world.plan(after).await.is_err() {
            continue;
        }
        world.up(after).await;
        assert!(world.plan(after).await.unwrap().is_empty(), "{name}");
        world.assert_recorded().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_planned_of_what_was_interrupted() {
    let mut all = Vec::new();
    for [name, before, intent, meddle, after] in rows(INTERRUPTED) {
        let (world, a) = (World::with(before).await, Address::new("a"));
        let mut store = world.store().await;
        let life = store.state().current(&a).unwrap().0;
        store.record(&[intended(intent, life)]).await.unwrap();
        world.meddle(meddle);
        let plan = world.plan(after).await.unwrap();
        all.push(format!("{name}\n  {}", shown(&plan).replace('\n', "\n  ")));
        world.up(after).await;
        assert_eq!(world.state().await.current(&a).unwrap().1.status, Status::Ready, "{name}");
        assert!(world.plan(after).await.unwrap().is_empty(), "{name}");
        world.assert_recorded().await;
    }
    assert_snapshot!(all.join("\n"), @r#"
    update, not sent
      ~ test:Plain a
            scale: 1 -> 2 (AtOnce)
            size: 1 -> 2 (AtOnce)
    update, answered
      no changes
    update of an owned one, not sent
      ~ test:Plain a
            scale: 1 -> 2 (AtOnce)
    update that drops a tag, not sent
      ~ test:Plain a
            tags: {"team":"blue"} -> {"team":null} (AtOnce)
    delete, not sent
      no changes
    delete, under way
      -/+ test:Plain a, an earlier run began to delete it, loses 1 rows
            data: null -> true
            early: null -> []
            needs: null -> []
            scale: null -> 1
            seed: null -> 0
            shape: null -> ""
            size: null -> 1
    delete, done
      + test:Plain a, gone, an earlier run deleted it
    "#);
}

/// The record of an intent: `update` and the declaration that it brings about, or `delete`.
fn intended(text: &str, life: u64) -> Record {
    let (verb, declared) = text.split_once(' ').unwrap();
    let stack = declare(declared);
    let (address, node) = stack.nodes.first().unwrap();
    let desired = Desired {
        kind: node.kind.name().to_owned(),
        args: node.args.read().into(),
        tags: stack.tags.clone().into(),
        needs: Vec::new(),
    };
    let (operation, desired) = match verb {
        "update" => (Operation::Update, Some(Box::new(desired))),
        _ => (Operation::Delete, None),
    };
    Record::Intent { address: address.clone(), life, operation, desired, token: "t".to_owned() }
}
