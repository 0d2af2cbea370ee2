//! What a user does to a stack, and what is declared in the end.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

use crate::testing::Unsynced;

/// How many addresses a stack has at most.
const PLACES: u8 = 6;

const FLAVORS: [&str; 6] = ["Plain", "Named", "Tagged", "Untagged", "Batch", "Slow"];

/// The declaration, and the world that it is for.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    /// How far reads lag behind writes.
    pub(super) lag_secs: u64,
    /// What every call takes.
    pub(super) latency_millis: u64,
    declared: BTreeMap<u8, Thing>,
}

/// A declared resource. It can need only what stands at a lower place, so that nothing needs itself.
#[derive(Clone)]
pub(super) struct Thing {
    flavor: &'static str,
    size: u8,
    note: Option<u8>,
    shape: u8,
    /// Nobody else wants the slot, and nobody needs what has one: AWS keeps what is referred to, and who holds a
    /// name must go before its successor comes.
    slot: Option<u8>,
    needs: [Need; PLACES as usize],
}

#[derive(Debug, Clone, Copy)]
enum Need {
    Nothing,
    Ready,
    Accepted,
    Host,
}

/// One thing that a user, somebody else, or fate does.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Declare(u8, Thing),
    Undeclare(u8),
    Plan,
    Up(Fate),
    Destroy(Fate),
    Meddle(u8, Meddling),
    /// Time passes, so that what is under way ends by itself.
    Wait(u16),
}

/// What happens to a run.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fate {
    /// Nothing.
    Undisturbed,
    /// It and the machine are stopped at the boundary with this number, if it comes that far.
    Killed(usize, Unsynced),
    /// It is interrupted after so many tenths of a second.
    Interrupted(u16),
    /// Only acceptance is waited for.
    Accepted,
    /// The answers of so many creates are lost, and the creates are not.
    Lost(u32),
    /// So many calls are throttled.
    Throttled(u32),
    /// So many calls fail for good.
    Refused(u32),
    /// The disk is full after so many writes.
    DiskFull(u32),
}

/// What somebody else does to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meddling {
    Size(u8),
    Tag,
    Vanish,
}

impl Model {
    /// The declaration as text.
    pub(super) fn text(&self) -> String {
        let mut text = "+tag team blue\n".to_owned();
        for (place, thing) in &self.declared {
            let can = |need: u8| self.declared.get(&need).is_some_and(|need| need.slot.is_none());
            writeln!(text, "{}:{}", name(*place), thing.words(*place, can)).unwrap();
        }
        text
    }
}

impl Thing {
    /// Its line at a place, with those of its needs that can be.
    fn words(&self, place: u8, can: impl Fn(u8) -> bool) -> String {
        let Self { flavor, size, .. } = self;
        // What has a slot is not replaced for another reason than its slot: the new one first would not do.
        let (shape, mut hosted) = self.slot.map_or((self.shape, false), |_| (0, true));
        let mut words = format!("{flavor} size={size} shape={shape}");
        if let Some(note) = self.note {
            write!(words, " note={note}").unwrap();
        }
        if let Some(slot) = self.slot {
            write!(words, " slot={}{slot}", name(place)).unwrap();
        }
        words.push_str(" <-");
        for need in (0..place).filter(|need| can(*need)) {
            let at = name(need);
            match self.needs[usize::from(need)] {
                Need::Nothing => {}
                Need::Accepted => write!(words, " {at}!").unwrap(),
                Need::Host if !std::mem::replace(&mut hosted, true) => {
                    write!(words, " @{at}").unwrap();
                }
                Need::Ready | Need::Host => write!(words, " {at}").unwrap(),
            }
        }
        words
    }
}

/// As the text of the declaration has it.
impl fmt::Debug for Thing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.words(PLACES, |_| true))
    }
}

/// The address at a place.
pub(super) fn name(place: u8) -> String {
    char::from(b'a' + place).to_string()
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        let model =
            |(lag_secs, latency_millis)| Self { lag_secs, latency_millis, ..Self::default() };
        (prop_oneof![Just(0), Just(5)], prop_oneof![Just(0), Just(300)]).prop_map(model).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Step> {
        let place = 0..PLACES;
        prop_oneof![
            6 => (place.clone(), thing()).prop_map(|(place, thing)| Step::Declare(place, thing)),
            1 => place.clone().prop_map(Step::Undeclare),
            1 => Just(Step::Plan),
            6 => fate().prop_map(Step::Up),
            1 => fate().prop_map(Step::Destroy),
            1 => (place, meddling()).prop_map(|(place, how)| Step::Meddle(place, how)),
            1 => (1..200_u16).prop_map(Step::Wait),
        ]
        .boxed()
    }

    fn apply(mut model: Self, step: &Step) -> Self {
        match step {
            Step::Declare(place, thing) => _ = model.declared.insert(*place, thing.clone()),
            Step::Undeclare(place) => _ = model.declared.remove(place),
            _ => {}
        }
        model
    }
}

fn thing() -> impl Strategy<Value = Thing> {
    let need = prop_oneof![
        6 => Just(Need::Nothing),
        2 => Just(Need::Ready),
        1 => Just(Need::Accepted),
        1 => Just(Need::Host),
    ];
    let slot = prop_oneof![4 => Just(None), 1 => (0..2_u8).prop_map(Some)];
    let note = proptest::option::of(0..2_u8);
    let needs = proptest::array::uniform6(need);
    (proptest::sample::select(&FLAVORS[..]), 1..4_u8, note, 0..2_u8, slot, needs).prop_map(
        |(flavor, size, note, shape, slot, needs)| Thing { flavor, size, note, shape, slot, needs },
    )
}

fn fate() -> impl Strategy<Value = Fate> {
    let unsynced = prop_oneof![Just(Unsynced::Lost), Just(Unsynced::Torn), Just(Unsynced::Kept)];
    prop_oneof![
        4 => Just(Fate::Undisturbed),
        4 => (0..8_usize, unsynced.clone()).prop_map(|(at, unsynced)| Fate::Killed(at, unsynced)),
        2 => (8..40_usize, unsynced).prop_map(|(at, unsynced)| Fate::Killed(at, unsynced)),
        2 => (0..300_u16).prop_map(Fate::Interrupted),
        1 => Just(Fate::Accepted),
        1 => (1..4_u32).prop_map(Fate::Lost),
        1 => (1..4_u32).prop_map(Fate::Throttled),
        1 => (1..4_u32).prop_map(Fate::Refused),
        1 => (0..6_u32).prop_map(Fate::DiskFull),
    ]
}

fn meddling() -> impl Strategy<Value = Meddling> {
    prop_oneof![(4..6_u8).prop_map(Meddling::Size), Just(Meddling::Tag), Just(Meddling::Vanish)]
}
