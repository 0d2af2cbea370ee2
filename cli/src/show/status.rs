//! What is recorded of a stack.

use std::path::Path;

use globecart_engine::{State, Status};

use crate::page::{Page, Style, count};

/// Shows every recorded resource and how far it is.
pub(crate) fn status(page: &mut Page, folder: &Path, state: Option<&State>) {
    let Some(state) = state.filter(|state| !state.is_empty()) else {
        page.line(format_args!("nothing is recorded in {}", folder.display()));
        return;
    };
    page.put(Style::Strong, &state.stack)
        .plain(format_args!(" in account {}, {}", state.account, state.region))
        .end();
    let width = state.all().map(|(address, _, _)| address.as_str().len()).max().unwrap_or_default();
    let kinds = state.all().map(|(_, _, entry)| entry.kind.len()).max().unwrap_or_default();
    for (address, _, entry) in state.all() {
        let (word, style) = word(entry.status);
        page.plain(format_args!("  {:<width$}  ", address.as_str()));
        page.put(Style::Faint, format_args!("{:<kinds$}  ", entry.kind)).put(style, word).end();
    }
    let ready = state.all().filter(|(_, _, entry)| entry.status == Status::Ready).count();
    page.line(format_args!("{}, {ready} ready", count(state.len(), "resource")));
}

fn word(status: Status) -> (&'static str, Style) {
    match status {
        Status::Ready => ("ready", Style::Good),
        Status::Creating => ("asked for; the next run looks whether it exists", Style::Change),
        Status::Accepted => ("being made", Style::Change),
        Status::Adopted => ("found; the next run compares it", Style::Change),
        Status::Updating => ("being changed", Style::Change),
        Status::Deleting => ("being deleted", Style::Change),
        Status::Broken => ("unusable; the next run replaces it", Style::Bad),
    }
}
