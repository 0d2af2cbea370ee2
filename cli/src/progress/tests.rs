use globecart_engine::plan::{Estimate, Plan};
use globecart_engine::{CallError, Place};

use super::*;

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn address(text: &str) -> Address {
    Address::new(text)
}

fn step(text: &str, action: Action) -> Step {
    let kind = "ec2:Vpc".to_owned();
    let (life, why, fields, loss) = (None, None, Vec::new(), None);
    Step {
        address: address(text),
        kind,
        life,
        action,
        why,
        fields,
        loss,
        keeps: Vec::new(),
        steps: Vec::new(),
        turn: None,
        pending: false,
        gone: false,
    }
}

/// A run that makes a VPC and replaces a NAT gateway, usually in 120 seconds.
fn progress() -> Progress {
    let place = Place {
        partition: "aws".into(),
        account: "1".into(),
        region: "r".into(),
        zones: Vec::new(),
    };
    let plan = Plan {
        version: 1,
        stack: "shop".into(),
        place,
        destroy: false,
        steps: vec![
            step("vpc", Action::Create),
            step("nat", Action::Replace(globecart_engine::Order::CreateFirst)),
            step("log", Action::Keep),
        ],
        learned: Vec::new(),
        moves: Vec::new(),
        exports: std::collections::BTreeMap::new(),
        notices: Vec::new(),
        estimate: Estimate { seconds: 120, critical_path: Vec::new() },
    };
    Progress::new(&plan, at(10))
}

fn started(text: &str, operation: Operation, usual_seconds: u64) -> Event {
    Event::Started { address: address(text), kind: "ec2:Vpc".into(), operation, usual_seconds }
}

fn events() -> Vec<(u64, Event)> {
    let (create, delete) = (Operation::Create, Operation::Delete);
    let error = CallError::new(Class::Invalid, "deleting the NAT gateway", "no\u{1b}[2J")
        .with_code("Refused");
    let retrying = |class, error: &str| Event::Retrying {
        address: address("nat"),
        operation: create,
        class,
        error: error.into(),
        after_seconds: 2.0,
    };
    vec![
        (10, started("vpc", create, 2)),
        (10, started("nat", create, 110)),
        (12, Event::Done { address: address("vpc"), operation: create, seconds: 2.1 }),
        (13, retrying(Class::Propagation, "not there yet")),
        (15, retrying(Class::Throttled, "RequestLimitExceeded: too quick")),
        (17, Event::Accepted { address: address("nat"), operation: create }),
        (
            40,
            Event::Progress {
                address: address("nat"),
                operation: create,
                text: "pending\u{7}".into(),
            },
        ),
        (125, Event::Done { address: address("nat"), operation: create, seconds: 115.0 }),
        (125, started("nat", delete, 60)),
        (
            140,
            Event::Failed {
                address: address("nat"),
                kind: "ec2:NatGateway".into(),
                operation: delete,
                error,
            },
        ),
    ]
}

/// Everything that a run leaves behind, and what is drawn at its end.
fn shown(until: u64, live: bool) -> String {
    let (mut progress, mut page) = (progress(), Page::new(false));
    for (second, event) in events().into_iter().filter(|(second, _)| *second <= until) {
        progress.take(&event, at(second), live, &mut page);
    }
    let lines = progress.lines(at(until), 12, &|| Page::new(false)).join("\n");
    let overall = progress.overall(at(until));
    format!("{}---\n{lines}\n{}", page.text(), overall.text)
}

#[test]
fn running_operations_are_drawn_and_finished_ones_scroll_by() {
    insta::assert_snapshot!(shown(11, true), @"
    ---
      creating vpc  1 s of usually 2 s
      creating nat  1 s of usually 1 min 50 s
    0 of 3  1 s, about 1 min 59 s left
    ");
    insta::assert_snapshot!(shown(16, true), @"
      + vpc  2 s
    ---
      creating nat  6 s of usually 1 min 50 s  again in 2 s: RequestLimitExceeded: too quick
    1 of 3  6 s, about 1 min 54 s left
    ");
    insta::assert_snapshot!(shown(50, true), @"
      + vpc  2 s
    ---
      creating nat  40 s of usually 1 min 50 s  pending
    1 of 3  40 s, about 1 min 20 s left
    ");
    insta::assert_snapshot!(shown(139, true), @"
      + vpc  2 s
      + nat  1 min 55 s
    ---
      deleting nat  14 s of usually 1 min 00 s
    2 of 3  2 min 09 s, about 46 s left
    ");
    insta::assert_snapshot!(shown(140, true), @"
      + vpc  2 s
      + nat  1 min 55 s
      x nat  deleting the NAT gateway: Refused: no
    ---

    3 of 3  2 min 10 s
    ");
}

#[test]
fn without_a_terminal_long_starts_and_unusual_repeats_are_lines_too() {
    insta::assert_snapshot!(shown(140, false), @"
      creating nat, usually 1 min 50 s
      + vpc  2 s
      ! nat  again in 2 s: RequestLimitExceeded: too quick
      + nat  1 min 55 s
      deleting nat, usually 1 min 00 s
      x nat  deleting the NAT gateway: Refused: no
    ---

    3 of 3  2 min 10 s
    ");
}

#[test]
fn more_operations_than_lines_are_counted() {
    let mut progress = progress();
    for number in 0..5 {
        progress.take(
            &started(&format!("r{number}"), Operation::Create, 2),
            at(10),
            true,
            &mut Page::new(false),
        );
    }
    insta::assert_snapshot!(progress.lines(at(11), 3, &|| Page::new(false)).join("\n"), @"
    creating r0  1 s of usually 2 s
    creating r1  1 s of usually 2 s
    and 3 more
    ");
}

#[test]
fn what_an_earlier_run_started_shows_when_aws_reports_it() {
    let mut progress = progress();
    let event = Event::Progress {
        address: address("nat"),
        operation: Operation::Create,
        text: "pending".into(),
    };
    progress.take(&event, at(20), true, &mut Page::new(false));
    insta::assert_snapshot!(progress.lines(at(25), 3, &|| Page::new(false)).join("\n"), @"  creating nat  5 s  pending");
}
