//! Plans as text.

use crate::plan::{Action, Field, Plan, Step};
use crate::resource::Order;

/// The steps that do something, one line each, and their fields below.
pub(super) fn shown(plan: &Plan) -> String {
    let steps = plan.steps.iter().filter(|step| step.action != Action::Keep || step.pending);
    let text: Vec<String> = steps.map(step).collect();
    if text.is_empty() { "no changes".to_owned() } else { text.join("\n") }
}

fn step(step: &Step) -> String {
    let sign = match step.action {
        Action::Keep => "=",
        Action::Create => "+",
        Action::Update => "~",
        Action::Delete => "-",
        Action::Replace(Order::CreateFirst) => "+/-",
        Action::Replace(Order::DeleteFirst) => "-/+",
    };
    let mut text = format!("{sign} {} {}", step.kind, step.address);
    let notes = [
        step.pending.then(|| "pending".to_owned()),
        step.gone.then(|| "gone".to_owned()),
        step.why.clone(),
        step.loss.as_ref().map(|loss| format!("loses {loss}")),
        (!step.keeps.is_empty()).then(|| format!("keeps {}", step.keeps[0].id)),
        step.turn.map(|turn| format!("turn {} of {}", turn.number, turn.of)),
        (!step.steps.is_empty()).then(|| format!("steps: {}", step.steps.join(", then "))),
    ];
    for note in notes.into_iter().flatten() {
        text.extend([", ", &note]);
    }
    let new = matches!(step.action, Action::Create);
    for field in step.fields.iter().filter(|_| !new) {
        text.extend(["\n      ", &self::field(field)]);
    }
    text
}

pub(super) fn field(Field { name, old, new, effect, replaces, drifted }: &Field) -> String {
    let effect = effect.map_or_else(String::new, |effect| format!(" ({effect:?})"));
    let forces = if *replaces { " forces it" } else { "" };
    let drifted = if *drifted { " drifted" } else { "" };
    format!("{name}: {old} -> {new}{effect}{forces}{drifted}")
}
