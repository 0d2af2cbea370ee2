//! A plan: what happens to which resource, why, what it costs in time, and what the user should know.

use globecart_engine::plan::{Action, Field, Plan, Step};
use globecart_engine::{Effect, Order};

use super::value::{Change, differences, shown};
use crate::page::{Page, Style, count, seconds};

/// The longest critical path that is shown whole.
const LONGEST_PATH: usize = 12;

/// Shows a plan. `full` adds every field of what is made, and long values.
pub(crate) fn plan(page: &mut Page, plan: &Plan, full: bool) {
    if plan.is_empty() {
        page.put(Style::Good, "no changes").plain(unchanged(plan)).end();
        notices(page, plan);
        return;
    }
    let shown: Vec<&Step> =
        plan.steps.iter().filter(|step| step.action != Action::Keep || step.pending).collect();
    let widths = Widths::of(&shown);
    for (from, to) in &plan.moves {
        page.put(Style::Change, "→ ").plain(format_args!("{from} → {to}"));
        page.put(Style::Faint, "  is kept under its new address").end();
    }
    for step in shown {
        head(page, step, &widths);
        fields(page, step, full);
    }
    page.end().put(Style::Strong, "Plan: ").plain(counts(plan)).end();
    estimate(page, plan);
    notices(page, plan);
}

/// How wide the columns are.
struct Widths {
    address: usize,
    kind: usize,
}

impl Widths {
    fn of(steps: &[&Step]) -> Self {
        let widest = |of: fn(&Step) -> usize, most: usize| {
            steps
                .iter()
                .map(|step| of(step))
                .filter(|width| *width <= most)
                .max()
                .unwrap_or_default()
        };
        Self {
            address: widest(|step| step.address.as_str().len(), 48),
            kind: widest(|step| step.kind.len(), 36),
        }
    }
}

fn head(page: &mut Page, step: &Step, widths: &Widths) {
    let (symbol, style) = if step.is_kept() { ("=", Style::Plain) } else { symbol(step.action) };
    page.put(style, format_args!("{symbol} "));
    page.put(Style::Strong, format_args!("{:<1$}", step.address.as_str(), widths.address));
    let remark = remark(step);
    let width = if remark.is_empty() { 0 } else { widths.kind };
    let kind = format!("{:<width$}", step.kind);
    page.put(Style::Faint, format_args!("  {kind}"));
    if !remark.is_empty() {
        page.plain(format_args!("  {remark}"));
    }
    page.end();
    if let Some(loss) = &step.loss {
        page.put(Style::Bad, format_args!("    loses data: {loss}")).end();
    }
    for kept in step.keeps.iter().filter(|kept| !kept.itself) {
        page.plain(format_args!("    keeps: {} {}", kept.what, kept.id)).end();
    }
    if step.steps.len() > 1 {
        let steps = step.steps.join(", then ");
        page.plain(format_args!("    in {} steps: {steps}", step.steps.len())).end();
    }
}

/// The sign of an action, and its colour.
pub(crate) fn symbol(action: Action) -> (&'static str, Style) {
    match action {
        Action::Keep => ("=", Style::Plain),
        Action::Create => ("+", Style::Good),
        Action::Update => ("~", Style::Change),
        Action::Replace(_) => ("±", Style::Replace),
        Action::Delete => ("-", Style::Bad),
    }
}

fn remark(step: &Step) -> String {
    let order = match step.action {
        Action::Replace(Order::CreateFirst) => Some("the new one is made before the old one goes"),
        Action::Replace(Order::DeleteFirst) => Some("the old one goes before the new one is made"),
        _ => None,
    };
    let pending = step.pending.then_some("an earlier run's change is under way and is waited for");
    let gone = (step.gone && step.action == Action::Delete).then_some("nothing needs to be called");
    let kept = step.is_kept().then_some("kept: it is left as it is, and marked so");
    let turn = step.turn.filter(|turn| turn.of > 1);
    let turn =
        turn.map(|turn| format!("changed {} of {}, one after the other", turn.number, turn.of));
    let parts = [step.why.as_deref(), order, pending, gone, kept, turn.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn fields(page: &mut Page, step: &Step, full: bool) {
    // Without an earlier value to compare with, the fields only repeat the declaration.
    let made = step.action == Action::Create
        || (step.why.is_some() && matches!(step.action, Action::Replace(_)));
    if made && !full {
        return;
    }
    for field in &step.fields {
        if made {
            page.plain(format_args!("    {}: {}", field.name, shown(&field.new, full))).end();
            continue;
        }
        for difference in differences(&field.name, &field.old, &field.new) {
            page.plain(format_args!("    {}: ", difference.path));
            change(page, &difference.change, full);
            page.put(Style::Faint, consequence(step, field)).end();
        }
    }
}

fn change(page: &mut Page, change: &Change<'_>, full: bool) {
    match change {
        Change::Value(old, new) => {
            page.put(Style::Bad, shown(old, full)).plain(" → ").put(Style::Good, shown(new, full));
        }
        Change::Members { gone, new } => {
            let gone = gone.iter().map(|item| (Style::Bad, "-", item));
            let new = new.iter().map(|item| (Style::Good, "+", item));
            for (index, (style, sign, item)) in gone.chain(new).enumerate() {
                page.plain(if index == 0 { "" } else { "  " });
                page.put(style, format_args!("{sign} {}", shown(item, full)));
            }
        }
    }
}

/// What a changed field means: when it takes effect, or that it forces a replacement, and whether it is drift.
fn consequence(step: &Step, field: &Field) -> String {
    let effect = match (field.replaces, field.effect) {
        (true, _) => "  forces a replacement",
        // The new resource has it from the start.
        _ if matches!(step.action, Action::Replace(_)) => "",
        (false, Some(Effect::AtOnce)) => "  at once",
        (false, Some(Effect::Rolling)) => "  one part after the other, without an outage",
        (false, Some(Effect::AtReboot)) => "  at the next reboot",
        (false, Some(Effect::InWindow)) => "  in the maintenance window",
        (false, None) => "",
    };
    let drift = if field.drifted { "  (somebody else changed it)" } else { "" };
    format!("{effect}{drift}")
}

fn counts(plan: &Plan) -> String {
    let kept = |step: &&Step| step.action == Action::Delete && step.is_kept();
    let kept = plan.steps.iter().filter(kept).count();
    let counts = [
        (plan.moves.len(), "to rename"),
        (plan.count(|action| action == Action::Create), "to create"),
        (plan.count(|action| action == Action::Update), "to change"),
        (plan.count(|action| matches!(action, Action::Replace(_))), "to replace"),
        (plan.count(|action| action == Action::Delete) - kept, "to delete"),
        (kept, "to keep"),
        (plan.count(|action| action == Action::Keep), "unchanged"),
    ];
    let counts = counts.into_iter().filter(|(number, _)| *number > 0);
    counts.map(|(number, what)| format!("{number} {what}")).collect::<Vec<_>>().join(", ")
}

fn unchanged(plan: &Plan) -> String {
    match plan.steps.len() {
        0 if plan.destroy => ": nothing is recorded".to_owned(),
        0 => ": nothing is declared or recorded".to_owned(),
        number => format!(": {} as declared", count(number, "resource")),
    }
}

fn estimate(page: &mut Page, plan: &Plan) {
    let path = &plan.estimate.critical_path;
    if plan.estimate.seconds == 0 || path.is_empty() {
        return;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "durations of deployments are far below 2^52 seconds"
    )]
    let usual = seconds(plan.estimate.seconds as f64);
    let left_out = path.len().saturating_sub(LONGEST_PATH);
    let mut names: Vec<String> = path.iter().map(ToString::to_string).collect();
    if left_out > 0 {
        names.splice(LONGEST_PATH / 2..LONGEST_PATH / 2 + left_out, [format!("({left_out} more)")]);
    }
    page.line(format_args!("Usual time on AWS: {usual}, decided by {}", names.join(" → ")));
}

fn notices(page: &mut Page, plan: &Plan) {
    for notice in &plan.notices {
        page.put(Style::Change, "note: ").plain(notice).end();
    }
}
