use globecart_engine::plan::Plan;
use serde_json::{Value, json};

use super::*;
use crate::page::Page;

/// What is on a page without colour.
fn page(fill: impl FnOnce(&mut Page)) -> String {
    let mut page = Page::new(false);
    fill(&mut page);
    page.text().to_owned()
}

fn plan_of(steps: Value) -> Plan {
    let plan = json!({
        "version": 1,
        "stack": "shop",
        "place": { "partition": "aws", "account": "123456789012", "region": "eu-central-1", "zones": [] },
        "destroy": false,
        "steps": steps,
        "learned": [],
        "moves": [],
        "exports": {},
        "notices": [],
        "estimate": { "seconds": 190, "critical_path": ["network/vpc", "network/nat-a"] },
    });
    serde_json::from_value(plan).unwrap()
}

fn step(address: &str, kind: &str, action: Value, fields: Value) -> Value {
    json!({
        "address": address, "type": kind, "life": null, "action": action, "why": null, "fields": fields,
        "loss": null, "pending": false, "gone": false,
    })
}

fn field(name: &str, old: Value, new: Value, effect: Option<&str>) -> Value {
    json!({ "name": name, "old": old, "new": new, "effect": effect, "replaces": false, "drifted": false })
}

fn with(mut object: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        object[key] = value.clone();
    }
    object
}

fn made() -> Value {
    let vpc = json!({ "$ref": "network/vpc", "output": "id", "when": "ready" });
    let arn = json!({ "$join": ["arn:aws:logs:", { "$ref": "network/log", "output": "name", "when": "ready" }, ":*"] });
    let fields = json!([
        field("vpc", Value::Null, vpc, None),
        field("cidr", Value::Null, json!("10.0.0.0/20"), None),
        field("resources", Value::Null, json!([arn]), None),
    ]);
    step("network/public-a", "ec2:Subnet", json!("create"), fields)
}

#[test]
fn what_is_kept_what_takes_turns_and_what_takes_steps_is_said() {
    let size = || json!([field("size", json!(1), json!(3), Some("rolling"))]);
    let key = json!({ "keeps": [{ "what": "KMS key", "id": "arn:key", "itself": true }] });
    let snapshot =
        json!({ "keeps": [{ "what": "RDS cluster snapshot", "id": "final" }], "loss": "rows" });
    let plan = plan_of(json!([
        with(
            step("r", "rds:DBInstance", json!("update"), size()),
            json!({ "turn": { "number": 1, "of": 2 } })
        ),
        with(
            step("w", "rds:DBInstance", json!("update"), size()),
            json!({ "turn": { "number": 2, "of": 2 }, "steps": ["fail over", "change it"] })
        ),
        with(
            step("alone", "rds:DBInstance", json!("update"), size()),
            json!({ "turn": { "number": 1, "of": 1 } })
        ),
        with(step("cluster", "rds:DBCluster", json!("delete"), json!([])), snapshot),
        with(step("key", "kms:Key", json!("delete"), json!([])), key),
    ]));
    insta::assert_snapshot!(page(|page| plan::plan(page, &plan, false)), @"
    ~ r        rds:DBInstance  changed 1 of 2, one after the other
        size: 1 → 3  one part after the other, without an outage
    ~ w        rds:DBInstance  changed 2 of 2, one after the other
        in 2 steps: fail over, then change it
        size: 1 → 3  one part after the other, without an outage
    ~ alone    rds:DBInstance
        size: 1 → 3  one part after the other, without an outage
    - cluster  rds:DBCluster
        loses data: rows
        keeps: RDS cluster snapshot final
    = key      kms:Key         kept: it is left as it is, and marked so

    Plan: 3 to change, 1 to delete, 1 to keep
    Usual time on AWS: 3 min 10 s, decided by network/vpc → network/nat-a
    ");
    let kept = plan
        .steps
        .iter()
        .flat_map(|step| step.keeps.iter().map(|kept| (step.address.clone(), kept.clone())));
    let report = globecart_engine::apply::Report { kept: kept.collect(), ..Default::default() };
    insta::assert_snapshot!(page(|page| ending::kept(page, &report, "shop")), @"
    2 things kept on purpose:
      RDS cluster snapshot final (of cluster)
      KMS key arn:key (of key)
    To remove what is kept: `shop destroy --kept`
    ");
    let kept: Vec<_> = report.kept.into_iter().map(|(_, kept)| kept).collect();
    let error =
        globecart_engine::CallError::new(globecart_engine::Class::Denied, "removing it", "no");
    let shown = page(|page| {
        kept::kept(page, &[]);
        kept::kept(page, &kept);
        kept::removed(page, &kept);
        kept::failed(page, &[(kept[0].clone(), error)]);
    });
    insta::assert_snapshot!(shown, @"
    nothing is kept
    2 things kept on purpose:
      RDS cluster snapshot final
      KMS key arn:key
    removed: 2; keys can be brought back for 30 days
    error: cannot remove RDS cluster snapshot final
      cause: removing it: no
      help:  grant the identity in use this action, then run it again
    ");
}

#[test]
fn what_is_made_takes_a_line_and_with_verbose_its_fields() {
    let steps = json!([step("network/vpc", "ec2:Vpc", json!("create"), json!([])), made()]);
    insta::assert_snapshot!(page(|page| plan::plan(page, &plan_of(steps.clone()), false)), @"
    + network/vpc       ec2:Vpc
    + network/public-a  ec2:Subnet

    Plan: 2 to create
    Usual time on AWS: 3 min 10 s, decided by network/vpc → network/nat-a
    ");
    insta::assert_snapshot!(page(|page| plan::plan(page, &plan_of(steps.clone()), true)), @r#"
    + network/vpc       ec2:Vpc
    + network/public-a  ec2:Subnet
        vpc: (known after apply)
        cidr: "10.0.0.0/20"
        resources: ["arn:aws:logs:(known after apply):*"]

    Plan: 2 to create
    Usual time on AWS: 3 min 10 s, decided by network/vpc → network/nat-a
    "#);
}

#[test]
fn changes_say_what_becomes_what_when_and_who_changed_it() {
    let statements = |action: &str| json!({ "Statement": [{ "Sid": "Read", "Action": action }, { "Sid": "Keep" }] });
    let fields = json!([
        field("dns_hostnames", json!(false), json!(true), Some("at_once")),
        field("engine_version", json!("17.4"), json!("17.5"), Some("rolling")),
        field("zones", json!(["a", "b"]), json!(["b", "c", "d"]), Some("at_reboot")),
        field("policy", statements("s3:Get*"), statements("s3:List*"), Some("in_window")),
        with(
            field(
                "tags",
                json!({ "Team": null, "Old": "x" }),
                json!({ "Team": "shop", "Old": null }),
                Some("at_once")
            ),
            json!({ "drifted": true })
        ),
    ]);
    let steps = json!([
        step("network/vpc", "ec2:Vpc", json!("update"), fields),
        step("network/log", "logs:LogGroup", json!("keep"), json!([])),
    ]);
    insta::assert_snapshot!(page(|page| plan::plan(page, &plan_of(steps), false)), @r#"
    ~ network/vpc  ec2:Vpc
        dns_hostnames: false → true  at once
        engine_version: "17.4" → "17.5"  one part after the other, without an outage
        zones: - "a"  + "c"  + "d"  at the next reboot
        policy.Statement.0.Action: "s3:Get*" → "s3:List*"  in the maintenance window
        tags.Old: "x" → none  at once  (somebody else changed it)
        tags.Team: none → "shop"  at once  (somebody else changed it)

    Plan: 1 to change, 1 unchanged
    Usual time on AWS: 3 min 10 s, decided by network/vpc → network/nat-a
    "#);
}

#[test]
fn replacements_say_what_forces_them_in_which_order_and_what_is_lost() {
    let cidr = with(
        field("cidr", json!("10.0.0.0/16"), json!("10.1.0.0/16"), None),
        json!({ "replaces": true }),
    );
    let vpc = json!({ "$ref": "network/vpc", "output": "id", "when": "ready" });
    let vpc = with(field("vpc", json!("vpc-0a"), vpc, None), json!({ "replaces": true }));
    let unusable = json!({ "why": "it is unusable: Failed" });
    let steps = json!([
        step("network/vpc", "ec2:Vpc", json!({ "replace": "create_first" }), json!([cidr])),
        step("network/a", "ec2:Subnet", json!({ "replace": "delete_first" }), json!([vpc])),
        with(made(), with(unusable, json!({ "action": { "replace": "delete_first" } }))),
        with(
            step("database/cluster", "rds:DBCluster", json!("delete"), json!([])),
            json!({ "loss": "the database and its automated backups", "why": "it is no longer declared" })
        ),
        with(
            step("old", "ec2:Vpc", json!("delete"), json!([])),
            json!({ "gone": true, "why": "it is already gone" })
        ),
        with(
            step("cache", "elasticache:ReplicationGroup", json!("keep"), json!([])),
            json!({ "pending": true })
        ),
    ]);
    insta::assert_snapshot!(page(|page| plan::plan(page, &plan_of(steps), false)), @r#"
    ± network/vpc       ec2:Vpc                       the new one is made before the old one goes
        cidr: "10.0.0.0/16" → "10.1.0.0/16"  forces a replacement
    ± network/a         ec2:Subnet                    the old one goes before the new one is made
        vpc: "vpc-0a" → (known after apply)  forces a replacement
    ± network/public-a  ec2:Subnet                    it is unusable: Failed; the old one goes before the new one is made
    - database/cluster  rds:DBCluster                 it is no longer declared
        loses data: the database and its automated backups
    - old               ec2:Vpc                       it is already gone; nothing needs to be called
    = cache             elasticache:ReplicationGroup  an earlier run's change is under way and is waited for

    Plan: 3 to replace, 2 to delete, 1 unchanged
    Usual time on AWS: 3 min 10 s, decided by network/vpc → network/nat-a
    "#);
}

#[test]
fn a_plan_without_changes_says_so() {
    let steps = json!([step("network/vpc", "ec2:Vpc", json!("keep"), json!([]))]);
    let mut plan = plan_of(steps);
    plan.notices.push("the data tier's network ACL is waived: tried out".to_owned());
    insta::assert_snapshot!(page(|page| plan::plan(page, &plan, false)), @"
    no changes: 1 resource as declared
    note: the data tier's network ACL is waived: tried out
    ");
    plan.steps.clear();
    plan.notices.clear();
    insta::assert_snapshot!(page(|page| plan::plan(page, &plan, false)), @"no changes: nothing is declared or recorded");
}

#[test]
fn a_rename_keeps_the_resource() {
    let mut plan = plan_of(json!([step("network/vpc", "ec2:Vpc", json!("keep"), json!([]))]));
    plan.moves.push((
        globecart_engine::Address::new("vpc"),
        globecart_engine::Address::new("network/vpc"),
    ));
    insta::assert_snapshot!(page(|page| plan::plan(page, &plan, false)), @"
    → vpc → network/vpc  is kept under its new address

    Plan: 1 to rename, 1 unchanged
    Usual time on AWS: 3 min 10 s, decided by network/vpc → network/nat-a
    ");
}

#[test]
fn nothing_in_a_plan_can_control_the_terminal() {
    let fields = json!([field(
        "tags",
        json!({ "Name": "\u{1b}[2J" }),
        json!({ "Name": "\u{1b}]0;x\u{7}" }),
        Some("at_once")
    )]);
    let mut step = step("network/\u{1b}[31mvpc", "ec2:Vpc\u{202e}", json!("update"), fields);
    step["why"] = json!("\u{9b}1Aline\r\nbreak");
    let shown = page(|page| plan::plan(page, &plan_of(json!([step])), false));
    assert!(shown.chars().all(|char| char == '\n' || !char.is_control()), "{shown:?}");
    insta::assert_snapshot!(shown, @r#"
    ~ network/vpc  ec2:Vpc    line break
        tags.Name: "\u001b[2J" → "\u001b]0;x\u0007"  at once

    Plan: 1 to change
    Usual time on AWS: 3 min 10 s, decided by network/vpc → network/nat-a
    "#);
}

mod endings {
    use std::collections::BTreeMap;
    use std::path::Path;
    use std::time::Duration;

    use globecart_engine::apply::{Failure, Report};
    use globecart_engine::{
        Address, CallError, Class, Desired, Document, Operation, Record, State,
    };

    use super::*;
    use crate::session::Place;
    use crate::show::ending::Next;

    fn failed(
        address: &str,
        operation: Operation,
        class: Class,
        code: &str,
        message: &str,
    ) -> Failure {
        let mut error = CallError::new(class, "creating the NAT gateway", message).with_code(code);
        error.request_id = Some("8c1f2d".to_owned());
        Failure {
            address: Address::new(address),
            kind: "ec2:NatGateway".to_owned(),
            operation,
            error,
        }
    }

    /// A state in which `accepted` was accepted and `asked` has no outcome.
    fn state() -> State {
        let place = plan_of(json!([])).place;
        let mut state = State::new("shop", &place, 0);
        let intent = |address: &str, life| Record::Intent {
            address: Address::new(address),
            life,
            operation: Operation::Create,
            desired: Some(Box::new(Desired {
                kind: "ec2:NatGateway".to_owned(),
                args: Document::default(),
                tags: BTreeMap::<String, String>::new().into(),
                needs: Vec::new(),
            })),
            token: "0".to_owned(),
        };
        let accepted =
            Record::Accepted { address: Address::new("accepted"), life: 1, outputs: None };
        for record in [intent("accepted", 1), intent("asked", 2), intent("ready", 3), accepted] {
            state.apply(&record);
        }
        state.apply(&Record::Ready { address: Address::new("ready"), life: 3, outputs: None });
        state
    }

    #[test]
    fn failures_say_what_happened_why_what_exists_and_what_to_do() {
        let quota = "Performing this operation would exceed the limit of 5 NAT gateways\u{1b}[2J";
        let failures = [
            failed("none", Operation::Create, Class::Quota, "NatGatewayLimitExceeded", quota),
            failed(
                "asked",
                Operation::Create,
                Class::Denied,
                "UnauthorizedOperation",
                "You are not authorized",
            ),
            failed(
                "accepted",
                Operation::Delete,
                Class::Dependency,
                "DependencyViolation",
                "in use",
            ),
        ];
        insta::assert_snapshot!(page(|page| problem::failed(page, &failures, 2, &state())), @"
        error: cannot create none (ec2:NatGateway)
          cause: creating the NAT gateway: NatGatewayLimitExceeded: Performing this operation would exceed the limit of 5 NAT gateways (request 8c1f2d)
          state: 1 of 3 resources recorded are ready; nothing of this one exists
          help:  raise the quota in Service Quotas or remove what is unused, then run it again
        error: cannot create asked (ec2:NatGateway)
          cause: creating the NAT gateway: UnauthorizedOperation: You are not authorized (request 8c1f2d)
          state: 1 of 3 resources recorded are ready; the next run looks up whether something of this one exists, before it goes on
          help:  grant the identity in use this action, then run it again
        error: cannot delete accepted (ec2:NatGateway)
          cause: creating the NAT gateway: DependencyViolation: in use (request 8c1f2d)
          state: 1 of 3 resources recorded are ready; this one exists and is not ready; the next run goes on waiting for it
          help:  run it again; what is ready is recorded and kept
        2 operations not started, because something needed failed
        ");
    }

    #[test]
    fn a_run_ends_with_its_counts_and_what_it_left_on_purpose() {
        let took = Duration::from_secs(190);
        let report = Report { created: 63, unchanged: 2, ..Report::default() };
        insta::assert_snapshot!(page(|page| ending::counts(page, &report, took, 200.0)), @"done: 63 created, 2 unchanged, in 3 min 10 s of simulated time (0.9 s here)");
        let report = Report {
            deleted: 62,
            failed: vec![failed("none", Operation::Delete, Class::Other, "Internal", "x")],
            skipped: vec![(Address::new("a"), Address::new("none"))],
            remains: vec![(
                Address::new("network/key"),
                "kms:Key".to_owned(),
                "scheduled for deletion in 30 days".to_owned(),
            )],
            ..Report::default()
        };
        let real = Duration::from_secs(3725);
        insta::assert_snapshot!(page(|page| ending::counts(page, &report, real, 1.0)), @"failed: 62 deleted, 1 failed, 1 not started, in 1 h 02 min");
        insta::assert_snapshot!(page(|page| ending::under_way(page, &state())), @"1 resource still under way: `status` lists them, and the next run waits for them");
        insta::assert_snapshot!(page(|page| ending::remains(page, &report)), @"
        1 resource left on purpose:
          network/key (kms:Key): scheduled for deletion in 30 days
        ");
    }

    #[test]
    fn outputs_line_up_and_lists_are_json() {
        let outputs = BTreeMap::from([
            ("vpc_id".to_owned(), json!("vpc-0a")),
            ("private_subnet_ids".to_owned(), json!(["subnet-1", "subnet-2"])),
            ("site_url".to_owned(), Value::Null),
        ]);
        insta::assert_snapshot!(page(|page| ending::outputs(page, &outputs)), @r#"
        private_subnet_ids = ["subnet-1", "subnet-2"]
        site_url           = (not known yet)
        vpc_id             = vpc-0a
        "#);
    }

    #[test]
    fn the_end_says_that_nothing_real_was_touched_and_what_to_type_next() {
        let next = |place: Place| {
            let (program, on_aws) =
                ("globecart-app", "globecart-app --target aws --state aws-state");
            let state = Path::new(".globecart");
            let next = Next { place: &place, state, program, on_aws, speed: 200.0 };
            page(|page| ending::next(page, &next))
        };
        insta::assert_snapshot!(next(Place::Embedded), @"
        The state is in .globecart/stack: readable text with ids, no secrets.
        Nothing real was touched. All of this exists in an AWS that is part of this program, kept in .globecart/cloud:
        it answers like AWS, with its states, its errors and, 200 times as fast, its waiting times.
        Next:
          globecart-app plan                            what another run would do
          globecart-app destroy                         delete it all
          globecart-app serve --port 4566               let any AWS client look at it
          globecart-app --target aws --state aws-state  the same on a real account
        ");
        insta::assert_snapshot!(next(Place::Aws), @"
        The state is in .globecart/stack: readable text with ids, no secrets.
        Next:
          globecart-app plan     what another run would do
          globecart-app destroy  delete it all
        ");
    }

    #[test]
    fn status_tells_how_far_every_resource_is() {
        let folder = Path::new(".globecart/stack");
        insta::assert_snapshot!(page(|page| status::status(page, folder, Some(&state()))), @"
        shop in account 123456789012, eu-central-1
          accepted  ec2:NatGateway  being made
          asked     ec2:NatGateway  asked for; the next run looks whether it exists
          ready     ec2:NatGateway  ready
        3 resources, 1 ready
        ");
        insta::assert_snapshot!(page(|page| status::status(page, folder, None)), @"nothing is recorded in .globecart/stack");
    }
}

mod problems {
    use globecart_engine::plan::PlanError;
    use globecart_engine::{CallError, Class, Invalid};

    use super::*;
    use crate::failure::Failure;

    fn shown(failure: &Failure) -> String {
        page(|page| problem::failure(page, failure))
    }

    #[test]
    fn an_error_names_its_causes_and_what_to_do() {
        let losses = vec![(globecart_engine::Address::new("database"), "the database".to_owned())];
        let help = "to lose all of it: `shop destroy --confirm-data-loss shop`".to_owned();
        insta::assert_snapshot!(shown(&Failure::DataLoss { losses, help }), @"
        error: data would be lost; nothing was changed
          lost:  database: the database
          help:  to lose all of it: `shop destroy --confirm-data-loss shop`
        ");
        insta::assert_snapshot!(shown(&Failure::Interrupted), @"
        interrupted
          state: what was answered is recorded, and what was under way is in the journal
          help:  run the same command again: it goes on where this one stopped
        ");
        let invalid = Invalid::new(
            "network/cidr",
            "10.0.0.0/24 is too small for 3 zones; the smallest is /20",
        );
        insta::assert_snapshot!(shown(&invalid.into()), @"
        error: the stack cannot be declared like this
          cause: network/cidr: 10.0.0.0/24 is too small for 3 zones; the smallest is /20
        ");
        let denied = CallError::new(Class::Denied, "reading VPCs", "not authorized")
            .with_code("UnauthorizedOperation");
        insta::assert_snapshot!(shown(&PlanError::Read(denied).into()), @"
        error: there is no plan
          cause: cannot read what exists
          cause: reading VPCs: UnauthorizedOperation: not authorized
          help:  grant the identity in use this action, then run it again
        ");
        let usage = Failure::Usage { problem: "no".to_owned(), help: "add --yes".to_owned() };
        insta::assert_snapshot!(shown(&usage), @"
        error: no
          help:  add --yes
        ");
    }

    #[test]
    fn a_rotation_that_is_not_over_says_where_to_look() {
        let unrotated = Failure::Unrotated {
            name: "shop/login".to_owned(),
            step: "setSecret",
            function: "arn:aws:lambda:eu-central-1:1:function:rotate".to_owned(),
            give_up: "shop rotate login --clear-pending".to_owned(),
        };
        insta::assert_snapshot!(shown(&unrotated), @"
        error: the rotation of shop/login is not finished: setSecret was not seen to succeed
          state: the current login is what it was; Secrets Manager tries again by itself, with the same new value
          help:  look in the log of arn:aws:lambda:eu-central-1:1:function:rotate for the cause; `shop rotate login --clear-pending` gives it up
        ");
    }
}

#[test]
fn a_rotation_shows_its_steps() {
    let shown = page(|page| {
        rotation::asked(page, "shop/login", "5e0f");
        for step in rotation::Step::ALL {
            rotation::done(page, step);
        }
    });
    insta::assert_snapshot!(shown, @"
    rotating shop/login to the version 5e0f
    createSecret there is a new value
    setSecret    the database takes it
    testSecret   a login with it works
    finishSecret it is the current one
    ");
}
