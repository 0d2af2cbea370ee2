//! How a run ended: counts, what is left on purpose, the outputs, and what to type next.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use globecart_engine::apply::Report;
use globecart_engine::{State, Status};
use serde_json::Value;

use super::value::shown;
use crate::page::{Page, Style, count, seconds};
use crate::session::Place;

/// Shows the counts of a run that took so long on a clock of this speed.
pub(crate) fn counts(page: &mut Page, report: &Report, took: Duration, speed: f64) {
    let (word, style) = match report {
        Report { interrupted: true, .. } => ("interrupted", Style::Change),
        Report { failed, .. } if !failed.is_empty() => ("failed", Style::Bad),
        _ => ("done", Style::Good),
    };
    let counts = [
        (report.created, "created"),
        (report.updated, "changed"),
        (report.replaced, "replaced"),
        (report.deleted, "deleted"),
        (report.failed.len(), "failed"),
        (report.skipped.len(), "not started"),
        (report.unchanged, "unchanged"),
    ];
    let counts = counts.into_iter().filter(|(number, _)| *number > 0);
    let counts =
        counts.map(|(number, what)| format!("{number} {what}")).collect::<Vec<_>>().join(", ");
    let counts = if counts.is_empty() { "nothing to do".to_owned() } else { counts };
    page.put(style, word).plain(format_args!(": {counts}, in {}", seconds(took.as_secs_f64())));
    if (speed - 1.0).abs() > f64::EPSILON {
        let real = took.as_secs_f64() / speed;
        page.put(Style::Faint, format_args!(" of simulated time ({real:.1} s here)"));
    }
    page.end();
}

/// Shows what a destroy left on purpose.
pub(crate) fn remains(page: &mut Page, report: &Report) {
    if report.remains.is_empty() {
        return;
    }
    page.line(format_args!("{} left on purpose:", count(report.remains.len(), "resource")));
    for (address, kind, what) in &report.remains {
        page.plain(format_args!("  {address} ({kind}): {what}")).end();
    }
}

/// Shows what deletes have kept, and the command that removes it.
pub(crate) fn kept(page: &mut Page, report: &Report, program: &str) {
    if report.kept.is_empty() {
        return;
    }
    page.line(format_args!("{} kept on purpose:", count(report.kept.len(), "thing")));
    for (address, kept) in &report.kept {
        page.plain(format_args!("  {} {} (of {address})", kept.what, kept.id)).end();
    }
    page.line(format_args!("To remove what is kept: `{program} destroy --kept`"));
}

/// Says what is still under way after a run that did not wait for it.
pub(crate) fn under_way(page: &mut Page, state: &State) {
    let is = |status| matches!(status, Status::Accepted | Status::Updating | Status::Deleting);
    let number = state.all().filter(|(_, _, entry)| is(entry.status)).count();
    if number > 0 {
        let what = count(number, "resource");
        page.line(format_args!(
            "{what} still under way: `status` lists them, and the next run waits for them"
        ));
    }
}

/// Shows the outputs.
pub(crate) fn outputs(page: &mut Page, outputs: &BTreeMap<String, Value>) {
    let width = outputs.keys().map(String::len).max().unwrap_or_default();
    for (name, value) in outputs {
        page.put(Style::Strong, format_args!("{name:<width$}"))
            .plain(format_args!(" = {}", text(value)))
            .end();
    }
}

/// An output as text: itself where it is a text, JSON otherwise.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "(not known yet)".to_owned(),
        other => shown(other, true),
    }
}

/// What to type next; the program as the user calls it, with the arguments that say where and what.
#[derive(Debug)]
pub(crate) struct Next<'a> {
    pub(crate) place: &'a Place,
    pub(crate) state: &'a Path,
    pub(crate) program: &'a str,
    /// For a real account.
    pub(crate) on_aws: &'a str,
    /// How fast the embedded AWS runs.
    pub(crate) speed: f64,
}

/// Says where things are, whether anything real was touched, and what to type next.
pub(crate) fn next(page: &mut Page, next: &Next<'_>) {
    let Next { place, state, program, on_aws, speed } = next;
    let folder = state.display();
    page.line(format_args!("The state is in {folder}/stack: readable text with ids, no secrets."));
    let mut commands = vec![
        (format!("{program} plan"), "what another run would do"),
        (format!("{program} destroy"), "delete it all"),
    ];
    if **place != Place::Aws {
        let at = match place {
            Place::Served(address) => format!("served at http://{address}"),
            _ => format!("kept in {folder}/cloud"),
        };
        page.put(Style::Strong, "Nothing real was touched.");
        page.line(format_args!(
            " All of this exists in an AWS that is part of this program, {at}:"
        ));
        page.line(format_args!(
            "it answers like AWS, with its states, its errors and, {speed} times as fast, its waiting times."
        ));
        if **place == Place::Embedded {
            commands
                .push((format!("{program} serve --port 4566"), "let any AWS client look at it"));
        }
        commands.push(((*on_aws).to_owned(), "the same on a real account"));
    }
    let width = commands.iter().map(|(command, _)| command.len()).max().unwrap_or_default();
    page.put(Style::Strong, "Next:").end();
    for (command, what) in commands {
        page.plain(format_args!("  {command:<width$}  ")).put(Style::Faint, what).end();
    }
}
