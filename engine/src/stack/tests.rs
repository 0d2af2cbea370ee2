use insta::assert_snapshot;
use serde_json::json;

use super::{Component, Stack};
use crate::input::When;
use crate::testing::{Cloud, Named, Plain, Thing, ThingRefs};
use crate::tests::place;
use crate::{Address, Input, Invalid};

fn stack() -> Stack<Cloud> {
    Stack::new("shop", place()).unwrap()
}

/// An error without the lines of this file, which move.
fn told<T>(result: Result<T, Invalid>) -> String {
    let Err(error) = result else { panic!("nothing was refused") };
    let mut text = String::new();
    for (number, part) in error.to_string().split("tests.rs:").enumerate() {
        text += if number == 0 {
            part
        } else {
            part.trim_start_matches(|char: char| char.is_ascii_digit() || char == ':')
        };
        text += "tests.rs:N";
    }
    text.strip_suffix("tests.rs:N").unwrap().to_owned()
}

fn needing(need: &ThingRefs) -> Thing<Plain> {
    Thing { needs: vec![Input::from(&need.id)], ..Thing::new() }
}

/// A component of two resources, the second under a name of its own.
struct Pair(&'static str);

impl Component<Cloud> for Pair {
    type Outputs = ThingRefs;

    fn declare(self, stack: &mut Stack<Cloud>) -> Result<ThingRefs, Invalid> {
        let first = stack.add("first", Thing::<Plain>::new())?;
        if self.0 == "empty" {
            return Err(Invalid::new("size", "must not be empty"));
        }
        stack.add(self.0, needing(&first))
    }
}

#[test]
fn names_of_stacks_have_rules() {
    let longest = "a".repeat(32);
    for name in ["a", "shop-2", &longest] {
        assert!(Stack::<Cloud>::new(name, place()).is_ok(), "{name}");
    }
    let long = "a".repeat(33);
    for name in ["", "2shop", "-shop", "Shop", "sh_op", "shöp", &long] {
        assert!(Stack::<Cloud>::new(name, place()).is_err(), "{name}");
    }
    assert_snapshot!(told(Stack::<Cloud>::new("Shop", place())), @"stack name: `Shop` must be 1 to 32 lower-case letters, digits and hyphens, a letter first");
}

#[test]
fn tags_have_rules() {
    let (longest_key, longest_value) = ("k".repeat(128), "v".repeat(256));
    let long = "k".repeat(257);
    let mut stack = stack();
    for (key, value) in [
        ("team", "blue"),
        ("a b_.:/=+-@ü", ""),
        (longest_key.as_str(), longest_value.as_str()),
        ("Name", "x"),
    ] {
        stack.tag(key, value).unwrap();
    }
    let bad = [
        ("", "x"),
        ("a*", "x"),
        ("a", "x*"),
        ("aws:x", "x"),
        ("AWS:x", "x"),
        ("globecart:stack", "x"),
        (&long[..129], "x"),
        ("a", &long),
    ];
    let told: Vec<String> =
        bad.into_iter().map(|(key, value)| stack.tag(key, value).unwrap_err().problem).collect();
    assert_snapshot!(told.join("\n"), @"
    the key must have 1 to 128 characters
    letters, digits, spaces and `_.:/=+-@` are allowed
    letters, digits, spaces and `_.:/=+-@` are allowed
    the key must not start with `aws:`
    the key must not start with `aws:`
    the key must not start with `globecart:`
    the key must have 1 to 128 characters
    the value must have at most 256 characters
    ");
    for number in 4..40 {
        stack.tag(&format!("k{number}"), "").unwrap();
    }
    stack.tag("k4", "again").unwrap();
    assert!(stack.tag("k40", "").is_err());
}

#[test]
fn an_address_is_the_names_of_its_components_and_its_own() {
    let mut stack = stack();
    let second = stack.component("pair", Pair("second")).unwrap();
    let last = stack.add("last", needing(&second)).unwrap();
    let needs: Vec<String> = stack
        .needs()
        .map(|(address, needs)| format!("{address}: {:?}", needs.keys().collect::<Vec<_>>()))
        .collect();
    assert_snapshot!(needs.join("\n"), @r#"
    pair/first: []
    pair/second: [Address("pair/first")]
    last: [Address("pair/second")]
    "#);
    assert_eq!(serde_json::to_value(&last.endpoint).unwrap()["$ref"], "last");
    assert_eq!(
        stack.nodes["last"].args.read()["needs"],
        json!([{ "$ref": "pair/second", "output": "id", "when": "ready" }])
    );
}

#[test]
fn clashes_name_both_places() {
    let mut stack = stack();
    stack.add("a", Thing::<Plain>::new()).unwrap();
    stack.component("pair", Pair("second")).unwrap();
    assert_snapshot!(told(stack.add("a", Thing::<Named>::new())), @"a: declared twice: at engine/src/stack/tests.rs:N and at engine/src/stack/tests.rs:N");
    assert_snapshot!(told(stack.component("pair", Pair("second"))), @"pair: declared twice: at engine/src/stack/tests.rs:N and at engine/src/stack/tests.rs:N");
    assert_snapshot!(told(stack.component("a", Pair("second"))), @"a: declared twice: at engine/src/stack/tests.rs:N and at engine/src/stack/tests.rs:N");
    assert_snapshot!(told(stack.add("pair", Thing::<Plain>::new())), @"pair: declared twice: at engine/src/stack/tests.rs:N and at engine/src/stack/tests.rs:N");
    assert_snapshot!(told(stack.component("twice", Pair("first"))), @"twice/first: declared twice: at engine/src/stack/tests.rs:N and at engine/src/stack/tests.rs:N");
}

#[test]
fn errors_are_told_from_where_the_user_looks() {
    let mut stack = stack();
    assert_snapshot!(told(stack.add("a", Thing::<Plain> { size: 0, ..Thing::new() })), @"a/size: must be at least 1");
    assert_snapshot!(told(stack.component("pair", Pair("empty"))), @"pair/size: must not be empty");
    assert_snapshot!(told(stack.component("siz", Pair("empty"))), @"siz/size: must not be empty");
    assert_snapshot!(told(stack.add("", Thing::<Plain>::new())), @"name: `` must be letters, digits, `-`, `_` and `.`, at least one");
    assert_snapshot!(told(stack.add("a/b", Thing::<Plain>::new())), @"name: `a/b` must be letters, digits, `-`, `_` and `.`, at least one");
    assert_snapshot!(told(stack.component("pair2", Pair("a b"))), @"pair2: `a b` must be letters, digits, `-`, `_` and `.`, at least one");
}

#[test]
fn a_resource_of_another_stack_is_refused() {
    let (mut here, mut there) = (stack(), stack());
    let theirs = there.add("theirs", Thing::<Plain>::new()).unwrap();
    assert_snapshot!(told(here.add("a", needing(&theirs))), @"a: (engine/src/stack/tests.rs:N) refers to theirs, which is not a resource of this stack `shop`");
    // Even if this one has a resource of that name.
    let ours = here.add("theirs", Thing::<Plain>::new()).unwrap();
    assert!(here.add("b", needing(&theirs)).is_err());
    let joined = Thing::<Plain> { host: Some(Input::join(theirs.id.part())), ..Thing::new() };
    assert!(here.add("c", joined).is_err());
    assert_snapshot!(told(here.export("id", &theirs.id)), @"id: refers to theirs, which is not a resource of this stack `shop`");
    here.export("id", &ours.id).unwrap();
    assert_snapshot!(told(here.export("id", &ours.id)), @"id: is exported twice; every output needs a name of its own");
    assert_snapshot!(told(here.amend(&theirs, |thing: &mut Thing<Named>| thing.size = 3)), @"theirs: is no test:Named of this stack, so it cannot be amended");
    let other = there.add("other", Thing::<Plain>::new()).unwrap();
    here.after(&ours, &other);
    assert_snapshot!(told(here.check()), @"theirs: (engine/src/stack/tests.rs:N) waits for other, which is not a resource of this stack");
}

#[test]
fn a_circle_names_all_its_places() {
    let mut stack = stack();
    let first = stack.add("first", Thing::<Plain>::new()).unwrap();
    let second = stack.add("second", needing(&first)).unwrap();
    let third = stack.add("third", needing(&second)).unwrap();
    assert_eq!(stack.check(), Ok(()));
    stack.after(&first, &third);
    assert_snapshot!(told(stack.check()), @"first: waits for itself: first (engine/src/stack/tests.rs:N) needs third (engine/src/stack/tests.rs:N) needs second (engine/src/stack/tests.rs:N) needs first (engine/src/stack/tests.rs:N)");
    let mut stack = self::stack();
    let alone = stack.add("alone", Thing::<Plain>::new()).unwrap();
    stack.after(&alone, &alone);
    assert_snapshot!(told(stack.check()), @"alone: waits for itself: alone (engine/src/stack/tests.rs:N) needs alone (engine/src/stack/tests.rs:N)");
}

#[test]
fn a_long_chain_is_no_circle_and_no_deep_recursion() {
    let mut stack = stack();
    let mut last = stack.add("n", Thing::<Plain>::new()).unwrap();
    for number in 0..20_000 {
        last = stack.add(format!("n{number}"), needing(&last)).unwrap();
    }
    assert_eq!(stack.check(), Ok(()));
}

#[test]
fn an_amendment_is_checked_and_adds_what_it_refers_to() {
    let mut stack = stack();
    let a = stack.add("a", Thing::<Plain>::new()).unwrap();
    let b = stack.add("b", Thing::<Plain>::new()).unwrap();
    let c = stack.add("c", Thing::<Plain>::new()).unwrap();
    stack.after(&a, &c);
    stack.amend(&a, |thing: &mut Thing<Plain>| thing.early.push(b.id.accepted())).unwrap();
    stack.amend(&a, |thing: &mut Thing<Plain>| thing.size = 4).unwrap();
    let node = &stack.nodes["a"];
    assert_eq!(node.args.read()["size"], 4);
    let needs: Vec<_> =
        node.needs.iter().map(|(address, when)| (address.as_str(), *when)).collect();
    assert_eq!(needs, [("b", When::Accepted), ("c", When::Ready)]);
    // Of two references to the same resource, the later moment counts.
    stack.amend(&a, |thing: &mut Thing<Plain>| thing.needs.push(Input::from(&b.id))).unwrap();
    assert_eq!(stack.nodes["a"].needs[&Address::new("b")], When::Ready);
    assert_snapshot!(told(stack.amend(&a, |thing: &mut Thing<Plain>| thing.size = 0)), @"a/size: must be at least 1");
    assert_snapshot!(told(stack.amend(&a, |thing: &mut Thing<Named>| thing.size = 2)), @"a: is no test:Named of this stack, so it cannot be amended");
    assert_eq!(stack.nodes["a"].args.read()["size"], 4, "a refused amendment changes nothing");
}
