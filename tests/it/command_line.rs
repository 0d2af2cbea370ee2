//! `globecart-app` as a user runs it, on the embedded AWS.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::binary::Folder;

#[test]
fn the_first_run_brings_everything_up_and_the_second_changes_nothing() {
    let folder = Folder::new();
    let first = folder.run_well(&[]);
    let said = format!("{}{}", first.err, first.out);
    for part in
        ["to create", "nothing real", "vpc_id", ".globecart/stack", "destroy", "--target aws"]
    {
        assert!(said.to_lowercase().contains(part), "{part} is missing in\n{said}");
    }
    let second = folder.run_well(&[]);
    assert!(format!("{}{}", second.err, second.out).contains("no changes"), "{}", second.err);
    assert_eq!(folder.run(&["plan", "--exit-code"]).code, 0);
}

#[test]
fn a_changed_setting_is_planned_and_applied_and_everything_goes() {
    let folder = Folder::new();
    folder.run_well(&[]);
    folder.configure("[network]\nnat = \"single\"\n[cache]\nshards = 4\n");
    let plan = folder.run(&["plan", "--exit-code"]);
    assert_eq!(plan.code, 3, "{}", plan.out);
    folder.run_well(&[]);
    assert_eq!(folder.run(&["plan", "--exit-code"]).code, 0);

    let refused = folder.run(&["destroy", "--yes"]);
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(refused.err.contains("--confirm-data-loss"), "{}", refused.err);
    folder.run_well(&["destroy", "--yes", "--confirm-data-loss", "globecart"]);
    let outputs = folder.run_well(&["output", "--json"]);
    assert!(!outputs.out.contains("vpc-"), "{}", outputs.out);
}

#[test]
fn events_are_one_json_object_a_line_and_end_with_the_counts() {
    let folder = Folder::new();
    let up = folder.run_well(&["up", "--json"]);
    let finished = up.finished();
    assert_eq!(finished["outcome"], "done");
    assert!(finished["created"].as_u64() > Some(80), "{finished}");
    for key in ["updated", "replaced", "deleted", "unchanged", "failed", "calls", "seconds"] {
        assert!(finished[key].is_number(), "{key} in {finished}");
    }
    let events = up.events();
    assert!(events.iter().all(|event| event["v"] == 1 && event["time"].is_string()));
    let done: BTreeSet<&str> = events
        .iter()
        .filter(|e| e["event"] == "done")
        .filter_map(|e| e["address"].as_str())
        .collect();
    assert!(done.contains("network/vpc"), "{done:?}");

    let again = folder.run_well(&["up", "--json"]).finished();
    let counts = |event: &Value| {
        (event["created"].clone(), event["deleted"].clone(), event["unchanged"].clone())
    };
    assert_eq!(counts(&again), (0.into(), 0.into(), finished["created"].clone()));
}

#[test]
fn a_saved_plan_is_applied_exactly_or_refused() {
    let folder = Folder::new();
    folder.run_well(&["plan", "--out", "first.plan"]);
    folder.run_well(&["up", "first.plan"]);
    let stale = folder.run(&["up", "first.plan"]);
    assert_eq!(stale.code, 1, "{}", stale.err);
    assert!(stale.err.contains("network/vpc"), "it names what has changed: {}", stale.err);
}

#[test]
fn mistakes_are_explained_before_anything_happens() {
    let folder = Folder::new();
    let check = |toml: &str, arguments: &[&str], code: i32, part: &str| {
        folder.configure(toml);
        let ran = folder.run(arguments);
        assert_eq!(ran.code, code, "{toml}: {}", ran.err);
        assert!(ran.err.contains(part), "{part} is missing in {}", ran.err);
    };
    check("[network]\nzone = 2\n", &[], 2, "zones");
    check("[network]\nzones = 9\n", &[], 1, "zones");
    check("[network]\ncidr = \"10.0.0.0/24\"\n", &[], 1, "smallest");
    check("[tags]\n\"aws:team\" = \"shop\"\n", &[], 1, "aws:");
    check("", &["--target", "aws", "--region", "us-east-1", "--nonsense"], 2, "--nonsense");
    let journal = std::fs::read(folder.path().join(".globecart/stack/journal")).unwrap_or_default();
    assert!(journal.is_empty(), "nothing was recorded, so nothing was called");
}

#[test]
fn a_part_goes_alone_with_what_hangs_on_it() {
    let folder = Folder::new();
    folder.run_well(&["up", "--only", "network/vpc"]);
    let status = folder.run_well(&["status"]);
    let said = format!("{}{}", status.out, status.err);
    assert!(said.contains("network/vpc") && !said.contains("network/nat"), "{said}");
}

#[test]
fn a_cloud_that_does_not_answer_is_named_with_the_reason_and_what_to_do() {
    let folder = Folder::new();
    let none = [("AWS_EC2_METADATA_DISABLED", "true"), ("HOME", "/nonexistent")];
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")];
    let at =
        |endpoint: &'static str| [&none[..], &keys, &[("AWS_ENDPOINT_URL", endpoint)]].concat();
    let cases = [
        (at("http://127.0.0.1:1"), "no connection to 127.0.0.1:1: it was refused"),
        (
            at("https://nobody.invalid"),
            "no connection to nobody.invalid: there is no host of this name",
        ),
        (none.to_vec(), "no credentials are set"),
    ];
    for (environment, cause) in cases {
        let arguments = ["plan", "--target", "aws", "--region", "eu-central-1"];
        let ran = folder.run_with(&arguments, &environment);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains(cause) && ran.err.contains("help:"), "{}", ran.err);
        assert!(!ran.err.contains("dispatch"), "{}", ran.err);
    }
}

#[test]
fn outputs_of_nothing_say_why_there_are_none() {
    let folder = Folder::new();
    let none = folder.run_well(&["output"]);
    assert!(none.out.is_empty() && none.err.contains("nothing is deployed"), "{}", none.err);
    folder.run_well(&["up", "--only", "network/vpc"]);
    assert!(folder.run_well(&["output", "vpc_id"]).out.starts_with("vpc-"));
    folder.run_well(&["destroy", "--yes"]);
    let gone = folder.run_well(&["output"]);
    assert!(gone.out.is_empty() && gone.err.contains("nothing is deployed"), "{}", gone.err);
    assert_eq!(folder.run_well(&["output", "--json"]).out.trim(), "{}");
    assert_eq!(folder.run(&["output", "vpc_id"]).code, 2);
}
