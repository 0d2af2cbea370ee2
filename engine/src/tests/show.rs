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
    ];
    for note in notes.into_iter().flatten() {
        text += &format!(", {note}");
    }
    let new = matches!(step.action, Action::Create);
    for field in step.fields.iter().filter(|_| !new) {
        text += &format!("\n      {}", self::field(field));
    }
    text
}

pub(super) fn field(Field { name, old, new, effect, replaces, drifted }: &Field) -> String {
    let mut text = format!("{name}: {old} -> {new}");
    if let Some(effect) = effect {
        text += &format!(" ({effect:?})");
    }
    text += if *replaces { " forces it" } else { "" };
    text += if *drifted { " drifted" } else { "" };
    text
}
