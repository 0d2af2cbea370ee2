//! What a plan is about, when it holds, and what it says besides its steps.

use std::future::pending;

use insta::assert_snapshot;

use super::declare::{declare, place};
use super::show::{field, shown};
use super::world::{Ended, World};
use crate::apply::ApplyError;
use crate::plan::{Plan, PlanError, Scope, lower_bound, plan};
use crate::testing::{Cloud, Fault, Plain, Thing, Verb};
use crate::{Address, Class, Kind, Place, Stack, State};

#[tokio::test(start_paused = true)]
async fn a_new_stack_is_made_needed_ones_first() {
    let world = World::new();
    let plan = world.plan("b size=2\na:Slow note=x <- b").await.unwrap();
    assert_snapshot!(shown(&plan), @"
    + test:Plain b
    + test:Slow a
    ");
    let fields: Vec<String> = plan.steps[1].fields.iter().map(field).collect();
    assert_snapshot!(fields.join("\n"), @r#"
    data: null -> false
    early: null -> []
    needs: null -> [{"$ref":"b","output":"id","when":"ready"}]
    note: null -> "x"
    scale: null -> 1
    seed: null -> 0
    shape: null -> ""
    size: null -> 1
    "#);
    assert_snapshot!(format!("{:?}", plan.estimate), @r#"Estimate { seconds: 610, critical_path: [Address("b"), Address("a")] }"#);
}

#[tokio::test(start_paused = true)]
async fn only_takes_what_it_names_what_that_needs_and_what_hangs_on_what_goes() {
    let text = "net\na <- net\nb <- net\nc <- a";
    let cases = [
        ("net; a <- net; b <- net; c <- a size=2", "up c"),
        ("net size=2; a <- net size=2; b <- net size=2; c <- a", "up c"),
        ("net shape=x; a <- net; b <- net; c <- a", "up net"),
        ("net; b <- net", "up a"),
        ("net; b <- net size=2", "up c"),
        (text, "destroy a"),
        (text, "destroy c b"),
        (text, "up x"),
    ];
    let mut all = Vec::new();
    for (after, what) in cases {
        let mut world = World::with(text).await;
        let (verb, only) = what.split_once(' ').unwrap();
        world.only = only.split(' ').map(str::to_owned).collect();
        let plan =
            if verb == "up" { world.plan(after).await } else { world.plan_destroy(after).await };
        let shown = plan.map_or_else(|error| error.to_string(), |plan| shown(&plan));
        let shown: Vec<&str> = shown.lines().filter(|line| !line.starts_with("   ")).collect();
        all.push(format!("{what}: {}", shown.join("; ")));
    }
    assert_snapshot!(all.join("\n"), @"
    up c: ~ test:Plain c
    up c: ~ test:Plain net; ~ test:Plain a
    up net: +/- test:Plain net; ~ test:Plain a; ~ test:Plain b
    up a: - test:Plain a, it is no longer declared; - test:Plain c, it is no longer declared
    up c: - test:Plain c, it is no longer declared
    destroy a: - test:Plain a; - test:Plain c
    destroy c b: - test:Plain b; - test:Plain c
    up x: nothing is declared or recorded at `x`
    ");
}

#[tokio::test(start_paused = true)]
async fn a_saved_plan_is_refused_if_anything_has_changed() {
    let world = World::with("a\nb <- a\n+export url a").await;
    let text = "a size=2\nb <- a\n+export url a";
    let saved = serde_json::to_string(&world.plan(text).await.unwrap()).unwrap();
    let saved: Plan = serde_json::from_str(&saved).unwrap();
    assert_eq!(saved.outdated(&world.plan(text).await.unwrap()), None);
    let mut says = Vec::new();
    for now in [
        "a size=3\nb <- a\n+export url a",
        "a size=2\n+export url a",
        "a size=2\nb <- a\n+export url b",
    ] {
        says.push(saved.outdated(&world.plan(now).await.unwrap()).unwrap());
    }
    says.push(saved.outdated(&world.plan_destroy(text).await.unwrap()).unwrap());
    let elsewhere =
        Plan { place: Place { account: "210987654321".to_owned(), ..place() }, ..saved.clone() };
    says.push(elsewhere.outdated(&saved).unwrap());
    says.push(Plan { version: 0, ..saved.clone() }.outdated(&saved).unwrap());
    world.cloud.meddle("b", "size", 4);
    says.push(saved.outdated(&world.plan(text).await.unwrap()).unwrap());
    assert_snapshot!(says.join("\n"), @"
    since it was made, this has changed: a
    since it was made, this has changed: b
    since it was made, the renames or the exported outputs have changed
    it is for stack `shop` in account 123456789012, eu-test-1, this run is for the destruction of stack `shop` in account 123456789012, eu-test-1
    it is for stack `shop` in account 210987654321, eu-test-1, this run is for stack `shop` in account 123456789012, eu-test-1
    it has form 0, this version uses 1
    since it was made, this has changed: b
    ");
}

#[tokio::test(start_paused = true)]
async fn data_is_lost_only_when_confirmed_by_name() {
    let text = "a data=true\nb data=true";
    let mut world = World::with(text).await;
    for (confirm, lost) in [
        (vec![], 2),
        (vec!["a"], 1),
        (vec!["b", "other"], 1),
        (vec!["a", "b"], 0),
        (vec!["shop"], 0),
    ] {
        world.confirm = confirm.iter().map(|name| (*name).to_owned()).collect();
        let (mut store, plan) = (world.store().await, world.plan_destroy(text).await.unwrap());
        world.cloud.forget_sent();
        match world.apply(&mut store, text, &plan, pending()).await {
            Err(Ended::Apply(ApplyError::DataLoss(losses))) => {
                assert_eq!((losses.len(), world.changes()), (lost, String::new()), "{confirm:?}");
            }
            other => assert_eq!((other.unwrap().failed.len(), lost), (0, 0), "{confirm:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_destroy_plans_every_life_and_refuses_what_is_protected() {
    let world = World::with("a shape=x data=true\nb <- a").await;
    world.cloud.fault(Fault::new(Verb::Delete, "a", Class::Denied));
    world.try_up("a shape=y data=true\nb <- a").await;
    let plan = world.plan_destroy("").await.unwrap();
    assert_snapshot!(shown(&plan), @"
    - test:Plain a, loses 1 rows
    - test:Plain a, loses 1 rows
    - test:Plain b
    ");
    // An older life of what is protected now may still go.
    let text = "a shape=y data=true\nb <- a\n+protect a";
    assert_snapshot!(shown(&world.plan(text).await.unwrap()), @"- test:Plain a, it was replaced, loses 1 rows");
    assert_snapshot!(world.plan_destroy(text).await.unwrap_err(), @"a is protected and would be deleted; remove `protect` in a run of its own first");
}

#[tokio::test(start_paused = true)]
async fn what_is_recorded_of_a_type_that_nobody_knows_is_named() {
    let world = World::with("a").await;
    let mut stack: Stack<Cloud> = Stack::new("shop", place()).unwrap();
    let planned = |stack: Stack<Cloud>, state: State| {
        let (cloud, clock) = (world.cloud.clone(), world.clock);
        async move { plan(&cloud, &stack, &state, &clock, &Scope::default()).await }
    };
    assert_snapshot!(planned(Stack::new("shop", place()).unwrap(), world.state().await).await.unwrap_err(), @"a is recorded as test:Plain, a type that this program does not know; so that it can be deleted, make the type known with `stack.knows(…)`");
    stack.knows([Kind::of::<Thing<Plain>>()]);
    assert_eq!(
        shown(&planned(stack, world.state().await).await.unwrap()),
        "- test:Plain a, it is no longer declared"
    );
}

#[tokio::test(start_paused = true)]
async fn a_read_that_fails_is_no_plan() {
    let world = World::with("a").await;
    world.cloud.fault(Fault::new(Verb::Read, "a", Class::Denied));
    assert!(
        matches!(world.plan("a").await, Err(PlanError::Read(error)) if error.class == Class::Denied)
    );
}

#[tokio::test(start_paused = true)]
async fn the_estimate_is_the_longest_chain_of_usual_times() {
    let cases = [
        "a\nb <- a\nc:Slow",
        "a\nb:Slow <- a\nc <- b",
        // Acceptance is enough to go on, so the chain ends at the slow one.
        "a\nb:Slow <- a\nc <- b!",
        "",
    ];
    let mut all = Vec::new();
    for text in cases {
        let estimate = World::new().plan(text).await.unwrap().estimate;
        let path: Vec<&str> = estimate.critical_path.iter().map(Address::as_str).collect();
        all.push(format!("{} s: {}", estimate.seconds, path.join(", ")));
    }
    let world = World::with("a shape=x\nb <- a").await;
    let estimate = world.plan("a shape=y\nb <- a").await.unwrap().estimate;
    all.push(format!("replacement: {} s", estimate.seconds));
    assert_snapshot!(all.join("\n"), @"
    600 s: c
    620 s: a, b, c
    610 s: a, b
    0 s: 
    replacement: 20 s
    ");
}

#[tokio::test(start_paused = true)]
async fn a_plan_beyond_a_quota_says_so() {
    let text = "a:Slow; b:Slow; c:Slow; d:Slow; e:Slow; f:Slow";
    assert_snapshot!(World::new().plan(text).await.unwrap().notices.join("\n"), @r#"6 are declared where the default quota "Slow things per region" is 5; raise it in Service Quotas first"#);
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_what_exists_takes_as_many_reads_as_the_types_say() {
    let text = "a\nb\nc:Named\nd:Slow";
    let world = World::with(text).await;
    let stack = declare(text);
    let bound = lower_bound(&stack, &world.state().await).unwrap();
    assert!(world.plan(text).await.unwrap().is_empty());
    assert_eq!((world.cloud.sent().len(), bound), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn a_stack_that_is_gone_exports_nothing() {
    let text = "a\nb <- a\n+export url a";
    let mut world = World::with(text).await;
    world.only = vec!["b".to_owned()];
    world.destroy(text).await;
    assert_eq!(world.state().await.outputs()["url"], "plain-1.test", "`a` is still there");
    world.only.clear();
    world.destroy(text).await;
    assert!(world.state().await.outputs().is_empty());
}
