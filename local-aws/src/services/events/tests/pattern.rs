//! What patterns match.

use crate::services::events::pattern::{matches, parse};
use serde_json::{Value, json};

#[track_caller]
fn check(pattern: Value, event: Value, expected: bool) {
    let pattern = parse(&pattern.to_string()).unwrap();
    assert_eq!(matches(&pattern, &event), expected, "{pattern:?} {event}");
}

/// Whether values of a pattern match one value of an event.
#[track_caller]
fn check_value(wanted: Value, found: Value, expected: bool) {
    check(json!({"detail": {"x": wanted}}), json!({"detail": {"x": found}}), expected);
}

#[test]
fn constants_match_themselves() {
    check_value(json!(["a", "b"]), json!("b"), true);
    check_value(json!(["a"]), json!("A"), false);
    check_value(json!([1]), json!(1.0), true);
    check_value(json!([null]), json!(null), true);
    check_value(json!([null]), json!(""), false);
    check_value(json!([true]), json!(true), true);
    check_value(json!(["a"]), json!(["b", "a"]), true);
    check_value(json!(["a"]), json!([]), false);
    check(json!({"a": {"b": ["c"]}}), json!({"a": [{"b": "x"}, {"b": "c"}]}), true);
    check(json!({"a": ["x"], "b": ["y"]}), json!({"a": "x", "b": "z"}), false);
    check(json!({"a": ["x"]}), json!({}), false);
}

#[test]
fn operators_match_as_documented() {
    for (wanted, yes, no) in [
        (json!({"prefix": "eu-"}), json!("eu-west-1"), json!("us-eu-1")),
        (json!({"prefix": {"equals-ignore-case": "EU"}}), json!("eu-west-1"), json!("us")),
        (json!({"suffix": ".png"}), json!("a.png"), json!("a.png.txt")),
        (json!({"equals-ignore-case": "alice"}), json!("ALICE"), json!("bob")),
        (json!({"anything-but": "a"}), json!("b"), json!("a")),
        (json!({"anything-but": ["a", 5]}), json!(6), json!(5.0)),
        (json!({"anything-but": {"prefix": "in"}}), json!("out"), json!("inside")),
        (json!({"anything-but": {"suffix": ["a", "b"]}}), json!("c"), json!("xb")),
        (json!({"anything-but": {"wildcard": "*/lib/*"}}), json!("a/b"), json!("a/lib/b")),
        (json!({"numeric": [">", 0, "<=", 5]}), json!(5), json!(5.1)),
        (json!({"numeric": ["=", 3.0]}), json!(3), json!("3")),
        (json!({"wildcard": "dir/*.txt"}), json!("dir/a.txt"), json!("dir/a.png")),
        (json!({"wildcard": "what?"}), json!("what?"), json!("whats")),
        (json!({"cidr": "10.0.0.0/24"}), json!("10.0.0.255"), json!("10.0.1.0")),
    ] {
        check_value(json!([wanted]), yes, true);
        check_value(json!([wanted]), no, false);
    }
}

#[test]
fn presence_is_of_values() {
    let present = json!({"detail": {"x": [{"exists": true}]}});
    let absent = json!({"detail": {"x": [{"exists": false}]}});
    for (event, is_there) in [
        (json!({"detail": {"x": null}}), true),
        (json!({"detail": {}}), false),
        (json!({"detail": {"x": {"y": 1}}}), false),
        (json!({}), false),
    ] {
        check(present.clone(), event.clone(), is_there);
        check(absent.clone(), event, !is_there);
    }
}

#[test]
fn alternatives_are_of_objects() {
    let pattern = json!({"source": ["s"], "$or": [{"a": ["x"]}, {"b": [{"numeric": ["<", 1]}]}]});
    check(pattern.clone(), json!({"source": "s", "b": 0}), true);
    check(pattern.clone(), json!({"source": "s", "a": "y", "b": 1}), false);
    check(pattern, json!({"source": "t", "a": "x"}), false);
}

#[test]
fn what_is_no_pattern_is_refused() {
    for text in [
        "",
        "[]",
        "{}",
        r#"{"a":"x"}"#,
        r#"{"a":[]}"#,
        r#"{"a":{}}"#,
        r#"{"a":[{"regex":"x"}]}"#,
        r#"{"a":[{"numeric":[">"]}]}"#,
        r#"{"a":[{"exists":"yes"}]}"#,
        r#"{"a":[{"prefix":1}]}"#,
        r#"{"a":[{"wildcard":"a**b"}]}"#,
        r#"{"$or":[{"a":["x"]}]}"#,
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}
