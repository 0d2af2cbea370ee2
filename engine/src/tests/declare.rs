//! Stacks from text.

use std::collections::BTreeMap;

use crate::testing::{
    Batch, Cloud, Flavor, Named, Plain, Slow, Stepped, Tagged, Thing, ThingRefs, Untagged,
};
use crate::{Input, Kind, Place, Stack, Zone};

pub(crate) fn place() -> Place {
    let zone =
        |letter: &str| Zone { name: format!("eu-test-1{letter}"), id: format!("eut1-az{letter}") };
    Place {
        partition: "aws".to_owned(),
        account: "123456789012".to_owned(),
        region: "eu-test-1".to_owned(),
        zones: vec![zone("a"), zone("b")],
    }
}

/// The stack `shop` that a text declares.
pub(crate) fn declare(text: &str) -> Stack<Cloud> {
    let mut stack = Stack::new("shop", place()).unwrap();
    stack.knows([
        Kind::of::<Thing<Plain>>(),
        Kind::of::<Thing<Slow>>(),
        Kind::of::<Thing<Named>>(),
        Kind::of::<Thing<Tagged>>(),
        Kind::of::<Thing<Untagged>>(),
        Kind::of::<Thing<Batch>>(),
        Kind::of::<Thing<Stepped>>(),
    ]);
    let mut refs: BTreeMap<String, ThingRefs> = BTreeMap::new();
    for line in text.split(['\n', ';']).map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(about) = line.strip_prefix('+') {
            about_stack(&mut stack, &refs, about);
        } else {
            let (name, made) = resource(&mut stack, &refs, line);
            refs.insert(name, made);
        }
    }
    stack
}

fn about_stack(stack: &mut Stack<Cloud>, refs: &BTreeMap<String, ThingRefs>, about: &str) {
    match about.split_whitespace().collect::<Vec<_>>()[..] {
        ["tag", key, value] => stack.tag(key, value).unwrap(),
        ["protect", name] => stack.protect(&refs[name]),
        ["moved", from, to] => stack.moved(from, to),
        ["after", later, earlier] => stack.after(&refs[later], &refs[earlier]),
        ["turns", host] => stack.in_turn::<Thing<Plain>>(&refs[host]),
        ["waive", control, reason] => stack.waive(control, reason),
        ["export", name, of] => stack.export(name, &refs[of].endpoint).unwrap(),
        _ => panic!("`+{about}` says nothing of a stack"),
    }
}

fn resource(
    stack: &mut Stack<Cloud>,
    refs: &BTreeMap<String, ThingRefs>,
    line: &str,
) -> (String, ThingRefs) {
    let (what, needs) = line.split_once("<-").unwrap_or((line, ""));
    let mut words = what.split_whitespace();
    let named = words.next().unwrap();
    let (name, flavor) = named.split_once(':').unwrap_or((named, "Plain"));
    let words: Vec<&str> = words.chain(needs.split_whitespace()).collect();
    let made = match flavor {
        "Plain" => stack.add(name, thing::<Plain>(refs, &words)),
        "Slow" => stack.add(name, thing::<Slow>(refs, &words)),
        "Named" => stack.add(name, thing::<Named>(refs, &words)),
        "Tagged" => stack.add(name, thing::<Tagged>(refs, &words)),
        "Untagged" => stack.add(name, thing::<Untagged>(refs, &words)),
        "Batch" => stack.add(name, thing::<Batch>(refs, &words)),
        "Stepped" => stack.add(name, thing::<Stepped>(refs, &words)),
        other => panic!("there is no type {other}"),
    };
    (name.to_owned(), made.unwrap())
}

fn thing<F: Flavor>(refs: &BTreeMap<String, ThingRefs>, words: &[&str]) -> Thing<F> {
    let mut thing = Thing::<F>::new();
    for word in words {
        match (word.split_once('='), word.strip_suffix('!'), word.strip_prefix('@')) {
            (Some((field, value)), ..) => set(&mut thing, field, value),
            (None, Some(early), _) => thing.early.push(refs[early].id.accepted()),
            (None, None, Some(host)) => thing.host = Some(Input::from(&refs[host].id)),
            (None, None, None) => thing.needs.push(Input::from(&refs[*word].id)),
        }
    }
    thing
}

fn set<F: Flavor>(thing: &mut Thing<F>, field: &str, value: &str) {
    match field {
        "size" => thing.size = value.parse().unwrap(),
        "scale" => thing.scale = value.parse().unwrap(),
        "seed" => thing.seed = value.parse().unwrap(),
        "data" => thing.data = value.parse().unwrap(),
        "note" => thing.note = Some(value.to_owned()),
        "slot" => thing.slot = Some(value.to_owned()),
        "shape" => value.clone_into(&mut thing.shape),
        _ => panic!("a thing has no {field}"),
    }
}
