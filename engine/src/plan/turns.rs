//! The order of resources that are changed one after the other.

use super::{Action, Step, Turn};
use crate::Stack;
use crate::kind::RecordedJson;
use crate::plan::live::Lives;
use crate::resource::{Effect, Live};
use crate::state::State;

/// Gives every change of a group its turn, by what was read: where two are alike, in the order of declaration.
pub(super) fn order<C>(stack: &Stack<C>, state: &State, live: &Lives, steps: &mut [Step]) {
    for group in 0..stack.turns.len() {
        let in_group = |step: &Step| {
            changes(step) && stack.turns_of(state, &step.address, &step.kind) == Some(group)
        };
        let members = steps.iter().enumerate().filter(|(_, step)| in_group(step));
        let mut members: Vec<(u32, usize)> =
            members.map(|(index, step)| (rank(stack, state, live, step), index)).collect();
        members.sort_unstable();
        let of = u32::try_from(members.len()).unwrap_or(u32::MAX);
        for (number, (_, index)) in (1..).zip(members) {
            steps[index].turn = Some(Turn { number, of });
            let at_once = |effect: &&mut Option<Effect>| of > 1 && **effect == Some(Effect::AtOnce);
            let fields = steps[index].fields.iter_mut().filter(|field| field.name != "tags");
            fields.map(|field| &mut field.effect).filter(at_once).for_each(|effect| {
                *effect = Some(Effect::Rolling);
            });
        }
    }
}

/// Whether a step changes more than tags.
fn changes(step: &Step) -> bool {
    match step.action {
        Action::Update => step.fields.iter().any(|field| field.name != "tags"),
        Action::Replace(_) => !step.gone,
        _ => false,
    }
}

fn rank<C>(stack: &Stack<C>, state: &State, live: &Lives, step: &Step) -> u32 {
    let recorded = step.life.and_then(|life| {
        let entry = state.entry(&step.address, life)?;
        Some(match live.get(&(step.address.clone(), life)) {
            Some(Live::Ready { args, outputs, .. }) => {
                RecordedJson { args: args.clone().into(), outputs: outputs.clone().into() }
            }
            _ => entry.recorded(),
        })
    });
    let kind = stack.kinds.get(step.kind.as_str());
    kind.zip(recorded).map_or(0, |(kind, recorded)| kind.0.turn(&recorded))
}
