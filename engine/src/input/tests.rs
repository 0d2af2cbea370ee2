use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    Early, Input, Part, Reference, When, each_reference, forget_stack, resolve, stray_key,
};
use crate::Address;

fn reference(output: &str) -> Input<String> {
    Input::reference(Address::new("net/vpc"), output, When::Ready, 0)
}

fn early(output: &str) -> Early<String> {
    Early::new(reference(output))
}

/// The outputs of `net/vpc`.
fn known(reference: &Reference) -> Option<Value> {
    let outputs = json!({ "id": "vpc-1", "size": 3, "null": null });
    (reference.address.as_str() == "net/vpc").then(|| outputs.get(&reference.output).cloned())?
}

#[track_caller]
fn check(input: impl Into<Input<String>>, serialised: Value, resolved: Option<Value>) {
    let input = input.into();
    let mut json = serde_json::to_value(&input).unwrap();
    assert_eq!(json, serialised);
    let back: Input<String> = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(back, input);
    assert_eq!(resolve(&mut json, &known), resolved.is_some());
    if let Some(resolved) = resolved {
        assert_eq!(json, resolved);
        let known: Input<String> = serde_json::from_value(json).unwrap();
        assert_eq!(known.get(), resolved.as_str().map(str::to_owned).as_ref());
    } else {
        assert_eq!(json, serialised, "what is not known stays as it is");
    }
}

fn text(text: &str) -> Part {
    Part::from(text)
}

#[test]
fn an_input_is_its_value_or_where_the_value_comes_from() {
    let id = |when: &str| json!({ "$ref": "net/vpc", "output": "id", "when": when });
    check("10.0.0.0/16", json!("10.0.0.0/16"), Some(json!("10.0.0.0/16")));
    check(reference("id"), id("ready"), Some(json!("vpc-1")));
    check(early("id"), id("ready"), Some(json!("vpc-1")));
    check(early("id").accepted(), id("accepted"), Some(json!("vpc-1")));
    check(Early::from("given".to_owned()).accepted(), json!("given"), Some(json!("given")));
    check(
        reference("other"),
        json!({ "$ref": "net/vpc", "output": "other", "when": "ready" }),
        None,
    );
    check(reference("null"), json!({ "$ref": "net/vpc", "output": "null", "when": "ready" }), None);
}

#[test]
fn a_text_is_joined_of_literals_and_references() {
    let id = json!({ "$ref": "net/vpc", "output": "id", "when": "accepted" });
    let parts = || early("id").accepted().text().part();
    let arn = [text("arn:"), text("vpc/")].into_iter().chain(parts()).chain([text("/*")]);
    check(
        Input::join(arn),
        json!({ "$join": ["arn:", "vpc/", id, "/*"] }),
        Some(json!("arn:vpc/vpc-1/*")),
    );
    // One reference alone is text all the same.
    check(Input::join(parts()), json!({ "$join": [id, ""] }), Some(json!("vpc-1")));
    let size = reference("size").part();
    check(
        Input::join(size),
        json!({ "$join": [{ "$ref": "net/vpc", "output": "size", "when": "ready" }, ""] }),
        Some(json!("3")),
    );
    let unknown = Input::join(parts().into_iter().chain(reference("other").part()));
    let serialised = serde_json::to_value(&unknown).unwrap();
    check(unknown, serialised, None);
    check(Input::join([]), json!({ "$join": [] }), Some(json!("")));
    assert_eq!(Input::<String>::from("given").part(), [text("given")]);
}

#[test]
fn references_are_found_and_resolved_wherever_they_stand() {
    let mut document = json!({
        "vpc": reference("id"),
        "list": [reference("other"), "x", [early("id").accepted()]],
        "deep": { "join": Input::<String>::join([text("a")].into_iter().chain(reference("id").part())) },
    });
    let mut found = Vec::new();
    each_reference(&document, &mut |reference| found.push((reference.output, reference.when)));
    found.sort();
    let expected =
        [("id", When::Accepted), ("id", When::Ready), ("id", When::Ready), ("other", When::Ready)];
    assert_eq!(found, expected.map(|(output, when)| (output.to_owned(), when)));
    assert!(!resolve(&mut document, &known), "one is not known");
    let other = json!({ "$ref": "net/vpc", "output": "other", "when": "ready" });
    assert_eq!(
        document,
        json!({ "vpc": "vpc-1", "list": [other, "x", ["vpc-1"]], "deep": { "join": "avpc-1" } })
    );
}

#[test]
fn only_a_value_in_hand_is_known() {
    assert_eq!(Input::<String>::from("x").known(), "x");
    assert_eq!(reference("id").get(), None);
    assert_eq!(format!("{:?} {:?}", Input::<String>::from("x"), Early::from(3)), "\"x\" 3");
    assert!(format!("{:?}", reference("id")).contains("net/vpc"));
}

#[test]
fn the_stack_that_made_a_reference_is_forgotten_once_it_is_checked() {
    let foreign: Input<String> = Input::reference(Address::new("a"), "id", When::Ready, 7);
    let joined = Input::<String>::join(foreign.part().into_iter().chain([text("/")]));
    let mut document = json!({ "one": foreign, "more": [joined], "stack": "mine" });
    assert_eq!(document["one"]["stack"], 7);
    forget_stack(&mut document);
    let id = json!({ "$ref": "a", "output": "id", "when": "ready" });
    assert_eq!(document, json!({ "one": id, "more": [{ "$join": [id, "/"] }], "stack": "mine" }));
}

#[test]
fn a_key_with_a_dollar_is_a_reference_or_a_mistake() {
    for (document, stray) in [
        (json!({ "a": reference("id"), "b": { "$join": ["x"] } }), None),
        (json!({ "a": [{ "$ref": "x" }] }), Some("$ref")),
        (json!({ "a": { "$join": ["x", 3] } }), Some("$join")),
        (json!({ "tags": { "$price": "3" } }), Some("$price")),
    ] {
        assert_eq!(stray_key(&document), stray, "{document}");
    }
}

fn plain() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[ -~]{0,8}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_has_no_reference_is_left_as_it_is(document in plain()) {
        let mut resolved = document.clone();
        prop_assert!(resolve(&mut resolved, &|_| None));
        prop_assert_eq!(&resolved, &document);
        let input: Input<Value> = serde_json::from_value(document.clone()).unwrap();
        prop_assert_eq!(input.get(), Some(&document));
        prop_assert_eq!(stray_key(&document), None);
    }
}
