use proptest::prelude::*;
use serde_json::json;

use super::{FORMAT, Header, Unusable, line, parse};
use crate::resource::{Operation, Tags};
use crate::state::{Desired, Record, State};
use crate::{Address, Document, Place};

fn header() -> Header {
    Header {
        format: FORMAT,
        stack: "shop".to_owned(),
        account: "123456789012".to_owned(),
        region: "eu-test-1".to_owned(),
        generation: 3,
    }
}

/// Every kind of record, about few addresses and lives, so that they meet.
pub(crate) fn record() -> impl Strategy<Value = Record> {
    let address = || prop_oneof!["a", "b", "net/c"].prop_map(Address::new);
    let life = || 1..4_u64;
    let outputs = || {
        prop::option::of(
            (0..5_u32).prop_map(|id| Document::from(json!({ "id": format!("é-{id}\n") }))),
        )
    };
    let desired = (0..9_u32, prop::collection::vec(address(), 0..3), any::<bool>()).prop_map(
        |(size, needs, tagged)| Desired {
            kind: "test:Plain".to_owned(),
            args: json!({ "size": size, "note": null }).into(),
            tags: if tagged {
                Tags::from([("team".to_owned(), "blue".to_owned())])
            } else {
                Tags::new()
            }
            .into(),
            needs,
        },
    );
    let intent =
        (address(), life(), prop_oneof![Just(Operation::Create), Just(Operation::Update)], desired)
            .prop_map(|(address, life, operation, desired)| Record::Intent {
                address,
                life,
                operation,
                desired: Some(Box::new(desired)),
                token: "00ff".to_owned(),
            });
    let delete = (address(), life()).prop_map(|(address, life)| Record::Intent {
        address,
        life,
        operation: Operation::Delete,
        desired: None,
        token: String::new(),
    });
    prop_oneof![
        3 => intent,
        1 => delete,
        2 => (address(), life(), outputs()).prop_map(|(address, life, outputs)| Record::Accepted { address, life, outputs }),
        2 => (address(), life(), outputs()).prop_map(|(address, life, outputs)| Record::Ready { address, life, outputs }),
        1 => (address(), life()).prop_map(|(address, life)| Record::Refused { address, life, operation: Operation::Create, before: None }),
        1 => (address(), life()).prop_map(|(address, life)| Record::Broken { address, life }),
        1 => (address(), life()).prop_map(|(address, life)| Record::Gone { address, life }),
        1 => (address(), address()).prop_map(|(from, to)| Record::Moved { from, to }),
        1 => (address(), prop::collection::vec(address(), 0..3)).prop_map(|(address, needs)| Record::Needs { address, needs }),
        1 => Just(Record::Waivers { waivers: [crate::Waiver { at: Address::new("a"), control: "tls".to_owned(), reason: "é".to_owned() }].into() }),
        1 => Just(Record::Exports { exports: [("url".to_owned(), json!({ "$ref": "a", "output": "id", "when": "ready" }))].into() }),
    ]
}

fn groups() -> impl Strategy<Value = Vec<Vec<Record>>> {
    prop::collection::vec(prop::collection::vec(record(), 1..4), 0..5)
}

fn written(groups: &[Vec<Record>]) -> Vec<u8> {
    let mut bytes = line(&header());
    bytes.extend(groups.iter().flat_map(line));
    bytes
}

fn state_of<'a>(records: impl IntoIterator<Item = &'a Record>) -> State {
    let place = Place {
        partition: "aws".to_owned(),
        account: "123456789012".to_owned(),
        region: "eu-test-1".to_owned(),
        zones: Vec::new(),
    };
    let mut state = State::new("shop", &place, 7);
    records.into_iter().for_each(|record| state.apply(record));
    state
}

/// One group of every kind of record.
fn sample() -> Vec<Vec<Record>> {
    let (address, life) = (Address::new("net/ä"), 12);
    let desired = Desired {
        kind: "test:Plain".to_owned(),
        args: json!({ "size": 1, "text": "a \"b\" \\ c" }).into(),
        tags: Tags::from([("team".to_owned(), "blue".to_owned())]).into(),
        needs: vec![Address::new("b")],
    };
    let intent = Record::Intent {
        address: address.clone(),
        life,
        operation: Operation::Create,
        desired: Some(Box::new(desired)),
        token: "0123456789abcdef".to_owned(),
    };
    let outputs = Some(Document::from(json!({ "id": "x-1" })));
    vec![
        vec![intent],
        vec![
            Record::Accepted { address: address.clone(), life, outputs },
            Record::Gone { address, life },
        ],
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_replay_gives_the_state_of_the_run_that_wrote_it(groups in groups()) {
        let direct = state_of(groups.iter().flatten());
        let journal = parse(&written(&groups)).unwrap().unwrap();
        prop_assert_eq!(&journal.header, &header());
        prop_assert_eq!(state_of(&journal.records), direct.clone());
        // A snapshot in between changes nothing.
        let text = serde_json::to_vec(&direct).unwrap();
        prop_assert_eq!(serde_json::from_slice::<State>(&text).unwrap(), direct);
    }

    #[test]
    fn a_journal_cut_at_any_byte_loads_the_groups_that_are_whole(groups in groups()) {
        let bytes = written(&groups);
        for cut in 0..bytes.len() {
            let journal = parse(&bytes[..cut]).unwrap();
            let Some(journal) = journal else {
                prop_assert!(cut < line(&header()).len(), "a whole header was not read, cut at {}", cut);
                continue;
            };
            let whole = written(&groups[..groups.len()]);
            prop_assert!(journal.whole <= cut);
            let kept = groups.iter().scan(line(&header()).len(), |end, group| {
                *end += line(group).len();
                Some((*end, group))
            });
            let expected: Vec<&Record> = kept.take_while(|(end, _)| *end <= cut).flat_map(|(_, group)| group).collect();
            prop_assert_eq!(journal.records.iter().collect::<Vec<_>>(), expected);
            prop_assert_eq!(&whole[..journal.whole], &bytes[..journal.whole]);
        }
    }
}

/// What was relied on is never dropped in silence: only the last line can pass for the write that was interrupted.
#[test]
fn a_changed_byte_is_refused_or_is_in_the_torn_tail() {
    let groups = sample();
    let bytes = written(&groups);
    let last = bytes.len() - line(groups.last().unwrap()).len();
    for at in 0..bytes.len() {
        let flipped = (0..8).map(|bit| bytes[at] ^ (1 << bit));
        for value in flipped.chain([0, 255, b'\n', b' ', b'+']).filter(|value| *value != bytes[at])
        {
            let mut damaged = bytes.clone();
            damaged[at] = value;
            match parse(&damaged) {
                Err(Unusable::Damaged { .. }) => {}
                Ok(Some(journal)) => {
                    assert!(at >= last, "byte {at} as {value} was taken for a torn tail");
                    assert_eq!(
                        (journal.whole, journal.records.len()),
                        (last, 1),
                        "byte {at} as {value}"
                    );
                }
                other => panic!("byte {at} as {value}: {other:?}"),
            }
        }
    }
}

/// A file that was made longer before its blocks were written reads as zeros.
#[test]
fn a_tail_of_zeros_is_torn_and_zeros_in_the_middle_are_damage() {
    let bytes = written(&sample());
    let header = line(&header()).len();
    for from in header..bytes.len() {
        let mut torn = bytes.clone();
        torn[from..].fill(0);
        assert!(parse(&torn).is_ok(), "zeros from {from}");
    }
    let mut hole = bytes.clone();
    hole[header + 20..header + 40].fill(0);
    assert!(matches!(parse(&hole), Err(Unusable::Damaged { line: 2, .. })));
    assert!(parse(&vec![0; 4096]).unwrap().is_none());
    assert!(parse(b"").unwrap().is_none());
}

#[test]
fn what_a_newer_version_wrote_is_named_as_such_whatever_it_holds() {
    let mut bytes = line(&json!({ "format": 2, "what": "else" }));
    bytes.extend(line(&json!({ "no": "records" })));
    assert_eq!(parse(&bytes), Err(Unusable::Newer(2)));
    let foreign = line(&json!(["something", "else"]));
    assert!(matches!(parse(&foreign), Err(Unusable::Damaged { line: 1, byte: 0, .. })));
}
